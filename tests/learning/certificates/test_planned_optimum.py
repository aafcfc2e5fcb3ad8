"""The planner's optimum of a team: where it is one, and where it is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evenhand import hospital
from evenhand.fair_gne import Constraint
from evenhand.fairness import JainAtLeast
from evenhand.hospital.planner import Staircase, TradeOff
from evenhand.learning.certificates.planned_optimum import failing_pays, planned_optimum

BEST, PRICE = 2.0, 0.03


def optimum(name, tau, form="expectation", **changes):
    scenario = hospital.load(name).model_copy(update=changes)
    env = hospital.make(scenario, backend="jax")
    return planned_optimum(env, Constraint(JainAtLeast(0.85), 3, form=form), tau)


def curve(*staircases):
    """Return a curve with the given (times, indices), equally likely, of which only the hull matters."""
    groups = tuple(Staircase(1, 1 / len(staircases), times, jain, jain[0], ("door",)) for times, jain in staircases)
    (times, jain), *_ = staircases
    return TradeOff("made", len(groups), True, None, 1.0, 1, groups, tuple(zip(jain, times, strict=True)))


def test_the_quickest_plans_are_the_optimum_where_the_constraint_does_not_bind():
    # The planner's documented curve: 0.908 in 6.512 steps, of 0.03 each, with a success and all progress worth 2.
    assert optimum("rescue-breaths/specialist", 0.85) == pytest.approx(2 - 0.03 * 6.512, abs=2e-4)


def test_what_the_planner_does_not_cover_is_not_known():
    assert optimum("rescue-breaths/specialist", 0.99) is None  # no plan that succeeds is so even
    assert optimum("rescue-breaths/specialist", 0.85, form="share") is None
    assert optimum("rescue-breaths/specialist", 0.85, workload="actions") is None
    assert optimum("ward/12", 0.85) is None  # too large for exact search


def test_failing_pays_where_index_is_dear():
    # From 10 to 20 steps for 0.9 - 0.5: the index costs 0.03 * 10 / 0.4 = 0.75, and the best plan is worth
    # 2 - 0.3 + 0.75 * 0.5 = 2.075. A failure with index 1 is worth its return + 0.75.
    dear = curve(((10, 20), (0.5, 0.9)))
    assert not failing_pays(dear, 0.7, best=BEST, price=PRICE, fails=1.32)
    assert failing_pays(dear, 0.7, best=BEST, price=PRICE, fails=1.33)
    # Below the first index of the curve the multiplier is 0: failing must beat 2 - 0.3 itself.
    assert not failing_pays(dear, 0.4, best=BEST, price=PRICE, fails=1.69)
    assert failing_pays(dear, 0.4, best=BEST, price=PRICE, fails=1.71)


def test_failing_must_not_pay_at_any_start():
    # At the second start, the best plan takes 40 steps: it is worth 2 - 1.2 + 0.75 * 0.5 = 1.175.
    both = curve(((10, 20), (0.5, 0.9)), ((40,), (0.5,)))
    assert failing_pays(both, 0.7, best=BEST, price=PRICE, fails=0.43)
    assert not failing_pays(both, 0.7, best=BEST, price=PRICE, fails=0.42)
    assert not failing_pays(replace(both, staircases=both.staircases[:1]), 0.7, best=BEST, price=PRICE, fails=0.43)
