"""What the commands of ``evenhand solve`` share: options, outputs, exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol

from evenhand.cli import options
from evenhand.cli.exits import INFEASIBLE, INTERRUPTED, NO_ASSIGNMENT, OK
from evenhand.cli.options import flag, option
from evenhand.cli.outputs import check_outputs
from evenhand.fairness import Fairness
from evenhand.modeling import Fairest
from evenhand.visible import shown_name, visible

Picture = Annotated[Path | None, option("FILE", "Draw the answer: .svg or .png.", "--picture", panel="Output")]
FairestToo = Annotated[bool, flag("Also tell the fairest that is possible.", "--fairest", panel="How fair")]
Solver = Annotated[str, option("highs|scip|gurobi", "Which solver.", "--solver", panel="The search")]
Gap = options.Gap
TimeLimit = options.TimeLimit


class Result(Protocol):
    """What the commands ask of an application's result."""

    @property
    def status(self) -> str:
        """``optimal``, ``infeasible``, ``time_limit``, ..."""

    @property
    def fairness(self) -> Fairness | None:
        """What was asked for."""

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the search."""

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON values."""


def hush_solvers() -> None:
    """Let HiGHS print its banner now, where nobody sees it: it prints one when first made in a process."""
    from evenhand.modeling.library_imports import require

    highspy = require("highspy")
    sys.stdout.flush()
    terminal = os.dup(1)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            highspy.Highs()
    finally:
        os.dup2(terminal, 1)
        os.close(terminal)


def check_files(json: Path | None, picture: Path | None, data: Path) -> None:
    """Raise unless the outputs can be written and the libraries that draw are there."""
    from evenhand.report import page_libraries

    check_outputs({"--json": json, "--picture": picture}, {"the data": data})
    if picture is not None:
        page_libraries.altair()
        page_libraries.vl_convert()
        if picture.suffix.lower() not in {".svg", ".png"}:
            from evenhand.errors import InputError

            raise InputError(f"--picture {picture}: a picture's name ends in .png or .svg")


def write(result: Result, json: Path | None, picture: Path | None, chart: Callable[[], Any]) -> None:
    """Write what was asked for; `chart` draws the answer."""
    from evenhand.tables import write_json

    if json is not None:
        write_json(json, result.to_dict())
    if picture is not None and result.status != "infeasible":
        from evenhand.report.answer_charts import save_chart

        save_chart(chart(), picture)


def fairest_facts(best: Fairest) -> list[tuple[str, str]]:
    """Return what there is to say about the fairest that is possible."""
    from evenhand.cli.show import option_of

    if best.fairness is None or best.possible is None:
        return [("Fairest possible", "none: the problem has no solution, fair or not")]
    facts = [("Fairest possible", option_of(best.fairness, best.possible))]
    if best.impossible is not None:
        facts.append(("Impossible", f"anything stricter than {best.impossible}"))
    return facts


def status_facts(result: Result, *, found: bool, told: bool) -> list[tuple[str, str]]:
    """Return the status in words, with what to do where nothing is fair enough and the fairest is not `told`."""
    words = result.status.replace("_", " ")
    if result.interrupted:
        words = f"stopped by Ctrl-C: {'the best so far' if found else 'none found, none excluded'}"
    elif result.status == "time_limit":
        words = f"stopped by the time limit: {'the best so far' if found else 'none found, none excluded'}"
    if result.status == "infeasible" and result.fairness is not None and not told:
        words = "infeasible: nothing is fair enough, or nothing is possible at all (--fairest tells)"
    return [("Status", words)]


BAR, LEAST_BAR = 24, 6
"""Cells of a full bar where there is room, and the fewest: with less room there is none, but every number."""


def show_bars(
    heads: Sequence[str],
    rows: Sequence[tuple[Sequence[str], float]],
    *,
    left: Sequence[int] = (),
    last: tuple[str, Sequence[str]] | None = None,
) -> None:
    """Print a table whose rows end in a bar of their share (0 to 1), as long as the terminal has room for.

    Parameters
    ----------
    heads
        Of the columns before the bar.
    rows
        Cells, and the share.
    left
        Columns of words; numbers stand to the right, and are never cut.
    last
        Head and cells of a column behind the bars, which is folded to the room that is left.
    """
    from rich.table import Table
    from rich.text import Text

    from evenhand.cli.show import bar, console

    terminal = console()
    widths = [max(map(len, column)) + 2 for column in zip(heads, *(cells for cells, _ in rows), strict=True)]
    room = terminal.width - sum(widths) - (2 + max(len(last[0]), BAR) if last else 0)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for position, head in enumerate(heads):
        words = position in left
        table.add_column(head, justify="left" if words else "right", overflow="fold", no_wrap=not words)
    length = min(room, BAR if last is None else BAR // 2)
    if length >= LEAST_BAR:
        table.add_column("", no_wrap=True)
    if last is not None:
        table.add_column(last[0], overflow="fold")
    for position, (cells, share) in enumerate(rows):
        drawn = [bar(share, length)] if length >= LEAST_BAR else []
        names = (shown_name(cell) for cell in cells)
        table.add_row(*map(Text, (*names, *drawn, *([visible(last[1][position])] if last else []))))
    terminal.print(table)


def share(value: float) -> float:
    """Return a relative gap or price without the noise of rounding."""
    return value if value > 1e-9 else 0.0


def exit_code(result: Result, *, found: bool) -> int:
    """Return the exit code that belongs to a result."""
    if found:
        return OK
    if result.status == "infeasible":
        return INFEASIBLE
    return INTERRUPTED if result.interrupted else NO_ASSIGNMENT
