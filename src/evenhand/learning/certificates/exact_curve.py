"""The trade-off curve of a team in the hospital without sampling: every start is played, so that figures are exact."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evenhand.hospital.enumeration import TeamStates
from evenhand.learning.certificates.policy_tables import team_states
from evenhand.learning.multiplier_curve import Point, usual_grid
from evenhand.learning.pick_multiplier import HALVINGS, Picked, middle_of, pick_from
from evenhand.statistics import Estimate

if TYPE_CHECKING:
    from evenhand.learning.training import Run

Played = Callable[[int, int], None]


class ExactCurve:
    """A run's team under any multiplier, played from every start; each multiplier is played, and its policy read, once.

    Parameters
    ----------
    run
        The run.
    tau
        Threshold, which matters only if the constraint's form is ``share``.
    """

    def __init__(self, run: Run, tau: float) -> None:
        self._run, self._tau = run, tau
        self._states: dict[float, TeamStates] = {}

    def states(self, multiplier: float) -> TeamStates:
        """Return the states that the team reaches under a multiplier."""
        if multiplier not in self._states:
            self._states[multiplier] = team_states(self._run, multiplier)
        return self._states[multiplier]

    def point(self, multiplier: float) -> Point:
        """Return the team under a multiplier; the intervals have no width."""
        states = self.states(multiplier)
        team = self._run.learner.team
        rows, lengths, _ = states.play()
        work = states.workload(rows, team.env.workload_definition).astype(np.float64)
        potential = np.asarray(team.constraint.potential(work, self._tau), dtype=np.float64)
        return Point(
            multiplier=multiplier,
            jain=_exact(np.asarray(team.constraint.index(work))),
            success=_exact(states.is_done(rows)),
            episode_steps=_exact(lengths),
            reward=_exact(states.returns(rows, lengths)),
            potential=_exact(potential),
            deviation=float(potential.std()),
            episodes=len(rows),
        )

    def pick(self, *, margin: float = 0.0, progress: Played | None = None) -> Picked:
        """Return the lottery between two multipliers that meets the threshold with the highest mean reward.

        As :func:`evenhand.learning.pick` searches: a grid of multipliers, then bisection between the two that it finds.
        Means are exact, so no margin is needed.
        """
        points: list[Point] = []
        cap, constraint = self._run.learner.team.cap, self._run.learner.team.constraint

        def add(multipliers: Iterable[float]) -> Picked:
            new = [float(multiplier) for multiplier in multipliers]
            for number, multiplier in enumerate(new, 1):
                points.append(self.point(multiplier))
                if progress is not None:
                    progress(number, len(new))
            return pick_from(points, constraint, tau=self._tau, margin=margin)

        found = add(usual_grid(cap))
        for _ in range(HALVINGS):
            if found.lottery.share == 0.0:
                break
            found = add(middle_of(found.lottery, cap))
        return found


def _exact(values: NDArray[np.generic]) -> Estimate:
    mean = math.fsum(values.tolist()) / len(values)
    return Estimate(mean, mean, mean)
