r"""A first set of rows for members whose cone is no polyhedron, so that a model solved without its cuts is nearly fair.

A norm :math:`\|w \circ x\|_p \le t`, :math:`t = \beta \bar x`, is split into n power cones
:math:`w_i x_i \le k_i^{1/p} t^{1 - 1/p}` with :math:`\sum_i k_i \le t`, as in the seed's equations (20) to (23). Each
is held by tangents at some relative loads :math:`u_i = x_i / (n s_i \bar x)`: at equal ones, and at distances from
those which shrink geometrically from the farthest that the cone allows, down to a part of it that shrinks with the
root of n. (If all loads deviate, each does by that much.) The number of rows grows with n log n, each of three
coefficients.

:data:`EXCESS` is what the rows let through: the power mean of loads exceeds that of equal ones, 1, by at most that part
more than it may, for up to ten loads and orders up to 10; CV and Jain's index are power means of order 2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from evenhand.modeling.cut_families import Supporting
from evenhand.modeling.forms import Norm, Polyhedron, form_of
from evenhand.modeling.libraries import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

    Array = NDArray[np.float64]

EXCESS = 0.1
"""Part by which the excess of the power mean over 1 may exceed that of the bound."""

RATIO = 1.4
"""Of two neighbouring distances from equal loads at which tangents are taken."""

LEAST = 5.0
"""Of n loads, tangents are taken down to the root of 1 / (LEAST * n) of the largest distance."""

SMALLEST_PART = 1e-4
"""Least part of t, over 1/n, at which a tangent of a power cone is taken: nearer to 0 it is steep, and says little."""

HALVINGS = 50
"""Steps of a bisection."""


def first_rows(fairness: Fairness, n: int) -> Polyhedron:
    """Return rows that hold for all fair loads: all there are to say, or, for a curved cone, a first set of them.

    A member that is neither a polyhedron nor a norm has the cuts that keep any single agent from carrying everything.
    """
    form = form_of(fairness, n)
    if isinstance(form, Polyhedron):
        return form
    if isinstance(form, Norm):
        return _tangents(form)
    rows = Supporting(fairness, n).initial()
    return Polyhedron(rows, sparse().csr_array((len(rows), 0)), np.full(len(rows), np.inf))


def _tangents(form: Norm) -> Polyhedron:
    """Return the tangents, over loads x (n,) and auxiliary variables: the parts k (n,), then t."""
    n, power = len(form.weights), 1.0 / form.order
    count = math.ceil(0.5 * math.log(LEAST * n, RATIO)) + 1
    fractions = RATIO ** -np.arange(count)
    low, high = farthest(form)
    distances = np.hstack([np.zeros((n, 1)), np.outer(high - 1.0, fractions), np.outer(low - 1.0, fractions)])
    parts = form.shares[:, np.newaxis] * ((1.0 + distances) / form.limit) ** form.order
    agents, at = np.nonzero(parts > SMALLEST_PART / n)
    told = parts[agents, at]
    rows = np.arange(len(agents))
    loads = np.zeros((len(agents) + 2, n))
    auxiliaries = np.zeros((len(agents) + 2, n + 1))
    loads[rows, agents] = -form.weights[agents]
    auxiliaries[rows, agents] = power * told ** (power - 1.0)
    auxiliaries[rows, n] = (1.0 - power) * told**power
    loads[-2], auxiliaries[-2, n] = form.multiple, -1.0
    auxiliaries[-1, :n], auxiliaries[-1, n] = -1.0, 1.0
    size = np.maximum(np.abs(loads).max(axis=1), np.abs(auxiliaries).max(axis=1))[:, np.newaxis]
    return Polyhedron(loads / size, sparse().csr_array(auxiliaries / size), np.full(len(loads), np.inf))


def farthest(form: Norm) -> tuple[Array, Array]:
    """Return the least and the largest relative load of each agent that the cone allows, the others' being equal."""
    shares = form.shares
    ends = []
    for end in (np.zeros(len(shares)), 1.0 / shares):
        within, beyond = np.ones(len(shares)), end
        for _ in range(HALVINGS):
            middle = 0.5 * (within + beyond)
            fair = _power_mean(form, middle) <= form.limit
            within, beyond = np.where(fair, middle, within), np.where(fair, beyond, middle)
        ends.append(np.where(_power_mean(form, end) <= form.limit, end, within))
    return ends[0], ends[1]


def _power_mean(form: Norm, relative: Array) -> Array:
    """Return the power mean of relative loads of mean 1, if each agent in turn has its of `relative` (n,)."""
    others = np.maximum(1.0 - form.shares * relative, 0.0) / (1.0 - form.shares)
    sums = form.shares * relative**form.order + (1.0 - form.shares) * others**form.order
    mean: Array = sums ** (1.0 / form.order)
    return mean
