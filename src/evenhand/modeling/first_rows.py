r"""First rows for a cone that is no polyhedron: with them, a model solved without further cuts is nearly fair.

A norm :math:`\|w \circ x\|_p \le t`, :math:`t = \beta \bar x`, is split into n power cones
:math:`w_i x_i \le k_i^{1/p} t^{1 - 1/p}` with :math:`\sum_i k_i \le t`, as in equations (20) to (23) of the paper on
dispersion control. Each power cone is approximated from outside by tangents at some relative loads
:math:`u_i = x_i / (n s_i \bar x)`: at equal loads, and at distances from these that shrink geometrically. The largest
is the farthest that the cone allows for a single agent. The smallest shrinks with the square root of n, because each
load deviates by about that much if all deviate. There are O(n log n) rows with three coefficients each.

:data:`EXCESS` is the accuracy: for up to ten loads and orders up to 10, loads that meet the rows have a power mean that
exceeds 1, its value at equal loads, by at most that part more than it may. CV and Jain's index are power means of
order 2.
"""

from __future__ import annotations

import math

import numpy as np

from evenhand.arrays import Array
from evenhand.fairness import Fairness
from evenhand.modeling.cut_families import Supporting
from evenhand.modeling.forms import Norm, Polyhedron, form_of
from evenhand.modeling.library_imports import sparse

EXCESS = 0.1
"""Largest relative amount by which the power mean's excess over 1 exceeds the excess that the bound allows."""

RATIO = 1.4
"""Ratio of neighbouring distances from equal loads at which tangents are taken."""

LEAST = 5.0
"""Determines the smallest of these distances: the largest times the square root of 1 / (LEAST * n)."""

SMALLEST_PART = 1e-4
"""Least part of t, in multiples of 1/n, at which a power cone has a tangent: nearer to 0 tangents are too steep to be
of use."""

HALVINGS = 50
"""Number of bisection steps."""


def first_rows(fairness: Fairness, n: int) -> Polyhedron:
    """Return rows that hold for all fair loads: all rows of a polyhedron, or first ones that enclose a curved cone.

    A member that is neither a polyhedron nor a norm gets the cuts at loads that a single agent carries alone.
    """
    form = form_of(fairness, n)
    if isinstance(form, Polyhedron):
        return form
    if isinstance(form, Norm):
        return _tangents(form)
    rows = Supporting(fairness, n).initial()
    return Polyhedron(rows, sparse().csr_array((len(rows), 0)), np.full(len(rows), np.inf))


def _tangents(form: Norm) -> Polyhedron:
    """Return the tangents of a norm's power cones, over loads x (n,) and auxiliary variables: parts k (n,), then t.

    The tangent at the part k0 in t = 1 is  w_i x_i <= power * k0^(power - 1) k_i + (1 - power) * k0^power t,  with
    power = 1/p.
    """
    n, power = len(form.weights), 1.0 / form.order
    count = math.ceil(0.5 * math.log(LEAST * n, RATIO)) + 1
    fractions = RATIO ** -np.arange(count)
    low, high = farthest(form)
    distances = np.hstack([np.zeros((n, 1)), np.outer(high - 1.0, fractions), np.outer(low - 1.0, fractions)])
    parts = form.shares[:, np.newaxis] * ((1.0 + distances) / form.limit) ** form.order
    agents, at = np.nonzero(parts > SMALLEST_PART / n)
    kept = parts[agents, at]
    rows = np.arange(len(agents))
    loads = np.zeros((len(agents) + 2, n))
    auxiliaries = np.zeros((len(agents) + 2, n + 1))
    loads[rows, agents] = -form.weights[agents]
    auxiliaries[rows, agents] = power * kept ** (power - 1.0)
    auxiliaries[rows, n] = (1.0 - power) * kept**power
    loads[-2], auxiliaries[-2, n] = form.multiple, -1.0
    auxiliaries[-1, :n], auxiliaries[-1, n] = -1.0, 1.0
    size = np.maximum(np.abs(loads).max(axis=1), np.abs(auxiliaries).max(axis=1))[:, np.newaxis]
    return Polyhedron(loads / size, sparse().csr_array(auxiliaries / size), np.full(len(loads), np.inf))


def farthest(form: Norm) -> tuple[Array, Array]:
    """Return the least and the largest relative load that the cone allows each agent if all others are equal."""
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
    """Return the power mean, shape (n,), for each agent in turn with its relative load and equal others, of mean 1."""
    others = np.maximum(1.0 - form.shares * relative, 0.0) / (1.0 - form.shares)
    sums = form.shares * relative**form.order + (1.0 - form.shares) * others**form.order
    mean: Array = sums ** (1.0 / form.order)
    return mean
