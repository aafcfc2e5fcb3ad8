"""The files that ``evenhand solve rosters`` reads: a benchmark's file, or an office's tables, and the last plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from evenhand.applications.rosters import RosterProblem
from evenhand.applications.rosters.last_plan import LastPlan
from evenhand.cli.options import number_option, option
from evenhand.errors import InputError

_TABLES = "The problem"
_TABLE_ENDINGS = (".csv", ".tsv", ".xlsx", ".xlsm")

_OPTIONS: dict[str, Any] = {
    "wishes": Annotated[
        Path | None,
        option("TABLE", "Wishes: name, date, kind, want (yes or no), weight.", panel=_TABLES, show_default=False),
    ],
    "absences": Annotated[
        Path | None, option("TABLE", "Absences: name, from and to, or date.", panel=_TABLES, show_default=False)
    ],
    "nights": Annotated[
        str | None,
        option("SHIFT,...", "Night shifts of a FILE, if not those that begin with N.", panel=_TABLES),
    ],
    "late": Annotated[
        str | None,
        option("SHIFT,...", "Late shifts of a FILE, if not those that begin with L or P.", panel=_TABLES),
    ],
    "last": Annotated[
        Path | None,
        option(
            "ROSTER.json",
            "The last plan, from --json: list what changes; days before the first count for runs and rest.",
            "--last",
            panel=_TABLES,
            show_default=False,
        ),
    ],
    "change_cost": Annotated[
        float | None,
        number_option("X", "Cost of each day on which somebody's shift changes, with --last.", panel=_TABLES),
    ],
}


@dataclass(frozen=True)
class RosterFiles:
    """The values of the options on files that are read; None for those not given."""

    wishes: Path | None
    absences: Path | None
    nights: str | None
    late: str | None
    last: Path | None
    change_cost: float | None

    @classmethod
    def declared(cls) -> Mapping[str, tuple[Any, Any]]:
        """Return the options; see :class:`evenhand.cli.groups.OptionGroup`."""
        return {name: (annotation, None) for name, annotation in _OPTIONS.items()}

    @classmethod
    def gathered(cls, values: Mapping[str, Any]) -> Self:
        """Return the group, given the values of its options."""
        return cls(**values)

    def files(self, shifts: Path, people: Path | None) -> dict[str, Path | None]:
        """Return all files that are read, by what they are."""
        given = {"the shifts": shifts, "the people": people, "the wishes": self.wishes, "the absences": self.absences}
        return {**given, "the last plan": self.last}

    def read(self, shifts: Path, people: Path | None, *, quiet: bool) -> tuple[RosterProblem, LastPlan | None]:
        """Return the problem, with the last plan in it, and the last plan.

        Parameters
        ----------
        shifts
            A file of the benchmark or, with `people`, a table of shifts.
        people
            A table of people.
        quiet
            Whether to print nothing on how tables were read.

        Raises
        ------
        InputError
            If a file cannot be read, or options do not belong together.
        """
        from evenhand.applications.rosters import last_plan
        from evenhand.cli.door import say

        problem = self._tables(shifts, people, quiet=quiet) if people is not None else self._benchmark(shifts)
        if self.last is None:
            if self.change_cost is not None:
                raise InputError("--change-cost needs the plan that changes: --last roster.json")
            return problem, None
        last = last_plan.read_last_plan(self.last)
        if not {person.name for person in problem.people} & last.rows.keys():
            raise InputError(f"--last {self.last}: nobody of it is among the people; names must be the same")
        for note in () if quiet else last_plan.unlike(problem, last):
            say(f"read: {note}")
        problem = last_plan.continued(problem, last)
        if self.change_cost is not None:
            if self.change_cost < 0:
                raise InputError(f"--change-cost is {self.change_cost:g}; it must be at least 0")
            problem = last_plan.with_change_cost(problem, last, self.change_cost)
        return problem, last

    def _tables(self, shifts: Path, people: Path, *, quiet: bool) -> RosterProblem:
        from evenhand.applications.rosters import read_roster_tables
        from evenhand.cli.door import say

        for name in ("nights", "late"):
            if getattr(self, name) is not None:
                raise InputError(
                    f"--{name} is for a FILE of the benchmark; in tables the hours of a shift say what it is"
                )
        read = read_roster_tables(shifts, people, self.wishes, self.absences)
        for note in () if quiet else read.notes:
            say(f"read: {note}")
        return read.problem

    def _benchmark(self, file: Path) -> RosterProblem:
        from evenhand.applications.rosters import read_shift_benchmark

        for name in ("wishes", "absences"):
            if getattr(self, name) is not None:
                raise InputError(f"--{name} belongs to tables: give PEOPLE after the shifts, {file} people.csv")
        if file.suffix.lower() in _TABLE_ENDINGS:
            raise InputError(
                f"Missing argument 'PEOPLE': {file} is a table of shifts; give the table of people after it"
            )
        return read_shift_benchmark(file, nights=_names(self.nights), late=_names(self.late))


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]
