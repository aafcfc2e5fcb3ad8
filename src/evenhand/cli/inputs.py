"""From paths and words to checked tables, entitlements, loads and locked tasks."""

from __future__ import annotations

import csv
import dataclasses
import io
import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evenhand.errors import InputError
from evenhand.tables import CostTable, read_table
from evenhand.tables.files import read_text
from evenhand.tables.numbers import is_number
from evenhand.tables.table import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Given:
    """What the user brought.

    Attributes
    ----------
    costs, burdens
        The tables, agents and tasks in the same order; burdens are None where the costs are shared.
    entitlements, initial_loads
        One for each agent; None where not given.
    locked
        Task to agent, by names; None where not given.
    """

    costs: CostTable
    burdens: CostTable | None
    entitlements: tuple[float, ...] | None
    initial_loads: tuple[float, ...] | None
    locked: dict[str, str] | None


def read_given(
    costs: Path,
    burdens: Path | None = None,
    *,
    format: str = "auto",
    tasks_as: str = "columns",
    entitlements: str | None = None,
    initial_loads: str | None = None,
    locked: Path | None = None,
    without: Sequence[str] | None = None,
) -> Given:
    """Read and match everything that describes the problem; arguments are the command line's.

    Files may still name the agents that are left out: what they say of them does not count.

    Raises
    ------
    InputError
        In one line that names the file, the value and what would be right.
    """
    if tasks_as not in ("columns", "rows"):
        raise InputError(f"--tasks-as {shown(tasks_as)} is not known; use columns or rows")
    transpose = tasks_as == "rows"
    table = read_table(costs, format, transpose=transpose)
    _hint_at_orientation(table, transpose)
    shared = None if burdens is None else match(read_table(burdens, format, transpose=transpose), table)
    shares = None if entitlements is None else agent_values(entitlements, table.agents, "--entitlements")
    carried = None if initial_loads is None else agent_values(initial_loads, table.agents, "--initial-loads")
    pairs = None if locked is None else _read_pairs(locked)
    return _left_out(Given(table, shared, shares, carried, pairs), without or (), entitlements)


def _left_out(given: Given, without: Sequence[str], entitlements: str | None) -> Given:
    """Return what was given of all agents but those `without` whom the work is shared."""
    table = given.costs
    for name in without:
        if name not in table.agents:
            raise InputError(f"--without {shown(name)}: there is no such agent; the costs name {_some(table.agents)}")
    kept = [position for position, name in enumerate(table.agents) if name not in without]
    if given.entitlements is not None:
        entitled = {table.agents[position]: given.entitlements[position] for position in kept}
        check_entitled(entitled, str(entitlements), "--without {}")
    if not without:
        return given
    if len(kept) < 2:
        raise InputError(f"--without: {len(kept)} of {len(table.agents)} agents left; sharing needs at least 2")
    gone = next(((task, agent) for task, agent in (given.locked or {}).items() if agent in without), None)
    if gone is not None:
        raise InputError(f"--locked: task {shown(gone[0])} is locked to {shown(gone[1])}, who is left out by --without")
    left = _rows(table, kept)
    idle = np.flatnonzero(~np.isfinite(left.values).any(axis=0) & np.isfinite(table.values).any(axis=0))
    if idle.size:
        raise InputError(
            f"--without {' '.join(map(shown, without))}: nobody else may do task {shown(table.tasks[idle[0]])}; "
            "allow it to another agent or leave the task out"
        )
    return Given(
        left,
        None if given.burdens is None else _rows(given.burdens, kept),
        None if given.entitlements is None else tuple(given.entitlements[position] for position in kept),
        None if given.initial_loads is None else tuple(given.initial_loads[position] for position in kept),
        given.locked,
    )


def check_entitled(entitlements: Mapping[str, float], given: str, remedy: str) -> None:
    """Raise where an agent is entitled to nothing.

    Parameters
    ----------
    entitlements
        Of each agent, by name.
    given
        The file or list that says so.
    remedy
        How to leave out an agent that is absent; its name takes the place of ``{}``.

    Raises
    ------
    InputError
        Naming the agent and the file.
    """
    nothing = next((name for name, share in entitlements.items() if share == 0), None)
    if nothing is not None:
        raise InputError(
            f"--entitlements {shown(given)}: agent {shown(nothing)} is entitled to 0, so that no load of it is fair; "
            f"if it is absent, leave it out: {remedy.format(shlex.quote(nothing))}"
        )


def _rows(table: CostTable, kept: list[int]) -> CostTable:
    points = None if table.agent_xy is None else table.agent_xy[kept]
    agents = tuple(table.agents[position] for position in kept)
    # Without one of them, agents that had no names of their own are known by those that were made up.
    named = (True, table.named[1])
    return dataclasses.replace(table, values=table.values[kept], agents=agents, agent_xy=points, named=named)


