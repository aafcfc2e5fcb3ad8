"""What a file that was dropped on the desk is, and the desk with it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.desk.places import Places, has_places, read_places
from evenhand.desk.plan import DISTANCES, Desk
from evenhand.errors import InputError
from evenhand.tables import CostTable, Reading, header_roles, read_table
from evenhand.tables.coordinates import distances
from evenhand.tables.cost_table import shown
from evenhand.tables.matching import matched
from evenhand.tables.named import read_values
from evenhand.tables.split_rows import read_rows

COSTS, BURDENS, ENTITLEMENTS, INITIAL_LOADS = "costs", "burdens", "entitlements", "initial_loads"
AGENT_PLACES, TASK_PLACES = "agent_places", "task_places"
ROLES = {
    COSTS: "Costs: a row for each agent, a column for each task",
    BURDENS: "What is shared, such as hours: a table like the costs",
    ENTITLEMENTS: "Shares: a name and a number for each agent, such as 0.5 for half time",
    INITIAL_LOADS: "Work from before: a name and a number for each agent",
    AGENT_PLACES: "Places of the agents: name, x, y",
    TASK_PLACES: "Places of the tasks: name, x, y",
}
"""What a dropped file may be, in the order in which several are taken, and how the page says so."""

MOST_PAIRS = 500_000
"""Upper limit on a table in pairs; larger ones are for the command line."""

_HINTS = {
    COSTS: r"cost|kost|price|preis|km|distan|travel",
    BURDENS: r"hour|stunden|burden|minute|time|workload|effort|shared",
    ENTITLEMENTS: r"entitle|share|anteil|fte|part.?time|percent",
    INITIAL_LOADS: r"initial|carried|before|last|previous",
}
"""Parts of file names that say what a file is, where its form leaves several possibilities."""

_EXCERPT_ROWS, _EXCERPT_COLUMNS = 5, 6
"""Size of the part of a file that is shown around a cell with a problem."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that was dropped: its name as the user knows it, and its bytes."""

    name: str
    body: bytes = field(repr=False)

    @contextmanager
    def file(self) -> Iterator[Path]:
        """Put the bytes into a temporary file of the same ending, and name the file of the user in messages."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"table{Path(self.name).suffix[:10]}")
            path.write_bytes(self.body)
            try:
                yield path
            except InputError as error:
                raise InputError(str(error).replace(str(path), self.name)) from None

    def head(self) -> tuple[int, list[list[str]]]:
        """Return the number of columns of a text, and its first rows; (0, []) for what is no text."""
        try:
            cells = [list(row) for _, row in islice(read_rows(self.body, self.name), 3)]
        except InputError:
            return 0, []
        return max(map(len, cells), default=0), [[str(cell) for cell in row] for row in cells]


def possible_roles(dropped: Dropped, desk: Desk | None) -> list[str]:
    """Return what a file can be: one role if that is certain, several if the user has to be asked.

    Its form decides first (names with one number, names with x and y, or a table), then the names that it has in
    common with the table on the desk, then a word in its name.
    """
    columns, head = dropped.head()
    first = [cell.strip().casefold() for cell in head[0]] if head else []
    if columns == 3 and has_places(first):
        return _whose_places(dropped, desk)
    if desk is None:
        if columns == 2:
            return _hinted(dropped.name, [COSTS, ENTITLEMENTS, INITIAL_LOADS])
        # A first table is the costs, unless its name says hours.
        tables = [COSTS, BURDENS]
        return tables if _hinted(dropped.name, tables) == [BURDENS] else [COSTS]
    if columns == 2 and not {"task", "cost"} & set(first):
        return _hinted(dropped.name, [ENTITLEMENTS, INITIAL_LOADS, COSTS])
    return _hinted(dropped.name, [COSTS, BURDENS])


def _whose_places(dropped: Dropped, desk: Desk | None) -> list[str]:
    roles = [AGENT_PLACES, TASK_PLACES]
    if desk is not None:
        names = set(places(dropped).names)
        fitting = [
            role for role, ours in zip(roles, (desk.costs.agents, desk.costs.tasks), strict=True) if names <= set(ours)
        ]
        roles = fitting if len(fitting) == 1 else roles
    if len(roles) > 1:
        words = {
            AGENT_PLACES: r"agent|team|home|staff|nurse|source|depot",
            TASK_PLACES: r"task|visit|job|target|client|patient",
        }
        roles = [role for role in roles if re.search(words[role], dropped.name.casefold())] or roles
    return roles if len(roles) == 1 else [AGENT_PLACES, TASK_PLACES]


def _hinted(name: str, roles: list[str]) -> list[str]:
    """Return the one role of which the file's name has a word, or all."""
    said = [role for role in roles if re.search(_HINTS[role], Path(name).stem.casefold())]
    return said if len(said) == 1 else roles


