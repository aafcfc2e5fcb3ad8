"""Read and check the inputs of a command: tables, entitlements, initial loads and locked tasks."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, get_type_hints

import numpy as np

from evenhand.cli import options
from evenhand.cli.door import say
from evenhand.cli.reading import Watch
from evenhand.errors import InputError
from evenhand.tables import CandidateTable, CostTable, Reading, header_roles, read_table
from evenhand.tables.candidate_table import LargeCandidatesError
from evenhand.tables.cost_table import shown
from evenhand.tables.csv_text import left_out
from evenhand.tables.files import split_sheet
from evenhand.tables.matching import matched
from evenhand.tables.named import read_locked, read_values
from evenhand.tables.numbers import CellError, is_number, read_numbers, to_number
from evenhand.tables.task_values import lists_tasks

_NAMED = 5
"""Upper limit on the names listed in a message."""


@dataclass(frozen=True, slots=True)
class Given:
    """The checked inputs of a command.

    Attributes
    ----------
    costs, burdens
        The tables, with agents and tasks in the same order; burdens are None if the costs are shared.
    entitlements, initial_loads
        A number for each agent; None if not given.
    locked
        Name of the agent by name of the task; None if not given.
    """

    costs: CostTable
    burdens: CostTable | None
    entitlements: tuple[float, ...] | None
    initial_loads: tuple[float, ...] | None
    locked: dict[str, str] | None

    @property
    def rest(self) -> dict[str, Any]:
        """The inputs besides costs and entitlements, as the functions of :mod:`evenhand.assignment` take them."""
        return {"burdens": self.burdens, "initial_loads": self.initial_loads, "locked": self.locked}


@dataclass(frozen=True, slots=True)
class GivenCandidates:
    """The checked inputs of a command on a large table of candidates; attributes as those of :class:`Given`."""

    costs: CandidateTable
    entitlements: tuple[float, ...] | None
    initial_loads: tuple[float, ...] | None
    locked: dict[str, str] | None

    @property
    def rest(self) -> dict[str, Any]:
        """The inputs besides costs and entitlements, as the functions of :mod:`evenhand.assignment` take them."""
        return {"initial_loads": self.initial_loads, "locked": self.locked}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The options that describe the problem; see :class:`evenhand.cli.groups.OptionGroup`."""

    costs: options.Costs
    burdens: options.Burdens = None
    format: options.Format = "auto"
    tasks_as: options.TasksAs = "columns"
    decimal: options.Decimal = None
    ignore_row: options.IgnoreRow = None
    ignore_column: options.IgnoreColumn = None
    sheet: options.Sheet = None
    initial_loads: options.InitialLoads = None
    locked: options.Locked = None
    without: options.Without = None

    @classmethod
    def declared(cls) -> Mapping[str, tuple[Any, Any]]:
        """Return annotation and default of each option."""
        hints = get_type_hints(cls, include_extras=True)
        missing = inspect.Parameter.empty
        return {
            option.name: (hints[option.name], missing if option.default is MISSING else option.default)
            for option in fields(cls)
        }

    @classmethod
    def gathered(cls, values: Mapping[str, Any]) -> Self:
        """Return the group, given the values of its options."""
        return cls(**values)

    @property
    def files(self) -> dict[str, Path | None]:
        """Paths of the files to read, by their names in messages."""
        return {"the costs": self.costs, "the burdens": self.burdens, "the locked tasks": self.locked}

    def read(self, entitlements: str | None = None, *, time_limit: float | None = None, quiet: bool = False) -> Given:
        """Read all files of the problem and match their agents and tasks by name.

        Files may contain agents that ``--without`` leaves out; these are ignored. Anything but names and plain numbers
        is reported on standard error, with how it was read. Long reading shows its progress there unless `quiet`.

        Raises
        ------
        typer.Exit
            If the time limit, in seconds from here, passes before the tables are read.
        InputError
            If a file cannot be read or does not match the others; the message is one line that names the file, the
            value and what would be right.
        """
        return self.left_out(self.read_whole(entitlements, time_limit=time_limit, quiet=quiet), entitlements)

    @property
    def reading(self) -> Reading:
        """How the tables are read; names to leave out may be in some of them only."""
        reading = options.reading(self.tasks_as, self.decimal, self.ignore_row, self.ignore_column, self.sheet)
        return replace(reading, lenient=True)

    @property
    def gone(self) -> dict[str, str]:
        """The option that leaves a row or column out, by its name."""
        reading = self.reading
        gone = dict.fromkeys(reading.ignore_rows, "--ignore-row")
        return gone | dict.fromkeys(reading.ignore_columns, "--ignore-column")

    def left_out(self, given: Given, entitlements: str | None = None) -> Given:
        """Return the inputs without the agents of ``--without``, after checking that the others can do the work."""
        return _left_out(given, self.without or (), entitlements)

    def read_whole(
        self,
        entitlements: str | None = None,
        *,
        time_limit: float | None = None,
        quiet: bool = False,
        notes: list[str] | None = None,
    ) -> Given:
        """Read all files of the problem, as :meth:`read` does, with all agents.

        If a list is given for the `notes` on what was read, they are appended to it, and whoever gave it reads further
        files and checks then that each name to leave out was in one of all of them.
        """
        reading = self.reading
        said: list[str] = [] if notes is None else notes
        shared: CostTable | None
        with Watch(time_limit, quiet=quiet) as watch:
            table = read_said(self.costs, self.format, reading, said, watch.of(self.costs))
            _hint_at_orientation(table, reading)
            if self.burdens is not None:
                check_other_sheet("--burdens", self.burdens, self.costs, self.sheet)
                shared = self._burdens(table, said, watch)
            else:
                shared = None if table.burdens is None else replace(table, values=table.burdens, burdens=None)
        shares = carried = None
        if entitlements is not None:
            shares = agent_values(entitlements, table.agents, "--entitlements", reading, said)
        if self.initial_loads is not None:
            carried = agent_values(self.initial_loads, table.agents, "--initial-loads", reading, said)
        if notes is None:
            check_left_out(reading, said, str(self.costs))
        pairs = None if self.locked is None else _locked(self.locked, table, self.gone, said)
        return Given(table, shared, shares, carried, pairs)

    def _burdens(self, table: CostTable, said: list[str], watch: Watch) -> CostTable:
        """Return the burdens, in the order of the costs; a list of tasks is refused with its remedy."""
        assert self.burdens is not None
        file = self.burdens
        try:
            return matched(read_said(file, self.format, self.reading, said, watch.of(file)), table)
        except InputError:
            if not lists_tasks(file, set(table.tasks)):
                raise
        raise InputError(
            f"--burdens {shown(file)}: a list of tasks with a number each, and no table like the costs; make it a "
            f"rule's burden instead: --rules rules.toml with [[rules]], burden = {shown(file.name)}, and a measure"
        )

    def read_any(
        self, entitlements: str | None = None, *, time_limit: float | None = None, quiet: bool = False
    ) -> Given | GivenCandidates:
        """Read all files of the problem, as :meth:`read` does, or a large table of candidates as it is.

        Raises
        ------
        InputError
            If a file cannot be read, or an option needs the full table.
        """
        try:
            return self.read(entitlements, time_limit=time_limit, quiet=quiet)
        except LargeCandidatesError as error:
            table = error.table
        if self.burdens is not None:
            raise InputError(f"--burdens: {table.source} lists pairs; give it a column called burden instead")
        if self.without:
            raise InputError(f"--without {shown(self.without[0])}: leave the agent's rows out of {table.source}")
        said: list[str] = []
        say_all(table.notes, self.costs, said)
        reading = options.reading(self.tasks_as, self.decimal, self.ignore_row, self.ignore_column, self.sheet)
        shares = carried = None
        if entitlements is not None:
            shares = agent_values(entitlements, table.agents, "--entitlements", reading, said)
            check_entitled(dict(zip(table.agents, shares, strict=True)), entitlements, "leave out the rows of {}")
        if self.initial_loads is not None:
            carried = agent_values(self.initial_loads, table.agents, "--initial-loads", reading, said)
        pairs = None if self.locked is None else _locked(self.locked, table, None, said)
        return GivenCandidates(table, shares, carried, pairs)


