"""The options for several rules: a file of them, short forms, tasks of several agents, groups, and exclusions."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self, get_type_hints

from evenhand.cli import options
from evenhand.cli.inputs import Given, Tables, agent_values, check_left_out, is_plain, say_all
from evenhand.cli.outputs import check_outputs
from evenhand.cli.rules_file import COUNT, RuleReader
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.tables.candidate_table import LargeCandidatesError
from evenhand.tables.conflicts import read_conflicts
from evenhand.tables.cost_table import shown
from evenhand.tables.csv_text import left_out
from evenhand.tables.files import split_sheet
from evenhand.tables.numbers import to_number
from evenhand.tables.small_rows import small_rows
from evenhand.tables.task_values import read_groups, read_task_values
from evenhand.tables.visit_file import read_times

if TYPE_CHECKING:
    from evenhand.assignment import Limits, Rule

_PANEL = "Several rules"


def _limit(what: str, of: str) -> Any:
    help = f"Every agent gets at {what} so {of}: one number for all, a list, or a CSV of agent,number."
    return Annotated[str | None, options.option("N|LIST|FILE", help, panel=_PANEL, show_default=False)]


def _file(help: str) -> Any:
    return Annotated[Path | None, options.option("FILE", help, panel=_PANEL, show_default=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """The options for several rules; see :class:`evenhand.cli.groups.OptionGroup`."""

    rules: _file("Several burdens, each with a measure or with limits: a TOML file of [[rules]].") = None  # type: ignore[valid-type]
    least_tasks: _limit("least", "many tasks") = None  # type: ignore[valid-type]
    most_tasks: _limit("most", "many tasks") = None  # type: ignore[valid-type]
    least_load: _limit("least", "much of what is shared") = None  # type: ignore[valid-type]
    most_load: _limit("most", "much of what is shared") = None  # type: ignore[valid-type]
    needs: Annotated[
        str | None,
        options.option(
            "K|FILE",
            "How many different agents a task needs: one number for all, or a CSV of task,number.",
            panel=_PANEL,
            show_default=False,
        ),
    ] = None
    together: _file("Tasks that stay with the same agent: a group in each row, or a CSV of task,group.") = None  # type: ignore[valid-type]
    times: _file("Start and end of each task (and a pause after it): tasks that overlap need different agents.") = None  # type: ignore[valid-type]
    conflicts: _file("Pairs of tasks that need different agents, a pair in each row.") = None  # type: ignore[valid-type]

    @classmethod
    def declared(cls) -> Mapping[str, tuple[Any, Any]]:
        """Return annotation and default of each option."""
        hints = get_type_hints(cls, include_extras=True)
        return {option.name: (hints[option.name], None) for option in fields(cls)}

    @classmethod
    def gathered(cls, values: Mapping[str, Any]) -> Self:
        """Return the group, given the values of its options."""
        return cls(**values)

    def __bool__(self) -> bool:
        return any(getattr(self, option.name) is not None for option in fields(self))

    @property
    def first(self) -> str:
        """The first of these options that is given, as it is written."""
        given = next(option.name for option in fields(self) if getattr(self, option.name) is not None)
        return f"--{given.replace('_', '-')}"

    @property
    def files(self) -> dict[str, Path | None]:
        """Paths of the files to read, by their names in messages."""
        return {
            "the rules": self.rules,
            "the groups": self.together,
            "the times": self.times,
            "the conflicts": self.conflicts,
            "the needs": None if self.needs is None or is_plain(self.needs) else Path(self.needs),
        }

    def read(
        self, whole: Given, given: Given, tables: Tables, outputs: Mapping[str, Path | None], said: list[str]
    ) -> dict[str, Any]:
        """Return the arguments that `assign` and `verify` take besides those of one rule.

        Parameters
        ----------
        whole, given
            The inputs with all agents, and without those of ``--without``.
        tables
            The options that say how to read tables.
        outputs
            Files to be written, by option.
        said
            Notes on what was read so far; it grows.

        Raises
        ------
        InputError
            If a file or a value cannot be used, an output would replace a file that a rule names, or a row or column to
            leave out is in none of all files.
        """
        names, gone = given.costs.tasks, tables.gone
        without = set(tables.without or ())
        folder = Path() if self.rules is None else self.rules.parent
        reader = RuleReader(whole, folder, tables.reading, tables.format, without, gone, said)
        rules = [] if self.rules is None else reader.read(self.rules)
        rules += self._short_forms(whole, given, reader)
        check_outputs(dict(outputs), {f"a file of the rules, {file.name}": file for file in reader.files})
        found = {
            "rules": rules or None,
            "needs": None if self.needs is None else self._needed(given, tables, said),
            "together": _beside(read_groups, self.together, names, gone, said, "group of tasks"),
            "times": _beside(read_times, self.times, names, gone, said, "visit"),
            "conflicts": _beside(read_conflicts, self.conflicts, names, gone, said, "pair of tasks"),
        }
        said += self._left_out_beside(gone)
        check_left_out(tables.reading, said, str(tables.costs))
        return found

    def _left_out_beside(self, gone: Mapping[str, str]) -> list[str]:
        """Return a note on each name to leave out that a file about tasks has, whose readers skip it silently."""
        files = [file for name, file in self.files.items() if file is not None and name != "the rules"]
        cells = set().union(*map(_cells_of, files)) if gone else set()
        return [left_out(option.removeprefix("--ignore-"), name) for name, option in gone.items() if name in cells]

    def _short_forms(self, whole: Given, given: Given, reader: RuleReader) -> list[Rule | Limits]:
        from evenhand.assignment import Limits

        found: list[Rule | Limits] = []
        own = getattr(given, "burdens", None)  # a list of candidates has its burdens in the table
        shared = given.costs if own is None else own
        for burden, least, most, carried in (
            (COUNT, "least_tasks", "most_tasks", None),
            (shared, "least_load", "most_load", given.initial_loads),
        ):
            limits = [self._limits(option, whole, reader) for option in (least, most)]
            if limits != [None, None]:
                name = None if burden == COUNT else "load"
                found.append(Limits(burden, *limits, name=name, initial_loads=carried))
        return found

    def _limits(self, option: str, whole: Given, reader: RuleReader) -> Any:
        text = getattr(self, option)
        if text is None:
            return None
        written = f"--{option.replace('_', '-')}"
        if is_plain(text):
            number = to_number(text)
            if not 0.0 <= number < math.inf:
                raise InputError(f"{written} {shown(text)}: must be a number of at least 0")
            return number
        values = agent_values(text, whole.costs.agents, written, reader.reading, reader.said)
        for name, value in zip(whole.costs.agents, values, strict=True):
            if value < 0.0:
                raise InputError(f"{written} {shown(text)}: {value:g} for agent {shown(name)}; it must be at least 0")
        return {
            name: value for name, value in zip(whole.costs.agents, values, strict=True) if name not in reader.without
        }

    def _needed(self, given: Given, tables: Tables, said: list[str]) -> Any:
        text, most = str(self.needs), len(given.costs.agents)
        if is_plain(text):
            number = to_number(text)
            if number not in range(1, most + 1):
                raise InputError(
                    f"--needs {shown(text)}: must be a whole number of agents from 1 to {most}, which is how many "
                    "there are"
                )
            return int(number)
        file = Path(text)
        if not split_sheet(file)[0].is_file():
            raise InputError(f"--needs {shown(text)}: neither a whole number nor a file of task,number")
        values, notes = read_task_values(file, "number", given.costs.tasks, tables.reading, tables.gone, most)
        say_all(notes, file, said)
        if not values:
            raise InputError(
                f"{file}: there is no task with its number of agents in it; leave --needs out, or give some"
            )
        return {task: int(value) for task, value in values.items()}


def _cells_of(file: Path) -> set[str]:
    """Return the texts in all cells of a small file."""
    return {cell for _, row in small_rows(file).texts() for cell in row}


def _beside(
    read: Callable[[Path, Sequence[str], Collection[str]], tuple[Any, tuple[str, ...]]],
    file: Path | None,
    tasks: Sequence[str],
    gone: Collection[str],
    said: list[str],
    what: str,
) -> Any:
    """Return what a file beside the costs holds, and print the notes on how it was read; None without a file.

    Raises
    ------
    InputError
        If there is nothing in it: no `what`.
    """
    if file is None:
        return None
    found, notes = read(file, tasks, gone)
    say_all(notes, file, said)
    if not found and not set(gone) & _cells_of(file):
        raise InputError(f"{file}: there is no {what} in it; leave the option out, or give some")
    return found


def read_question(
    tables: Tables,
    several: Several,
    entitlements: str | None,
    outputs: Mapping[str, Path | None],
    *,
    time_limit: float | None = None,
    quiet: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """Return the inputs of a command, and the arguments of several rules: none if no such option is given.

    `outputs` are the files to be written, by option; none of them may replace a file that a rule names.
    """
    if not several:
        return tables.read(entitlements, time_limit=time_limit, quiet=quiet), {}
    said: list[str] = []
    whole: Any
    given: Any
    try:
        whole = tables.read_whole(entitlements, time_limit=time_limit, quiet=quiet, notes=said)
        given = tables.left_out(whole, entitlements)
    except LargeCandidatesError:
        whole = given = tables.read_any(entitlements)
    return given, several.read(whole, given, tables, outputs, said)


def own_rule(fairness: Fairness | None, given: Given) -> dict[str, Any]:
    """Return the arguments of the one rule that the options for fairness ask beside the others, if they ask any."""
    if fairness is None:
        return {"fairness": None, "locked": given.locked}
    return {"fairness": fairness, **given.rest}
