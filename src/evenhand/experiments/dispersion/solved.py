"""The solved cases of many instances, gathered by order and level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.statistics import Estimate, stratified_bootstrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evenhand.experiments.sweeps.trial import Outcome


@dataclass(frozen=True)
class Solved:
    """A solve of an instance.

    Attributes
    ----------
    instance
        Its name.
    p, epsilon, asked_gap
        What was asked.
    status
        ``optimal``, ``time_limit`` or ``infeasible``.
    cost, cv, price
        Of the answer; the price of fairness in percent. None where there is no answer.
    seconds
        Wall clock of the solve alone.
    verified
        What the independent check said; None where it was not asked.
    """

    instance: str
    p: float
    epsilon: float
    asked_gap: float
    status: str
    cost: float | None
    cv: float | None
    price: float | None
    seconds: float
    verified: bool | None


def gathered(outcomes: Sequence[Outcome]) -> list[Solved]:
    """Return all solves of the trials that are done."""
    return [
        _solve(_name(outcome), row, outcome.result["cheapest"])
        for outcome in outcomes
        if outcome.status == "done"
        for row in outcome.result["rows"]
    ]


def _name(outcome: Outcome) -> str:
    config = outcome.trial.config
    return str(config.get("file", config.get("seed")))


def _solve(instance: str, row: dict[str, Any], cheapest: float) -> Solved:
    cost = row["cost"]
    return Solved(
        instance=instance,
        p=float(row["p"]),
        epsilon=row["epsilon"],
        asked_gap=row["asked_gap"],
        status=row["status"],
        cost=cost,
        cv=row["cv"],
        price=None if cost is None else 100.0 * (cost / cheapest - 1.0),
        seconds=row["seconds"],
        verified=row["verified"],
    )


def cases(solves: Sequence[Solved]) -> list[tuple[float, float, list[Solved]]]:
    """Return order, level and their solves, in the order of both."""
    found: dict[tuple[float, float], list[Solved]] = {}
    for one in solves:
        found.setdefault((one.p, one.epsilon), []).append(one)
    return [(p, epsilon, found[p, epsilon]) for p, epsilon in sorted(found)]


def values(solves: Sequence[Solved], name: str) -> NDArray[np.float64]:
    """Return a quantity of the solves that have it."""
    return np.array([value for one in solves if (value := getattr(one, name)) is not None], dtype=np.float64)


def median(some: NDArray[np.float64]) -> Estimate:
    """Return the median with its bootstrap interval."""
    return stratified_bootstrap(some, lambda drawn: float(np.median(drawn)))


def mean(some: NDArray[np.float64]) -> Estimate:
    """Return the mean with its bootstrap interval."""
    return stratified_bootstrap(some, lambda drawn: float(np.mean(drawn)))
