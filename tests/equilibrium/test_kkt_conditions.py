"""What the KKT conditions at one multiplier say about an equilibrium, and what they do not."""

from __future__ import annotations

import numpy as np
import pytest
from random_games import as_finite_game, random_game, random_policies

from evenhand.equilibrium import FiniteGame, Outcome, certify, hull_slope, kkt
from evenhand.errors import InputError

GAME = FiniteGame.once(rewards=[[0, 1], [1, 0.9]], index=[[1, 0.5], [0.5, 1]])


def test_stationarity_alone_proves_nothing():
    """Both work, at mu = 0.2: exactly stationary, and yet each gains 0.04, because slackness fails by as much."""
    certificate = certify(GAME, (1, 1), 0.8, multiplier=0.2)
    assert [gain.upper for gain in certificate.kkt.stationarity] == [0.0, 0.0]
    assert certificate.kkt.slack == pytest.approx(0.2)
    assert certificate.kkt.slackness == pytest.approx(0.04)
    assert certificate.kkt.gain_bounds == pytest.approx((0.04, 0.04))
    assert certificate.epsilon.lower == pytest.approx(0.04)


def test_the_three_conditions_together_suffice():
    """At the optimum (1, 0.6), mu = 0.2: stationary, feasible, no slack; the bound on each gain is 0."""
    found = kkt(GAME, (1, [0.4, 0.6]), 0.8, multiplier=0.2)
    assert found.gain_bounds == pytest.approx((0.0, 0.0), abs=1e-12)
    assert certify(GAME, (1, [0.4, 0.6]), 0.8).epsilon.upper == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("mu", [0.0, 0.3, 2.0])
def test_weak_duality_bounds_every_gain(seed, mu):
    """In random games, at any multiplier: gain_i <= stationarity_i + mu (E[J] - tau)."""
    game = random_game(seed, 6, (2, 3), horizon=3, common=seed % 2 == 0)
    policies = random_policies(seed, 6, (2, 3))
    tau = certify(as_finite_game(game), policies, None).present.index - 0.05
    certificate = certify(as_finite_game(game), policies, tau, multiplier=mu)
    for agent, bound in zip(certificate.agents, certificate.kkt.gain_bounds, strict=True):
        assert agent.feasible.gain.upper <= bound + 1e-9
    # The agent's own multiplier closes the gap.
    for agent in range(2):
        own = certificate.agents[agent].feasible
        closed = kkt(as_finite_game(game), policies, tau, multiplier=own.multiplier)
        assert closed.gain_bounds[agent] == pytest.approx(own.gain.lower, abs=1e-9)


def test_the_multiplier_of_a_lottery_is_the_slope_of_its_outcomes():
    """From (R, J) = (1.0, 0.5) to (0.9, 1.0): 0.1 per 0.5, wherever the lottery puts its weight."""
    for share in (0.1, 0.6):
        certificate = certify(GAME, [(1, 0), (1, 1)], 0.5 + 0.5 * share - 0.01, lottery=(1.0 - share, share))
        assert certificate.kkt.multiplier == pytest.approx(0.2)
    slope = hull_slope(Outcome(np.array([1.0]), 0.5, np.zeros(0)), Outcome(np.array([0.9]), 1.0, np.zeros(0)))
    assert slope == pytest.approx(0.2)


def test_outcomes_that_are_no_hull_have_no_slope():
    """The fairer one also has more return, or both are equally fair."""
    low, high = Outcome(np.array([0.5]), 0.5, np.zeros(0)), Outcome(np.array([1.0]), 0.9, np.zeros(0))
    assert hull_slope(low, high) is None
    assert hull_slope(low, low) is None


def test_slack_implies_a_multiplier_of_zero_and_a_binding_constraint_none():
    """Without a lottery."""
    assert certify(GAME, (1, 1), 0.8).kkt.multiplier == 0.0
    assert certify(GAME, (1, [0.4, 0.6]), 0.8).kkt is None
    assert certify(GAME, (1, 1), None).kkt is None
    with pytest.raises(InputError, match="multiplier is None; the constraint binds"):
        kkt(GAME, (1, [0.4, 0.6]), 0.8)


def test_the_lottery_is_public():
    """Work-rest and work-work, drawn publicly for all: the agents see it, and the threshold holds on average."""
    certificate = certify(GAME, [(1, 0), (1, 1)], 0.8, lottery=(0.4, 0.6))
    assert certificate.present.index == pytest.approx(0.8)
    assert certificate.present.returns[0] == pytest.approx(0.94)
    assert certificate.epsilon.upper == pytest.approx(0.0, abs=1e-12)
    assert [outcome.index for outcome in certificate.outcomes] == [0.5, 1.0]
