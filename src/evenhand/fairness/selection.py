r"""Fairness among the selected of many candidates.

Exactly P of N candidates are selected, the others carry nothing, and the loads of the P must be fair. The model decides
which they are, yet no disjunction is needed: a zero load changes neither a sum nor a norm, so fairness of the P is the
same member for all N loads with another parameter. Results report the parameter for the P, as it was asked for.

==================  ==========================================
(epsilon, p)        :math:`\varepsilon_N = \varepsilon_P\, D_p(P) / D_p(N)`, :math:`D_p(n) = n^{1 - 1/p} - 1`
Jain's index        :math:`J_N = J_P\, P / N`
CV                  :math:`1 + CV_N^2 = (1 + CV_P^2)\, N / P`
largest over mean   :math:`r_N = r_P\, N / P`
Gini                :math:`1 - G_N = (1 - G_P)\, P / N`
top share           the same
==================  ==========================================

The range, the smallest load over the mean and the Hoover index have no such form: they depend on the smallest load, or
on the mean, of the P alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.errors import InputError
from evenhand.fairness.linear_rows import Rows
from evenhand.fairness.member_words import Words
from evenhand.fairness.protocol import RELATIVE_TOLERANCE, Fairness
from evenhand.number_checks import checked_whole


@dataclass(frozen=True, repr=False)
class Among:
    """A member for `selected` of `candidates` loads: its cone contains loads of all, its parameter is that of the P.

    :class:`evenhand.fairness.Fairness` documents the methods. Loads are those of all candidates.

    Attributes
    ----------
    asked
        The member for the selected agents; parameters and levels are those of this member.
    selected, candidates
        P and N.
    whole
        The equivalent member for all candidates.
    """

    asked: Fairness
    selected: int
    candidates: int
    whole: Fairness = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "whole", self.asked.among(self.selected, self.candidates))

    def __repr__(self) -> str:
        return f"{self.asked!r} among {self.selected} of {self.candidates}"

    @property
    def name(self) -> str:
        """Name of the member for the selected agents."""
        return self.asked.name

    @property
    def parameter(self) -> float:
        """The bound for the selected agents."""
        return self.asked.parameter

    @property
    def entitlements(self) -> None:
        """None: all are equal."""
        return

    def carriers(self, loads: ArrayLike) -> NDArray[np.intp]:
        """Return the positions of the P largest of `loads` (n,), the selected agents, in increasing order."""
        return np.sort(np.argsort(-np.asarray(loads, dtype=np.float64), kind="stable")[: self.selected])

    def level(self, loads: ArrayLike) -> Any:
        """Return the strictest parameter that the P largest of `loads`, shape (..., n), meet; shape (...).

        If more than P agents carry something, the cone may contain the loads at a stricter parameter, too.
        """
        x = np.asarray(loads, dtype=np.float64)
        self._check(x.shape[-1])
        return self.asked.level(np.sort(x, axis=-1)[..., -self.selected :])

    def parameter_range(self, n: int) -> tuple[float, float]:
        """Return the parameter that all loads of the selected meet, and the one that only equal loads of them meet."""
        self._check(n)
        return self.asked.parameter_range(self.selected)

    def with_parameter(self, parameter: float) -> Among:
        """Return the same member with another parameter."""
        return Among(self.asked.with_parameter(parameter), self.selected, self.candidates)

    def to_dict(self) -> dict[str, Any]:
        """Return the member for the selected agents, P and N, as JSON values."""
        return {**self.asked.to_dict(), "selected": self.selected, "candidates": self.candidates}

    def bound(self, n: int) -> float:
        """Return the bound on the measure of all `n` loads."""
        self._check(n)
        return self.whole.bound(n)

    @property
    def words(self) -> Words:
        """The words for the member of the selected agents."""
        return self.asked.words

    def in_words(self, parameter: str | None = None) -> str:
        """Return the constraint in a few words, with P and N."""
        others = f"among {self.selected} of the {self.candidates} agents only (the others may carry nothing)"
        return f"{self.asked.in_words(parameter)}, {others}"

    def power_form(self, n: int) -> tuple[float, float] | None:
        """Return the order and the limit for a power mean of all loads, or None; see the protocol."""
        self._check(n)
        return self.whole.power_form(n)

    def rows(self, n: int) -> Rows | None:
        """Return linear rows for all loads, or None; see the protocol."""
        self._check(n)
        return self.whole.rows(n)

    def guaranteed_cv(self, n: int) -> float | None:
        """Return an upper bound on the CV of all `n` loads, or None; see the protocol."""
        self._check(n)
        return self.whole.guaranteed_cv(n)

    def value(self, loads: ArrayLike) -> Any:
        """Return the measure of all loads."""
        return self.whole.value(loads)

    def subgradient(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return a subgradient of the measure of all loads."""
        return self.whole.subgradient(loads)

    def contains(self, loads: ArrayLike, tolerance: float = RELATIVE_TOLERANCE) -> Any:
        """Return whether `loads`, shape (..., n), are fair enough."""
        self._check(np.shape(loads)[-1])
        return self.whole.contains(loads, tolerance)

    def cut(self, point: ArrayLike) -> NDArray[np.float64]:
        """Return a cut of the cone."""
        return self.whole.cut(point)

    def supporting_point(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return the point where the line from `loads` to equal loads of the same sum enters the cone."""
        return self.whole.supporting_point(loads)

    def cut_points(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return points for cuts that separate unfair `loads`."""
        return self.whole.cut_points(loads)

    def exact_cut(self, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return rational upper bounds on the coefficients of the cut at `point`."""
        return self.whole.exact_cut(point)

    def exact_contains(self, loads: Sequence[Fraction], tolerance: Fraction) -> bool | None:
        """Decide membership by exact arithmetic; None if the margin is too small."""
        return self.whole.exact_contains(loads, tolerance)

    def among(self, selected: int, candidates: int) -> Fairness:
        """Raise an error: the selected cannot be selected from again."""
        raise InputError(f"{self} is asked of those selected already")

    def _check(self, n: int) -> None:
        if n != self.candidates:
            raise InputError(f"{self} is asked of {n} loads; give it those of all {self.candidates} candidates")


def stated(fairness: Fairness, n: int) -> Fairness:
    """Return the member for all `n` loads with the cone of `fairness`: itself, or the ``whole`` of an :class:`Among`.

    Whether the cone contains only equal loads, or all, depends on the parameter of the member returned.
    """
    if not isinstance(fairness, Among):
        return fairness
    fairness.bound(n)
    return fairness.whole


def among(fairness: Fairness, selected: int, candidates: int) -> Fairness:
    """Return a member for the loads of `candidates` that requires the `selected` among them to meet `fairness`.

    Parameters
    ----------
    fairness
        A member for equal agents: (epsilon, p), CV, Jain, largest over mean, Gini or top share.
    selected
        P, at least 2: the number of agents with a load. The model must ensure it (``sum(open) == P``, and no load on an
        agent that is not open).
    candidates
        N, at least P.

    Returns
    -------
    Fairness
        A member for all N loads. Its parameter, and the levels in results, are those of the P agents with a load.

    Raises
    ------
    InputError
        If the numbers are out of range, or the member has entitlements or no such form.

    Examples
    --------
    >>> from evenhand.fairness import JainAtLeast
    >>> fair = among(JainAtLeast(0.9), 3, 10)
    >>> bool(fair.contains([5, 0, 0, 4, 0, 0, 0, 6, 0, 0])), bool(fair.contains([9, 0, 0, 2, 0, 0, 0, 4, 0, 0]))
    (True, False)
    >>> fair, round(float(fair.level([5, 0, 0, 4, 0, 0, 0, 6, 0, 0])), 3)
    (JainAtLeast(0.9) among 3 of 10, 0.974)
    """
    selected = checked_whole("selected", selected, 2, what="a number of agents")
    candidates = checked_whole("candidates", candidates, 2, what="a number of agents")
    if selected > candidates:
        raise InputError(f"selected is {selected}, more than the {candidates} candidates")
    if fairness.entitlements is not None:
        raise InputError(f"{fairness} has entitlements; which of them count depends on who is selected")
    return fairness if selected == candidates else Among(fairness, selected, candidates)
