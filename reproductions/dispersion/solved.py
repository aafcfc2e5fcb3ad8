"""The solved cases of many instances, gathered by order and level."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.statistics import Estimate, stratified_bootstrap
from reproductions.document import Claim, untested

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from evenhand.sweeps.trial import Outcome

INSTANCES = 50
"""Of the paper's figures."""
RESAMPLES = 1000
SHOWN = (0.9, 0.99)
"""Levels whose figures a claim spells out."""


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
    certified_gap
        What it proves of the cost without the solver; None where there is no answer, or it was not asked.
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
    certified_gap: float | None


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
        certified_gap=row.get("certified_gap"),
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


def statuses(solves: Sequence[Solved]) -> str:
    """Return how many cases ended how, in words."""
    words = {"optimal": "solved", "infeasible": "proven infeasible", "time_limit": "stopped at the time limit"}
    counts = {status: sum(one.status == status for one in solves) for status in words}
    return ", ".join(f"{counts[status]:,} {told}" for status, told in words.items() if counts[status]) or "none"


def median(some: NDArray[np.float64]) -> Estimate:
    """Return the median with its bootstrap interval."""
    return stratified_bootstrap(some, np.median)


def mean(some: NDArray[np.float64]) -> Estimate:
    """Return the mean with its bootstrap interval."""
    return stratified_bootstrap(some, np.mean)


@dataclass(frozen=True)
class Compared:
    """A published figure of all 50 instances beside a sample.

    Attributes
    ----------
    p, epsilon
        The case.
    published, ours
        Both figures.
    off
        How far apart they are, in what sampling and rounding allow; at most 1 agrees.
    """

    p: float
    epsilon: float
    published: float
    ours: float
    off: float


def compared(
    published: Mapping[tuple[float, float], float],
    solves: Sequence[Solved],
    name: str,
    statistic: Callable[..., Any],
    *,
    rounding: float,
) -> list[Compared]:
    """Return each published figure beside that of a sample.

    What sampling allows is the standard error by bootstrap, times the normal quantile at which all comparisons together
    are right 95 times of 100 (Bonferroni), and half of the last published digit. Given instances are 20 of the
    paper's own 50, drawn without putting back; others are a second sample as large as the paper's.
    """
    pairs = [(p, e, values(some, name)) for p, e, some in cases(solves) if (p, e) in published]
    quantile = NormalDist().inv_cdf(1.0 - 0.05 / (2.0 * max(1, len(pairs))))
    found = []
    for p, epsilon, some in pairs:
        if some.size < 2:
            continue
        rng = np.random.default_rng(0)
        error = float(np.std(statistic(rng.choice(some, (RESAMPLES, some.size)), axis=1)))
        theirs = any(one.instance.endswith(".txt") for one in solves)
        error *= math.sqrt(max(0.0, 1.0 - some.size / INSTANCES) if theirs else 1.0 + some.size / INSTANCES)
        ours, figure = float(statistic(some)), published[p, epsilon]
        found.append(Compared(p, epsilon, figure, ours, abs(ours - figure) / (quantile * error + rounding)))
    return found


def compared_claim(claim: str, found: Sequence[Compared], instances: int, form: str) -> Claim:
    """Return what the comparison says: it holds where all figures agree, in part where most do."""
    if not found:
        return untested(claim)
    agree = [one for one in found if one.off <= 1.0]
    shown = [one for one in found if one.epsilon in SHOWN and one.p in (2.0, math.inf)]
    worst = max(found, key=lambda one: one.off)
    return Claim(
        claim=claim,
        published=", ".join(f"{one.published:{form}}" for one in shown),
        ours=(
            f"{', '.join(f'{one.ours:{form}}' for one in shown)} (p = 2 and inf at epsilon 0.9, then 0.99; {instances} "
            f"instances); {len(agree)} of {len(found)} agree within sampling error and rounding"
        ),
        verdict="holds" if len(agree) == len(found) else "partly" if len(agree) > len(found) / 2 else "differs",
        why=""
        if len(agree) == len(found)
        else f"Farthest apart: {worst.ours:{form}} for {worst.published:{form}}, p = {worst.p:g}, {worst.epsilon:g}.",
    )
