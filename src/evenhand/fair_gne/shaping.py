r"""Reward shapers: how much a step adds to the reward, per unit of the multiplier.

Every shaper is linear in the multiplier, :math:`r' = r + \lambda\, b(w, w')`, with a *bonus* b of the workloads
before and after the step. A replay buffer stores r and b (or the workloads) and computes :math:`r'` when it samples,
so that old transitions are paid by the multiplier now in force.

Where the threshold tau acts
----------------------------
Always on the multiplier, which the dual controller adjusts by the constraint's violation, the threshold less the mean
index. On the rewards of a given multiplier it depends: with :class:`Telescoped` or :class:`PerStep` and the
constraint's forms ``expectation`` and ``step`` the bonus is the same at every threshold, so that tau acts on the
multiplier alone, and one network trained under all multipliers serves every threshold. With :class:`Published`, or the
form ``share``, whose potential asks whether an episode meets tau, the bonus depends on tau as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from evenhand.errors import InputError
from evenhand.fair_gne.array_libraries import library_of
from evenhand.fair_gne.constraint import Constraint, worked
from evenhand.number_checks import as_number


class Priced(Protocol):
    """What a multiplier puts a price on: a :class:`Constraint`, or one of :mod:`evenhand.fair_gne.penalties`."""

    def potential(self, workloads: Any, tau: Any = None) -> Any:
        """Return the value of `workloads` (..., n), shape (...); larger is better.

        What can do with absent agents takes who is `present`, booleans (..., n), as well.
        """


class RewardShaper(Protocol):
    """A reward shaper."""

    def bonus(self, before: Any, after: Any, tau: Any = None, present: Any = None) -> Any:
        """Return the bonus b, shape (...), for workloads (..., n) `before` and `after` a step.

        A `tau` replaces that of the constraint; fairness is among the agents that are `present`, booleans (..., n), by
        default all.
        """


def shaped_reward(shaper: RewardShaper, reward: Any, before: Any, after: Any, multiplier: Any, tau: Any = None) -> Any:
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
    """
    return reward + multiplier * shaper.bonus(before, after, tau)


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