def _locked(
    file: Path, table: CostTable | CandidateTable, gone: Mapping[str, str] | None, said: list[str]
) -> dict[str, str]:
    pairs, notes = read_locked(file, table.agents, set(table.tasks), gone)
    say_all(notes, file, said)
    return pairs


def check_other_sheet(option: str, file: Path, costs: Path, sheet: str | None) -> None:
    """Raise an InputError if a further table would be the costs' own sheet of a workbook.

    ``--sheet`` counts for all tables, so that giving the same workbook twice does not yet name another sheet.
    """
    (book, ours), (other, theirs) = split_sheet(costs), split_sheet(file)
    if theirs is None and sheet is not None and ours in (None, sheet) and book.resolve() == other.resolve():
        raise InputError(
            f"{option} {shown(file)}: the same sheet as the costs; name another behind the file, such as "
            f"{shown(f'{other}#Hours')}"
        )


def read_said(
    file: Path, format: str, reading: Reading, said: list[str], watch: Callable[[int], object] | None = None
) -> CostTable:
    """Read a table, print its notes on standard error, and append them to `said`; `watch` is called line by line."""
    table = read_table(file, format, reading=reading, progress=watch)
    say_all(table.notes, file, said)
    return table


def check_left_out(reading: Reading, said: Collection[str], source: str) -> None:
    """Raise an InputError unless each row and column to leave out was in one of the files, according to the notes."""
    for kind, names in (("row", reading.ignore_rows), ("column", reading.ignore_columns)):
        missing = next((name for name in names if left_out(kind, name) not in said), None)
        if missing is not None:
            raise InputError(f"{source}: no {kind} is called {shown(missing)}, which --ignore-{kind} names")


