"""Arguments and options that several commands share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
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


def argument(metavar: str, help: str) -> Any:
    """Return a positional argument of a command."""
    return typer.Argument(metavar=metavar, show_default=False, help=help)


def flag(help: str, *names: str, panel: str | None = None) -> Any:
    """Return an option without a value."""
    return typer.Option(*names, rich_help_panel=panel, help=help)


def option(
    metavar: str,
    help: str,
    *names: str,
    panel: str | None = None,
    parser: Callable[[str], Any] | None = None,
    show_default: bool = True,
) -> Any:
    """Return an option with a value.

    Parameters
    ----------
    metavar
        What stands for the value in the help.
    help
        The help.
    names
        Names of the option, where they do not follow from the parameter's.
    panel
        Heading that the help lists it under.
    parser
        Function that reads the value from text.
    show_default
        Whether the help shows the default.
    """
    return typer.Option(
        *names, metavar=metavar, rich_help_panel=panel, help=help, parser=parser, show_default=show_default
    )


_TABLE, FAIR, _SEARCH, _OUT = "The problem", "How fair", "The search", "Output"

Costs = Annotated[
    Path,
    argument(
        "COSTS",
        "Table of costs: CSV (names of the tasks first, then a row per agent, its name first), "
        "a workbook (.xlsx), Parquet, .npy or a coordinate file. inf or an empty cell forbids a pair.",
    ),
]
Burdens = Annotated[
    Path | None, option("TABLE", "What is shared fairly (hours, say), where it is not the costs.", panel=_TABLE)
]
Format = Annotated[str, option("auto|csv|xlsx|parquet|npy|fairta", "Format of the tables.", panel=_TABLE)]
TasksAs = Annotated[
    str,
    option(
        "columns|rows|pairs", "Where the tasks stand in the tables; pairs: a row for each agent and task.", panel=_TABLE
    ),
]
Decimal = Annotated[str | None, option(".|,", "Decimal sign of the numbers, where they do not tell.", panel=_TABLE)]
IgnoreRow = Annotated[list[str] | None, option("NAME", "Leave out this row (a total, say); repeatable.", panel=_TABLE)]
IgnoreColumn = Annotated[list[str] | None, option("NAME", "Leave out this column; repeatable.", panel=_TABLE)]
Sheet = Annotated[str | None, option("NAME", "Sheet of a workbook, where it has several.", panel=_TABLE)]
Entitlements = Annotated[
    str | None,
    option(
        "LIST|FILE", "Share each agent is entitled to: 1,1,0.5 or a CSV of agent,share. Equal by default.", panel=_TABLE
    ),
]
InitialLoads = Annotated[
    str | None, option("LIST|FILE", "What each agent carries already: 3,0,1.5 or a CSV of agent,load.", panel=_TABLE)
]
Without = Annotated[
    list[str] | None,
    option(
        "NAME", "Leave this agent out (absent this week); may be given several times.", panel=_TABLE, show_default=False
    ),
]
Maximise = Annotated[
    bool,
    flag(
        "The table holds profits: find the most, not the least. What is shared is then best given by --burdens.",
        "--maximise",
        panel=_TABLE,
    ),
]
Locked = Annotated[Path | None, option("FILE", "Tasks decided beforehand: a CSV of task,agent.", panel=_TABLE)]


Gap = Annotated[
    float, option("X", "Relative gap to the cheapest that must be proven.", panel=_SEARCH, parser=read_number)
]
MaxGap = Annotated[
    float | None,
    option(
        "X",
        "Relative gap that must be proven without the search; by default, what the answer claims.",
        panel=_SEARCH,
        parser=read_number,
    ),
]
TimeLimit = Annotated[
    float | None, option("SECONDS", "Stop then, with the best so far and its gap.", panel=_SEARCH, parser=read_number)
]
Seed = Annotated[int, option("N", "Same seed, same answer.", panel=_SEARCH, parser=read_count)]

Json = Annotated[Path | None, option("FILE", "Write everything as JSON.", "--json", panel=_OUT)]
Csv = Annotated[Path | None, option("FILE", "Write the assignment as CSV.", "--csv", panel=_OUT)]
PlainCsv = Annotated[
    bool,
    flag(
        "Write names in the CSV as they are; by default those that a spreadsheet would run as a formula "
        "(=, +, -, @ in front) get an apostrophe.",
        "--plain-csv",
        panel=_OUT,
    ),
]
Report = Annotated[Path | None, option("FILE", "Write a page with pictures: one HTML file, opens offline.", panel=_OUT)]
Quiet = Annotated[bool, flag("Print nothing but errors.", "--quiet", "-q", panel=_OUT)]
