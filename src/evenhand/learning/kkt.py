"""The Karush-Kuhn-Tucker table of a trained team: in what fraction of windows of episodes each condition holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.fair_gne import Constraint
from evenhand.fair_gne.dual_controllers import SATURATED
from evenhand.learning.episode_windows import ROUNDING, SLACK, WINDOW, window_means
from evenhand.statistics import Estimate, mean_estimate, share_estimate

if TYPE_CHECKING:
    from evenhand.equilibrium import Interval
    from evenhand.learning.episodes import Episodes

SLACKNESS = 0.05
"""Tolerance of complementary slackness, as a fraction of the mean absolute reward of an episode."""
NOT_MEASURED = "not measured"
"""What JSON has in place of a figure for which the episodes hold no evidence."""


@dataclass(frozen=True)
class Condition:
    """One condition of the table.

    Attributes
    ----------
    name
        Name of the condition.
    value
        Mean over the windows, with its interval; None if it is not measured.
    tolerance
        Limit on a window's value: an upper limit, except for the distance to the cap, where it is a lower one.
    rate
        Fraction of the windows within that limit.
    """

    name: str
    value: Estimate | None = None
    tolerance: float | None = None
    rate: Estimate | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the condition as JSON values, with "not measured" in place of None."""
        return {
            "name": self.name,
            "value": NOT_MEASURED if self.value is None else self.value.to_dict(),
            "tolerance": NOT_MEASURED if self.tolerance is None else self.tolerance,
            "rate": NOT_MEASURED if self.rate is None else self.rate.to_dict(),
        }


@dataclass(frozen=True)
class Stationarity:
    r"""What each agent could gain in the Lagrangian, exactly over all starts, while the others keep their policies.

    If the agents gain at most :math:`s_i` in :math:`R + \mu J` at one multiplier :math:`\mu` for all, then by weak
    duality none gains more than :math:`s_i + \mu (E[J] - \tau)` under the constraint.

    Attributes
    ----------
    multiplier
        :math:`\mu`: the slope between the outcomes of the lottery, the return lost per unit of index gained, whatever
        multipliers were drawn to reach them. Without a lottery 0 where the constraint has slack, otherwise the
        multiplier that was played.
    gains
        :math:`s_i` of each agent, as proven intervals.
    slack
        :math:`E[J] - \tau`, exact over all starts. What a lottery aims at above :math:`\tau` is slack on purpose.
    tolerance
        Largest gain that counts as none: a tenth of a step's price.
    """

    multiplier: float
    gains: tuple[Interval, ...]
    slack: float
    tolerance: float

    @property
    def largest(self) -> float:
        """Upper bound on the gain of any agent in the Lagrangian."""
        return max(gain.upper for gain in self.gains)

    @property
    def gain_bounds(self) -> tuple[float, ...]:
        """Upper bounds on the agents' gains under the constraint."""
        return tuple(gain.upper + self.multiplier * self.slack for gain in self.gains)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "multiplier": self.multiplier,
            "gains": [gain.to_dict() for gain in self.gains],
            "gain_bounds": list(self.gain_bounds),
            "slack": self.slack,
            "tolerance": self.tolerance,
        }


