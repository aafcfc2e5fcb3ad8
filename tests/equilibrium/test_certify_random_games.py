"""Certificates of random games: HiGHS on occupancy measures, and enumeration of all plans, must agree."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from occupancy import marginal, occupancy
from random_games import as_finite_game, fair_policies, random_game, random_policies, reached

from evenhand.equilibrium import certify, replay

CASES = [
    # states, actions, horizon, discount, common reward
    (1, (2, 2), 1, None, True),
    (2, (3, 2), 3, None, True),
    (3, (2, 2, 2), 4, None, False),
    (5, (2, 3), None, 0.9, True),
    (10, (2, 2), 5, None, True),
    (10, (2, 2, 2), None, 0.95, False),
    (10, (2, 2, 2, 2), 6, None, True),
    (100, (3, 3), None, 0.95, True),
    (100, (2, 2, 2), 5, None, False),
]


def _check(seed, states, actions, horizon, discount, common):
    """Compare gains, multipliers, the team's optimum and replays of the witnesses with other methods."""
    game = random_game(seed, states, actions, horizon=horizon, discount=discount, common=common)
    policies = fair_policies(seed, game)
    built, columns = as_finite_game(game), game["columns"]
    width = columns + 1
    index = np.eye(width)[columns]
    present = reached(game, policies)
    tau = 0.99 * present[columns]
    certificate = certify(built, policies, tau)
    assert certificate.present.index == pytest.approx(present[columns], rel=1e-9)
    assert certificate.present.returns == pytest.approx(present[:columns], rel=1e-9)
    rest = (game["final"], game["start"], horizon, discount)
    for agent in range(len(actions)):
        utility = np.eye(width)[agent if columns > 1 else 0]
        problem = marginal(game, policies, agent)
        found = certificate.agents[agent]
        free = occupancy(*problem, *rest, utility, index, None)
        best = occupancy(*problem, *rest, utility, index, tau)
        own = present @ utility
        assert found.free.gain.exact
        assert found.feasible.gain.exact
        assert found.free.gain.lower == pytest.approx(free.value - own, abs=1e-6)
        assert found.feasible.gain.lower == pytest.approx(max(0.0, best.value - own), abs=1e-6)
        assert found.feasible.multiplier == pytest.approx(best.multiplier, abs=1e-5)
        for deviation in (found.free, found.feasible):
            outcome = replay(built, policies, deviation.witness)
            assert outcome.returns[agent if columns > 1 else 0] - own == pytest.approx(deviation.gain.lower, abs=1e-8)
        assert outcome.index >= tau - 1e-8
    welfare = np.arange(width) < columns
    team = occupancy(*marginal(game, policies, None), *rest, welfare.astype(float), index, tau)
    assert certificate.team_optimum == pytest.approx(team.value, rel=1e-7)


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("seed", range(2))
def test_gains_and_optimum_are_those_of_highs(case, seed):
    """Of one agent's problem and of the team's, in games with horizons and discounts, common and own rewards."""
    _check(seed, *case)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("states", "actions", "horizon", "discount"),
    [(1000, (2, 2, 2), 3, None), (1000, (3, 3), None, 0.95), (10_000, (2, 2), 1, None), (10_000, (2, 2), None, 0.9)],
)
def test_large_games_are_those_of_highs(seed, states, actions, horizon, discount):
    """One agent's gain under the constraint, up to ten thousand joint states."""
    game = random_game(seed, states, actions, horizon=horizon, discount=discount)
    policies = fair_policies(seed, game)
    built = as_finite_game(game)
    tau = 0.99 * certify(built, policies, None).present.index
    certificate = certify(built, policies, tau)
    found, (utility, index) = certificate.agents[0].feasible, np.eye(2)
    rest = (game["final"], game["start"], horizon, discount, utility, index)
    best = occupancy(*marginal(game, policies, 0), *rest, tau)
    assert found.gain.exact
    assert found.gain.lower == pytest.approx(best.value - certificate.present.returns[0], rel=1e-6)
    assert found.multiplier == pytest.approx(best.multiplier, rel=1e-4)
    assert found.multiplier > 0.01


@pytest.mark.parametrize("seed", range(20))
def test_gains_are_those_of_enumeration(seed):
    """All deterministic plans of an agent, and the best mixture of any two, in games of two states and three steps."""
    states, actions, horizon = 2, (2, 2), 3
    game = random_game(seed, states, actions, horizon=horizon)
    policies = random_policies(seed, states, actions, pure=seed % 2 == 0)
    present = reached(game, policies)
    tau = present[1] * 0.97
    certificate = certify(as_finite_game(game), policies, tau)
    for agent in range(2):
        rows, features = marginal(game, policies, agent)
        transition = rows.toarray().reshape(states, actions[agent], states)
        points = []
        for plan in product(range(actions[agent]), repeat=states * horizon):
            at, total = game["start"], np.zeros(2)
            for step in range(horizon):
                chosen = (np.arange(states), list(plan[step * states : (step + 1) * states]))
                total = total + at @ features[chosen]
                at = at @ transition[chosen]
            points.append(total + at @ game["final"])
        points = np.array(points)
        fair = points[:, 1] >= tau - 1e-12
        best = points[fair, 0].max()
        for low in points[~fair]:
            for high in points[fair]:
                share = (tau - low[1]) / (high[1] - low[1])
                best = max(best, low[0] + share * (high[0] - low[0]))
        found = certificate.agents[agent]
        assert found.free.gain.lower == pytest.approx(points[:, 0].max() - present[0], abs=1e-9)
        assert found.feasible.gain.lower == pytest.approx(max(0.0, best - present[0]), abs=1e-9)
