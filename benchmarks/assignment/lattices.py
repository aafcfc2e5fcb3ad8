"""Cases of equal or few-valued burdens, such as shifts, parcels and visits of whole quarters of an hour.

A case's number determines everything: size, costs, burdens, member and parameter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evenhand.assignment.generated_instances import Instance
from evenhand.fairness import EpsilonFairness, TopShareAtMost
from evenhand.fairness.registry import MEMBERS
from evenhand.tables.cost_table import CostTable
from evenhand.tables.default_names import DefaultNames

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

AGENTS, TASKS = (2, 12), (10, 200)
KINDS = ((1.0,), (8.0,), (30.0, 60.0), (15.0, 30.0, 45.0, 60.0), (0.25, 0.5, 0.75, 1.0, 1.5), (4.0, 6.0, 9.0))
"""Values that burdens are drawn from."""
ORDERS = (2.0, 3.0, 10.0, float("inf"))
STRICTEST, LOOSEST = 1e-3, 0.5
"""Distance of a parameter from equality, as a share of the way to one that asks nothing."""
OWN_BURDENS, SAME_COSTS = 0.25, 0.3
"""Shares of the cases in which each agent has its own burden of a task, and in which costs are the burdens."""


def draw(number: int) -> tuple[Instance, Fairness]:
    """Return costs, burdens and the member asked for."""
    random = np.random.default_rng([number, *b"lattices"])
    n, m = int(random.integers(AGENTS[0], AGENTS[1] + 1)), int(random.integers(TASKS[0], TASKS[1] + 1))
    values = KINDS[random.integers(len(KINDS))]
    own = random.random() < OWN_BURDENS
    burdens = random.choice(values, (n, m) if own else (1, m)) * np.ones((n, 1))
    same = random.random() < SAME_COSTS
    costs = burdens if same else random.integers(10, 100, (n, m)).astype(np.float64)
    return Instance(_table(costs, number), _table(burdens, number)), _member(n, random)


def fair_exists(number: int) -> bool | None:
    """Return whether anything is fair by the closed form for equal burdens; None where burdens differ."""
    instance, fairness = draw(number)
    assert instance.burdens is not None
    burdens = instance.burdens.values
    if (burdens != burdens[0, 0]).any():
        return None
    return most_even_is_fair(*burdens.shape, float(burdens[0, 0]), fairness)


def most_even_is_fair(agents: int, tasks: int, burden: float, fairness: Fairness) -> bool:
    """Return whether the most even loads of equal tasks are fair: then some are, as no loads are fairer by any member.

    Every member prefers a unit of load to move from a larger load to a smaller one.
    """
    loads = burden * (tasks // agents + (np.arange(agents) < tasks % agents))
    return bool(fairness.contains(loads))


def _member(n: int, random: np.random.Generator) -> Fairness:
    member = list(MEMBERS.values())[random.integers(len(MEMBERS))]
    order = float(random.choice(ORDERS))
    share = float(np.exp(random.uniform(np.log(STRICTEST), np.log(LOOSEST))))
    others = {EpsilonFairness: {"p": order}, TopShareAtMost: {"k": int(random.integers(1, n))}}
    some = member(**{member.parameter_name: 1.0, **others.get(member, {})})
    vacuous, equality = some.parameter_range(n)
    return some.with_parameter(float(f"{equality + share * (vacuous - equality):.4g}"))


def _table(values: NDArray[np.float64], number: int) -> CostTable:
    agents, tasks = values.shape
    names = DefaultNames("agent", agents), DefaultNames("task", tasks)
    return CostTable(values, *names, source=f"lattices, seed {number}")
