"""The trials: one instance each, solved under every order and level that is asked.

A trial's process solves all of an instance, so that programs are compiled once; each solve has a clock of its own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.experiments.dispersion.instances import costs_of
from evenhand.fairness import EpsilonFairness
from evenhand.fairness.measures import coefficient_of_variation

if TYPE_CHECKING:
    from evenhand.assignment import Assignment
    from evenhand.tables.table import CostTable

SOLVE = "evenhand.experiments.dispersion.trials:solve"
EQUAL = "evenhand.experiments.dispersion.trials:equal"
ATTAIN = "evenhand.experiments.dispersion.trials:attain"


def solve(config: dict[str, Any]) -> dict[str, Any]:
    """Solve one instance: ``orders`` x ``epsilons`` to each of ``gaps``, at most ``time_limit`` seconds each.

    With ``entitled`` true, agents are entitled to shares drawn in [0.5, 1.5].
    """
    from evenhand.assignment.assign import assign
    from evenhand.assignment.verify import verify

    table = costs_of(config)
    shares = _shares(config, len(table.agents))
    assign(table, EpsilonFairness(0.5), gap=1e-2)  # compiles
    cheapest = float(table.values.min(axis=0).sum())
    rows = []
    for order in config["orders"]:
        for epsilon in config["epsilons"]:
            fairness = EpsilonFairness(epsilon, float(order), entitlements=shares)
            for gap in config["gaps"]:
                answer = assign(table, fairness, gap=gap, time_limit=config["time_limit"])
                verified = bool(verify(table, answer)) if config.get("verify") else None
                rows.append({"p": order, "epsilon": epsilon, "asked_gap": gap, "verified": verified} | _told(answer))
    return {"cheapest": cheapest, "cheapest_cv": _cheapest_cv(table, shares), "rows": rows}


def _shares(config: dict[str, Any], agents: int) -> tuple[float, ...] | None:
    if not config.get("entitled"):
        return None
    return tuple(np.round(np.random.default_rng(config["seed"]).uniform(0.5, 1.5, agents), 2).tolist())


def _told(answer: Assignment) -> dict[str, Any]:
    return {
        "status": answer.status,
        "cost": answer.cost,
        "bound": answer.lower_bound if math.isfinite(answer.lower_bound) else None,
        "gap": answer.gap,
        "cv": answer.cv,
        "level": answer.level,
        "seconds": answer.seconds,
    }


def _cheapest_cv(table: CostTable, shares: tuple[float, ...] | None) -> float:
    """Return the dispersion of the loads, over their entitlements, when each task goes to its cheapest agent."""
    values = table.values
    hands = values.argmin(axis=0)
    loads = np.bincount(hands, weights=values.min(axis=0), minlength=len(values))
    if shares is None:
        return float(coefficient_of_variation(loads))
    from evenhand.fairness import CVAtMost

    return float(CVAtMost(1.0, entitlements=shares).level(loads))


def attain(config: dict[str, Any]) -> dict[str, Any]:
    """Ask one instance for equality itself, and for the largest epsilon that can be reached."""
    from evenhand.assignment.assign import assign
    from evenhand.assignment.attainable import max_epsilon

    table = costs_of(config)
    answer = assign(table, EpsilonFairness(1.0), time_limit=config["time_limit"])
    attainable = max_epsilon(table, time_limit=config["time_limit"])
    return {"status": answer.status, "reached": attainable.reached, "refuted": attainable.refuted}


def equal(config: dict[str, Any]) -> dict[str, Any]:
    """Look for loads equal to the last decimal, and say so in whole numbers that anyone can add up."""
    from evenhand.assignment.assign import assign
    from evenhand.experiments.dispersion.equal_loads import DECIMALS, equal_loads, whole_costs

    table = costs_of(config)
    near = assign(table, EpsilonFairness(0.99, math.inf), gap=1e-3)
    if near.assignment is None:
        return {"found": False}
    costs = whole_costs(table.values)
    found = equal_loads(costs, np.asarray(near.assignment), seed=config.get("seed", 0))
    if found is None:
        return {"found": False}
    loads = [
        int(sum(int(costs[agent, task]) for task in np.flatnonzero(found == agent))) for agent in range(len(costs))
    ]
    return {
        "found": len(set(loads)) == 1,
        "assignment": found.tolist(),
        "units": f"1e-{DECIMALS}",
        "loads": loads,
        "cost": sum(loads) / 10.0**DECIMALS,
        "fair": bool(EpsilonFairness(1.0).contains(np.array(loads) / 10.0**DECIMALS)),
    }
