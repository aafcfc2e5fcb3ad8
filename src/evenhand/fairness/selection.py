r"""Fairness among the selected of many candidates.

Where exactly P of N candidates are selected and the others carry nothing, fairness is asked of the P. Which they are
is for the model to decide, yet no disjunction is needed: a zero changes neither a sum nor a norm, so the same cone,
written for all N loads, is another parameter of the same member.

==================  ==========================================
(epsilon, p)        :math:`\varepsilon_N = \varepsilon_P\, D_p(P) / D_p(N)`, :math:`D_p(n) = n^{1 - 1/p} - 1`
Jain's index        :math:`J_N = J_P\, P / N`
CV                  :math:`1 + CV_N^2 = (1 + CV_P^2)\, N / P`
largest over mean   :math:`r_N = r_P\, N / P`
Gini                :math:`1 - G_N = (1 - G_P)\, P / N`
==================  ==========================================

The range and the Hoover index have no such form: they look at the smallest load, or at a mean, of those selected.
"""

from __future__ import annotations

import math
from functools import singledispatch
from typing import TYPE_CHECKING

from evenhand.errors import InputError
from evenhand.fairness.epsilon import EpsilonFairness
from evenhand.fairness.gini import GiniAtMost
from evenhand.fairness.largest import MaxOverMean
from evenhand.fairness.variation import CVAtMost, JainAtLeast

if TYPE_CHECKING:
    from evenhand.fairness.protocol import Fairness


def among(fairness: Fairness, selected: int, candidates: int) -> Fairness:
    """Return the member that asks of `candidates` loads what `fairness` asks of those `selected`.

    Parameters
    ----------
    fairness
        A member for equal agents: (epsilon, p), CV, Jain, largest over mean or Gini.
    selected
        P, at least 2: how many carry anything. The model has to see to that (``sum(open) == P``, load only where open).
    candidates
        N, at least P.

    Returns
    -------
    Fairness
        The same kind of member, to be given all N loads.

    Raises
    ------
    InputError
        Where the numbers are out of range, or the member has entitlements or no such form.

    Examples
    --------
    >>> fair = among(JainAtLeast(0.9), 3, 10)
    >>> bool(fair.contains([5, 0, 0, 4, 0, 0, 0, 6, 0, 0])), bool(fair.contains([9, 0, 0, 2, 0, 0, 0, 4, 0, 0]))
    (True, False)
    """
    for name, number in (("selected", selected), ("candidates", candidates)):
        if isinstance(number, bool) or not isinstance(number, int) or number < 2:
            raise InputError(f"{name} is {number!r}; it must be a whole number of at least 2")
    if selected > candidates:
        raise InputError(f"selected is {selected}, more than the {candidates} candidates")
    if fairness.entitlements is not None:
        raise InputError(f"{fairness} has entitlements; which of them count depends on who is selected")
    return _among(fairness, selected, candidates)


@singledispatch
def _among(fairness: Fairness, selected: int, candidates: int) -> Fairness:
    raise InputError(
        f"{fairness} among the selected is not one of its own kind; "
        "use (epsilon, p), CV, Jain, Gini or the largest over the mean"
    )


@_among.register(EpsilonFairness)
def _(fairness: EpsilonFairness, selected: int, candidates: int) -> Fairness:
    power = 1.0 - 1.0 / fairness.p
    return fairness.with_parameter(fairness.epsilon * (selected**power - 1.0) / (candidates**power - 1.0))


@_among.register(JainAtLeast)
def _(fairness: JainAtLeast, selected: int, candidates: int) -> Fairness:
    return fairness.with_parameter(fairness.jain * selected / candidates)


@_among.register(CVAtMost)
def _(fairness: CVAtMost, selected: int, candidates: int) -> Fairness:
    return fairness.with_parameter(math.sqrt((1.0 + fairness.cv**2) * candidates / selected - 1.0))


@_among.register(MaxOverMean)
def _(fairness: MaxOverMean, selected: int, candidates: int) -> Fairness:
    return fairness.with_parameter(fairness.parameter * candidates / selected)


@_among.register(GiniAtMost)
def _(fairness: GiniAtMost, selected: int, candidates: int) -> Fairness:
    return fairness.with_parameter(1.0 - (1.0 - fairness.gini) * selected / candidates)