def match(burdens: CostTable, costs: CostTable) -> CostTable:
    """Return the burdens with agents and tasks in the order of the costs, found by name.

    A table without names of its own (an array) is taken to be in that order already.

    Raises
    ------
    InputError
        If a name of the costs is missing, or the sizes differ.
    """
    order = []
    kinds = (("agent", costs.agents, burdens.agents), ("task", costs.tasks, burdens.tasks))
    for k, (kind, ours, theirs) in enumerate(kinds):
        if len(ours) != len(theirs):
            raise InputError(
                f"{burdens.source}: {len(theirs)} {kind}s where {costs.source} has {len(ours)}; give the same"
            )
        if not (costs.named[k] and burdens.named[k]):
            order.append(np.arange(len(ours)))
            continue
        place = {name: position for position, name in enumerate(theirs)}
        missing = next((name for name in ours if name not in place), None)
        if missing is not None:
            raise InputError(f"{burdens.source}: no {kind} {shown(missing)}, as in {costs.source}; both need the same")
        order.append(np.array([place[name] for name in ours]))
    values = np.ascontiguousarray(burdens.values[np.ix_(*order)])
    return replace(costs, values=values, source=burdens.source)


def agent_values(text: str, agents: Sequence[str], option: str) -> tuple[float, ...]:
    """Return one number for each agent, from a list such as ``1,1,0.5`` or a CSV file of agent,number.

    Raises
    ------
    InputError
        If there is no such list or file, or agents are missing, unknown or named twice.
    """
    file = Path(text)
    if not _is_list(text) or file.is_file():
        return _values_by_name(file, agents, option)
    values = tuple(float(part) for part in text.split(","))
    if len(values) != len(agents):
        raise InputError(f"{option} {shown(text)}: {len(values)} numbers for {len(agents)} agents; give one for each")
    return values


def read_rows(file: Path) -> list[tuple[int, list[str]]]:
    """Return (line number, cells) of the rows of a small CSV file that are not blank.

    Raises
    ------
    InputError
        If the file cannot be read as such.
    """
    text = read_text(file)
    separator = next((sign for sign in "\t;" if sign in text), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise InputError(f"{file}, line {reader.line_num}: not valid CSV ({error})") from None
    return [(line, cells) for line, cells in rows if any(cells)]


def _values_by_name(file: Path, agents: Sequence[str], option: str) -> tuple[float, ...]:
    if not file.is_file():
        raise InputError(f"{option} {shown(file)}: neither a file nor a list of numbers such as 1,1,0.5")
    rows = read_rows(file)
    if rows and len(rows[0][1]) == 2 and not is_number(rows[0][1][1]):
        rows = rows[1:]  # a header
    values: dict[str, float] = {}
    for line, cells in rows:
        if len(cells) != 2 or not is_number(cells[1]):
            raise InputError(f"{file}, line {line}: {shown(','.join(cells))} must be an agent and a number")
        name, number = cells
        if name not in agents:
            raise InputError(f"{file}, line {line}: no agent is called {shown(name)}; the costs name {_some(agents)}")
        if name in values:
            raise InputError(f"{file}, line {line}: agent {shown(name)} stands twice; give each agent one number")
        values[name] = float(number.replace(",", "."))
    missing = next((name for name in agents if name not in values), None)
    if missing is not None:
        raise InputError(f"{file}: no number for agent {shown(missing)}; give one for each agent")
    return tuple(values[name] for name in agents)


def _read_pairs(file: Path) -> dict[str, str]:
    rows = read_rows(file)
    header = [cell.lower() for cell in rows[0][1]] if rows else []
    if sorted(header) != ["agent", "task"]:
        raise InputError(f"{file}, line 1: the first line must be task,agent; then one locked task in each line")
    task_column = header.index("task")
    pairs: dict[str, str] = {}
    for line, cells in rows[1:]:
        if len(cells) != 2:
            raise InputError(f"{file}, line {line}: {len(cells)} cells; a task and an agent must stand there")
        task, agent = cells[task_column], cells[1 - task_column]
        if pairs.setdefault(task, agent) != agent:
            raise InputError(f"{file}, line {line}: task {shown(task)} is locked to {shown(pairs[task])} already")
    return pairs


def _is_list(text: str) -> bool:
    return all(map(is_number, text.split(",")))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _hint_at_orientation(table: CostTable, transposed: bool) -> None:
    if len(table.agents) > 2 * len(table.tasks):
        other = "--tasks-as columns" if transposed else "--tasks-as rows"
        sys.stderr.write(
            f"evenhand: hint: {table.source} has {len(table.agents)} agents for {len(table.tasks)} tasks; "
            f"if it is the other way round, add {other}\n"
        )
