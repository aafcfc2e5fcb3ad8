"""The numbers behind each picture, once: the charts draw them and the tables under the charts list them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evenhand.fairness import Frontier, FrontierPoint
from evenhand.fairness.relative import relative_price
from evenhand.report.band import allowed_band, fair_shares
from evenhand.report.formats import order
from evenhand.tables import CostTable

if TYPE_CHECKING:
    from evenhand.assignment.assignment_result import Assignment


@dataclass(frozen=True, slots=True)
class LoadRow:
    """What one agent carries.

    Attributes
    ----------
    agent
        Its name.
    load, share
        What it carries, and its fair share of the total; unit of the burdens.
    low, high
        The least and the most it may carry of the same total.
    excess
        load / share - 1: 0.03 is 3 % above the fair share.
    tasks
        How many tasks it has.
    """

    agent: str
    load: float
    share: float
    low: float
    high: float
    excess: float
    tasks: int


def load_rows(answer: Assignment) -> list[LoadRow]:
    """Return one row per agent, the most loaded for its share first; empty where there is no assignment."""
    if answer.loads is None or answer.assignment is None:
        return []
    loads = np.asarray(answer.loads, dtype=np.float64)
    shares = fair_shares(answer.fairness, loads)
    bands = allowed_band(answer.fairness, loads)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.where(shares > 0, loads / shares - 1, 0.0)
    tasks = np.bincount(answer.assignment, minlength=len(loads))
    rows = [
        LoadRow(name, float(x), float(s), float(low), float(high), float(e), int(k))
        for name, x, s, (low, high), e, k in zip(answer.agents, loads, shares, bands, excess, tasks, strict=True)
    ]
    return sorted(rows, key=lambda row: -row.excess)


def asks_something(rows: Sequence[LoadRow]) -> bool:
    """Tell whether the rule keeps any single load from anything between nothing and all."""
    total = sum(row.load for row in rows)
    return any(row.low > 1e-9 * total or row.high < (1 - 1e-9) * total for row in rows)


def paid_costs(answer: Assignment, table: CostTable) -> NDArray[np.float64]:
    """Return the cost of each task under the assignment, shape (m,)."""
    assert answer.assignment is not None
    return np.asarray(table.values[answer.assignment, np.arange(len(answer.assignment))], dtype=np.float64)


def sampled_tasks(assignment: NDArray[np.intp], limit: int) -> NDArray[np.intp]:
    """Return positions of at most `limit` tasks, each agent in proportion, the same ones every time."""
    if len(assignment) <= limit:
        return np.arange(len(assignment))
    by_agent = np.argsort(assignment, kind="stable")
    return np.sort(by_agent[np.linspace(0, len(assignment) - 1, limit).astype(np.intp)])


def price_rows(frontiers: Sequence[Frontier]) -> list[dict[str, Any]]:
    """Return one row per point: series, level, status, cost, bound, price and the loads' dispersion."""
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
    """Name a frontier as legends do: ``p = 2`` (unbreakable), or the measure where there is no order."""
    if frontier.p is None:
        return frontier.measure
    return f"p\u00a0=\u00a0{order(frontier.p)}"


def _price_bound(frontier: Frontier, point: FrontierPoint) -> float | None:
    if point.bound is None:
        return None
    return relative_price(point.bound, frontier.base_cost, maximise=frontier.maximise)
