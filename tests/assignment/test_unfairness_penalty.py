"""Penalties by the compiled loops against the same sums written out in NumPy, and what rules cost."""

from __future__ import annotations

import numpy as np
import pytest
from tests.assignment.test_relaxation import relax

import evenhand
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.kernels import unfairness_penalty as kernels
from evenhand.assignment.kernels.unfairness_penalty import Change, Rule, Standing
from evenhand.assignment.penalty_from_relaxation import rule_of
from evenhand.numba_decorators import entry


@entry
def stand_and_tell(rule: Rule, standing: Standing) -> tuple[float, bool]:
    """Return the penalty of ``standing.load``, all sums made anew, and whether the loads are fair."""
    return kernels.stand(rule, standing), kernels.is_fair(rule, standing)


@entry
def change_and_tell(rule: Rule, standing: Standing, change: Change) -> tuple[float, bool]:
    """Return the penalty foretold for a change, then make it, and tell whether the loads are fair."""
    told = kernels.penalty_after(rule, standing, change)
    kernels.apply_change(rule, standing, change)
    return told, kernels.is_fair(rule, standing)


def random_rule(rng: np.random.Generator, n: int, rows: int, order: float) -> Rule:
    """Draw rows and, where `order` is not 0, a power mean, all with margins."""
    share = rng.dirichlet(np.full(n, 5.0 if order < 10.0 else 500.0))
    return Rule(
        matrix=rng.uniform(-1.0, 1.0, (rows, n)),
        price=rng.uniform(0.1, 3.0, rows),
        margin=rng.uniform(0.0, 0.5, rows),
        order=order,
        limit=1.1,
        share=share,
        stretch=1.0 / (n * share),
        toll=2.5,
        spare=0.05,
    )


def written_out(rule: Rule, load: np.ndarray) -> tuple[float, float]:
    """Return the penalty, and by how much the loads are fair: below 0 where they are not."""
    activity = rule.matrix @ load
    penalty, fair_by = rule.price @ np.maximum(0.0, rule.margin - activity), activity.min(initial=np.inf)
    if rule.order > 0.0:
        u = load * rule.stretch
        excess = (rule.share @ u**rule.order) ** (1.0 / rule.order) - rule.limit * (rule.share @ u)
        penalty += rule.toll * max(0.0, excess + rule.spare)
        fair_by = min(fair_by, -excess)
    return float(penalty), float(fair_by)


