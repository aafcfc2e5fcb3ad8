"""What the whole team could reach in a finite game, if one planner chose the actions of all agents."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evenhand.equilibrium.best_response import Deviations, constrained, unconstrained
from evenhand.equilibrium.finite_game import FiniteGame
from evenhand.equilibrium.outcome import Scale
from evenhand.equilibrium.tabular_decision import TabularDecision


class Team(NamedTuple):
    """The planner's figures.

    Attributes
    ----------
    optimum
        Largest expected return (sum of the returns, if each agent has its own) under the constraint, by a public
        lottery over two deterministic joint policies; None if no policy meets the constraint.
    largest_index
        Largest expected index of any policy.
    scale
        Range of the expected returns.
    """

    optimum: float | None
    largest_index: float
    scale: Scale


def solve_team(game: FiniteGame, tau: float | None) -> Team:
    """Return what the team could reach with an expected index of at least `tau`."""
    columns = game.columns
    planner = Deviations(np.ones(1), [TabularDecision.of_team(game)], None)
    welfare, index = columns.welfare, columns.index
    free = unconstrained(planner, welfare, index, optimistic=True)
    worst = unconstrained(planner, -welfare, index, optimistic=True)
    fairest = unconstrained(planner, index, welfare, optimistic=True)
    best = free if tau is None else constrained(planner, welfare, index, tau, optimistic=True)
    return Team(
        None if best is None else float(welfare @ best.features),
        float(index @ fairest.features),
        Scale(None, float(welfare @ worst.features), float(welfare @ free.features)),
    )