def say_all(notes: Sequence[str], file: Path, said: list[str]) -> None:
    """Print the notes on a file on standard error, and append them to `said`."""
    for note in notes:
        _say_read(f"{file}: {note}")
    said += notes


def _say_read(note: str) -> None:
    """Print a note on how something was read on standard error."""
    say(f"read: {note}")


def _left_out(given: Given, without: Sequence[str], entitlements: str | None) -> Given:
    """Return the inputs without some of the agents, after checking that the others can do the work."""
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
    left = table.without(without, ())
    idle = np.flatnonzero(~np.isfinite(left.values).any(axis=0) & np.isfinite(table.values).any(axis=0))
    if idle.size:
        raise InputError(
            f"--without {' '.join(map(shown, without))}: nobody else may do task {shown(table.tasks[idle[0]])}; "
            "allow it to another agent or leave the task out"
        )
    return Given(
        left,
        None if given.burdens is None else given.burdens.without(without, ()),
        None if given.entitlements is None else tuple(given.entitlements[position] for position in kept),
        None if given.initial_loads is None else tuple(given.initial_loads[position] for position in kept),
        given.locked,
    )


def check_entitled(entitlements: Mapping[str, float], given: str, remedy: str) -> None:
    """Raise an InputError if an agent's entitlement is 0.

    Parameters
    ----------
    entitlements
        Entitlement by name of the agent.
    given
        The file or list that they come from, for the message.
    remedy
        How to leave out an absent agent, with ``{}`` in place of its name.

    Raises
    ------
    InputError
        If there is such an agent; the message names it and the file.
    """
    nothing = next((name for name, share in entitlements.items() if share == 0), None)
    if nothing is not None:
        raise InputError(
            f"--entitlements {shown(given)}: agent {shown(nothing)} is entitled to 0, so any load would be unfair; "
            f"if it is absent, leave it out: {remedy.format(shlex.quote(nothing))}"
        )