@pytest.mark.parametrize(("rows", "order"), [(7, 0.0), (0, 2.0), (0, 3.5), (0, 20.0), (4, 3.0)])
def test_penalties_follow_the_loads_through_many_changes(rows: int, order: float) -> None:
    """After each of 300 changes of two or three loads: penalty foretold, penalty made anew, and fairness."""
    rng = np.random.default_rng(rows)
    rule = random_rule(rng, 5, rows, order)
    load = rng.uniform(1.0, 2.0, 5)
    standing = Standing(load.copy(), np.empty(rows), np.zeros(2))
    stand_and_tell(rule, standing)
    fair_seen = set()
    for _ in range(300):
        first, second, third = (int(i) for i in rng.permutation(5)[:3])
        wanted = rng.uniform(1.0, 2.0, 3)
        third = third if rng.random() < 0.5 else -1
        by = [float(goal - load[i]) for goal, i in zip(wanted, (first, second, third), strict=True)]
        change = Change(first, by[0], second, by[1], third, by[2] if third >= 0 else 0.0)
        load[[first, second]] = wanted[:2]
        if third >= 0:
            load[third] = wanted[2]
        told, fair = change_and_tell(rule, standing, change)
        penalty, fair_by = written_out(rule, load)
        assert told == pytest.approx(penalty, rel=1e-9, abs=1e-9)
        assert kernels.penalty_of(rule, load) == pytest.approx(penalty, rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(standing.load, load, rtol=1e-12)
        if abs(fair_by) > 1e-9:
            assert fair == (fair_by > 0.0)
        fair_seen.add(fair)
    assert rows or fair_seen == {True, False}


def strict_problem(seed: int):
    """Return a problem whose relaxation pays for fairness: agents differ in what they cost."""
    rng = np.random.default_rng(seed)
    return build_problem(rng.uniform(1.0, 9.0, (5, 80)) * rng.uniform(0.5, 1.5, (5, 1)))


@pytest.mark.parametrize("p", [2, 3, 10])
@pytest.mark.parametrize("entitlements", [None, (1.0, 2.0, 1.5, 1.0, 3.0)])
def test_the_price_of_a_mean_is_what_the_relaxation_pays(p: float, entitlements) -> None:
    """Prices are the multiplier times the gradient of (limit mean - power mean), here by differences."""
    fairness = evenhand.EpsilonFairness(0.97, p=p, entitlements=entitlements)
    relaxation = relax(strict_problem(1), fairness)
    loads, (_, limit) = relaxation.loads, fairness.power_form(5)
    step = 1e-5 * loads.mean()
    room = [limit * (loads + d).mean() - fairness.value(loads + d) for d in step * np.vstack([np.eye(5), -np.eye(5)])]
    gradient = (np.array(room[:5]) - np.array(room[5:])) / (2.0 * step)
    price = relaxation.vertex.price
    assert np.abs(price).max() > 0.01
    # Loads within 1e-7 of the cone tell its direction to about the root of that, over the loads' dispersion.
    along = gradient * (price @ gradient) / (gradient @ gradient)
    np.testing.assert_allclose(price, along, rtol=0.0, atol=1e-2 * np.abs(price).max())
    rule = rule_of(relaxation, firm_rows=1.0, firm_mean=1.0)
    paid = (price @ gradient) / (gradient @ gradient)
    # The rule's mean is in units of the mean load.
    assert rule.toll / loads.mean() == pytest.approx(paid, rel=1e-3)


@pytest.mark.parametrize("fairness", [evenhand.EpsilonFairness(0.97, p=np.inf), evenhand.CVAtMost(0.02)], ids=repr)
def test_spare_is_what_may_be_missing_at_the_price(fairness) -> None:
    """On the edge of the rule, the penalty is the spare for each row, or for the mean."""
    relaxation = relax(strict_problem(2), fairness)
    rule = rule_of(relaxation, 8.0, 1.1, spare=0.3)
    np.testing.assert_allclose(rule.margin * rule.price, 0.3)
    if rule.order:
        assert rule.spare * rule.toll == pytest.approx(0.3)
        assert kernels.penalty_of(rule, relaxation.loads) == pytest.approx(0.3, rel=1e-3)


def test_orders_too_high_for_floats_are_left_to_rows() -> None:
    """Of order 60, an agent entitled to a millionth could reach 1e6^60; of order 3 it cannot overflow."""
    problem = strict_problem(3)
    unequal = (1.0, 1e6, 1e6, 1e6, 1e6)
    assert rule_of(relax(problem, evenhand.EpsilonFairness(0.9, p=60, entitlements=unequal)), 8.0, 1.1).order == 0.0
    assert rule_of(relax(problem, evenhand.EpsilonFairness(0.9, p=3, entitlements=unequal)), 8.0, 1.1).order == 3.0
    assert rule_of(relax(problem, evenhand.EpsilonFairness(0.9, p=100)), 8.0, 1.1).order == 0.0


@pytest.mark.parametrize("fairness", [evenhand.EpsilonFairness(1 - 2**-53), evenhand.CVAtMost(1e-20)], ids=repr)
@pytest.mark.parametrize("size", [1.0, 1e-300])
def test_equal_loads_at_a_limit_of_equality_have_a_finite_rule(fairness: evenhand.EpsilonFairness, size: float) -> None:
    """Where nothing is missing the gradient is 0: nothing may be divided by it, or by loads that vanish."""
    relaxation = relax(build_problem(np.ones((2, 3))), fairness)
    relaxation.loads[:] = size
    rule = rule_of(relaxation, 8.0, 1.1, spare=0.1)
    for part in (rule.price, rule.margin, rule.stretch, rule.toll, rule.spare):
        assert np.isfinite(part).all()
