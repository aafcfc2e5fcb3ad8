r"""The constraint that the agents of a team share: how fair their workloads must be, and in which sense.

Let :math:`f(w)` be the index of :mod:`evenhand.fair_gne.index` (Jain's by default) and :math:`\tau` its
threshold. Over the random episodes of a team of policies the constraint has one of three forms:

``expectation``
    :math:`E[f(w_T)] \ge \tau`: the mean over episodes of the index at the episode's end. The default.
``share``
    :math:`P(f(w_T) \ge \tau) \ge 1 - \delta`: all but a share :math:`\delta` of the episodes end fairly.
``step``
    The mean of :math:`f(w_t)` over all steps from the first work on is at least :math:`\tau`, as in the code of
    Fair-GNE's authors.

They differ: a team that is perfectly fair in half of its episodes and leaves everything to one of three agents
in the others has :math:`E[f] = 2/3` and a share of 1/2. None of them is :math:`f(E[w]) \ge \tau`: a team would meet
that by taking turns, with all work left to one agent in each episode.

Where agents are absent from an episode, :math:`f` is the index among those who are present in it, in all three forms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, get_args

from evenhand.errors import InputError, choices
from evenhand.fair_gne.array_libraries import as_floats, library_of
from evenhand.fair_gne.index import fairness_index, index_of_parameter
from evenhand.fairness import Fairness, from_dict as fairness_from_dict
from evenhand.number_checks import as_number, checked_whole

Form = Literal["expectation", "share", "step"]


@dataclass(frozen=True)
class Constraint:
    r"""A bound on the fairness of a team's workloads.

    Parameters
    ----------
    fairness
        What is bounded: ``JainAtLeast(0.85)``, ``CVAtMost(0.42)``, ``EpsilonFairness(0.9, p=4)`` or any other
        member of :mod:`evenhand.fairness`, entitlements included.
    agents
        Number n of agents, at least 2.
    form
        The sense in which the constraint holds over random episodes, see the module's description.
    delta
        Share of the episodes that may be unfair, in (0, 1); read with the form ``share`` only.

    Raises
    ------
    InputError
        If every workload of this many agents meets the bound (with Jain's index: tau up to 1/n), the form is unknown,
        or delta is out of range.

    Examples
    --------
    >>> from evenhand.fairness import JainAtLeast
    >>> constraint = Constraint(JainAtLeast(0.85), agents=3)
    >>> episode_ends = [[2.0, 2.0, 2.0], [3.0, 0.0, 0.0]]
    >>> [round(float(index), 3) for index in constraint.index(episode_ends)]
    [1.0, 0.333]
    >>> round(float(constraint.violation(episode_ends)), 4)
    0.1833
    """

    fairness: Fairness
    agents: int
    form: Form = "expectation"
    delta: float = 0.05

    def __post_init__(self) -> None:
        if self.form not in get_args(Form):
            raise InputError(f"form is {self.form!r}; {choices(self.form, get_args(Form), quoted=False)}")
        object.__setattr__(self, "delta", as_number(self.delta))
        if not 0.0 < self.delta < 1.0:
            raise InputError(f"delta is {self.delta!r}; the share of unfair episodes must lie between 0 and 1")
        agents = checked_whole("agents", self.agents, 2, what="a number of agents, of whom fairness needs two")
        object.__setattr__(self, "agents", agents)
        vacuous, equality = self.fairness.parameter_range(self.agents)
        parameter = self.fairness.parameter
        if not abs(parameter - equality) < abs(vacuous - equality):
            raise InputError(
                f"{self.fairness!r} asks nothing of {self.agents} agents; its parameter must lie between "
                f"{vacuous:.6g} (which asks nothing) and {equality:g} (which asks equality)"
            )

    @property
    def tau(self) -> float:
        r"""The threshold :math:`\tau` in the unit of :meth:`index`; with Jain's index, the one its user gave."""
        return float(index_of_parameter(self.fairness, self.agents, self.fairness.parameter))

    def with_parameter(self, parameter: float) -> Self:
        """Return the same constraint with another tau, CV, epsilon, ..., checked."""
        return replace(self, fairness=self.fairness.with_parameter(parameter))

    def index(self, workloads: Any, present: Any = None) -> Any:
        """Return the fairness index of `workloads` (..., n): shape (...), larger is fairer, 1 where all are idle.

        It is the index among the agents that are `present`, booleans (..., n); default all.
        """
        return fairness_index(self.fairness, workloads, present)

    def satisfied(self, workloads: Any, tau: Any = None, present: Any = None) -> Any:
        """Return which of the `workloads` (..., n) meet the threshold by themselves: booleans (...).

        Rounding is forgiven: 1e-9 in double precision, 1e-6 in single.
        """
        index = self.index(workloads, present)
        xp = library_of(index)
        return index >= self._or_own(tau) - max(1e-9, 8.0 * float(xp.finfo(index.dtype).eps))

    def potential(self, workloads: Any, tau: Any = None, present: Any = None) -> Any:
        """Return what the multiplier prices, shape (...): the index; with the form ``share`` 1 if fair, otherwise 0.

        Its mean over episodes is what :meth:`violation` compares with :meth:`target`.
        """
        if self.form != "share":
            return self.index(workloads, present)
        satisfied = self.satisfied(workloads, tau, present)
        return as_floats(library_of(satisfied), satisfied)

    def target(self, tau: Any = None) -> Any:
        """Return the least mean of :meth:`potential`: the threshold, or 1 - delta with the form ``share``."""
        return 1.0 - self.delta if self.form == "share" else self._or_own(tau)

    def violation(self, workloads: Any, *, tau: Any = None, weights: Any = None, present: Any = None) -> Any:
        """Return how far a batch is from the constraint; positive where it is violated.

        Parameters
        ----------
        workloads
            Shape (..., n). With the forms ``expectation`` and ``share`` those at the ends of episodes, with
            ``step`` those of every step.
        tau
            Replaces the constraint's threshold, in the unit of :meth:`index`; may be a traced array.
        weights
            Shape (...): weight of each vector, e.g. 1 where an episode has just ended and 0 elsewhere.
        present
            Shape (..., n): which agents are present; default all.

        Returns
        -------
        array
            A scalar: :meth:`target` minus the weighted mean of :meth:`potential`; 0 where all weights are 0.
            With the form ``step``, vectors in which nobody has worked who is present have no weight.
        """
        xp = library_of(workloads, weights, tau)
        w = as_floats(xp, workloads)
        potential = self.potential(w, tau, present)
        weight = xp.ones_like(potential) if weights is None else xp.asarray(weights, dtype=w.dtype)
        if self.form == "step":
            weight = weight * xp.astype(worked(w, present), w.dtype)
        total = xp.sum(weight)
        some = total > 0.0
        mean = xp.sum(weight * potential) / xp.where(some, total, xp.ones_like(total))
        return xp.where(some, self.target(tau) - mean, xp.zeros_like(mean))

    def to_dict(self) -> dict[str, Any]:
        """Return the constraint as JSON values; :func:`from_dict` is the inverse."""
        return {"fairness": self.fairness.to_dict(), "agents": self.agents, "form": self.form, "delta": self.delta}

    def _or_own(self, tau: Any) -> Any:
        return self.tau if tau is None else tau


def from_dict(data: dict[str, Any]) -> Constraint:
    """Rebuild a constraint from its ``to_dict()``.

    Raises
    ------
    InputError
        If a field is missing, unknown or out of range.
    """
    try:
        return Constraint(**{**data, "fairness": fairness_from_dict(data["fairness"])})
    except (KeyError, TypeError) as error:
        raise InputError(f"constraint is {data!r}, which cannot be read: {error}") from None


def worked(workloads: Any, present: Any = None) -> Any:
    """Return in which of the `workloads` (..., n) somebody has worked who is `present`; default anybody: booleans."""
    xp = library_of(workloads)
    some = xp.asarray(workloads) > 0.0
    return xp.any(some if present is None else some & xp.asarray(present), axis=-1)


def cv_of_jain(jain: float) -> float:
    r"""Return the coefficient of variation at which Jain's index is `jain`: :math:`\sqrt{1/J - 1}`.

    Examples
    --------
    >>> [round(cv_of_jain(tau), 3) for tau in (0.55, 0.65, 0.75, 0.85)]
    [0.905, 0.734, 0.577, 0.42]
    """
    return math.sqrt(1.0 / jain - 1.0)
