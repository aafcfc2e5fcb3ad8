"""Curves and picked lotteries, on a team whose curve is known and on points made by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

pytest.importorskip("jax")
from tests.learning.known_team import ALONE, IDLE, LATE, MIXED, SHARED, KnownLearner

from evenhand.errors import InputError
from evenhand.fair_gne import Constraint
from evenhand.fairness import JainAtLeast
from evenhand.learning.evaluation import evaluate
from evenhand.learning.multiplier_curve import Point, hull, trade_off_curve, usual_grid
from evenhand.learning.pick_multiplier import pick, pick_from
from evenhand.statistics import Estimate

CONSTRAINT = Constraint(JainAtLeast(0.85), 3)


@pytest.fixture(scope="module")
def learner():
    return KnownLearner()


def exactly(value):
    return Estimate(value, value, value)


def point(multiplier, jain, reward, success=1.0, deviation=0.0):
    return Point(multiplier, *(exactly(value) for value in (jain, success, 5.0, reward, jain)), deviation, 1000)


def test_the_curve_is_the_known_one(learner):
    curve = trade_off_curve(learner, 0.0, multipliers=[ALONE, LATE, MIXED, SHARED, IDLE], episodes=300, seed=2)
    assert [point.multiplier for point in curve] == [ALONE, LATE, MIXED, SHARED, IDLE]
    alone, late, mixed, shared, idle = curve
    small = 2.0 - alone.episode_steps.value
    assert late.episode_steps.value == pytest.approx(alone.episode_steps.value + 1.0)
    assert mixed.jain.value == pytest.approx(0.5 + small / 2.0)
    assert mixed.deviation == pytest.approx(0.5 * np.sqrt(small * (1.0 - small)))
    assert (shared.jain.value, idle.jain.value) == (1.0, 1.0)
    assert (shared.success.value, idle.success.value) == (1.0, 0.0)
    assert curve[0].to_dict()["jain"]["mean"] == 0.5


@pytest.mark.parametrize("tau", [0.55, 0.65, 0.75, 0.85, 0.95])
def test_every_threshold_is_met_at_least_cost(learner, tau):
    """The hull goes straight from alone (index 1/2, 1.5 steps) to shared (1, 2.5 steps): 2 tau + 0.5 steps."""
    picked = pick(learner, 0.0, tau=tau, episodes=200, seed=1, margin=0.0)
    assert not picked.constraint_unmet
    assert picked.expected == pytest.approx(tau)
    record = evaluate(learner, 0.0, episodes=4000, seed=9, multiplier=picked.lottery, tau=tau)
    assert record.jain.value == pytest.approx(tau, abs=0.01)
    assert record.episode_steps.value == pytest.approx(2.0 * tau + 0.5, abs=0.06)
    assert record.success.value == 1.0


def test_idleness_is_named_and_left_out(learner):
    """The largest multipliers make the team idle: they are the fairest, and not taken."""
    picked = pick(learner, 0.0, tau=1.0, episodes=100, seed=1)
    assert picked.best == 1.0
    assert 0.4 <= picked.lottery.low < 0.8
    assert min(picked.left_out) >= 0.8
    assert max(picked.left_out) == 1.0


def test_a_margin_is_aimed_at(learner):
    picked = pick(learner, 0.0, tau=0.8, episodes=100, seed=1, margin=0.03)
    assert picked.aim == pytest.approx(0.83)
    assert picked.expected == pytest.approx(0.83)


def test_the_usual_margin_makes_windows_meet(learner):
    """Where the index scatters, the aim is above tau, so that 99 of 100 windows of 200 are not below tau - 0.01."""
    curve = trade_off_curve(learner, 0.0, multipliers=[ALONE, MIXED], episodes=2000, seed=3)
    picked = pick(learner, 0.0, tau=0.7, curve=curve)
    assert 0.7 < picked.aim < 0.74
    record = evaluate(learner, 0.0, episodes=40_000, seed=5, multiplier=picked.lottery, tau=0.7)
    assert record.windows_satisfied.value >= 0.98
    loose = pick(learner, 0.0, tau=0.7, curve=curve, margin=0.0)
    assert (
        evaluate(learner, 0.0, episodes=40_000, seed=5, multiplier=loose.lottery, tau=0.7).windows_satisfied.value < 0.9
    )


def test_an_impossible_threshold_is_reported(learner):
    """A curve that ends at 0.9: the best there is, and the constraint unmet."""
    points = [point(0.0, 0.5, 1.0), point(1.0, 0.9, 0.8)]
    picked = pick_from(points, CONSTRAINT, tau=0.95)
    assert picked.constraint_unmet
    assert picked.best == picked.expected == 0.9
    assert picked.lottery.low == picked.lottery.high == 1.0


def test_a_loose_threshold_leaves_the_team_alone(learner):
    picked = pick_from([point(0.0, 0.7, 1.0), point(1.0, 0.9, 0.8)], CONSTRAINT, tau=0.6)
    assert picked.lottery.mean == 0.0
    assert picked.expected == 0.7


HALF_TRAINED = (
    # (multiplier, index, reward, success): as it learned nothing yet for large multipliers, the team idles there.
    (0.0, 0.62, 0.90, 1.000),
    (0.2, 0.70, 0.80, 0.995),
    (0.5, 0.83, 0.40, 0.600),
    (1.0, 0.94, 0.20, 0.420),
    (2.0, 1.00, 0.00, 0.000),
)


@pytest.mark.parametrize(
    ("tau", "force", "expected", "unmet"),
    [
        (0.60, (0.0, 0.0, 0.0), 0.62, False),
        (0.66, (0.0, 0.2, 0.5), 0.66, False),
        (0.70, (0.2, 0.2, 0.0), 0.70, False),
        (0.85, (0.2, 0.2, 0.0), 0.70, True),
        (0.95, (0.2, 0.2, 0.0), 0.70, True),
    ],
)
def test_success_comes_first(tau, force, expected, unmet):
    """Up to 0.70 the two multipliers that succeed serve; beyond, the fairer of them is taken and said to fall short."""
    picked = pick_from([point(*row) for row in HALF_TRAINED], CONSTRAINT, tau=tau, margin=0.0)
    assert (picked.lottery.low, picked.lottery.high) == force[:2]
    assert picked.lottery.share == pytest.approx(force[2])
    assert picked.expected == pytest.approx(expected)
    assert picked.constraint_unmet is unmet
    assert picked.best == 0.70
    assert picked.left_out == (0.5, 1.0, 2.0)
    assert picked.to_dict()["constraint_unmet"] is unmet


def test_a_hundredth_of_success_may_be_given_up():
    """0.990 of 1 is kept, 0.989 is not, however much fairer it is."""
    points = [point(0.0, 0.5, 1.0), point(1.0, 0.8, 0.9, success=0.99), point(2.0, 1.0, 0.8, success=0.989)]
    assert pick_from(points, CONSTRAINT, tau=0.95).lottery.low == 1.0


def test_learned_curves_need_not_rise():
    """A bump that costs nothing is used, a dent is not."""
    points = [point(0.0, 0.5, 1.0), point(1.0, 0.9, 0.9), point(2.0, 0.7, 0.85), point(3.0, 0.95, 0.5)]
    assert [vertex.multiplier for vertex in hull(points)] == [0.0, 1.0, 3.0]


@pytest.mark.parametrize("seed", range(20))
def test_no_pair_of_multipliers_does_better(seed):
    """The reward of the lottery equals the best over all pairs of points, by trying them all."""
    rng = np.random.default_rng(seed)
    points = [point(float(k), *values) for k, values in enumerate(rng.uniform(size=(9, 2)).round(2).tolist())]
    tau = 0.95 * max(each.jain.value for each in points)
    lottery = pick_from(points, CONSTRAINT, tau=tau, margin=0.0).lottery
    reward = {each.multiplier: each.reward.value for each in points}
    picked = (1.0 - lottery.share) * reward[lottery.low] + lottery.share * reward[lottery.high]
    best = max(each.reward.value for each in points if each.jain.value >= tau)
    for one, other in combinations(points, 2):
        low, high = sorted((one, other), key=lambda each: each.jain.value)
        if low.jain.value < tau <= high.jain.value:
            share = (tau - low.jain.value) / (high.jain.value - low.jain.value)
            best = max(best, (1.0 - share) * low.reward.value + share * high.reward.value)
    assert picked == pytest.approx(best)


def test_the_usual_grid_spans_what_is_drawn():
    grid = usual_grid(5.0, 10)
    assert grid[0] == 0.0
    assert grid[1] == pytest.approx(0.01)
    assert grid[-1] == pytest.approx(5.0)
    assert len(grid) == 11


def test_a_curve_without_points_is_refused():
    with pytest.raises(InputError, match="no points"):
        pick_from([], CONSTRAINT)
