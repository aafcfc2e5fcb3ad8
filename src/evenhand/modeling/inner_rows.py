r"""An inner approximation of a fairness cone: rows that only fair loads satisfy, for linear solvers to find such loads.

A norm :math:`\|w \circ x\|_p \le t`, :math:`t = \beta \bar x`, is split into :math:`\sum_i k_i \le t` and
:math:`(w_i x_i)^p / t^{p-1} \le k_i`, as in :mod:`.first_rows`. The left-hand side is convex and homogeneous in
(x, t), so that a chord between two ratios :math:`w_i x_i / t` lies above it. Hence requiring k to lie above all chords
is sufficient for fairness. The outermost ratios are the farthest that any fair loads reach. Near equal loads the chords
end at relative loads that are :data:`STEP` times the root mean square deviation apart that the cone allows; farther
away, where only few loads can be at once, they are longer.

Any other cone is convex, and so contains all non-negative combinations of some fair loads: of equal ones, of those in
which a single agent deviates as far as allowed, and of fair ones near given loads.
"""

from __future__ import annotations

import numpy as np

from evenhand.arrays import Array
from evenhand.fairness import Fairness
from evenhand.fairness.shares import shares_of
from evenhand.modeling.first_rows import farthest
from evenhand.modeling.forms import Norm, Polyhedron, form_of
from evenhand.modeling.library_imports import sparse

STEP = 0.25
"""Length of chords near equal loads, relative to the root mean square deviation that the cone allows."""

NEAR = 2.0
"""Distance from equal loads, in the same unit, up to which all chords have this length."""

GROWTH = 0.8
"""Determines the longer chords beyond: distances grow by the factor 1 + GROWTH * step."""


def inner_rows(fairness: Fairness, n: int, wanted: Array, step: float | None = STEP) -> Polyhedron | None:
    """Return rows over n loads and non-negative auxiliary variables that only fair loads satisfy.

    None if the cone is a polyhedron, so that a model has all its rows already. The rows should not exclude fair loads
    near `wanted`, shape (k, n). `step` is the length of chords near equal loads; None for a :func:`box`.
    """
    form = form_of(fairness, n)
    if isinstance(form, Polyhedron):
        return None
    if step is None:
        return box(fairness, n)
    return _chords(form, step) if isinstance(form, Norm) else _hull(fairness, n, wanted)


def box(fairness: Fairness, n: int) -> Polyhedron:
    """Return the rows of a box around equal loads: every relative load within a common distance of the mean.

    The distance is the largest at which the corners tried are fair, those with the smallest or the largest entitlements
    on one side. Since not all corners are tried, solutions must still be judged. There are 2 n rows, with the mean load
    as their auxiliary variable.
    """
    fair = shares_of(n, fairness.entitlements)
    order = np.argsort(fair)
    signs = np.where(np.tri(n, dtype=bool)[:-1], 1.0, -1.0)
    corners = np.empty((2 * n - 2, n))
    corners[:, order] = np.vstack([signs, -signs])
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2.0
        if all(fairness.contains(fair * (1.0 + middle * corner), 0.0) for corner in corners):
            low = middle
        else:
            high = middle
    mean = np.concatenate([-(1.0 - low) * fair, (1.0 + low) * fair])[:, None]
    return Polyhedron(np.vstack([np.eye(n), -np.eye(n)]), sparse().csr_array(mean), np.full(2 * n, np.inf))


def _chords(form: Norm, step: float) -> Polyhedron:
    """Return the rows of all chords, over loads x (n,) and auxiliary variables: the parts k (n,), then t.

    In units of t, agent i has the ratio r = w_i x_i / t, and k_i must lie above the chords of r^p between neighbouring
    ends. Two more rows keep r between the outermost ends.
    """
    n, order = len(form.weights), form.order
    low, high = farthest(form)
    rows: list[Array] = []
    for agent in range(n):
        ends = _ends(float(low[agent]), float(high[agent]), n, step)
        ratios = form.shares[agent] ** (1.0 / order) * ends / form.limit
        powers = ratios**order
        slopes = np.diff(powers) / np.diff(ratios)
        own = np.zeros((len(slopes) + 2, 2 * n + 1))
        own[:-2, agent] = -slopes * form.weights[agent]
        own[:-2, n + agent] = 1.0
        own[:-2, -1] = slopes * ratios[:-1] - powers[:-1]
        own[-2, agent], own[-2, -1] = -form.weights[agent], ratios[-1]
        own[-1, agent], own[-1, -1] = form.weights[agent], -ratios[0]
        rows.append(own[: len(own) if ratios[0] > 0.0 else -1])
    whole = np.zeros((2, 2 * n + 1))
    whole[0, :n], whole[0, -1] = form.multiple, -1.0
    whole[1, n:-1], whole[1, -1] = -1.0, 1.0
    stacked = np.vstack([*rows, whole])
    stacked /= np.abs(stacked).max(axis=1, keepdims=True)
    upper = np.full(len(stacked), np.inf)
    upper[-2] = 0.0
    return Polyhedron(stacked[:, :n], sparse().csr_array(stacked[:, n:]), upper)


def _ends(low: float, high: float, n: int, step: float) -> Array:
    """Return the relative loads, from `low` to `high` and including 1, at which the chords of one of n agents end."""
    sides = []
    for far in (1.0 - low, high - 1.0):
        unit = far / np.sqrt(max(n - 1.0, 1.0))
        near = np.arange(step, NEAR + step / 2.0, step)
        ratio = 1.0 + step * GROWTH
        count = max(int(np.ceil(np.log(np.sqrt(n) / NEAR) / np.log(ratio))), 0)
        distances = unit * np.concatenate([near, NEAR * ratio ** np.arange(1, count + 1)])
        sides.append(np.append(distances[distances < far * (1.0 - 1e-6)], far))
    return np.concatenate([1.0 - sides[0][::-1], [1.0], 1.0 + sides[1]])


def _hull(fairness: Fairness, n: int, wanted: Array) -> Polyhedron:
    """Return the equations that make loads a combination of fair ones, with their weights as auxiliary variables."""
    fair = shares_of(n, fairness.entitlements)
    points = [fair]
    for corner in np.eye(n):
        points.append(_fair_point(fairness, corner))
        points.append(_fair_point(fairness, fair * (1.0 - corner)))
    points += [_fair_point(fairness, loads) for loads in np.maximum(wanted, 0.0) if loads.any()]
    matrix = np.array([point / point.sum() for point in points])
    return Polyhedron(np.eye(n), sparse().csr_array(-matrix.T), np.zeros(n))


def _fair_point(fairness: Fairness, loads: Array) -> Array:
    """Return the first fair loads on the line from `loads` to equal ones.

    The supporting point may be unfair by rounding; steps towards equal loads double until it is not.
    """
    point = fairness.supporting_point(loads)
    equal: Array = shares_of(len(point), fairness.entitlements) * point.sum()
    for kept in (1.0, *(1.0 - 2.0 ** np.arange(-40.0, 1.0))):
        nearer: Array = equal + kept * (point - equal)
        if fairness.contains(nearer, 0.0):
            return nearer
    return equal
