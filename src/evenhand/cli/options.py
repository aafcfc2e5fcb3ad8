"""Arguments and options that several commands have in common."""

from __future__ import annotations

import contextlib
import decimal
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from evenhand.tables import Reading
from evenhand.tables.cost_table import shown
from evenhand.tables.numbers import to_number, to_whole


def read_number(text: str) -> float:
    """Return the value of an option as a number.

    Raises
    ------
    typer.BadParameter
        If it is not a number.
    """
    try:
        return to_number(str(text))  # a default value is a number already
    except ValueError:
        raise typer.BadParameter(f"{shown(text)} is not a number{_written_plainly(str(text))}") from None


def _written_plainly(text: str) -> str:
    """Return the remedy for a percentage or a decimal comma: the number as options take it."""
    parts = re.fullmatch(r"\s*([0-9]+)(?:[.,]([0-9]+))?\s*(%?)\s*", text)
    if parts is None or ("," in text and len(parts[2]) == 3):  # which may be thousands
        return ""
    value = decimal.Decimal(f"{parts[1]}.{parts[2] or 0}") / (100 if parts[3] else 1)
    return f"; write {value.normalize():f}"


def _read_share(text: str) -> float:
    """Return the value of an option as a share: 5% is 0.05.

    Raises
    ------
    typer.BadParameter
        If it is neither a number nor a percentage.
    """
    percentage = str(text).strip().endswith("%")
    try:
        value = to_number(str(text).strip().removesuffix("%").strip())
    except ValueError:
        raise typer.BadParameter(
            f"{shown(text)} is neither a percentage such as 5% nor a number such as 0.05"
        ) from None
    return value / 100.0 if percentage else value


def read_count(text: str) -> int:
    """Return the value of an option as a whole number.

    Raises
    ------
    typer.BadParameter
        If it is not a whole number.
    """
    try:
        return to_whole(str(text))
    except ValueError:
        raise typer.BadParameter(f"{shown(text)} is not a whole number") from None


def read_steps(text: str) -> int:
    """Return the value of an option as a whole number, which may be written as 2e6.

    Raises
    ------
    typer.BadParameter
        If it is not a whole number.
    """
    with contextlib.suppress(ValueError):
        return to_whole(str(text))
    value = read_number(text)
    if not value.is_integer():
        raise typer.BadParameter(f"{shown(text)} is not a whole number")
    return int(value)


class Ends(NamedTuple):
    """The ends of a range, in an option; the type ``tuple`` would take two arguments of the command line."""

    low: float
    high: float


def read_range(text: str) -> Ends:
    """Return the ends of the range that an option gives, such as 0..2; one number stands for both.

    Raises
    ------
    typer.BadParameter
        If an end is not a number.
    """
    low, dots, high = str(text).partition("..")
    return Ends(read_number(low), read_number(high if dots else low))


