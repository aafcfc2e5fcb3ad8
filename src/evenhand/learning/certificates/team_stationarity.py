"""Measure the stationarity of a team: each agent's best response in the Lagrangian, over all starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evenhand.equilibrium import hull_slope, kkt
from evenhand.learning.certificates.hospital_game import HospitalGame
from evenhand.learning.certificates.policy_tables import refuse_others, team_states
from evenhand.learning.certificates.team_certificate import MOST_STATES, drawn
from evenhand.learning.kkt import Stationarity
from evenhand.learning.lottery import Lottery

if TYPE_CHECKING:
    from evenhand.learning.training import Run

PART = 0.1
"""Largest gain that counts as none, as a fraction of a step's price."""
OF_RANGE = 0.001
"""The same where time costs nothing, as a fraction of the range of returns."""


def stationarity_of(run: Run, lottery: Lottery, tau: float | None = None) -> Stationarity:
    """Return the stationarity of a run's team under a lottery over multipliers.

    Parameters
    ----------
    run
        A run in a scenario of the hospital.
    lottery
        The lottery.
    tau
        Threshold; default the constraint's own.

    Raises
    ------
    InputError
        If the states of the run's environment cannot be enumerated.
    """
    env, constraint = run.learner.team.env, run.learner.team.constraint
    refuse_others(env)
    outcomes = drawn(lottery)
    game = HospitalGame(env.arrays, env.workload_definition, constraint, tau)
    target = float(constraint.target(tau))
    teams = [team_states(run, multiplier) for _, multiplier in outcomes]
    played = [game.play(team) for team in teams]
    slope = hull_slope(*played) if len(played) == 2 else None
    if slope is None:
        reached = sum(share * one.index for (share, _), one in zip(outcomes, played, strict=True))
        slope = 0.0 if reached > target else lottery.likelier
    found = kkt(
        game,
        teams,
        target,
        lottery=[share for share, _ in outcomes],
        multiplier=slope,
        value_bound=game.value_bound,
        most_states=MOST_STATES,
    )
    assert game.scale is not None
    span = game.scale.highest - game.scale.lowest
    tolerance = PART * game.scale.step if game.scale.step else OF_RANGE * span
    return Stationarity(found.multiplier, found.stationarity, found.slack, tolerance)
