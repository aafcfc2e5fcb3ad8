"""Indices that are equal but for rounding, thresholds at the edge, and more joint actions than 16 bits count."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.equilibrium import FiniteGame, Witness, certify, replay


def _two_routes():
    """Game of one agent: either route adds 0.1, 0.2 and 0.3 to the index, in opposite orders; the first returns 1."""
    to = np.array([[1, 2], [3, 3], [4, 4], [3, 3], [4, 4]])
    index = np.array([[0.1, 0.3], [0.2, 0.2], [0.2, 0.2], [0.3, 0.3], [0.1, 0.1]])
    rewards = np.zeros((5, 2))
    rewards[0, 0] = 1.0
    return FiniteGame(np.eye(5)[to], rewards, index, [1, 0, 0, 0, 0], horizon=3)


@pytest.mark.parametrize("tau", [0.1 + (0.2 + 0.3), 0.1 + 0.2 + 0.3], ids=["below", "above"])
@pytest.mark.parametrize("route", [0, 1])
def test_sums_that_differ_by_rounding_reach_the_same_threshold(route, tau):
    """Both routes have an index of 0.6, though one of the sums is 0.6000000000000001: the better one is allowed."""
    certificate = certify(_two_routes(), [[route, 0, 0, 0, 0]], tau)
    assert certificate.feasible
    assert certificate.agents[0].feasible.gain.lower == pytest.approx(route, abs=1e-12)
    assert certificate.team_optimum == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("excess", [0.0, 1e-16, 1e-13, 1e-11, 1e-10])
def test_a_threshold_at_the_largest_index_is_met(excess):
    """The profile reaches 1, the most there is: it is feasible and optimal, also if tau is 1 but for rounding."""
    game = FiniteGame.once([[1, 0], [0, 0]], [[1, 0.5], [0.5, 1]])
    certificate = certify(game, [0, 0], 1 + excess)
    assert certificate.feasible
    assert certificate.epsilon.upper == 0.0
    assert certificate.team_optimum == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("length", [{"horizon": 1}, {"discount": 0.5}], ids=["finite", "discounted"])
def test_the_last_of_40000_joint_actions_is_found(length):
    """Two agents with 200 actions each are paid the sum of their actions, at most 398, once or 1 / (1 - 0.5) times."""
    times = 1 if "horizon" in length else 2
    rewards = np.add.outer(np.arange(200.0), np.arange(200.0))[None]
    game = FiniteGame(np.ones((1, 200, 200, 1)), rewards, np.ones(rewards.shape), [1], **length)
    certificate = certify(game, [0, 0], 0.5)
    assert certificate.team_optimum == pytest.approx(398 * times)
    assert certificate.epsilon.lower == pytest.approx(199 * times)


def test_an_agent_of_33000_actions_deviates_to_the_last():
    """The witness names the action and can be played, also from its JSON."""
    game = FiniteGame.once(np.arange(33_000.0), np.ones(33_000))
    witness = certify(game, [0], None).agents[0].free.witness
    assert witness.first[0].tolist() == [[32_999]]
    assert replay(game, [0], Witness.from_dict(witness.to_dict())).returns.tolist() == [32_999.0]