def reading(
    tasks_as: str = "columns",
    decimal: str | None = None,
    ignore_row: list[str] | None = None,
    ignore_column: list[str] | None = None,
    sheet: str | None = None,
) -> Reading:
    """Return the instructions for reading tables that these options give."""
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
        Placeholder for the value in the help.
    help
        Description in the help.
    names
        Names of the option; by default derived from the parameter's name.
    panel
        Heading under which the help lists the option.
    parser
        Function that converts the value from text.
    show_default
        Whether the help shows the default.
    """
    return typer.Option(
        *names, metavar=metavar, rich_help_panel=panel, help=help, parser=parser, show_default=show_default
    )


def number_option(metavar: str, help: str, *names: str, panel: str | None = None) -> Any:
    """Return an option whose value is a number."""
    return option(metavar, help, *names, panel=panel, parser=read_number)


def count_option(metavar: str, help: str, *names: str, panel: str | None = None) -> Any:
    """Return an option whose value is a whole number."""
    return option(metavar, help, *names, panel=panel, parser=read_count)


def steps_option(metavar: str, help: str, *names: str, panel: str | None = None) -> Any:
    """Return an option whose value is a whole number, which may be written as 2e6."""
    return option(metavar, help, *names, panel=panel, parser=read_steps)


_TABLE, FAIR, _SEARCH, _OUT = "The problem", "How fair", "The search", "Output"

Costs = Annotated[
    Path,
    argument(
        "COSTS",
        "Table of costs: CSV (a header with the tasks, then a row per agent that begins with its name), "
        "a workbook (.xlsx), Parquet, .npy or a coordinate file. inf or an empty cell forbids a pair.",
    ),
]
Burdens = Annotated[
    Path | None,
    option("TABLE", "Table of what is to be shared fairly, such as hours; by default the costs.", panel=_TABLE),
]
Format = Annotated[str, option("auto|csv|xlsx|parquet|npy|fairta", "Format of the tables.", panel=_TABLE)]
TasksAs = Annotated[
    str,
    option(
        "columns|rows|pairs", "Where the tasks are in the tables; pairs: a row for each agent and task.", panel=_TABLE
    ),
]
Decimal = Annotated[str | None, option(".|,", "Decimal separator; inferred by default.", panel=_TABLE)]
IgnoreRow = Annotated[
    list[str] | None, option("NAME", "Leave out this row, such as a total; repeatable.", panel=_TABLE)
]
IgnoreColumn = Annotated[list[str] | None, option("NAME", "Leave out this column; repeatable.", panel=_TABLE)]
Sheet = Annotated[str | None, option("NAME", "Sheet of a workbook that has several.", panel=_TABLE)]
Entitlements = Annotated[
    str | None,
    option(
        "LIST|FILE", "Share each agent is entitled to: 1,1,0.5 or a CSV of agent,share. Equal by default.", panel=_TABLE
    ),
]
InitialLoads = Annotated[
    str | None, option("LIST|FILE", "Load that each agent has already: 3,0,1.5 or a CSV of agent,load.", panel=_TABLE)
]
Without = Annotated[
    list[str] | None,
    option("NAME", "Leave out this agent, who is absent; repeatable.", panel=_TABLE, show_default=False),
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

From = Annotated[
    Path | None,
    option(
        "ANSWER.json",
        "The answer of another day, which `evenhand assign --json` wrote: start from it. Tasks and agents are matched "
        "by name.",
        "--from",
        panel=_TABLE,
        show_default=False,
    ),
]
ChangeAtMost = Annotated[
    int | None,
    count_option("K", "Upper limit on the tasks that change hands, with --from; new tasks do not count.", panel=FAIR),
]

Fairest = Annotated[
    bool,
    flag(
        "As fair as possible, by the measure that is given (epsilon by default), which counts as the least to ask for; "
        "then the cheapest plan that is this fair.",
        "--fairest",
        panel=FAIR,
    ),
]
MaxPrice = Annotated[
    float | None,
    option(
        "5%|0.05",
        "With --fairest: how much more than the cheapest plan fairness may cost.",
        panel=FAIR,
        parser=_read_share,
        show_default=False,
    ),
]


Gap = Annotated[float, number_option("X", "Relative optimality gap at which the search may stop.", panel=_SEARCH)]
MaxGap = Annotated[
    float | None,
    number_option(
        "X", "Relative gap that the certificate must prove; by default the gap that the answer states.", panel=_SEARCH
    ),
]
TimeLimit = Annotated[
    float | None, number_option("SECONDS", "Stop by then, with the best answer and its gap.", panel=_SEARCH)
]
Seed = Annotated[int, count_option("N", "Same seed, same answer.", panel=_SEARCH)]
Workers = Annotated[
    int, count_option("N", "Threads of a long search. The answer does not depend on it.", panel=_SEARCH)
]

Json = Annotated[Path | None, option("FILE", "Write everything as JSON.", "--json", panel=_OUT)]
Csv = Annotated[Path | None, option("FILE", "Write the assignment as CSV.", "--csv", panel=_OUT)]
PlainCsv = Annotated[
    bool,
    flag(
        "Write names in the CSV unchanged; by default, names that a spreadsheet would execute as formulas "
        "(with =, +, -, @ in front) get an apostrophe.",
        "--plain-csv",
        panel=_OUT,
    ),
]
Report = Annotated[
    Path | None, option("FILE", "Write a page with pictures: one HTML file that opens offline.", panel=_OUT)
]
Unit = Annotated[str, option("EUR", "Unit of the costs, for texts and pages.", panel=_OUT, show_default=False)]
BurdenUnit = Annotated[
    str,
    option(
        "h",
        "Unit of what is shared; by default that of the costs, if these are shared.",
        panel=_OUT,
        show_default=False,
    ),
]
Proof = Annotated[
    Path | None,
    option("FILE", "Write a proof of the whole answer (.json.gz), for `python -m evenhand.check`.", panel=_OUT),
]
ProofToCheck = Annotated[
    Path | None, option("FILE", "The proof that `evenhand assign --proof` wrote.", "--proof", panel=_SEARCH)
]
_SHARDS = "A folder of shards"
Out = Annotated[
    Path | None,
    option(
        "FOLDER",
        "Write the plan into this folder, part by part; by default the name of the costs with -plan.",
        "--out",
        "-o",
        panel=_SHARDS,
        show_default=False,
    ),
]
Engine = Annotated[str, option("local|ray", "Work on the shards by threads, or on a Ray cluster.", panel=_SHARDS)]
Address = Annotated[
    str | None,
    option(
        "auto|local|HOST:PORT",
        "The Ray cluster: the one that is running here, a temporary one, or the one with this head.",
        panel=_SHARDS,
        show_default=False,
    ),
]
Quiet = Annotated[bool, flag("Print nothing but errors.", "--quiet", "-q", panel=_OUT)]
