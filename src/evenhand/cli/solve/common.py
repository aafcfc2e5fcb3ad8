"""Options, outputs and exit codes that the commands of ``evenhand solve`` have in common."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from evenhand.cli import options
from evenhand.cli.door import stopped_by
from evenhand.cli.options import flag, option
from evenhand.cli.outputs import check_outputs, write_values
from evenhand.fairness.relative import relative_price
from evenhand.modeling import Fairest
from evenhand.modeling.rounds import Progress
from evenhand.visible import shown_name, visible

if TYPE_CHECKING:
    from evenhand.applications.generalised_assignment import GeneralisedAssignment
    from evenhand.applications.load_shedding import LoadShedding
    from evenhand.applications.rosters import Roster
    from evenhand.applications.routes import RoutePlan
    from evenhand.applications.salesmen import Tours

    WithLoads = GeneralisedAssignment | LoadShedding | RoutePlan | Tours
    Result = WithLoads | Roster

Picture = Annotated[Path | None, option("FILE", "Draw the answer: .svg or .png.", "--picture", panel="Output")]
FairestToo = Annotated[
    bool, flag("Then also search for the fairest possible level, and show it.", "--show-fairest", panel="How fair")
]
Solver = Annotated[str, option("highs|scip|gurobi", "Solver to use.", "--solver", panel="The search")]
Gap = options.Gap
TimeLimit = options.TimeLimit


def check_files(json: Path | None, picture: Path | None, data: Path) -> None:
    """Raise an error unless the outputs can be written and the plotting libraries are installed."""
    from evenhand.report import page_libraries

    check_outputs({"--json": json, "--picture": picture}, {"the data": data})
    if picture is not None:
        page_libraries.altair()
        page_libraries.vl_convert()
        if picture.suffix.lower() not in {".svg", ".png"}:
            from evenhand.errors import InputError

            raise InputError(f"--picture {picture}: a picture's name ends in .png or .svg")


def write(result: Result, json: Path | None, picture: Path | None, chart: str) -> None:
    """Write the JSON file and the picture that were asked for; `chart` names its function in `report.applications`."""
    write_values(json, result.to_dict)
    if picture is not None and result.status != "infeasible":
        from evenhand.report import applications
        from evenhand.report.answer_charts import save_chart

        save_chart(getattr(applications, chart)(result), picture)


@contextlib.contextmanager
def progress(title: str, gap: float, *, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """Show a progress bar; yield a function that accepts the progress reports of :mod:`evenhand.modeling`."""
    from evenhand.cli.progress_bar import ProgressBar, Report

    with ProgressBar(title, gap, show=not quiet) as bar:
        yield lambda report: bar(Report(report.phase, report.objective, report.bound))


class Clock:
    """Divides a command's time limit: half for the answer and the rest for the fairest, or all for the answer.

    Parameters
    ----------
    time_limit
        Time limit in seconds; None for no limit.
    fairest
        Whether the fairest possible solution is searched for after the answer.

    Raises
    ------
    InputError
        If the limit is not a positive number.
    """

    def __init__(self, time_limit: float | None, *, fairest: bool) -> None:
        from evenhand.number_checks import check_time_limit

        check_time_limit(time_limit)
        self._begun, self.time_limit, self._fairest = time.perf_counter(), time_limit, fairest

    def for_answer(self) -> float | None:
        """Return the seconds for the answer."""
        return self.time_limit if self.time_limit is None or not self._fairest else 0.5 * self.time_limit

    def left(self) -> float | None:
        """Return the seconds that are left, at least a twentieth of all."""
        if self.time_limit is None:
            return None
        return max(self.time_limit - (time.perf_counter() - self._begun), 0.05 * self.time_limit)


def search_fairest(
    search: Callable[..., Fairest], result: WithLoads, json: Path | None, clock: Clock, *, quiet: bool, **how: Any
) -> None:
    """Search for the fairest possible solution, print it, and add it to the answer's file.

    Parameters
    ----------
    search
        Function that searches for it; called with `how`, ``time_limit`` and ``progress``.
    result
        The answer. If Ctrl-C ended it, there is no further search.
    json
        The answer's file; None if it was not written.
    clock
        The command's time limit.
    quiet
        Whether to print nothing.
    how
        Further arguments of `search`.
    """
    from evenhand.cli.progress_bar import ProgressBar, Report
    from evenhand.cli.show import show_facts

    best = None
    if not result.interrupted:
        with ProgressBar("fairest", 1.0, show=not quiet) as bar:

            def report(bracket: Fairest) -> None:
                bar(Report(f"possible {bracket.possible}, impossible {bracket.impossible or 'not known'}"))

            best = search(time_limit=clock.left(), progress=report, **how)
        if result.loads is not None and result.fairness is not None:
            best = best.with_known(result.fairness, result.loads)
    write_values(json, lambda: result.to_dict() | {"fairest": None if best is None else best.to_dict()})
    if not quiet:
        stopped = "stopped by the time limit" if clock.time_limit is not None else "the search gave up"
        show_facts(
            [("Fairest possible", f"not searched for, after {stopped_by()}")]
            if best is None
            else fairest_facts(best, stopped)
        )


def fairest_facts(best: Fairest, stopped: str) -> list[tuple[str, str]]:
    """Return facts on the fairest possible solution; `stopped` says why the search ended, unless it was Ctrl-C."""
    from evenhand.cli.show import bracket_facts, fairness_in_words, option_of

    if best.status == "infeasible":
        return [("Fairest possible", "none: the problem has no solution, fair or not")]
    stopped = f"stopped by {stopped_by()}" if best.interrupted else stopped
    if best.fairness is None or best.possible is None:
        return [("Fairest possible", f"not known: {stopped} before any solution was found")]
    facts = [
        (word.capitalize(), fact)
        for word, fact in bracket_facts(best.fairness, best.possible, best.impossible, "solution")
    ]
    equal = best.fairness.parameter_range(len(best.loads))[1] if best.loads is not None else None
    if best.status == "optimal" and (best.impossible is not None or best.reached == equal):
        reached = f"{option_of(best.fairness, best.possible)} ({fairness_in_words(best.fairness, best.possible)})"
        return [("Fairest possible", reached), *facts[1:]]
    if best.status == "optimal":
        stopped = "closer than the search tells apart"
    open_ = "what lies between these" if best.impossible is not None else "anything stricter, up to equal loads"
    return [*facts, ("Undecided", f"{open_}: {stopped}")]


def status_facts(result: Result, *, found: bool, has_fairest: bool) -> list[tuple[str, str]]:
    """Return the status in words, with a hint at ``--show-fairest`` if nothing is fair enough and it was not given."""
    words = result.status.replace("_", " ")
    if result.interrupted:
        words = f"stopped by {stopped_by()}: {'the best so far' if found else 'none found, none excluded'}"
    elif result.status == "time_limit":
        words = f"stopped by the time limit: {'the best so far' if found else 'none found, none excluded'}"
    if result.status == "infeasible" and result.fairness is not None and not has_fairest:
        words = "infeasible: nothing is fair enough, or nothing is possible at all (--show-fairest tells which)"
    return [("Status", words)]


def beyond_bound(result: Result, than: str) -> str:
    """Return how far the total is at most from the best possible, to be put behind it; empty if nothing is proven.

    Parameters
    ----------
    result
        The answer.
    than
        What the best is: ``above the cheapest``.
    """
    from evenhand.cli.readable_numbers import number, percent

    if result.cost is None or result.bound is None:
        return ""
    beyond = relative_price(result.cost, result.bound, maximise=result.maximise)
    if beyond is None or result.cost * result.bound < 0:
        return f"; the proven bound is {number(result.bound)}"
    rounded_up = math.ceil(1e4 * share(beyond) - 1e-9) / 1e4
    return f", at most {percent(rounded_up)} {than}"


def value_facts(result: WithLoads, total: tuple[str, str], price: str = "") -> list[tuple[str, str]]:
    """Return the total, the price of fairness, with `price` after it, and the dispersion of a result with loads."""
    from evenhand.cli.readable_numbers import percent

    facts = [total]
    if result.fairness is not None and result.price is not None:
        facts.append(("Price of fairness", f"{percent(share(result.price))}{price}"))
    return [*facts, ("Shared", f"cv {result.cv:.3f}, Jain's index {result.jain:.3f}, Gini {result.gini:.3f}")]


BAR, LEAST_BAR = 24, 6
"""Width of a full bar in cells, and the smallest width; with less room there are no bars, but all numbers."""


def show_bars(
    heads: Sequence[str],
    rows: Sequence[tuple[Sequence[str], float]],
    *,
    left: Sequence[int] = (),
    last: tuple[str, Sequence[str]] | None = None,
) -> None:
    """Print a table whose rows end in a bar, if the terminal is wide enough.

    Parameters
    ----------
    heads
        Headings of the columns before the bar.
    rows
        Cells of each row, and the fraction that its bar fills.
    left
        Positions of text columns; the others are right-aligned and never cut.
    last
        Heading and cells of a column after the bars, which is wrapped to the remaining width.
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
    """Return a relative gap or price, with rounding errors set to 0."""
    return value if value > 1e-9 else 0.0
