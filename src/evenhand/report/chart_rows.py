"""Compute the numbers behind each chart; the charts draw them, and the tables below the charts list them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evenhand.fairness import Frontier, FrontierPoint
from evenhand.fairness.registry import MEMBERS
from evenhand.fairness.relative import relative_price
from evenhand.report.formats import order
from evenhand.tables import CostTable

if TYPE_CHECKING:
    from evenhand.assignment.assignment_result import Assignment

from evenhand.fairness import Fairness


@dataclass(frozen=True, slots=True)
class LoadRow:
    """The load of one agent.

    Attributes
    ----------
    agent
        Name of the agent.
    load, share
        Its load, and its fair share of the total load, in the unit of the burdens.
    low, high
        Smallest and largest load that the rule allows it, for the same total load; 0 if the rule only caps loads, and
        the total load if it only asks for a least one.
    excess
        ``load / share - 1``; 0.03 means 3 % above the fair share.
    tasks
        Number of its tasks; None if the plan stands elsewhere.
    carried
        The part of the load that it carried before.
    cheapest
        Its load in the cheapest plan without a rule; None if that plan is not known.
    """

    agent: str
    load: float
    share: float
    low: float
    high: float
    excess: float
    tasks: int | None
    carried: float = 0.0
    cheapest: float | None = None


def load_rows(
    answer: Assignment, carried: Sequence[float] | None = None, cheapest: NDArray[np.float64] | None = None
) -> list[LoadRow]:
    """Return a row per agent, ordered by descending excess; an empty list if there is no assignment.

    `carried` and `cheapest`, n numbers each, are the loads from before, and those of the cheapest plan.
    """
    if answer.loads is None:
        return []
    loads = np.asarray(answer.loads, dtype=np.float64)
    shares = fair_shares(answer.fairness, loads)
    bands = spoken_of(answer.fairness, allowed_band(answer.fairness, loads), float(loads.sum()))
    before: Sequence[float] = [0.0] * len(loads) if carried is None else carried
    base: Sequence[float | None] = [None] * len(loads) if cheapest is None else cheapest.tolist()
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.where(shares > 0, loads / shares - 1, 0.0)
    counts = None if answer.assignment is None else np.bincount(answer.assignment, minlength=len(loads)).tolist()
    tasks: Sequence[int | None] = [None] * len(loads) if counts is None else counts
    rows = [
        LoadRow(name, float(x), float(s), float(low), float(high), float(e), k, b, c)
        for name, x, s, (low, high), e, k, b, c in zip(
            answer.agents, loads, shares, bands, excess, tasks, before, base, strict=True
        )
    ]
    return sorted(rows, key=lambda row: -row.excess)


def spoken_of(fairness: Fairness, bands: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """Return bands (n, 2) without the edges that a rule does not state, and that only follow from the other edge."""
    caps = fairness.name in ("max_over_mean", "top_share") or getattr(fairness, "p", None) == np.inf
    if caps:
        return np.column_stack([np.zeros(len(bands)), bands[:, 1]])
    if fairness.name == "least_over_mean":
        return np.column_stack([bands[:, 0], np.full(len(bands), total)])
    return bands


def positions_of(table: CostTable, locked: Mapping[str, str]) -> dict[int, int]:
    """Return locked tasks and their agents as positions."""
    if not locked:
        return {}
    tasks, agents = ({name: k for k, name in enumerate(names)} for names in (table.tasks, table.agents))
    return {tasks[task]: agents[agent] for task, agent in locked.items()}


def cheapest_loads(
    table: CostTable,
    burdens: CostTable | None,
    carried: Sequence[float] | None,
    locked: Mapping[int, int],
    *,
    maximise: bool,
) -> NDArray[np.float64]:
    """Return the loads of the cheapest plan without a rule, shape (n,): each task to whoever costs least, or is locked.

    `locked` maps positions of tasks to positions of agents. Among equally cheap agents, the first one gets the task.
    """
    values = table.values
    keys = np.where(np.isfinite(values), values, -np.inf).argmax(axis=0) if maximise else values.argmin(axis=0)
    for task, agent in locked.items():
        keys[task] = agent
    shared = (table if burdens is None else burdens).values[keys, np.arange(len(keys))]
    loads = np.bincount(keys, shared, minlength=len(values)).astype(np.float64)
    return loads if carried is None else loads + np.asarray(carried)


def asks_something(rows: Sequence[LoadRow]) -> bool:
    """Return whether the rule limits the load of any single agent."""
    total = sum(row.load for row in rows)
    return limits_above(rows) or any(row.low > 1e-9 * total for row in rows)


def limits_above(rows: Sequence[LoadRow]) -> bool:
    """Return whether the rule caps the load of any single agent."""
    total = sum(row.load for row in rows)
    return any(row.high < (1 - 1e-9) * total for row in rows)


def paid_costs(answer: Assignment, table: CostTable) -> NDArray[np.float64]:
    """Return the cost of each task under the assignment, shape (m,)."""
    assert answer.assignment is not None
    return np.asarray(table.values[answer.assignment, np.arange(len(answer.assignment))], dtype=np.float64)


def sampled_tasks(assignment: NDArray[np.intp], limit: int) -> NDArray[np.intp]:
    """Return the positions of at most `limit` tasks, a deterministic sample in proportion to each agent's tasks."""
    if len(assignment) <= limit:
        return np.arange(len(assignment))
    by_agent = np.argsort(assignment, kind="stable")
    return np.sort(by_agent[np.linspace(0, len(assignment) - 1, limit).astype(np.intp)])


