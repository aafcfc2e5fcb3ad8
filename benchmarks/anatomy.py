"""Measure where the time of an assignment goes: ``python -m benchmarks.anatomy``, part of ``make bench``.

It measures one pass over the table, one step of annealing, one exchange and one node on several sizes, and the gap that
the search reaches in a few seconds with and without its parts. The figures go to
`benchmarks/results/assignment-anatomy.json` and from there to `docs/explanation/search.md`;
`tests/benchmarks/test_anatomy.py` checks that page and results agree.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

import evenhand
from benchmarks import machine
from benchmarks.quote import put, table_head
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.cut_pool import CutPool
from evenhand.assignment.generated_instances import generate_plane
from evenhand.assignment.improve import Improver
from evenhand.assignment.kernels.vertex import dual_value
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.relaxation import Relaxation, Scaled
from evenhand.assignment.search import Search
from evenhand.assignment.solve_assignment import prepare
from evenhand.fairness.relative import relative_gap

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = (
    (5, 250, float("inf"), 0.99),
    (10, 500, 10.0, 0.99),
    (10, 500, float("inf"), 0.99),
    (20, 1000, 10.0, 0.99),
    (20, 1000, float("inf"), 0.99),
    (50, 5000, 2.0, 0.99),
)
"""Agents, tasks, p and epsilon of the generated cases; their seed is 1."""

SECONDS = 5.0
REPEATS = 5
PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "search.md"
RESULT = Path(__file__).parent / "results" / "assignment-anatomy.json"
HEADS = (
    "case",
    "relaxation",
    "cuts",
    "one pass over the table, µs",
    "the same, ns a pair",
    "annealing, ns a step",
    "exchange, ms",
    "node, µs",
    "gap after 5 s: the tree alone",
    "and annealing",
    "and exchanges",
)

Row = dict[str, Any]


class TreeAlone(Improver):
    """Leaves the incumbent to the tree."""

    def improve(self) -> int:
        """Do nothing, which counts as much as an annealing."""
        return 1_000_000


class AnnealingAlone(Improver):
    """Anneals again where others would exchange."""

    def exchange(self) -> None:
        """Anneal."""
        self.anneal()


class Watched(Improver):
    """An improver that notes how long each part takes."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.steps = 0
        self.annealing: list[float] = []
        self.exchanging: list[float] = []

    def anneal(self) -> int:
        """Anneal, and note steps and seconds."""
        begun = time.perf_counter()
        steps = super().anneal()
        self.annealing.append(time.perf_counter() - begun)
        self.steps += steps
        return steps

    def exchange(self) -> None:
        """Exchange, and note the seconds."""
        begun = time.perf_counter()
        super().exchange()
        self.exchanging.append(time.perf_counter() - begun)


def main() -> None:
    """Measure, print, write the result and the page."""
    prepare(None, Clock(None, None))
    rows = [measure(*case) for case in CASES]
    result = {"machine": machine.describe("numpy", "numba"), "cases": rows}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(quote(result))
    put(PAGE, quote(result))


def measure(agents: int, tasks: int, p: float, epsilon: float) -> Row:
    """Search one case for a few seconds and return how long each part took."""
    problem = build_problem(generate_plane(agents, tasks, 1).costs)
    fairness = evenhand.EpsilonFairness(epsilon, p=p)
    seconds = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        relaxation = _relaxed(problem, fairness)
        seconds.append(time.perf_counter() - begun)
    one_pass = _one_pass(relaxation)
    gaps = {
        improver.__name__: _run(problem, _relaxed(problem, fairness), improver)[0].gap
        for improver in (TreeAlone, AnnealingAlone)
    }
    search, watched = _run(problem, relaxation, Watched)
    elsewhere = search.seconds - sum(watched.annealing) - sum(watched.exchanging)
    return {
        "case": f"{agents} x {tasks}, p = {p:g}, epsilon = {epsilon:g}",
        "relaxation_seconds": median(seconds),
        "rounds": len(relaxation.pool.points),
        "pass_seconds": one_pass,
        "pair_seconds": one_pass / (agents * tasks),
        "step_seconds": sum(watched.annealing) / watched.steps if watched.steps else None,
        "exchange_seconds": median(watched.exchanging) if watched.exchanging else None,
        "node_seconds": elsewhere / search.nodes if search.nodes else None,
        "gaps": {**gaps, "all": search.gap},
    }


@dataclass(frozen=True)
class Ran:
    """How a search ended."""

    seconds: float
    nodes: int
    gap: float | None


def _run(problem: Any, relaxation: Relaxation, improver: Callable[..., Any]) -> tuple[Ran, Any]:
    """Search for some seconds with such an improver; return how it ended, and the improver."""
    clock = Clock(SECONDS, None)
    search = Search(problem, relaxation, gap=0.0, clock=clock)
    search._improver = improver(search, relaxation, clock, 0)
    search.begin(-np.inf)
    search.run()
    gap = None if search.best is None else relative_gap(search.cost, search.bound)
    return Ran(clock.seconds, search.nodes, gap), search._improver


def _relaxed(problem: Any, fairness: evenhand.Fairness) -> Relaxation:
    relaxation = Relaxation(Scaled.of(problem), CutPool(fairness, len(problem.agents)))
    relaxation.solve(Clock(None, None), 1e-4)
    return relaxation


def _one_pass(relaxation: Relaxation) -> float:
    """Return the seconds of one evaluation of the bound, which looks at every pair once."""
    scaled, times = relaxation.scaled, []
    for _ in range(50):
        begun = time.perf_counter()
        dual_value(scaled.costs, scaled.allowed, relaxation.vertex.price)
        times.append(time.perf_counter() - begun)
    return median(times)


def quote(result: dict[str, Any]) -> str:
    """Return the page's table for a result."""
    lines = table_head("anatomy", result["machine"], HEADS)
    for row in result["cases"]:
        cells = (
            row["case"],
            f"{row['relaxation_seconds'] * 1e3:.1f} ms",
            str(row["rounds"]),
            f"{row['pass_seconds'] * 1e6:.1f}",
            f"{row['pair_seconds'] * 1e9:.2f}",
            _cell(row["step_seconds"], 1e9),
            _cell(row["exchange_seconds"], 1e3),
            _cell(row["node_seconds"], 1e6),
            *(_gap(row["gaps"][name]) for name in (TreeAlone.__name__, AnnealingAlone.__name__, "all")),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(seconds: float | None, unit: float) -> str:
    return "-" if seconds is None else f"{seconds * unit:.3g}"


def _gap(gap: float | None) -> str:
    return "no assignment" if gap is None else f"{gap:.1e}"


if __name__ == "__main__":
    main()
