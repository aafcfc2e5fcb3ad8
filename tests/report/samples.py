"""Small answers, made by hand: the engine plays no part in the tests of its pictures."""

from __future__ import annotations

import numpy as np

from evenhand.assignment.assignment_result import Assignment, Certificate
from evenhand.fairness import EpsilonFairness, Frontier
from evenhand.fairness.frontier_result import FrontierPoint
from evenhand.tables import CostTable

HOSTILE = (
    "<script>document.documentElement.dataset.owned='yes'</script>",
    "</script><img src=x onerror=\"document.documentElement.dataset.owned='yes'\">",
    "${alert(1)} & 'quoted' \"names\" datum.x",
    "Łódź 北京 \u202e",
)


def make_table(n: int = 4, m: int = 12, names: tuple[str, ...] | None = None, *, places: bool = True) -> CostTable:
    """Distances between places drawn with a fixed seed."""
    draw = np.random.default_rng(7)
    agents, tasks = draw.uniform(0, 100, (n, 2)).round(2), draw.uniform(0, 100, (m, 2)).round(2)
    costs = np.linalg.norm(agents[:, None] - tasks[None], axis=2).round(4)
    names = names or tuple(f"team {k}" for k in range(n))
    where = (agents, tasks) if places else (None, None)
    return CostTable(costs, names, tuple(f"visit {j}" for j in range(m)), *where, "visits.csv")


def make_answer(table: CostTable, **changes: object) -> Assignment:
    """Tasks dealt out in turn."""
    n, m = table.values.shape
    who = np.arange(m) % n
    loads = np.bincount(who, weights=table.values[who, np.arange(m)], minlength=n)
    cost = float(loads.sum())
    fields: dict[str, object] = {
        "status": "optimal",
        "assignment": who,
        "loads": loads,
        "cost": cost,
        "bound": cost * (1 - 8e-5),
        "certified_gap": 2e-4,
        "fairness": EpsilonFairness(0.5, p=2),
        "certificate": Certificate("bound", np.ones(2), np.ones((2, n))),
        "seconds": 0.25,
        "agents": table.agents,
        "tasks": table.tasks,
    }
    return Assignment(**{**fields, **changes})  # type: ignore[arg-type]


def make_frontier(p: float, agents: tuple[str, ...]) -> Frontier:
    """Two levels solved and one refuted."""
    n = len(agents)
    points = (
        FrontierPoint(0.0, "optimal", 100.0, 100.0, 0.0, (25.0,) * n, 0.5, 0.8, 40.0, 0.0, 0.1),
        FrontierPoint(0.6, "optimal", 103.0, 102.9, 1e-3, (25.0,) * n, 0.1, 0.99, 30.0, 0.03, 0.1),
        FrontierPoint(0.99, "infeasible", None, None, None, (), None, None, None, None, 0.1),
    )
    return Frontier("epsilon", p, agents, 100.0, points)
