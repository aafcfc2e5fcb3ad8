r"""Reward shapers: how much a step adds to the reward, per unit of the multiplier.

Every shaper is linear in the multiplier, :math:`r' = r + \lambda\, b(w, w')`, with a *bonus* b of the workloads
before and after the step. A replay buffer stores r and b (or the workloads) and computes :math:`r'` when it samples,
so that old transitions are paid by the multiplier now in force.

Where the threshold tau acts
----------------------------
Always on the multiplier, which the dual controller adjusts by the constraint's violation, the threshold less the mean
index. On the rewards of a given multiplier it depends: with :class:`Telescoped`, :class:`Smoothed` or :class:`PerStep`
and the constraint's forms ``expectation`` and ``step`` the bonus is the same at every threshold, so that tau acts on
the multiplier alone, and one network trained under all multipliers serves every threshold. With :class:`Published`, or
the form ``share``, whose potential asks whether an episode meets tau, the bonus depends on tau as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

from evenhand.errors import InputError
from evenhand.fair_gne.array_libraries import as_floats, library_of
from evenhand.fair_gne.constraint import Constraint, worked
from evenhand.number_checks import as_number


class Priced(Protocol):
    """What a multiplier puts a price on: a :class:`Constraint`, or one of :mod:`evenhand.fair_gne.penalties`."""

    def potential(self, workloads: Any, tau: Any = None) -> Any:
        """Return the value of `workloads` (..., n), shape (...); larger is better.

        What can do with absent agents takes who is `present`, booleans (..., n), as well.
        """


class RewardShaper(Protocol):
    """A reward shaper.

    One with a true attribute ``needs_end`` also takes ``ended``, booleans (...): whether the step ended its episode.
    """

    def bonus(self, before: Any, after: Any, tau: Any = None, present: Any = None) -> Any:
        """Return the bonus b, shape (...), for workloads (..., n) `before` and `after` a step.

        A `tau` replaces that of the constraint; fairness is among the agents that are `present`, booleans (..., n), by
        default all.
        """


def shaped_reward(
    shaper: RewardShaper, reward: Any, before: Any, after: Any, multiplier: Any, tau: Any = None, ended: Any = None
) -> Any:
    r"""Return :math:`r' = r + \lambda\, b(w, w')`.

    Parameters
    ----------
    shaper
        Computes the bonus b.
    reward, multiplier
        Shape (...) or scalars.
    before, after
        Workloads before and after the step, shape (..., n).
    tau
        Replaces that of the constraint.
    ended
        Whether the step ended its episode, shape (...); only a shaper that needs it is given it.
    """
    return reward + multiplier * shaper.bonus(before, after, tau, **end_for(shaper, ended))


def end_for(shaper: RewardShaper, ended: Any) -> dict[str, Any]:
    """Return the argument ``ended`` of a shaper's bonus as a dictionary; empty for a shaper that does not need it."""
    return {"ended": ended} if getattr(shaper, "needs_end", False) else {}


@dataclass(frozen=True)
class Telescoped:
    r"""Pay for the change of the potential: :math:`b = \gamma \Phi(w') - \Phi(w)`.

    Over an episode of T steps the discounted bonuses sum to :math:`\gamma^T \Phi(w_T) - \Phi(w_0)`; with
    :math:`\gamma = 1` and Jain's index that is :math:`J(w_T) - 1`: up to a constant the Lagrangian's term, with credit
    at the step that earned it. The potential of the last step counts, after time-outs too. Potential-based shaping that
    leaves the optimal policies unchanged (Ng, Harada and Russell 1999) takes 0 there instead, and the sum would be a
    constant: the constraint would have no effect.

    Parameters
    ----------
    priced
        Has the potential :math:`\Phi`: a constraint or a penalty.
    gamma
        The learner's discount, in (0, 1].

    Examples
    --------
    >>> from evenhand.fair_gne.constraint import Constraint
    >>> from evenhand.fairness import JainAtLeast
    >>> shaper = Telescoped(Constraint(JainAtLeast(0.85), agents=2))
    >>> walk = [[0, 0], [1, 0], [1, 1]]
    >>> [float(shaper.bonus(before, after)) for before, after in zip(walk, walk[1:])]
    [-0.5, 0.5]
    """

    priced: Priced
    gamma: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "gamma", as_number(self.gamma))
        if not 0.0 < self.gamma <= 1.0:
            raise InputError(f"gamma is {self.gamma!r}; it must be above 0 and at most 1")

    def bonus(self, before: Any, after: Any, tau: Any = None, present: Any = None) -> Any:
        """Return b; see :class:`RewardShaper`."""
        return self.gamma * _value(self.priced, after, tau, present) - _value(self.priced, before, tau, present)


