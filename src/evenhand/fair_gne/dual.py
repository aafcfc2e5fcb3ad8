r"""Dual controllers: how the multiplier :math:`\lambda` follows the violation of the constraint.

One interface: ``init()`` gives a :class:`DualState`, ``update(state, violation, success, count)`` the next one.
Both are pure and hold no branch on values, so that `jax.jit`, `jax.vmap` and `jax.lax.scan` take them.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from evenhand.errors import InputError
from evenhand.fair_gne.libraries import library_of
from evenhand.fairness.cone import checked_parameter
from evenhand.fairness.shares import checked_whole

SATURATED = 0.99
"""A multiplier from this part of its cap upwards counts as being at the cap, as in the authors' code."""


class DualState(NamedTuple):
    """Everything a controller remembers; what it does not use stays as it began. Arrays of one shape, often ().

    Attributes
    ----------
    multiplier
        The multiplier in force, from 0 to the cap.
    violation
        The violation that the last change of the multiplier was made for.
    integral
        Integral part of a PID controller, from 0 to the cap.
    smoothed
        Exponential moving average of the violation.
    updates
        Number of changes so far (integer).
    awake
        Whether the warm-up is over (boolean).
    pending_violation, pending_success, pending
        Sums over the episodes that wait for the next change, and their number.
    """

    multiplier: Any
    violation: Any
    integral: Any
    smoothed: Any
    updates: Any
    awake: Any
    pending_violation: Any
    pending_success: Any
    pending: Any


@dataclass(frozen=True, kw_only=True)
class DualController(ABC):
    """What the controllers share: a cap, a cadence, a warm-up.

    Parameters
    ----------
    cap
        Largest multiplier. At the cap with the violation still there, the threshold is out of this learner's
        reach at this cap (:meth:`unmet`); only a planner can prove it infeasible.
    cadence
        Number of fresh episodes (of steps, with the constraint's form ``step``) from one change of the
        multiplier to the next; their violations are averaged.
    warm_up
        Success rate, in [0, 1], below which the multiplier stays 0 until it has been reached once. A team that
        cannot do its task yet is never fair while it works; a multiplier that grows meanwhile teaches it to idle.
    """

    cap: float = 10.0
    cadence: int = 1
    warm_up: float = 0.0

    def __post_init__(self) -> None:
        self._hold("cap", 0.0)
        self._above_zero("cap")
        self._hold("warm_up", 0.0, 1.0)
        object.__setattr__(self, "cadence", checked_whole("cadence", self.cadence, 1, "a number of episodes"))

    def init(self, shape: tuple[int, ...] = ()) -> DualState:
        """Return the state before the first episode, in NumPy; a `shape` gives several independent multipliers."""
        return DualState(
            multiplier=np.zeros(shape),
            violation=np.zeros(shape),
            integral=np.zeros(shape),
            smoothed=np.zeros(shape),
            updates=np.zeros(shape, dtype=np.int32),
            awake=np.full(shape, self.warm_up <= 0.0),
            pending_violation=np.zeros(shape),
            pending_success=np.zeros(shape),
            pending=np.zeros(shape),
        )

    def update(self, state: DualState, violation: Any, success: Any = 1.0, count: Any = 1.0) -> DualState:
        """Return the state after a batch of fresh episodes.

        Parameters
        ----------
        state
            The state so far.
        violation
            Mean violation over the batch, e.g. :meth:`Constraint.violation` under the threshold now in force.
        success
            Success rate of the batch, for the warm-up.
        count
            Number of episodes in the batch. A batch of none changes nothing, whatever its violation, NaN included.
        """
        xp = library_of(state.multiplier, violation, success, count)
        state, violation, success, count = _arrays(xp, state, violation, success, count)
        some = count > 0.0
        zero = xp.zeros_like(state.multiplier)
        pending_violation = state.pending_violation + xp.where(some, violation * count, zero)
        pending_success = state.pending_success + xp.where(some, success * count, zero)
        pending = state.pending + xp.where(some, count, zero)
        due = some & (pending >= self.cadence)
        per_episode = 1.0 / xp.where(pending > 0.0, pending, xp.ones_like(pending))
        mean = pending_violation * per_episode
        awake = state.awake | (due & (pending_success * per_episode >= self.warm_up))
        changed = self._change(xp, state, mean)
        acts = due & awake
        return DualState(
            multiplier=xp.where(acts, changed.multiplier, state.multiplier),
            violation=xp.where(due, mean, state.violation),
            integral=xp.where(acts, changed.integral, state.integral),
            smoothed=xp.where(acts, changed.smoothed, state.smoothed),
            updates=xp.where(acts, state.updates + 1, state.updates),
            awake=awake,
            pending_violation=xp.where(due, zero, pending_violation),
            pending_success=xp.where(due, zero, pending_success),
            pending=xp.where(due, zero, pending),
        )

    def saturated(self, state: DualState) -> Any:
        """Tell whether the multiplier is at its cap (from 0.99 of it)."""
        return state.multiplier >= SATURATED * self.cap

    def unmet(self, state: DualState) -> Any:
        """Tell whether the multiplier is at its cap and the constraint was still violated at the last change."""
        return self.saturated(state) & (state.violation > 0.0)

    def _hold(self, name: str, low: float, high: float = math.inf) -> None:
        """Check a number and keep it as a float: equal controllers must have the same `repr`, whatever the number."""
        object.__setattr__(self, name, checked_parameter(name, getattr(self, name), low, high))

    def _above_zero(self, name: str) -> None:
        if not getattr(self, name) > 0.0:
            raise InputError(f"{name} is {getattr(self, name)!r}; it must be above 0")

    @abstractmethod
    def _change(self, xp: Any, state: DualState, violation: Any) -> DualState:
        """Return the state with a new multiplier (integral, smoothed) for the mean `violation` of a window."""