def price_rows(frontiers: Sequence[Frontier]) -> list[dict[str, Any]]:
    """Return a row per point with series, level, status, cost, bound, price and the loads' dispersion."""
    return [
        {
            "series": series_name(frontier),
            "level": point.parameter,
            "status": point.status,
            "cost": point.cost,
            "bound": point.bound,
            "price": point.price,
            "price_bound": _price_bound(frontier, point),
            "cv": point.cv,
            "jain": point.jain,
            "largest": point.largest_load,
        }
        for frontier in frontiers
        for point in frontier.points
    ]


def series_name(frontier: Frontier) -> str:
    """Return a frontier's name in legends: ``p = 2``, with non-breaking spaces, or without an order what it bounds."""
    if frontier.p is None:
        return measured(frontier)
    return f"p\u00a0=\u00a0{order(frontier.p)}"


def measured(frontier: Frontier) -> str:
    """Return what a frontier's levels bound, in words; the name of a member that is not the library's own."""
    member = MEMBERS.get(frontier.measure)
    return frontier.measure if member is None else member.words.quantity


def _price_bound(frontier: Frontier, point: FrontierPoint) -> float | None:
    if point.bound is None:
        return None
    return relative_price(point.bound, frontier.base_cost, maximise=frontier.maximise)


_BISECTIONS = 50
"""Number of halvings of the interval in which a share's limit lies; 2^-50 of its width is within rounding."""


def fair_shares(fairness: Fairness, loads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the fair share of the total load for each agent, shape (n,), in the unit of the loads."""
    weights = _weights(fairness, len(loads))
    return float(loads.sum()) * weights


def allowed_band(fairness: Fairness, loads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the smallest and the largest load that the rule allows each agent, for the same total load.

    The other agents are assumed to share the rest evenly (by entitlement). That is the best case: a measure of
    dispersion is convex and symmetric, so averaging the others never increases it. Hence no fair assignment with the
    same total has a load outside the band, whereas loads inside it need not be fair together.

    Parameters
    ----------
    fairness
        The rule.
    loads
        Shape (n,); only their sum and number matter.

    Returns
    -------
    NDArray[np.float64]
        Shape (n, 2): smallest and largest load, in the unit of the loads.
    """
    weights = _weights(fairness, len(loads))
    # Agents with the same entitlement have the same band, so it is computed once per entitlement.
    _, first, kind = np.unique(weights, return_index=True, return_inverse=True)
    lowest = _edge(fairness, weights, first, np.zeros(len(first)))
    highest = _edge(fairness, weights, first, np.ones(len(first)))
    return float(loads.sum()) * np.column_stack([lowest, highest])[kind]


def _weights(fairness: Fairness, n: int) -> NDArray[np.float64]:
    entitlements = np.ones(n) if fairness.entitlements is None else np.asarray(fairness.entitlements, dtype=np.float64)
    scaled = entitlements / entitlements.max()
    return np.asarray(scaled / scaled.sum(), dtype=np.float64)


def _edge(
    fairness: Fairness, weights: NDArray[np.float64], who: NDArray[np.intp], limit: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the share nearest to `limit` that the rule allows each agent in `who`, by bisection from the fair share.

    The fair share is in the cone and the cone is convex, so the allowed shares form an interval around it.
    """
    inside, outside = weights[who].copy(), limit.copy()
    free = _fair_at(fairness, weights, who, outside)
    inside[free] = outside[free]
    for _ in range(_BISECTIONS):
        middle = (inside + outside) / 2
        fair = _fair_at(fairness, weights, who, middle)
        inside, outside = np.where(fair, middle, inside), np.where(fair, outside, middle)
    return inside


def _fair_at(
    fairness: Fairness, weights: NDArray[np.float64], who: NDArray[np.intp], share: NDArray[np.float64]
) -> NDArray[np.bool_]:
    rest = (1 - share) / (1 - weights[who])
    loads = rest[:, None] * weights[None, :]
    loads[np.arange(len(who)), who] = share
    return np.asarray(fairness.contains(loads), dtype=np.bool_)
