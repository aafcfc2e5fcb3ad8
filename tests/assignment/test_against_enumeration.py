"""The engine against enumeration of all assignments, on tiny instances with every feature."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from tests.assignment.enumeration import Tiny, enumerate_all, exactly, fair_below, random_problem
from tests.assignment.tiny_problems import awkward_problem

import evenhand
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.solve_assignment import solve
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

GAP = 1e-9


def check(problem: Tiny, gap: float = GAP) -> None:
    """Assert that the engine, its bound and its verification agree with enumeration.

    The engine is asked without the bracket that follows an infeasible answer and takes most of the time.
    """
    known = enumerate_all(problem)
    given = {
        "burdens": problem.burdens,
        "initial_loads": problem.initial_loads,
        "locked": problem.locked or None,
    }
    checked = build_problem(problem.costs, *given.values())
    answer, _ = solve(checked, problem.fairness, gap=gap, clock=Clock(None, None))
    verdict = evenhand.verify(problem.costs, answer, **given)
    if known.assignment is None:
        assert answer.status == "infeasible"
        assert answer.assignment is None
        # Without a certificate the verdict must say that only the search vouches for it.
        assert verdict.verified or verdict.search_only
        return
    assert answer.status == "optimal"
    assert answer.cost == pytest.approx(known.cost, rel=2 * gap + 1e-11, abs=0.0)
    exact = sum((Fraction(float(problem.costs[i, j])) for j, i in enumerate(known.assignment)), Fraction(0))
    assert answer.bound <= exact  # to the last bit
    assert verdict.verified, verdict.reasons
    bound = Fraction(verdict.bound)
    paid, loads = exactly(problem, answer.assignment.tolist())
    said = any("costs less than that: it is fair within the tolerance only" in sentence for sentence in verdict.proven)
    assert said or paid >= bound
    assert not (said and problem.fairness.exact_contains(loads, Fraction(0)))
    if bound > exact:
        # The certificate speaks of exactly fair loads. What is cheaper is fair within the tolerance only, and cheaper
        # by no more than the verdict says, which is relative to the bound: the cost may be 0.
        assert fair_below(problem, bound) == []
        assert bound - exact <= Fraction(1.001 * verdict.margins["tolerance"]) * abs(bound)


@pytest.mark.parametrize("seed", range(150))
def test_engine_agrees_with_enumeration(seed: int) -> None:
    """A random tiny problem has the status and the cost that trying all assignments finds."""
    check(random_problem(np.random.default_rng([2, seed]), largest=7))


@pytest.mark.parametrize("seed", range(150))
def test_engine_agrees_with_enumeration_on_awkward_problems(seed: int) -> None:
    """The same where costs lie orders of magnitude apart, are nearly equal or nothing, and rules at their ends."""
    check(awkward_problem(np.random.default_rng([4, seed])), gap=0.0)


def test_a_free_plan_that_is_fair_within_the_tolerance_only_may_lie_below_the_bound() -> None:
    """Found among the thousands below: the plan costs 0, and exactly fair ones cost at least 1.4e-29."""
    check(random_problem(np.random.default_rng([5, 14572])), gap=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(40))
def test_engine_agrees_with_enumeration_on_thousands(block: int) -> None:
    """20,000 random tiny problems in blocks of 500; the seeds of failing ones are in the message."""
    wrong = []
    for seed in range(500 * block, 500 * (block + 1)):
        draw = random_problem if seed % 4 == 0 else awkward_problem
        try:
            check(draw(np.random.default_rng([5, seed])), gap=(0.0, 1e-9, 1e-4)[seed % 3])
        except Exception as error:
            wrong.append(f"seed {seed}: {error!r}"[:400])
    assert not wrong, "\n".join(wrong)


# ---- the enumeration itself, on cases done by hand
# ---------------------------------------------------------------------------


def test_enumeration_without_fairness_gives_each_task_to_its_cheapest_agent() -> None:
    costs = np.array([[1.0, 5.0, 3.0], [2.0, 4.0, 3.5]])
    known = enumerate_all(Tiny(costs, EpsilonFairness(0.0)))
    assert (known.cost, known.assignment) == (8.0, (0, 1, 0))
    assert known.fair == known.total == 8


def test_enumeration_finds_the_only_equal_splits() -> None:
    """Burdens 1, 2, 3 of alike agents split equally in two ways, both costing 6."""
    known = enumerate_all(Tiny(np.tile([1.0, 2.0, 3.0], (2, 1)), EpsilonFairness(1.0)))
    assert (known.cost, known.fair, known.total) == (6.0, 2, 8)


def test_enumeration_sees_that_nothing_is_equal() -> None:
    known = enumerate_all(Tiny(np.tile([1.0, 2.0, 4.0], (2, 1)), EpsilonFairness(1.0)))
    assert (known.cost, known.assignment, known.fair) == (np.inf, None, 0)


def test_enumeration_keeps_to_locked_and_forbidden_pairs_and_initial_loads() -> None:
    """Agent 0 starts with 3 and may not do task 1; task 0 is locked to it: loads (4, 5) are the only ones."""
    costs = np.array([[1.0, np.inf], [9.0, 5.0]])
    known = enumerate_all(Tiny(costs, MaxOverMean(1.2), initial_loads=np.array([3.0, 0.0]), locked={0: 0}))
    assert (known.cost, known.assignment, known.total) == (6.0, (0, 1), 1)


def test_enumeration_shares_burdens_and_pays_costs() -> None:
    """One hour each is the only even split of two one-hour tasks; agent 1 charges 10 for either."""
    known = enumerate_all(Tiny(np.array([[1.0, 2.0], [10.0, 10.0]]), RangeAtMost(0.1), burdens=np.ones((2, 2))))
    assert (known.cost, known.assignment) == (11.0, (0, 1))


def plainly_fair(member: object, x: tuple[float, ...]) -> bool:
    """Tell whether loads are fair by the definitions of DESIGN section 3, written out for equal agents."""
    n, total = len(x), sum(x)
    mean = total / n
    if isinstance(member, EpsilonFairness):
        d = n - 1 if member.p == np.inf else n ** (1 - 1 / member.p) - 1
        norm = max(x) if member.p == np.inf else sum(v**member.p for v in x) ** (1 / member.p)
        return (1 + member.epsilon * d) * norm <= total * (1 + 1e-9)
    deviation = (sum((v - mean) ** 2 for v in x) / n) ** 0.5
    if isinstance(member, CVAtMost):
        return deviation <= member.cv * mean * (1 + 1e-9)
    if isinstance(member, JainAtLeast):
        return total**2 * (1 + 1e-9) >= member.jain * n * sum(v * v for v in x)
    if isinstance(member, MaxOverMean):
        return max(x) <= member.ratio * mean * (1 + 1e-9)
    if isinstance(member, GiniAtMost):
        return sum(abs(a - b) for a in x for b in x) <= member.gini * 2 * n * total * (1 + 1e-9)
    if isinstance(member, HooverAtMost):
        return sum(abs(v - mean) for v in x) <= member.hoover * 2 * total * (1 + 1e-9)
    if isinstance(member, LeastOverMean):
        return min(x) >= member.ratio * mean * (1 - 1e-9)
    if isinstance(member, TopShareAtMost):
        return sum(sorted(x)[-member.k :]) <= member.share * total * (1 + 1e-9)
    assert isinstance(member, RangeAtMost)
    return max(x) - min(x) <= member.ratio * mean * (1 + 1e-9)


@pytest.mark.parametrize(
    "member",
    [
        EpsilonFairness(0.55, p=2),
        EpsilonFairness(0.55, p=3),
        EpsilonFairness(0.55, p=np.inf),
        CVAtMost(0.31),
        JainAtLeast(0.87),
        MaxOverMean(1.33),
        GiniAtMost(0.17),
        HooverAtMost(0.13),
        RangeAtMost(0.71),
        LeastOverMean(0.55),
        TopShareAtMost(2, 0.8),
    ],
    ids=repr,
)
def test_enumeration_counts_as_many_fair_assignments_as_the_definition(member: evenhand.Fairness) -> None:
    """On 3 agents and 5 tasks a plain loop over the written-out definition finds the same."""
    costs = np.array([[3.1, 4.1, 5.9, 2.6, 5.3], [5.8, 9.7, 9.3, 2.3, 8.4], [6.2, 6.4, 3.3, 8.3, 2.7]])
    fair = []
    for agents in itertools.product(range(3), repeat=5):
        loads = tuple(sum(costs[i, j] for j in range(5) if agents[j] == i) for i in range(3))
        if plainly_fair(member, loads):
            fair.append(sum(costs[i, j] for j, i in enumerate(agents)))
    known = enumerate_all(Tiny(costs, member))
    assert known.fair == len(fair) > 0
    assert known.cost == pytest.approx(min(fair), rel=1e-12)
