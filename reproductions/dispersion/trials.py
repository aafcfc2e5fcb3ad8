"""The trials, each of which solves one instance under all orders and levels.

One process solves all cases of an instance, so that programs are compiled once; each solve is timed separately.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.fairness import CVAtMost, EpsilonFairness
from reproductions.dispersion.instances import costs_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment import Assignment

SOLVE = "reproductions.dispersion.trials:solve"
EQUAL = "reproductions.dispersion.trials:equal"
ATTAIN = "reproductions.dispersion.trials:attain"


def solve(config: dict[str, Any]) -> dict[str, Any]:
    """Solve one instance: ``orders`` x ``epsilons`` to each of ``gaps``, at most ``time_limit`` seconds each.

    With ``entitled`` true, agents are entitled to shares drawn in [0.5, 1.5].
    """
    from evenhand.assignment.assign import assign
    from evenhand.assignment.verify import verify

    table = costs_of(config)
    shares = _shares(config, len(table.agents))
    assign(table, EpsilonFairness(0.5), gap=1e-2)  # compiles
    rows = []
    for order, epsilon, gap in _shuffled(config):
        fairness = EpsilonFairness(epsilon, float(order), entitlements=shares)
        answer = assign(table, fairness, gap=gap, time_limit=config["time_limit"])
        proof = verify(table, answer) if config.get("verify") else None
        rows.append(
            {
                "p": order,
                "epsilon": epsilon,
                "asked_gap": gap,
                "verified": None if proof is None else proof.verified,
                "certified_gap": None if proof is None else proof.certified_gap,
                "cv": None if answer.loads is None else _cv(answer.loads, shares),
                **_told(answer),
            }
        )
    cheapest = table.values.min(axis=0)
    hands = table.values.argmin(axis=0)
    loads = np.bincount(hands, weights=cheapest, minlength=len(table.agents)).astype(np.float64)
    return {"cheapest": float(cheapest.sum()), "cheapest_cv": _cv(loads, shares), "rows": rows}


def _shuffled(config: dict[str, Any]) -> list[tuple[str, float, float]]:
    """Return the cases in a random order, so that no order p or level is always the first after a pause."""
    cases = list(itertools.product(config["orders"], config["epsilons"], config["gaps"]))
    return [cases[k] for k in np.random.default_rng(0).permutation(len(cases))]


def _shares(config: dict[str, Any], agents: int) -> tuple[float, ...] | None:
    if not config.get("entitled"):
        return None
    return tuple(np.round(np.random.default_rng(config["seed"]).uniform(0.5, 1.5, agents), 2).tolist())


def _told(answer: Assignment) -> dict[str, Any]:
    return {
        "status": answer.status,
        "cost": answer.cost,
        "bound": answer.bound if math.isfinite(answer.bound) else None,
        "gap": answer.gap,
        "level": answer.level,
        "seconds": answer.seconds,
    }


def _cv(loads: NDArray[np.float64], shares: tuple[float, ...] | None) -> float:
    """Return the coefficient of variation of loads, over entitlements where there are some."""
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
    from reproductions.dispersion.equal_loads import DECIMALS, equal_loads, whole_costs

    table = costs_of(config)
    near = assign(table, EpsilonFairness(0.99, math.inf), gap=1e-3, time_limit=60.0)
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
