"""Tables of the benchmark on the terminal."""

from __future__ import annotations

import sys
from statistics import median
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Row = dict[str, Any]

CONSOLE = Console(width=None if sys.stdout.isatty() else 120)


def show_by_level(rows: Sequence[Row], title: str, cell: Callable[[list[Row]], str]) -> None:
    """Print a table with one line per p and one column per epsilon; `cell` condenses the rows of each."""
    CONSOLE.print(title)
    table = Table()
    epsilons = sorted({row["epsilon"] for row in rows})
    table.add_column("p", justify="right")
    for epsilon in epsilons:
        table.add_column(f"{epsilon:g}", justify="right")
    for p in sorted({row["p"] for row in rows}):
        groups = [[row for row in rows if (row["p"], row["epsilon"]) == (p, epsilon)] for epsilon in epsilons]
        table.add_row(f"{p:g}", *(cell(group) if group else "" for group in groups))
    CONSOLE.print(table)


def seconds(rows: list[Row], key: str = "seconds") -> str:
    """Return median / slowest, in milliseconds."""
    times = [row[key] for row in rows]
    return f"{median(times) * 1e3:.1f} / {max(times) * 1e3:.0f}"


def show_run(rows: Sequence[Row], summary: Row) -> None:
    """Print what was measured."""
    show_by_level(rows, "milliseconds, median / slowest (warm), by p and epsilon", seconds)
    show_by_level(rows, "median certified gap (without trust in the search)", _certified)
    for line in _lines(summary):
        CONSOLE.print(line, highlight=False, soft_wrap=True)


def show_peers(rows: Sequence[Row]) -> None:
    """Print evenhand beside its peer, case by case."""
    table = Table(
        title="evenhand beside HiGHS (rounds of one gradient cut), same machine, same run", title_justify="left"
    )
    for name in (
        "instance",
        "p",
        "epsilon",
        "evenhand s",
        "HiGHS s",
        "HiGHS",
        "gap",
        "rounds LP + MILP",
        "cost difference",
    ):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            str(row["instance"]),
            f"{row['p']:g}",
            f"{row['epsilon']:g}",
            f"{row['seconds']:.4f}",
            f"{row['peer_seconds']:.2f}",
            row["peer_status"],
            "-" if row["peer_gap"] is None else f"{row['peer_gap']:.1e}",
            f"{row['linear_rounds']} + {row['integer_rounds']}",
            "-" if row["difference"] is None else f"{row['difference']:+.1e}",
        )
    CONSOLE.print(table)


def show_anchors(rows: Sequence[Row]) -> None:
    """Print known optima beside ours."""
    CONSOLE.print("known optima beside ours, at a gap of 1e-6")
    table = Table()
    for name in ("instance", "p", "epsilon", "known optimum", "cost", "bound", "seconds", "agrees"):
        table.add_column(name, justify="right")
    for row in rows:
        numbers = (f"{row[key]:.4f}" for key in ("optimum", "cost", "lower_bound"))
        agrees = "yes" if row["agrees"] else "NO"
        table.add_row(
            str(row["instance"]), f"{row['p']:g}", f"{row['epsilon']:g}", *numbers, f"{row['seconds']:.3f}", agrees
        )
    CONSOLE.print(table)


def show_cuts(rows: Sequence[Row]) -> None:
    """Print the rounds of the relaxation by kind of cut."""
    for kind in sorted({row["kind"] for row in rows}):
        chosen = [row for row in rows if row["kind"] == kind]
        show_by_level(chosen, f"{kind} cuts: median rounds of the relaxation (milliseconds)", _rounds)


def _rounds(rows: list[Row]) -> str:
    return f"{median(row['rounds'] for row in rows):g} ({median(row['seconds'] for row in rows) * 1e3:.0f})"


def _certified(rows: list[Row]) -> str:
    gaps = [row["certified_gap"] for row in rows if row["certified_gap"] is not None]
    return f"{median(gaps):.1e}" if gaps else "-"


def _lines(summary: Row) -> list[str]:
    statuses = ", ".join(f"{count} {status}" for status, count in summary["statuses"].items())
    compiling = summary["peak_bytes_compiling"] / 1e6
    lines = [
        f"{summary['cases']} cases, asked gap {summary['gap']:g}: {statuses}",
        f"seconds: median {summary['median_seconds']:.4f}, "
        f"slowest {summary['slowest_seconds']:.3f} ({summary['slowest']})",
        f"largest gap {summary['largest_gap']:.2e}; certificate alone: "
        f"median {summary['median_certified_gap']:.1e}, largest {summary['largest_certified_gap']:.1e}",
        f"verified {summary['verified']} of {summary['cases']}, "
        f"median {summary['median_verify_seconds'] * 1e3:.0f} ms each",
        f"import {summary['import_seconds']:.2f} s; first call {summary['first_seconds_compiling']:.1f} s where all "
        f"is compiled anew, {summary['first_seconds']:.2f} s otherwise",
        f"peak memory {summary['peak_bytes'] / 1e6:.0f} MB ({compiling:.0f} MB compiling)",
    ]
    published = summary.get("published")
    if published:
        lines.append(
            f"against {published['cases']} published costs: {published['cheaper']} cheaper, largest excess "
            f"{published['largest_excess']:+.1e}, {published['dearer']} dearer by more than 1e-4"
        )
    return lines
