"""The secant on the multiplier, and the linear program over occupancy measures: same value, same price."""

from __future__ import annotations

import numpy as np
import pytest
from occupancy import marginal, occupancy
from random_games import as_finite_game, random_game

from evenhand.equilibrium.best_response import Deviations, constrained, unconstrained
from evenhand.equilibrium.tabular_decision import TabularDecision

UTILITY, INDEX = np.eye(2)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("states", "actions", "horizon", "discount"),
    [(10, 2, 5, None), (10, 2, None, 0.95), (100, 4, 4, None), (100, 4, None, 0.9), (5, 3, None, 0.999)],
)
@pytest.mark.parametrize("height", [0.1, 0.5, 0.95])
def test_the_secant_is_the_linear_program(seed, states, actions, horizon, discount, height):
    """At thresholds between the index of the best plan and the largest; in few backward inductions."""
    game = random_game(seed, states, (actions,), horizon=horizon, discount=discount)
    decision = Deviations(np.ones(1), [TabularDecision.of_team(as_finite_game(game))], None)
    best = unconstrained(decision, UTILITY, INDEX, optimistic=True).features @ INDEX
    fairest = unconstrained(decision, INDEX, UTILITY, optimistic=True).features @ INDEX
    tau = best + height * (fairest - best)
    found = constrained(decision, UTILITY, INDEX, tau, optimistic=True)
    rest = (game["final"], game["start"], horizon, discount)
    expected = occupancy(*marginal(game, None, None), *rest, UTILITY, INDEX, tau)
    assert found.features @ UTILITY == pytest.approx(expected.value, rel=1e-7)
    assert found.features @ INDEX == pytest.approx(tau, rel=1e-9)
    assert found.multiplier == pytest.approx(expected.multiplier, rel=1e-4, abs=1e-6)
    assert found.trials <= 20
    assert constrained(decision, UTILITY, INDEX, fairest * 1.001, optimistic=True) is None


def test_the_number_of_backward_inductions_is_small():
    """Between 3 and 20; at most ten in the median of a hundred random problems, whose hulls have many vertices."""
    trials = []
    for seed in range(100):
        game = random_game(seed, 20, (3,), horizon=4)
        decision = Deviations(np.ones(1), [TabularDecision.of_team(as_finite_game(game))], None)
        best, fairest = (
            unconstrained(decision, first, second, optimistic=True).features @ INDEX
            for first, second in ((UTILITY, INDEX), (INDEX, UTILITY))
        )
        trials.append(constrained(decision, UTILITY, INDEX, (best + fairest) / 2.0, optimistic=True).trials)
    assert min(trials) >= 3
    assert np.median(trials) <= 10
    assert max(trials) <= 20
