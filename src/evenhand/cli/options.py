"""Arguments and options that several commands share."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated, Any

import typer

from evenhand.tables import Reading
from evenhand.tables.cost_table import shown
from evenhand.tables.numbers import to_number, to_whole


def read_number(text: str) -> float:
    """Return the number that an option's `text` is.

    Raises
    ------
    typer.BadParameter
        If it is none.
    """
    try:
        return to_number(str(text))  # a default comes as a number
    except ValueError:
        raise typer.BadParameter(f"{shown(text)} is not a number") from None


def read_count(text: str) -> int:
    """Return the whole number that an option's `text` is.

    Raises
    ------
    typer.BadParameter
        If it is none.
    """
    try:
        return to_whole(str(text))
    except ValueError:
        raise typer.BadParameter(f"{shown(text)} is not a whole number") from None


def read_steps(text: str) -> int:
    """Return the whole number that an option's `text` is, where large ones are written as 2e6.

    Raises
    ------
    typer.BadParameter
        If it is none.
    """
    with contextlib.suppress(ValueError):
        return to_whole(str(text))
    value = read_number(text)
    if not value.is_integer():
        raise typer.BadParameter(f"{shown(text)} is not a whole number")
    return int(value)


def reading(
    tasks_as: str = "columns",
    decimal: str | None = None,
    ignore_row: list[str] | None = None,
    ignore_column: list[str] | None = None,
    sheet: str | None = None,
) -> Reading:
    """Return how tables are to be read, from the options that say so."""
    return Reading(tasks_as, decimal, tuple(ignore_row or ()), tuple(ignore_column or ()), sheet)


_TABLE, FAIR, _SEARCH, _OUT = "The problem", "How fair", "The search", "Output"

Costs = Annotated[
    Path,
    typer.Argument(
        metavar="COSTS",
        show_default=False,
        help="Table of costs: CSV (names of the tasks first, then a row per agent, its name first), "
        "a workbook (.xlsx), Parquet, .npy or a coordinate file. inf or an empty cell forbids a pair.",
    ),
]
Burdens = Annotated[
    Path | None,
    typer.Option(
        metavar="TABLE",
        rich_help_panel=_TABLE,
        help="What is shared fairly (hours, say), where it is not the costs.",
    ),
]
Format = Annotated[
    str,
    typer.Option(metavar="auto|csv|xlsx|parquet|npy|fairta", rich_help_panel=_TABLE, help="Format of the tables."),
]
TasksAs = Annotated[
    str,
    typer.Option(
        metavar="columns|rows|pairs",
        rich_help_panel=_TABLE,
        help="Where the tasks stand in the tables; pairs: a row for each agent and task.",
    ),
]
Decimal = Annotated[
    str | None,
    typer.Option(metavar=".|,", rich_help_panel=_TABLE, help="Decimal sign of the numbers, where they do not tell."),
]
IgnoreRow = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", rich_help_panel=_TABLE, help="Leave out this row (a total, say); repeatable."),
]
IgnoreColumn = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", rich_help_panel=_TABLE, help="Leave out this column; repeatable."),
]
Sheet = Annotated[
    str | None,
    typer.Option(metavar="NAME", rich_help_panel=_TABLE, help="Sheet of a workbook, where it has several."),
]
Entitlements = Annotated[
    str | None,
    typer.Option(
        metavar="LIST|FILE",
        rich_help_panel=_TABLE,
        help="Share each agent is entitled to: 1,1,0.5 or a CSV of agent,share. Equal by default.",
    ),
]
InitialLoads = Annotated[
    str | None,
    typer.Option(
        metavar="LIST|FILE",
        rich_help_panel=_TABLE,
        help="What each agent carries already: 3,0,1.5 or a CSV of agent,load.",
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        rich_help_panel=_TABLE,
        show_default=False,
        help="Leave this agent out (absent this week); may be given several times.",
    ),
]
Maximise = Annotated[
    bool,
    typer.Option(
        "--maximise",
        rich_help_panel=_TABLE,
        help="The table holds profits: find the most, not the least. What is shared is then best given by --burdens.",
    ),
]
Locked = Annotated[
    Path | None,
    typer.Option(metavar="FILE", rich_help_panel=_TABLE, help="Tasks decided beforehand: a CSV of task,agent."),
]


def _number(metavar: str, panel: str, help: str, *names: str) -> Any:
    """Return an option that takes a number; `names` where they do not follow from the parameter's."""
    return typer.Option(*names, parser=read_number, metavar=metavar, rich_help_panel=panel, help=help)


Gap = Annotated[float, _number("X", _SEARCH, "Relative gap to the cheapest that must be proven.")]
MaxGap = Annotated[
    float | None,
    _number("X", _SEARCH, "Relative gap that must be proven without the search; by default, what the answer claims."),
]
TimeLimit = Annotated[float | None, _number("SECONDS", _SEARCH, "Stop then, with the best so far and its gap.")]
Seed = Annotated[
    int, typer.Option(parser=read_count, metavar="N", rich_help_panel=_SEARCH, help="Same seed, same answer.")
]

Json = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE", rich_help_panel=_OUT, help="Write everything as JSON."),
]
Csv = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", rich_help_panel=_OUT, help="Write the assignment as CSV."),
]
PlainCsv = Annotated[
    bool,
    typer.Option(
        "--plain-csv",
        rich_help_panel=_OUT,
        help="Write names in the CSV as they are; by default those that a spreadsheet would run as a formula "
        "(=, +, -, @ in front) get an apostrophe.",
    ),
]
Report = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", rich_help_panel=_OUT, help="Write a page with pictures: one HTML file, opens offline."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", rich_help_panel=_OUT, help="Print nothing but errors.")]