def laid(desk: Desk | None, dropped: Dropped, role: str, waiting: dict[str, Places]) -> tuple[Desk | None, list[str]]:
    """Return the desk with a file on it, and sentences on how the file was read.

    Parameters
    ----------
    desk
        The desk before; None without a table.
    dropped
        The file.
    role
        One of :data:`ROLES`.
    waiting
        Places for which there is no table yet; with agents' and tasks' places, the costs are the distances between
        them, as in coordinate files. Changed in place.

    Raises
    ------
    InputError
        If the file is not what its role says, or does not fit the table on the desk.
    """
    if role not in ROLES:
        raise InputError(f"role {role!r} is unknown; it is one of {', '.join(ROLES)}")
    if role in (AGENT_PLACES, TASK_PLACES):
        return _placed(desk, dropped, role, waiting)
    if role == COSTS:
        table = _table(dropped)
        burdens = None if table.burdens is None else replace(table, values=table.burdens, burdens=None)
        return Desk(replace(table, burdens=None), burdens), list(table.notes)
    if desk is None:
        raise InputError(f"{dropped.name}: {ROLES[role].split(':')[0].lower()} need a table of costs; drop that first")
    if role == BURDENS:
        table = _table(dropped)
        return replace(desk, burdens=matched(table, desk.costs)), list(table.notes)
    values, notes = _of_agents(dropped, desk.costs.agents, role)
    if role == ENTITLEMENTS:
        return replace(desk, entitlements=values), notes
    return replace(desk, initial_loads=values), notes


def _table(dropped: Dropped) -> CostTable:
    with dropped.file() as path:
        table = read_table(path, reading=Reading(lenient=True))
    if table.values.size > MOST_PAIRS:
        raise InputError(
            f"{shown(dropped.name)} has {table.values.size:,} pairs; above {MOST_PAIRS:,} use evenhand assign"
        )
    return replace(table, source=dropped.name)


def _of_agents(dropped: Dropped, agents: Sequence[str], role: str) -> tuple[tuple[float, ...], list[str]]:
    """Return a number for each agent; without rows for some, their share is 1 and their work from before 0."""
    with dropped.file() as path:
        called = header_roles.ENTITLEMENT if role == ENTITLEMENTS else header_roles.CARRIED
        triples, notes = read_values(path, "number", Reading(lenient=True), agents, (header_roles.AGENT, called))
        values: dict[str, float] = {}
        for line, name, value in triples:
            if name not in agents:
                raise InputError(f"{path}, line {line}: {shown(name)} is no agent of the table of costs")
            if name in values:
                raise InputError(f"{path}, line {line}: agent {shown(name)} is listed twice; give each one number")
            least = "above 0" if role == ENTITLEMENTS else "at least 0"
            if not (np.isfinite(value) and (value > 0 if role == ENTITLEMENTS else value >= 0)):
                raise InputError(f"{path}, line {line}: {value:g} for {shown(name)}; it must be {least}")
            values[name] = value
        missing = [name for name in agents if name not in values]
        if missing and (role == INITIAL_LOADS or max(values.values(), default=1.0) > 1):
            raise InputError(f"{path}: no number for agent {shown(missing[0])}; give one for each agent")
    said = [f"{len(missing)} agents are not named and count as full time, 1"] if missing else []
    return tuple(values.get(name, 1.0) for name in agents), [*notes, *said]


