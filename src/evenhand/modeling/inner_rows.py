r"""Rows that only fair loads meet: an inner approximation, under which whatever a linear solver finds is fair.

A norm :math:`\|w \circ x\|_p \le t`, :math:`t = \beta \bar x`, is split into parts :math:`\sum_i k_i \le t` and
:math:`(w_i x_i)^p / t^{p-1} \le k_i`, as in :mod:`.first_rows`. The left-hand side is convex and homogeneous in
(x, t), so a chord between two ratios :math:`w_i x_i / t` lies above it: k above all chords is more than enough. No fair
load lies beyond the outermost ratios. The chords end at relative loads near the equal ones, :data:`STEP` of the root
mean square deviation apart that the cone allows, and farther apart where only few loads can be.

Any other cone is convex, and holds every non-negative combination of fair loads: of equal ones, of those where a single
agent deviates as far as it may, and of fair ones near the loads that are wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evenhand.fairness.shares import shares_of
from evenhand.modeling.first_rows import farthest
from evenhand.modeling.forms import Norm, Polyhedron, form_of
from evenhand.modeling.libraries import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

    Array = NDArray[np.float64]

STEP = 0.25
"""Distance of the innermost ends of chords, over the root mean square deviation that the cone allows."""

NEAR = 2.0
"""Up to this distance, in the same unit, ends are equally far apart."""

GROWTH = 0.8
"""Beyond, by what multiple of the step a distance from equal loads exceeds the one before."""


def inner_rows(fairness: Fairness, n: int, wanted: Array, step: float | None = STEP) -> Polyhedron | None:
    """Return rows over n loads and non-negative auxiliary variables that only fair loads meet.

    None where the rows that a model has of the member say all. `wanted`, shape (k, n), are loads near which the rows
    should leave room; `step` is the distance of the innermost ends of chords, None for a :func:`box`.
    """
    form = form_of(fairness, n)
    if isinstance(form, Polyhedron):
        return None
    if step is None:
        return box(fairness, n)
    return _chords(form, step) if isinstance(form, Norm) else _hull(fairness, n, wanted)


def box(fairness: Fairness, n: int) -> Polyhedron:
    """Return rows that hold all relative loads within a distance of 1, the largest at which corners are fair.

    They are few, with the mean load as their auxiliary variable. Only corners in the order of the entitlements are
    tried: what is found must be judged.
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
    """Return the chords, over loads x (n,) and auxiliary variables: the parts k (n,), then t."""
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
    """Return relative loads from `low` to `high` at which chords of one agent of n end, 1 among them."""
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
    """Return the combinations of fair loads of the same sum: auxiliary variables are what each contributes."""
    fair = shares_of(n, fairness.entitlements)
    points = [fair]
    for corner in np.eye(n):
        points.append(_fair_point(fairness, corner))
        points.append(_fair_point(fairness, fair * (1.0 - corner)))
    points += [_fair_point(fairness, loads) for loads in np.maximum(wanted, 0.0) if loads.any()]
    matrix = np.array([point / point.sum() for point in points])
    return Polyhedron(np.eye(n), sparse().csr_array(-matrix.T), np.zeros(n))


def _fair_point(fairness: Fairness, loads: Array) -> Array:
    """Return the fair loads nearest to `loads` on the way to equal ones."""
    point = fairness.supporting_point(loads)
    equal: Array = shares_of(len(point), fairness.entitlements) * point.sum()
    for kept in (1.0, *(1.0 - 2.0 ** np.arange(-40.0, 1.0))):
        nearer: Array = equal + kept * (point - equal)
        if fairness.contains(nearer, 0.0):
            return nearer
    return equal