@dataclass(frozen=True)
class KKT:
    r"""The Karush-Kuhn-Tucker conditions, measured in each window of episodes.

    With g the constraint's target less the mean index of a window, and :math:`\lambda` the window's mean multiplier:

    primal violation
        :math:`\max(0, g)`.
    multiplier, distance to the cap
        :math:`\lambda` and :math:`\lambda_{\max} - \lambda`. The multiplier is never negative, and once it is at its
        cap it is no longer the price of fairness.
    complementary slackness
        :math:`|\lambda g|`, in the unit of the reward.
    stationarity
        The largest gain of an agent in the Lagrangian, which is the same in all windows; not measured unless asked for,
        because it takes the best response of each agent.

    With stationarity, one multiplier :math:`\mu` serves all conditions (see :class:`Stationarity`), and slackness is
    :math:`\mu \max(0, \bar J - a)` for a window's mean index :math:`\bar J` and the aim :math:`a \ge \tau` of the
    lottery: the distance between aim and threshold is slack on purpose, reported as such.

    Attributes
    ----------
    windows, window
        Number of windows, and of episodes per window.
    tau
        Threshold.
    conditions
        The conditions, in the order above.
    all_met
        Fraction of the windows in which all measured conditions hold.
    exact
        Stationarity of each agent; None if it was not measured.
    """

    windows: int
    window: int
    tau: float
    conditions: tuple[Condition, ...]
    all_met: Estimate
    exact: Stationarity | None = None

    def __getitem__(self, name: str) -> Condition:
        """Return a condition by its name."""
        return next(condition for condition in self.conditions if condition.name == name)

    def to_dict(self) -> dict[str, Any]:
        """Return the table as JSON values."""
        return {
            "windows": self.windows,
            "window": self.window,
            "tau": self.tau,
            "conditions": [condition.to_dict() for condition in self.conditions],
            "all_met": self.all_met.to_dict(),
            "exact": NOT_MEASURED if self.exact is None else self.exact.to_dict(),
        }


def kkt_table(
    played: Episodes,
    constraint: Constraint,
    *,
    cap: float,
    tau: float | None = None,
    window: int = WINDOW,
    primal: float = SLACK,
    slackness: float = SLACKNESS,
    exact: Stationarity | None = None,
    aim: float | None = None,
) -> KKT:
    """Return the table for consecutive episodes of a fixed policy under a fixed lottery.

    Parameters
    ----------
    played
        The episodes, at least one window of them; those after the last whole window are ignored.
    constraint
        The constraint under which they were played.
    cap
        Upper limit on the multiplier.
    tau
        Threshold; default the constraint's own.
    window
        Number of episodes per window.
    primal
        Tolerance of the primal violation, in the unit of the index.
    slackness
        Tolerance of complementary slackness, as a fraction of the mean absolute reward of an episode; with `exact`, its
        tolerance is used instead.
    exact
        Stationarity, if it was measured.
    aim
        Mean index that the lottery aims at, at least the threshold; default the constraint's target. Used with `exact`.

    Raises
    ------
    InputError
        If there are fewer episodes than one window has.
    """
    if len(played) < window:
        raise InputError(f"there are {len(played)} episodes; a KKT table needs at least a window of {window}")
    tau = constraint.tau if tau is None else tau
    multiplier = window_means(played.multiplier, window)
    potential = window_means(constraint.potential(played.workload, tau, played.present), window)
    violation = constraint.target(tau) - potential
    price, priced = multiplier, slackness * float(np.abs(played.reward).mean())
    loose = np.abs(multiplier * violation)
    if exact is not None:
        price, priced = np.full_like(multiplier, exact.multiplier), exact.tolerance
        loose = price * np.maximum(potential - (constraint.target(tau) if aim is None else aim), 0.0)
    room = (1.0 - SATURATED) * cap
    columns = [
        ("primal violation", np.maximum(violation, 0.0), primal, violation <= primal + ROUNDING),
        ("multiplier", price, 0.0, price >= 0.0),
        ("distance to the cap", cap - multiplier, room, cap - multiplier > room),
        ("complementary slackness", loose, priced, loose <= priced),
    ]
    if exact is not None:
        gain = np.full_like(multiplier, exact.largest)
        columns.append(("stationarity", gain, exact.tolerance, gain <= exact.tolerance))
    met = np.all([holds for *_, holds in columns], axis=0)
    last = () if exact is not None else (Condition("stationarity"),)
    return KKT(
        windows=multiplier.size,
        window=window,
        tau=tau,
        conditions=(*(_condition(*column) for column in columns), *last),
        all_met=share_estimate(met),
        exact=exact,
    )


def _condition(name: str, values: NDArray[np.float64], tolerance: float, holds: NDArray[np.bool_]) -> Condition:
    return Condition(name, mean_estimate(values), tolerance, share_estimate(holds))
