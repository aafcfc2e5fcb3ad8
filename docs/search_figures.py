"""Redraw the picture of the search in the docs: ``python -m docs.search_figures``, or ``make figures``.

What is the best assignment known, and what is proven, after so many seconds? Two cases of the paper's kind: one that is
closed and one that is not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt

import evenhand
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.generated_instances import generate_plane
from evenhand.assignment.progress_clock import Clock, Progress
from evenhand.assignment.solve_assignment import prepare, solve
from evenhand.report.answer_charts import save_chart

IMAGES = Path(__file__).parent / "images"
CASES = ((5, 250, 0.99), (10, 500, 0.9))
"""Agents, tasks and epsilon, at p = infinity, the hardest order."""

SECONDS = 10.0
FIRST = 1e-3
"""Where the time axis begins; what was known by then stands there."""

SECONDS_AXIS = alt.Axis(title="seconds", values=[0.001, 0.01, 0.1, 1, 10], format="~g")


def main() -> None:
    """Solve both cases, listening all the while, and save the picture as SVG."""
    prepare(None)
    charts = [_chart(*case) for case in CASES]
    chart = alt.hconcat(*charts).properties(background="white", padding=16)
    save_chart(chart, IMAGES / "search.svg")


def trace(agents: int, tasks: int, epsilon: float) -> list[Progress]:
    """Return all that a solve of one generated case tells on its way, its end last."""
    heard: list[Progress] = []
    problem = build_problem(generate_plane(agents, tasks, 1).costs)
    fairness = evenhand.EpsilonFairness(epsilon, p=float("inf"))
    clock = Clock(SECONDS, heard.append, every=0.0)
    answer, _ = solve(problem, fairness, gap=1e-4, clock=clock)
    heard.append(Progress("end", clock.seconds, answer.cost, answer.bound, answer.gap, 0))
    return heard


def _chart(agents: int, tasks: int, epsilon: float) -> alt.LayerChart:
    heard = trace(agents, tasks, epsilon)
    best = heard[-1].cost
    assert best is not None
    rows: list[dict[str, Any]] = []
    for progress in heard:
        for what, value in (("best assignment", progress.cost), ("proven bound", progress.bound)):
            if value is not None:
                seconds = max(progress.seconds, FIRST)
                rows.append({"seconds": seconds, "percent": 100 * (value / best - 1), "what": what})
    lines = (
        alt.Chart(alt.Data(values=_thinned(rows)))
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("seconds:Q", scale=alt.Scale(type="log", domain=[FIRST, SECONDS]), axis=SECONDS_AXIS),
            y=alt.Y(
                "percent:Q", title="% above the best in the end", scale=alt.Scale(domain=[-0.15, 0.15], clamp=True)
            ),
            color=alt.Color("what:N", title=None, legend=alt.Legend(orient="top")),
        )
    )
    status = f"closed to 1e-4 after {heard[-1].seconds:.2g} s" if (heard[-1].gap or 0) <= 1e-4 else "open after 10 s"
    title = f"{agents} agents, {tasks} tasks, p = inf, epsilon = {epsilon:g}: {status}"
    zero = alt.Chart(alt.Data(values=[{"y": 0}])).mark_rule(color="#999", strokeDash=[2, 3]).encode(y="y:Q")
    return (zero + lines).properties(width=330, height=260, title=alt.Title(title, fontSize=12))


def _thinned(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows at which a line changes, and its last."""
    kept: list[dict[str, Any]] = []
    for what in ("best assignment", "proven bound"):
        own = [row for row in rows if row["what"] == what]
        kept += [row for before, row in zip([None, *own], own, strict=False) if _differs(before, row)]
        kept.append(own[-1])
    return kept


def _differs(before: dict[str, Any] | None, row: dict[str, Any]) -> bool:
    return before is None or before["percent"] != row["percent"]


if __name__ == "__main__":
    main()
