"""A trained team follows a threshold that a supervisor changes at run time, without further training.

There are two ways to follow: the dual controller stays on and moves the multiplier until the episodes are fair enough
(:class:`Controlled`), or the multipliers are looked up in the trade-off curve that was measured after training
(:class:`Read`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.fair_gne import Constraint, DualController
from evenhand.fair_gne.dual_controllers import PID, DualState
from evenhand.learning.episode_windows import ROUNDING, SLACK, WINDOW
from evenhand.learning.episodes import Episodes, Learner, play_episodes
from evenhand.learning.multiplier_curve import Point
from evenhand.learning.pick_multiplier import pick_from

Floats = NDArray[np.float64]

BATCH = 10
"""Episodes between two updates of the multiplier.

The index is a step function of the multiplier, so the controller ends up alternating between the two sides of a step.
The fewer episodes between updates, the less the mean index varies from one window of episodes to the next.
"""
MARGIN = 0.01
"""Distance above the threshold at which the controller aims, in the unit of the index."""


class Steering(Protocol):
    """Chooses multipliers while episodes are played."""

    def multipliers(self, tau: float, episodes: int) -> NDArray[np.float32]:
        """Return the multipliers of the next episodes, (episodes,), under the threshold now in force."""

    def see(self, played: Episodes, tau: float) -> None:
        """Learn from episodes that were played."""


class Controlled:
    """The dual controller, running while the trained team plays.

    Parameters
    ----------
    constraint
        The constraint; its index is compared with the threshold in force.
    cap
        Upper limit on the multiplier.
    controller
        The controller; default :func:`damped` with this `cap`.
    multiplier
        Initial multiplier.
    margin
        Distance above the threshold to aim at, in the unit of the index.
    """

    def __init__(
        self,
        constraint: Constraint,
        *,
        cap: float,
        controller: DualController | None = None,
        multiplier: float = 0.0,
        margin: float = MARGIN,
    ) -> None:
        self._constraint = constraint
        self._controller = damped(cap) if controller is None else controller
        self._margin = margin
        state = self._controller.init()
        self.state: DualState = state._replace(
            multiplier=state.multiplier + multiplier, integral=state.integral + multiplier
        )

    def multipliers(self, tau: float, episodes: int) -> NDArray[np.float32]:
        """Return the controller's multiplier for each episode."""
        del tau
        return np.full(episodes, self.state.multiplier, dtype=np.float32)

    def see(self, played: Episodes, tau: float) -> None:
        """Update the multiplier with the violation of the new episodes."""
        violation = self._constraint.violation(played.workload, tau=tau, present=played.present) + self._margin
        self.state = self._controller.update(self.state, violation, played.success.mean(), len(played))


class Read:
    """Lotteries over multipliers, read from a stored trade-off curve whenever the threshold changes.

    Parameters
    ----------
    constraint
        The constraint under which the curve was measured.
    curve
        Result of :func:`~evenhand.learning.multiplier_curve.trade_off_curve`.
    margin
        As in :func:`~evenhand.learning.pick`.
    seed
        Seed of the lotteries' draws.
    """

    def __init__(
        self, constraint: Constraint, curve: Sequence[Point], *, margin: float | None = None, seed: int = 0
    ) -> None:
        self._constraint = constraint
        self._curve = curve
        self._margin = margin
        self._seed = seed
        self._played = 0

    def multipliers(self, tau: float, episodes: int) -> NDArray[np.float32]:
        """Draw the multipliers from the lottery for this threshold, continuing its sequence of draws."""
        lottery = pick_from(self._curve, self._constraint, tau=tau, margin=self._margin).lottery
        return lottery.draw(self._played + episodes, self._seed)[self._played :]

    def see(self, played: Episodes, tau: float) -> None:
        """Count the episodes, so that the next draws continue the sequence."""
        del tau
        self._played += len(played)


@dataclass(frozen=True)
class Change:
    """How the team followed one change of the threshold.

    Attributes
    ----------
    episode
        Number of the first episode under the new threshold.
    tau
        The new threshold.
    episodes_to_meet
        Number of episodes that the team takes to settle: all windows of 200 episodes that begin later, until the next
        change, have a mean index of at least the threshold less 0.01. None if the last window does not.
    multiplier, potential, success, episode_steps
        Means over the last window before the next change.
    """

    episode: int
    tau: float
    episodes_to_meet: int | None
    multiplier: float
    potential: float
    success: float
    episode_steps: float

    def to_dict(self) -> dict[str, Any]:
        """Return the change as JSON values."""
        return dict(vars(self))