@dataclass(frozen=True)
class Smoothed:
    r"""Pay for the change of a smoothed index, and settle with the true one at the end of the episode.

    With c > 0 the work that is added to everybody's (additive smoothing, as of counts) and the index f, let
    :math:`\Psi(w) = f(w + c)`. A step before the end pays :math:`b = \gamma \Psi(w') - \Psi(w)`, and the last
    :math:`b = \gamma \Phi(w_T) - \Psi(w_{T-1})`, with the constraint's potential :math:`\Phi`. The discounted bonuses
    telescope to

    .. math:: \sum_{t=0}^{T-1} \gamma^t b_t = \gamma^T \Phi(w_T) - \Psi(w_0),

    which is the sum of :class:`Telescoped` up to the constant :math:`\Phi(w_0) - \Psi(w_0)`: 0 with Jain's index where
    everybody begins with no work, for both are 1 there. So the Lagrangian and its optimal policies are the same; what
    differs is when the price is paid. Under :class:`Telescoped` the first unit of work drops the index from 1 to 1/n.
    It costs :math:`\lambda (1 - 1/n)`, which is earned back only when everybody has worked, and a large team under a
    large multiplier learns to idle. With c an equal share of all work the first unit costs about
    :math:`\lambda / (n c^2)`.

    Parameters
    ----------
    constraint
        Has the index f and the potential.
    added
        The work c that is added to each agent's, above 0; a good choice is an equal share of all work to be done.
    gamma
        The learner's discount, in (0, 1].

    Examples
    --------
    >>> from evenhand.fair_gne.constraint import Constraint
    >>> from evenhand.fairness import JainAtLeast
    >>> shaper = Smoothed(Constraint(JainAtLeast(0.85), agents=2), added=1.0)
    >>> walk = [[0, 0], [1, 0], [1, 1]]
    >>> steps = zip(walk, walk[1:], [False, True])
    >>> [round(float(shaper.bonus(before, after, ended=ended)), 3) for before, after, ended in steps]
    [-0.1, 0.1]
    """

    constraint: Constraint
    added: float
    gamma: float = 1.0
    needs_end = True

    def __post_init__(self) -> None:
        for name in ("added", "gamma"):
            object.__setattr__(self, name, as_number(getattr(self, name)))
        if not 0.0 < self.added < math.inf:
            raise InputError(f"added is {self.added!r}; it must be above 0 and finite")
        if not 0.0 < self.gamma <= 1.0:
            raise InputError(f"gamma is {self.gamma!r}; it must be above 0 and at most 1")

    def bonus(self, before: Any, after: Any, tau: Any = None, present: Any = None, ended: Any = None) -> Any:
        """Return b; see :class:`RewardShaper`."""
        if ended is None:
            raise InputError("ended is None; the smoothed index needs to know which steps end their episodes")
        xp = library_of(before, after, ended)
        w, v = as_floats(xp, before), as_floats(xp, after)
        true = self.constraint.potential(v, tau, present)
        smooth = self.constraint.index(v + self.added, present)
        value = xp.where(xp.asarray(ended), true, smooth)
        return self.gamma * value - self.constraint.index(w + self.added, present)


@dataclass(frozen=True)
class PerStep:
    r"""Pay the potential itself at every step: :math:`b = \Phi(w')`, as fixed penalties are published.

    The sum over an episode grows with the episode's length.

    Parameters
    ----------
    priced
        Has the potential :math:`\Phi`: a constraint or a penalty.
    """

    priced: Priced

    def bonus(self, before: Any, after: Any, tau: Any = None, present: Any = None) -> Any:
        """Return b; see :class:`RewardShaper`."""
        del before
        return _value(self.priced, after, tau, present)


@dataclass(frozen=True)
class Published:
    r"""Fair-GNE as its authors' code has it: :math:`b = f(w') - \tau` once somebody has worked, 0 before.

    It is a penalty at each step while the constraint is violated and a bonus at each step while it is met. So a fair
    team is paid for taking its time; under :class:`Telescoped` it is not. Use it with the constraint's form ``step``.

    Parameters
    ----------
    constraint
        Has the index f and the threshold :math:`\tau`.
    """

    constraint: Constraint

    def bonus(self, before: Any, after: Any, tau: Any = None, present: Any = None) -> Any:
        """Return b; see :class:`RewardShaper`."""
        del before
        xp = library_of(after, tau)
        w = xp.asarray(after)
        margin = self.constraint.index(w, present) - (self.constraint.tau if tau is None else tau)
        return xp.where(worked(w, present), margin, xp.zeros_like(margin))


def _value(priced: Priced, workloads: Any, tau: Any, present: Any) -> Any:
    """Return a potential; `present` is passed on only where somebody may be absent, which not every penalty takes."""
    return priced.potential(workloads, tau, **({} if present is None else {"present": present}))