def places(dropped: Dropped) -> Places:
    """Read a file of names with x and y."""
    with dropped.file() as path:
        names, points = read_places(path)
    return Places(names, points, dropped.name)


def _placed(
    desk: Desk | None, dropped: Dropped, role: str, waiting: dict[str, Places]
) -> tuple[Desk | None, list[str]]:
    found = places(dropped)
    if desk is not None:
        kind, names = ("agent", desk.costs.agents) if role == AGENT_PLACES else ("task", desk.costs.tasks)
        where = dict(zip(found.names, found.points, strict=True))
        missing = next((name for name in names if name not in where), None)
        if missing is not None or len(where) != len(names):
            whom = f"no place for {kind} {shown(missing)}" if missing is not None else f"more places than {kind}s"
            raise InputError(f"{dropped.name}: {whom}; it must name each {kind} of the table of costs once")
        points = np.array([where[name] for name in names])
        if role == AGENT_PLACES:
            return replace(desk, costs=replace(desk.costs, agent_xy=points)), []
        return replace(desk, costs=replace(desk.costs, task_xy=points)), []
    waiting[role] = found
    if len(waiting) < 2:
        other = "tasks" if role == AGENT_PLACES else "agents"
        return None, [
            f"{dropped.name}: {len(found.names)} places; drop the places of the {other}, or a table of costs, too"
        ]
    agents, tasks = waiting.pop(AGENT_PLACES), waiting.pop(TASK_PLACES)
    values = distances(agents.points, tasks.points)
    if values.size > MOST_PAIRS:
        raise InputError(f"{dropped.name}: {values.size:,} pairs; above {MOST_PAIRS:,} use evenhand assign")
    table = CostTable(values, agents.names, tasks.names, agents.points, tasks.points, DISTANCES)
    return Desk(table), ["costs are the distances between agents and tasks"]


def excerpt(dropped: Dropped, said: str) -> dict[str, Any] | None:
    """Return the rows of a text around the line that a message names, with the position of the cell; or None.

    Of the line, the cell is the column that the message names, or else the first one whose text the message quotes.
    """
    found = re.search(r"\bline ([0-9]+)(?:, column ([0-9]+))?", said)
    _, head = dropped.head()
    if found is None or not head:
        return None
    line, column = int(found[1]), int(found[2]) - 1 if found[2] else None
    near: list[tuple[int, list[str]]] = []
    try:
        for number, cells in read_rows(dropped.body, dropped.name):
            if number > line + _EXCERPT_ROWS // 2:
                break
            if not near or number >= line - _EXCERPT_ROWS // 2:
                near.append((number, [str(cell) for cell in cells]))
    except InputError:
        pass  # the rows before the one that cannot be read are shown all the same
    if not near:
        return None
    header = near[0]
    shown_rows = [row for row in near if abs(row[0] - line) <= _EXCERPT_ROWS // 2 and row is not header]
    wrong = next((cells for number, cells in near if number == line), None)
    if wrong is None:
        return None
    if column is None:
        column = next((k for k, cell in enumerate(wrong) if cell and (repr(cell) in said or shown(cell) in said)), None)
    start = 0 if not column else max(0, min(column - _EXCERPT_COLUMNS // 2, len(wrong) - _EXCERPT_COLUMNS))
    columns = list(range(start, min(start + _EXCERPT_COLUMNS, max(len(wrong), len(header[1])))))
    return {
        "line": line,
        "column": None if column is None else column - start,
        "rows": [
            {"line": number, "cells": [cells[k][:60] if k < len(cells) else "" for k in columns]}
            for number, cells in (header, *shown_rows)
        ],
    }
