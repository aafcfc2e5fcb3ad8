r"""Dual controllers: how the multiplier :math:`\lambda` follows the violation of the constraint.

All have one interface: ``init()`` returns a :class:`DualState`, and ``update(state, violation, success, count)`` the
next one. Both are pure and never branch on the values of arrays, so they work inside `jax.jit`, `jax.vmap` and
`jax.lax.scan`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from evenhand.errors import InputError
from evenhand.fair_gne.array_libraries import library_of
from evenhand.fairness.cone import checked_parameter
from evenhand.number_checks import checked_whole

SATURATED = 0.99
"""A multiplier of at least this share of its cap counts as being at the cap, as in the code of Fair-GNE's authors."""


class DualState(NamedTuple):
    """Everything that a controller remembers, as arrays of one shape, often (). Fields it does not use never change.

    Attributes
    ----------
    multiplier
        The multiplier in force, from 0 to the cap.
    violation
        Mean violation over the last full window of `cadence` episodes.
    integral
        Integral part of a PID controller, from 0 to the cap.
    smoothed
        Exponential moving average of the violation.
    updates
        Number of changes so far (integer).
    awake
        Whether the warm-up is over (boolean).
    pending_violation, pending_success, pending
        Sums of violation and success over the episodes of the window that is not yet full, and their number.
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
    """Base class of the controllers: cap, cadence and warm-up.

    Parameters
    ----------
    cap
        Largest multiplier. If the constraint is still violated at the cap, the threshold is out of this learner's reach
        at this cap (:meth:`unmet`); only a planner can prove that it is infeasible.
    cadence
        Number of fresh episodes (of steps, with the constraint's form ``step``) from one change of the
        multiplier to the next; their violations are averaged.
    warm_up
        Success rate, in [0, 1], that the team must reach once before the multiplier leaves 0. A team that cannot do
        its task yet works unfairly whenever it works; a multiplier that grows meanwhile teaches it to idle.
    """

    cap: float = 10.0
    cadence: int = 1
    warm_up: float = 0.0

    def __post_init__(self) -> None:
        self._hold("cap", 0.0)
        self._above_zero("cap")
        self._hold("warm_up", 0.0, 1.0)
        object.__setattr__(self, "cadence", checked_whole("cadence", self.cadence, 1, what="a number of episodes"))

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
        """Return whether the multiplier is at its cap (at least 0.99 of it)."""
        return state.multiplier >= SATURATED * self.cap

    def unmet(self, state: DualState) -> Any:
        """Return whether the multiplier is at its cap and the constraint was still violated at the last change."""
        return self.saturated(state) & (state.violation > 0.0)

    def _hold(self, name: str, low: float, high: float = math.inf) -> None:
        """Check a number and keep it as a float: equal controllers must have the same `repr`, whatever the number."""
        object.__setattr__(self, name, checked_parameter(name, getattr(self, name), low, high))

    def _above_zero(self, name: str) -> None:
        if not getattr(self, name) > 0.0:
            raise InputError(f"{name} is {getattr(self, name)!r}; it must be above 0")

    @abstractmethod
    def _change(self, xp: Any, state: DualState, violation: Any) -> DualState:
        """Return the state after a change of the multiplier, for the mean `violation` since the last change."""


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
        """Return False: a fixed multiplier has no cap to reach."""
        return library_of(state.multiplier).zeros_like(state.awake)

    def _change(self, xp: Any, state: DualState, violation: Any) -> DualState:
        return state._replace(multiplier=xp.full_like(state.multiplier, self.multiplier))


@dataclass(frozen=True)
class Ascent(DualController):
    r"""Projected gradient ascent, :math:`\lambda \leftarrow \mathrm{clip}(\lambda + \eta_k\, g, 0, cap)`.

    Here g is the violation and :math:`\eta_k = \eta / (1 + k\, decay)` at the k-th change, k from 0. The code of
    Fair-GNE's authors has :math:`\eta = 0.01`, cap 10, no decay.

    Parameters
    ----------
    step_size
        :math:`\eta`, positive, in multiplier per violation. Too large a step makes the multiplier oscillate, because
        the team's policies follow it with a delay.
    decay
        At least 0; with 0 the step size is constant.
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

    with :math:`\tilde g` the exponential moving average of the violation g, which starts at the first violation. Ascent
    is the integral part alone. The proportional part damps the oscillation that ascent is prone to. The derivative part
    responds to a rise of the violation at once, before the integral has grown, and never to a fall; raising the
    threshold during training is a rise, too. The integral stops at the cap and at 0 (anti-windup): after an
    unattainable threshold is lowered, the multiplier falls at once.

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