@dataclass(frozen=True, eq=False)
class Trace:
    """The course of a supervised stream of episodes, in B batches.

    Attributes
    ----------
    first
        Shape (B,): number of the first episode of each batch.
    tau
        Shape (B,): threshold in force.
    multiplier, potential, success
        Shape (B,): means over the batch of the multiplier, of the quantity that the constraint bounds, and of success.
    changes
        One for each threshold.
    """

    first: NDArray[np.int64]
    tau: Floats
    multiplier: Floats
    potential: Floats
    success: Floats
    changes: tuple[Change, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the trace as JSON values."""
        rows = {name: getattr(self, name).tolist() for name in ("first", "tau", "multiplier", "potential", "success")}
        return {**rows, "changes": [change.to_dict() for change in self.changes]}


def damped(cap: float) -> PID:
    """Return a PID controller tuned to follow a changed threshold quickly and without oscillating."""
    return PID(kp=0.5, ki=0.5, kd=0.0, smoothing=0.5, cap=cap, cadence=1)


def supervise(
    learner: Learner,
    parameters: Any,
    steering: Steering,
    taus: Mapping[int, float],
    *,
    episodes: int,
    batch: int = BATCH,
    seed: int = 0,
) -> Trace:
    """Play a stream of episodes while the threshold changes.

    Parameters
    ----------
    learner, parameters
        A policy that was trained under all multipliers.
    steering
        Chooses the multipliers.
    taus
        Thresholds by the number of the first episode that they apply to; the first begins at 0.
    episodes
        Number of episodes to play.
    batch
        Number of episodes that are played between two calls of the steering; fewer just before a change.
    seed
        Seed of the episodes' starts.

    Raises
    ------
    InputError
        If the first threshold does not begin at episode 0, if one begins after the last episode, or if `batch` is
        below 1.
    """
    begins = sorted(taus)
    if not begins or begins[0] != 0 or begins[-1] >= episodes:
        raise InputError(f"taus begin at {begins}; the first must begin at 0, and all before the end at {episodes}")
    if batch < 1:
        raise InputError(f"batch is {batch!r}; it must be at least one episode")
    stretches = [(taus[begin], begin, end) for begin, end in pairwise([*begins, episodes])]
    parts: list[tuple[int, float, Episodes]] = []
    changes = []
    for tau, begin, end in stretches:
        batches = []
        for first in range(begin, end, batch):
            number = min(batch, end - first)
            forces = steering.multipliers(tau, number)
            played = play_episodes(learner, parameters, forces, seed=seed, starts=np.arange(first, first + number))
            steering.see(played, tau)
            batches.append((first, tau, played))
        parts += batches
        changes.append(_change(learner.team.constraint, begin, tau, [played for *_, played in batches]))
    return _trace(learner.team.constraint, parts, changes)


def episodes_to_meet(potential: Floats, target: float, *, slack: float = SLACK, window: int = WINDOW) -> int | None:
    """Return after how many episodes all windows are fair enough.

    Parameters
    ----------
    potential
        Shape (N,): what the constraint bounds, in the episodes since a change of the threshold.
    target, slack
        A window is fair enough if its mean is at least the target less the slack.
    window
        Number of episodes per window; a window begins at every episode.

    Returns
    -------
    int or None
        Number of episodes before the first window from which on all are fair enough. None if the last window is not, or
        if there are fewer episodes than a window has.

    Examples
    --------
    >>> episodes_to_meet(np.array([0.0, 1.0, 1.0, 1.0]), 1.0, window=2)
    1
    """
    if potential.size < window:
        return None
    sums = np.concatenate([[0.0], np.cumsum(potential)])
    short = (sums[window:] - sums[:-window]) / window < target - slack - ROUNDING
    if short[-1]:
        return None
    return int(np.flatnonzero(short)[-1]) + 1 if short.any() else 0


def _change(constraint: Constraint, begin: int, tau: float, played: list[Episodes]) -> Change:
    potential = np.concatenate([constraint.potential(part.workload, tau, part.present) for part in played])
    last = {
        name: float(np.concatenate([getattr(part, name) for part in played])[-WINDOW:].mean())
        for name in ("multiplier", "success", "episode_steps")
    }
    target = float(constraint.target(tau))
    return Change(begin, tau, episodes_to_meet(potential, target), potential=float(potential[-WINDOW:].mean()), **last)


def _trace(constraint: Constraint, parts: list[tuple[int, float, Episodes]], changes: list[Change]) -> Trace:
    return Trace(
        first=np.array([first for first, *_ in parts]),
        tau=np.array([tau for _, tau, _ in parts]),
        multiplier=np.array([played.multiplier.mean() for *_, played in parts]),
        potential=np.array(
            [float(np.mean(constraint.potential(played.workload, tau, played.present))) for _, tau, played in parts]
        ),
        success=np.array([played.success.mean() for *_, played in parts]),
        changes=tuple(changes),
    )