def agent_values(
    text: str, agents: Sequence[str], option: str, reading: Reading | None = None, said: list[str] | None = None
) -> tuple[float, ...]:
    """Return a number for each agent, from a list such as ``1,1,0.5`` or a CSV file of agent,number.

    A file of entitlements may list only the agents who do not work full time; the others get 1, which is 100 %.

    Raises
    ------
    InputError
        If `text` is neither such a list nor a file, or if agents are missing, unknown or listed twice.
    """
    file = Path(text)
    if not all(map(is_number, text.split(","))) or split_sheet(file)[0].is_file():
        return _values_by_name(file, agents, option, reading or Reading(), [] if said is None else said)
    try:
        read = read_numbers([text.split(",")], decimal=".")
    except (CellError, InputError) as error:
        raise InputError(f"{option} {shown(text)}: {error}; give numbers such as 1,1,0.5") from None
    values = tuple(read.values[0].tolist())
    for note in read.notes:
        _say_read(f"{option}: {note}")
    if not np.isfinite(values).all():
        raise InputError(f"{option} {shown(text)}: every number must be finite, such as 1,1,0.5")
    if len(values) != len(agents):
        raise InputError(f"{option} {shown(text)}: {len(values)} numbers for {len(agents)} agents; give one for each")
    return values


def _values_by_name(
    file: Path, agents: Sequence[str], option: str, reading: Reading, said: list[str]
) -> tuple[float, ...]:
    if not split_sheet(file)[0].is_file():
        raise InputError(f"{option} {shown(file)}: neither a file nor a list of numbers such as 1,1,0.5")
    what = "number"
    numbers = {"entitlements": header_roles.ENTITLEMENT, "initial": header_roles.CARRIED}
    roles = header_roles.AGENT, next((role for word, role in numbers.items() if word in option), header_roles.LIMIT)
    triples, notes = read_values(file, what, replace(reading, ignore_columns=()), agents, roles)
    values: dict[str, float] = {}
    unknown = [name for _, name, _ in triples if name and name not in agents]
    for line, name, value in triples:
        if not name:
            raise InputError(f"{file}, line {line}: {shown(f'{value:g}')} must be an agent and a {what}")
        if name not in agents:
            called = f"agent is called {shown(name)}" if len(unknown) == 1 else f"agents are called {_quoted(unknown)}"
            raise InputError(f"{file}, line {line}: no {called}; the costs name {_some(agents)}")
        if name in values:
            raise InputError(f"{file}, line {line}: agent {shown(name)} is listed twice; give each agent one number")
        if not np.isfinite(value):
            raise InputError(f"{file}, line {line}: no number for agent {shown(name)}; give one for each agent")
        values[name] = value
    say_all(notes, file, said)
    missing = [name for name in agents if name not in values]
    if missing and option == "--entitlements" and values and max(values.values()) <= 1:
        _say_read(
            f"{file}: {len(values)} agents named; the other {len(missing)} ({_some(missing)}) count as full time, 1"
        )
        values.update(dict.fromkeys(missing, 1.0))
    elif missing:
        agent = "agent" if len(missing) == 1 else f"{len(missing)} agents,"
        raise InputError(f"{file}: no number for {agent} {_quoted(missing)}; give one for each agent")
    return tuple(values[name] for name in agents)


def is_plain(text: str) -> bool:
    """Return whether `text` is a plain number, with or without a decimal point."""
    try:
        to_number(text)
    except ValueError:
        return False
    return True


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")


def _quoted(names: Sequence[str]) -> str:
    return _some([shown(name) for name in names])


def _hint_at_orientation(table: CostTable, reading: Reading) -> None:
    if len(table.agents) > 2 * len(table.tasks) and reading.tasks_as != "pairs":
        other = "--tasks-as columns" if reading.tasks_as == "rows" else "--tasks-as rows"
        say(
            f"hint: {table.source} has {len(table.agents)} agents for {len(table.tasks)} tasks; "
            f"if it is the other way round, add {other}"
        )
