"""The KKT table against windows that were made by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("jax")
from tests.learning.known_team import ALONE, SHARED, KnownLearner

from evenhand.equilibrium import Interval
from evenhand.errors import InputError
from evenhand.fair_gne import Constraint
from evenhand.fairness import JainAtLeast
from evenhand.learning.episodes import Episodes, play_episodes
from evenhand.learning.kkt import Stationarity, kkt_table

CONSTRAINT = Constraint(JainAtLeast(0.75), 2)


def episodes(fair, multiplier, reward=1.0):
    """Return one episode for each entry of `fair`: an index of 1 where it holds, of 1/2 elsewhere."""
    fair = np.asarray(fair)
    workload = np.where(fair[:, None], [1.0, 1.0], [2.0, 0.0])
    return Episodes(
        success=np.ones(fair.size, bool),
        episode_steps=np.ones(fair.size, np.int32),
        reward=np.full(fair.size, reward),
        workload=workload,
        multiplier=np.broadcast_to(np.asarray(multiplier, dtype=float), fair.shape),
        definitions={},
    )


def test_by_hand():
    """Windows of two with means 1, 3/4 and 1/2 under a multiplier of 2 of 10, rewards of 4."""
    table = kkt_table(episodes([1, 1, 1, 0, 0, 0, 1], 2.0, reward=-4.0), CONSTRAINT, cap=10.0, window=2)
    assert table.windows == 3
    assert table["primal violation"].value.value == pytest.approx(0.25 / 3)
    assert table["primal violation"].rate.value == pytest.approx(2 / 3)
    assert table["multiplier"].value.value == 2.0
    assert table["distance to the cap"].value.value == 8.0
    assert table["distance to the cap"].rate.value == 1.0
    slackness = table["complementary slackness"]
    assert slackness.value.value == pytest.approx((0.5 + 0.0 + 0.5) / 3)
    assert slackness.tolerance == pytest.approx(0.2)
    assert slackness.rate.value == pytest.approx(1 / 3)
    assert table.all_met.value == pytest.approx(1 / 3)


def test_a_constraint_that_does_not_bind_needs_no_multiplier():
    """Fairer than asked for nothing: all conditions hold; at a price, slackness does not."""
    assert kkt_table(episodes([1] * 4, 0.0), CONSTRAINT, cap=1.0, window=2).all_met.value == 1.0
    priced = kkt_table(episodes([1] * 4, 0.9), CONSTRAINT, cap=1.0, window=2)
    assert priced["primal violation"].rate.value == 1.0
    assert priced["complementary slackness"].rate.value == 0.0


def test_a_multiplier_at_its_cap_is_reported():
    table = kkt_table(episodes([0] * 4, 0.995), CONSTRAINT, cap=1.0, window=2)
    assert table["distance to the cap"].rate.value == 0.0
    assert table.all_met.value == 0.0


def test_another_threshold():
    assert (
        kkt_table(episodes([1, 0], 0.0), CONSTRAINT, cap=1.0, window=2, tau=0.8)["primal violation"].rate.value == 0.0
    )


def stationarity(multiplier, *gains, slack=0.0):
    """Return a stationarity of which gains of up to 0.003 count as none."""
    return Stationarity(multiplier, tuple(Interval(0.0, gain) for gain in gains), slack, 0.003)


@pytest.mark.parametrize(("gain", "rate"), [(0.0029, 1.0), (0.0031, 0.0)])
def test_stationarity_is_the_largest_gain_of_any_agent(gain, rate):
    exact = stationarity(0.2, 0.001, gain, slack=0.01)
    table = kkt_table(episodes([1, 1, 0, 1], 0.9), CONSTRAINT, cap=1.0, window=4, exact=exact, aim=0.875)
    assert table["stationarity"].value.value == gain
    assert (table["stationarity"].rate.value, table.all_met.value) == (rate, rate)
    assert table["multiplier"].value.value == 0.2  # the shared one, not the mean of those that were drawn
    assert exact.gain_bounds == pytest.approx((0.001 + 0.002, gain + 0.002))
    assert json.loads(json.dumps(table.to_dict()))["exact"]["gains"][1] == {"lower": 0.0, "upper": gain, "exact": False}


def test_an_aim_above_the_threshold_is_no_failure_and_what_is_above_the_aim_is():
    """A window of four with the mean 7/8 and a price of 0.02: 0.0025 above the threshold 3/4, 0 above the aim."""
    exact = stationarity(0.02, 0.0)
    fair = episodes([1, 1, 0, 1], 0.5)
    for aim, above in ((0.875, 0.0), (0.8, 0.0015), (None, 0.0025)):
        table = kkt_table(fair, CONSTRAINT, cap=1.0, window=4, exact=exact, aim=aim)
        assert table["complementary slackness"].value.value == pytest.approx(above)
        assert table["complementary slackness"].tolerance == 0.003
    dear = kkt_table(fair, CONSTRAINT, cap=1.0, window=4, exact=stationarity(0.1, 0.0), aim=0.8)
    assert dear["complementary slackness"].rate.value == 0.0


def test_stationarity_is_marked_as_not_measured():
    told = json.loads(json.dumps(kkt_table(episodes([1, 1], 0.0), CONSTRAINT, cap=1.0, window=2).to_dict()))
    assert told["conditions"][-1] == {
        "name": "stationarity",
        **dict.fromkeys(("value", "tolerance", "rate"), "not measured"),
    }
    assert told["conditions"][0]["rate"]["mean"] == 1.0
    assert told["exact"] == "not measured"


def test_episodes_of_a_policy():
    """A lottery that just meets tau, played for ten windows: primal feasible and slack in all."""
    learner = KnownLearner(tau=0.75)
    played = play_episodes(learner, 0.0, np.tile([ALONE, SHARED], 1000), seed=0)
    table = kkt_table(played, learner.team.constraint, cap=learner.team.cap)
    assert (table.windows, table.window, table.all_met.value) == (10, 200, 1.0)


def test_too_few_episodes_are_refused():
    with pytest.raises(InputError, match="3 episodes"):
        kkt_table(episodes([1, 1, 1], 0.0), CONSTRAINT, cap=1.0)