@dataclass(frozen=True)
class Fixed(DualController):
    """A multiplier that never changes: the fixed penalties of the comparisons.

    Parameters
    ----------
    multiplier
        Its value, at least 0. The cap plays no part; the controller is never saturated.
    cap, cadence, warm_up
        As in :class:`DualController`.
    """

    multiplier: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self._hold("multiplier", 0.0)

    def init(self, shape: tuple[int, ...] = ()) -> DualState:
        """Return the state before the first episode: the multiplier is in force at once, unless it warms up."""
        state = super().init(shape)
        return state._replace(multiplier=np.where(state.awake, self.multiplier, 0.0))

    def saturated(self, state: DualState) -> Any:
        """Tell that it is not."""
        return library_of(state.multiplier).zeros_like(state.awake)

    def _change(self, xp: Any, state: DualState, violation: Any) -> DualState:
        return state._replace(multiplier=xp.full_like(state.multiplier, self.multiplier))


@dataclass(frozen=True)
class Ascent(DualController):
    r"""Projected gradient ascent, :math:`\lambda \leftarrow \mathrm{clip}(\lambda + \eta_k\, g, 0, cap)`.

    Here g is the violation and :math:`\eta_k = \eta / (1 + k\, decay)` at the k-th change, k from 0. The authors'
    code has :math:`\eta = 0.01`, cap 10, no decay.

    Parameters
    ----------
    step_size
        :math:`\eta`, positive, in multiplier per violation. Too large a step lets the multiplier oscillate: the
        team's answer lags behind it.
    decay
        At least 0; 0 keeps the step.
    cap, cadence, warm_up
        As in :class:`DualController`.

    Examples
    --------
    >>> dual = Ascent(step_size=0.5, cap=2.0)
    >>> state = dual.update(dual.init(), violation=0.3)
    >>> float(state.multiplier)
    0.15
    """

    step_size: float = 0.005
    decay: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._hold("step_size", 0.0)
        self._above_zero("step_size")
        self._hold("decay", 0.0)

    def _change(self, xp: Any, state: DualState, violation: Any) -> DualState:
        step = self.step_size / (1.0 + self.decay * state.updates)
        return state._replace(multiplier=xp.clip(state.multiplier + step * violation, 0.0, self.cap))


@dataclass(frozen=True)
class PID(DualController):
    r"""A controller with proportional, integral and derivative parts.

    .. math:: I \leftarrow \mathrm{clip}(I + k_i\, g, 0, cap), \qquad
              \lambda = \mathrm{clip}(k_p\, \tilde g + I + k_d \max(0, \tilde g - \tilde g_{-1}), 0, cap)

    with :math:`\tilde g` the exponential moving average of the violation g, begun at the first one. Ascent is the
    integral part alone. The proportional part damps the oscillation that ascent is prone to, the derivative part
    answers a rise of the violation before it has summed up, and never a fall. The integral stops at the cap and at
    0 (anti-windup), so that an unattainable threshold leaves nothing to be unwound. A threshold raised while
    running is a rise, too.

    Parameters
    ----------
    kp, ki, kd
        Gains, at least 0 and not all 0, in multiplier per violation.
    smoothing
        Weight of the past in the moving average, in [0, 1).
    cap, cadence, warm_up
        As in :class:`DualController`.

    References
    ----------
    A. Stooke, J. Achiam and P. Abbeel, Responsive safety in reinforcement learning by PID Lagrangian methods,
    ICML 2020, algorithm 2.
    """

    kp: float = 0.1
    ki: float = 0.005
    kd: float = 0.1
    smoothing: float = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("kp", "ki", "kd"):
            self._hold(name, 0.0)
        if not self.kp + self.ki + self.kd > 0.0:
            raise InputError("kp, ki and kd are all 0; at least one must be positive")
        self._hold("smoothing", 0.0, 1.0)
        if self.smoothing == 1.0:
            raise InputError("smoothing is 1; it must be below 1, or the average never moves")

    def _change(self, xp: Any, state: DualState, violation: Any) -> DualState:
        first = state.updates == 0
        previous = xp.where(first, violation, state.smoothed)
        smoothed = self.smoothing * previous + (1.0 - self.smoothing) * violation
        integral = xp.clip(state.integral + self.ki * violation, 0.0, self.cap)
        rise = xp.clip(smoothed - previous, 0.0, None)
        multiplier = xp.clip(self.kp * smoothed + integral + self.kd * rise, 0.0, self.cap)
        return state._replace(multiplier=multiplier, integral=integral, smoothed=smoothed)


def _arrays(xp: Any, state: DualState, *numbers: Any) -> tuple[Any, ...]:
    """Return state and numbers as arrays of one library and shape, numbers in the multiplier's precision."""
    own = DualState(*(xp.asarray(part) for part in state))
    zero = xp.zeros_like(own.multiplier)
    return own, *(xp.asarray(number, dtype=zero.dtype) + zero for number in numbers)
