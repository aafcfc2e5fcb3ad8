"""Tables of the benchmark on the terminal."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from rich.table import Table

from benchmarks.assignment.figures import grouped
from benchmarks.assignment.page import conditions
from benchmarks.assignment.sections import sections
from benchmarks.table import CONSOLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.assignment.figures import Row


def show(result: dict[str, Any]) -> None:
    """Print what was measured, all of it."""
    CONSOLE.print(conditions(result), highlight=False, soft_wrap=True)
    for section in sections(result):
        table = Table(title=f"{section.title}. {section.about}", title_justify="left", title_style="bold")
        for place, head in enumerate(section.heads):
            table.add_column(head, overflow="fold", justify="left" if place == 0 else "right")
        for line in section.lines:
            table.add_row(*line)
        CONSOLE.print(table)
    published, anchored = result["published"], result["anchored"]
    if published:
        CONSOLE.print(
            f"against {published['cases']} published costs: {published['cheaper']} cheaper, largest excess "
            f"{published['largest_excess']:+.1e}, {len(published['dearer'])} dearer by more than 1e-4"
        )
    if anchored:
        CONSOLE.print(f"known optima: {sum(row['agrees'] for row in anchored)} of {len(anchored)} agree")


def show_cuts(rows: Sequence[Row]) -> None:
    """Print the rounds of the relaxation by kind of cut."""
    table = Table(title="Rounds (milliseconds) until HiGHS has cut the relaxation, medians", title_justify="left")
    kinds = sorted({row["kind"] for row in rows})
    for head in ("p", "epsilon", *kinds):
        table.add_column(head, justify="right")
    for (p, epsilon), some in grouped(rows, lambda row: (row["p"], row["epsilon"])).items():
        cells = grouped(some, lambda row: row["kind"])
        table.add_row(f"{p:g}", f"{epsilon:g}", *(_rounds(cells[kind]) for kind in kinds))
    CONSOLE.print(table)


def _rounds(rows: list[Row]) -> str:
    return f"{median(row['rounds'] for row in rows):g} ({median(row['seconds'] for row in rows) * 1e3:.0f})"
