"""The cheapest assignment without fairness, exactly: each task goes to the agent that does it cheapest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.cli.inputs import Given


def cheapest(given: Given) -> tuple[float, NDArray[np.intp]]:
    """Return the least cost with the locked tasks as they are, and the agent of each task, length m."""
    table = given.costs
    agents = table.values.argmin(axis=0)
    for task, agent in (given.locked or {}).items():
        agents[table.tasks.index(task)] = table.agents.index(agent)
    return float(table.values[agents, np.arange(len(agents))].sum()), agents


def price(cost: float | None, base: float) -> float | None:
    """Return by which share `cost` exceeds the `base`; None where either says nothing."""
    if cost is None or base == 0:
        return None
    return cost / base - 1
