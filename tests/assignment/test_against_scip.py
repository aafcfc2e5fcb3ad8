"""The engine against SCIP on middle-sized problems, both asked for the optimum."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.assignment.scip import Known, cheapest_by_scip

import evenhand
from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    HooverAtMost,
    JainAtLeast,
    LeastOverMean,
    MaxOverMean,
    RangeAtMost,
    TopShareAtMost,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

CASES = 500
BLOCKS = 20
SECONDS = 10.0
"""For each solver and case."""

SAME = 2e-9
"""Two costs are the same to this much of their size: what a tolerance of 1e-9 is worth, on either side."""

PROVEN = 0.95
"""Part of the cases that both must prove, so that the comparison means something."""

MEMBERS: tuple[Callable[[float], Fairness], ...] = (
    lambda strict: EpsilonFairness(strict, p=2),
    lambda strict: EpsilonFairness(strict, p=3),
    lambda strict: EpsilonFairness(strict, p=5),
    lambda strict: EpsilonFairness(strict, p=10),
    lambda strict: EpsilonFairness(strict, p=np.inf),
    lambda strict: CVAtMost(1.0 - strict),
    lambda strict: JainAtLeast(strict),
    lambda strict: MaxOverMean(2.0 - strict),
    lambda strict: GiniAtMost(0.5 * (1.0 - strict)),
    lambda strict: HooverAtMost(0.5 * (1.0 - strict)),
    lambda strict: RangeAtMost(2.0 * (1.0 - strict)),
    LeastOverMean,
    lambda strict: TopShareAtMost(1, 0.5 + 0.5 * (1.0 - strict)),
)


@dataclass(frozen=True)
class Middle:
    """A problem of 2 to 6 agents and 10 to 60 tasks; tables of shape (n, m)."""

    costs: NDArray[np.float64]
    burdens: NDArray[np.float64]
    fairness: Fairness


def middle_problem(number: int) -> Middle:
    """Draw a problem; every member has its turn, every kind of costs, and costs or hours as burdens."""
    rng = np.random.default_rng([6, number])
    n = int(rng.integers(2, 7))
    m = int(rng.integers(10, 61))
    costs = _costs(rng, n, m)
    burdens = rng.uniform(0.5, 3.0, (n, m)) if rng.random() < 0.4 else costs
    strict = float(rng.choice([0.3, 0.5, 0.7, 0.8, 0.9, 0.95]))
    return Middle(costs, burdens, MEMBERS[number % len(MEMBERS)](strict))


def _costs(rng: np.random.Generator, n: int, m: int) -> NDArray[np.float64]:
    kind = rng.integers(5)
    if kind == 0:
        return rng.uniform(1.0, 100.0, (n, m))
    if kind == 1:
        return rng.integers(1, 21, (n, m)).astype(float)  # ties
    if kind == 2:
        return np.round(np.hypot(*(rng.uniform(0, 80, (2, n, 1)) - rng.uniform(0, 80, (2, 1, m)))), 4)  # distances
    if kind == 3:
        return rng.lognormal(2.0, 1.0, (n, m))
    return rng.uniform(1.0, 20.0, m) * rng.uniform(0.8, 1.2, (n, m))  # agents nearly alike


def exact_cost(problem: Middle, assignment: tuple[int, ...]) -> Fraction:
    """Return what `assignment` costs, to the last bit."""
    return sum((Fraction(float(problem.costs[i, j])) for j, i in enumerate(assignment)), Fraction(0))


def disagreement(problem: Middle, known: Known, answer: evenhand.Assignment) -> str:
    """Say what cannot be true of both answers; empty where nothing is wrong.

    What SCIP did not prove is compared as an interval: its assignment is a cost, its bound a bound.
    """
    if known.assignment is not None:
        cost = exact_cost(problem, known.assignment)
        if answer.bound > cost:
            return f"the bound {answer.bound!r} is above a known cost {float(cost)!r}"
        if answer.status == "optimal" and answer.cost > cost * (1 + Fraction(SAME)):
            return f"the cost {answer.cost!r} is above a known one, {float(cost)!r}"
    elif known.proven and answer.status != "infeasible":
        return f"SCIP proved that nothing is fair; the answer is {answer!r}"
    if answer.status != "infeasible" and answer.cost is not None and answer.cost < known.bound * (1 - SAME):
        return f"the cost {answer.cost!r} is below SCIP's bound {known.bound!r}"
    return ""


@pytest.fixture(scope="module")
def proven() -> list[bool]:
    """Collect which cases both proved."""
    return []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(BLOCKS))
def test_engine_agrees_with_scip(block: int, proven: list[bool]) -> None:
    """500 problems in blocks of 25; the numbers of those that differ are in the message."""
    wrong = []
    for number in range(block, CASES, BLOCKS):
        problem = middle_problem(number)
        known = cheapest_by_scip(problem.costs, problem.fairness, problem.burdens, SECONDS)
        answer = evenhand.assign(problem.costs, problem.fairness, burdens=problem.burdens, gap=0.0, time_limit=SECONDS)
        proven.append(known.proven and answer.status != "time_limit")
        if words := disagreement(problem, known, answer):
            wrong.append(f"case {number}: {problem.fairness}, {words}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_both_proved_nearly_all_cases(proven: list[bool]) -> None:
    if len(proven) < CASES:
        pytest.skip("counts what the blocks before it found")
    assert sum(proven) >= PROVEN * CASES
