"""Theorems about games with a shared constraint, on random games."""

from __future__ import annotations

import numpy as np
import pytest
from random_games import as_finite_game, random_game, random_policies

from evenhand.equilibrium import FiniteGame, certify, replay


@pytest.mark.parametrize("seed", range(10))
def test_with_a_common_reward_no_feasible_gain_exceeds_the_price_of_decentralisation(seed):
    """A feasible deviation is a policy of the team, which the optimum is above."""
    game = random_game(seed, 5, (2, 2, 2), horizon=3)
    policies = random_policies(seed, 5, (2, 2, 2), pure=True)
    built = as_finite_game(game)
    tau = certify(built, policies, None).present.index
    certificate = certify(built, policies, tau)
    assert certificate.epsilon.upper <= certificate.price_of_decentralisation + 1e-9
    assert certificate.price_of_decentralisation > 1e-3


def test_with_own_rewards_a_gain_may_exceed_the_price():
    """The prisoners' dilemma: the team's optimum has price 0, and either gains 1."""
    own = [[[3, 0], [4, 1]], [[3, 4], [0, 1]]]
    certificate = certify(FiniteGame.once(own, np.ones((2, 2))), (0, 0), 0.5)
    assert certificate.price_of_decentralisation == pytest.approx(0.0)
    assert certificate.epsilon == (1.0, 1.0)
    assert certificate.nash_conv == (2.0, 2.0)


def test_an_equilibrium_need_not_be_optimal():
    """Both choose the lesser of two agreements: nobody gains alone, and the team loses 0.5."""
    certificate = certify(FiniteGame.once([[1, 0], [0, 0.5]], np.ones((2, 2))), (1, 1), 0.5)
    assert certificate.epsilon.upper == 0.0
    assert certificate.price_of_decentralisation == pytest.approx(0.5)


def test_a_public_lottery_reaches_what_product_policies_cannot():
    """Two ways to agree, one fair: drawn publicly 0.94; independent choices reach 0.9 at most, found on a fine grid."""
    rewards, index = np.array([[1, 0], [0, 0.9]]), np.array([[0.5, 0.75], [0.75, 1.0]])
    game = FiniteGame.once(rewards, index)
    certificate = certify(game, [(0, 0), (1, 1)], 0.8, lottery=(0.4, 0.6))
    assert certificate.present.returns[0] == pytest.approx(0.94)
    assert certificate.team_optimum == pytest.approx(0.94)
    assert certificate.epsilon.upper == pytest.approx(0.0, abs=1e-12)
    grid = np.linspace(0.0, 1.0, 401)
    one, two = np.stack([1 - grid, grid]), np.stack([1 - grid, grid])
    reached, fair = one.T @ rewards @ two, one.T @ index @ two
    assert reached[fair >= 0.8 - 1e-12].max() == pytest.approx(0.9)


def test_a_constraint_that_does_not_bind_enforces_nothing():
    """The free gain equals the feasible one; where it binds, the free deviation breaks the constraint."""
    game = FiniteGame.once(rewards=[[0, 1], [1, 0.9]], index=[[1, 0.5], [0.5, 1]])
    loose, tight = certify(game, (1, 1), 0.4), certify(game, (1, 1), 0.8)
    assert loose.agents[0].feasible.gain == pytest.approx(loose.agents[0].free.gain)
    assert tight.agents[0].free.gain.lower == pytest.approx(0.1)
    assert tight.agents[0].free.outcome.index < 0.8


def test_selfish_agents_by_hand():
    """Work costs c: at work-work with c = 0.3 an agent that rests saves 0.4, under the constraint 0.16."""
    work = [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]
    game = FiniteGame.once([[0, 1], [1, 0.9]], [[1, 0.5], [0.5, 1]], work=work)
    certificate = certify(game, (1, 1), 0.8, selfish=(0.0, 0.3))
    assert [(found.weight, found.agent) for found in certificate.selfish] == [(0.0, 0), (0.0, 1), (0.3, 0), (0.3, 1)]
    for found in certificate.selfish[2:]:
        assert found.free.gain.lower == pytest.approx(0.4)
        assert found.feasible.gain.lower == pytest.approx(0.16)
        # Resting in 0.4 of the episodes leaves its work to nobody: the other's does not change.
        changed = certificate.others(found.feasible)
        assert changed[found.agent] == pytest.approx(-0.4)
        assert changed[1 - found.agent] == pytest.approx(0.0)
    for found, agent in zip(certificate.selfish[:2], certificate.agents, strict=True):
        assert found.free.gain == agent.free.gain
        assert found.feasible.gain == agent.feasible.gain


@pytest.mark.parametrize("seed", range(6))
def test_selfish_gains_in_random_games(seed):
    """The utility of a selfish agent is a reward of its own: the game with that reward has the same gains."""
    game = random_game(seed, 4, (2, 2), horizon=3, work=True)
    policies = random_policies(seed, 4, (2, 2))
    built = as_finite_game(game)
    tau = certify(built, policies, None).present.index - 0.02
    certificate = certify(built, policies, tau, selfish=(0.4,))
    priced = {**game, "columns": 2, "work": None, "rewards": game["rewards"] - 0.4 * game["work"]}
    final = np.column_stack([game["final"][:, 0], game["final"][:, 0], game["final"][:, 1]])
    other = certify(as_finite_game({**priced, "final": final}), policies, tau)
    for found, agent in zip(certificate.selfish, other.agents, strict=True):
        assert found.free.gain == pytest.approx(agent.free.gain, abs=1e-9)
        assert found.feasible.gain == pytest.approx(agent.feasible.gain, abs=1e-9)
        played = replay(built, policies, found.feasible.witness)
        utility = played.returns[0] - 0.4 * played.work[found.agent]
        own = certificate.present.returns[0] - 0.4 * certificate.present.work[found.agent]
        assert utility - own == pytest.approx(found.feasible.gain.lower, abs=1e-9)
