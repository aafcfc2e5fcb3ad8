"""The files that ``evenhand solve rosters`` writes: JSON, picture, page, calendars, and rows for payroll."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from evenhand.applications.rosters import Roster
from evenhand.applications.rosters.last_plan import LastPlan, change_rows, changes_since
from evenhand.cli import options
from evenhand.cli.door import say
from evenhand.cli.options import option
from evenhand.cli.outputs import check_outputs, write_values
from evenhand.cli.solve import common
from evenhand.errors import InputError

_OUT = "Output"

_CALENDARS = "Write an iCalendar file for each person into this folder."
_PAYROLL = "Write each shift with its paid, night and weekend hours as CSV."

_OPTIONS: dict[str, tuple[Any, Any]] = {
    "json": (options.Json, None),
    "picture": (common.Picture, None),
    "report": (options.Report, None),
    "calendars": (
        Annotated[
            Path | None,
            option("FOLDER", _CALENDARS, panel=_OUT, show_default=False),
        ],
        None,
    ),
    "zone": (
        Annotated[
            str | None,
            option(
                "Europe/Berlin",
                "Time zone of the calendars; without it, times are those of the clock wherever the calendar is.",
                panel=_OUT,
                show_default=False,
            ),
        ],
        None,
    ),
    "payroll": (
        Annotated[
            Path | None,
            option(
                "FILE",
                "Write each shift with its paid, night and weekend hours as CSV.",
                panel=_OUT,
                show_default=False,
            ),
        ],
        None,
    ),
    "plain_csv": (options.PlainCsv, False),
}


@dataclass(frozen=True)
class RosterOutputs:
    """The values of the options on files that are written; None for those not given."""

    json: Path | None
    picture: Path | None
    report: Path | None
    calendars: Path | None
    zone: str | None
    payroll: Path | None
    plain_csv: bool

    @classmethod
    def declared(cls) -> Mapping[str, tuple[Any, Any]]:
        """Return the options; see :class:`evenhand.cli.groups.OptionGroup`."""
        return _OPTIONS

    @classmethod
    def gathered(cls, values: Mapping[str, Any]) -> Self:
        """Return the group, given the values of its options."""
        return cls(**values)

    def check(self, inputs: dict[str, Path | None]) -> None:
        """Raise an error unless every output can be written, and none replaces an input or another output."""
        common.check_files(self.json, self.picture, next(path for path in inputs.values() if path is not None))
        outputs = {"--json": self.json, "--picture": self.picture, "--report": self.report, "--payroll": self.payroll}
        check_outputs(outputs, inputs)
        if self.zone is not None and self.calendars is None:
            raise InputError(f"--zone {self.zone} is for calendars: add --calendars FOLDER")
        if self.calendars is not None and self.calendars.exists() and not self.calendars.is_dir():
            raise InputError(f"--calendars {self.calendars}: is a file; give the name of a folder")

    def check_dates(self, dated: bool, source: str) -> None:
        """Raise an error if calendars are asked for and the days have no dates, or the zone is unknown."""
        from evenhand.applications.rosters.calendars import check_zone

        if self.calendars is not None and not dated:
            raise InputError(f"--calendars {self.calendars}: the days of {source} have no dates; give tables")
        check_zone(self.zone)

    def write(self, answer: Roster, last: LastPlan | None) -> None:
        """Write the files that were asked for; without a roster, the JSON and the page alone."""
        changes = None if last is None or answer.plan is None else changes_since(answer.problem, answer.plan, last)

        def values() -> dict[str, Any]:
            if changes is None or last is None:
                return answer.to_dict()
            return answer.to_dict() | {"last": last.source, "changes": change_rows(answer.problem, changes)}

        write_values(self.json, values)
        if self.report is not None:
            from evenhand.cli.pictures import command_line
            from evenhand.report.roster_page import write_roster_report

            write_roster_report(self.report, answer, changes=changes, command=command_line())
        if answer.plan is None:
            left = [str(path) for path in (self.picture, self.calendars, self.payroll) if path is not None]
            if left:
                say(f"without a roster, {', '.join(left)} {'is' if len(left) == 1 else 'are'} left as before")
            return
        if self.picture is not None:
            from evenhand.report.answer_charts import save_chart
            from evenhand.report.roster_chart import roster_chart

            save_chart(roster_chart(answer), self.picture)
        if self.calendars is not None:
            from evenhand.applications.rosters.calendars import write_calendars

            write_calendars(self.calendars, answer, self.zone, last=last)
        if self.payroll is not None:
            from evenhand.applications.rosters.payroll import write_payroll

            write_payroll(self.payroll, answer, protect=not self.plain_csv)
