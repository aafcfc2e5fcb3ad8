r"""Positions at which to draw the buses, because case files have no coordinates.

Distances in the drawing should equal graph distances d, the numbers of branches between buses. The stress
:math:`\sum_{i<j} d_{ij}^{-2} (\|z_i - z_j\| - d_{ij})^2` is minimised by majorisation: each step replaces it by a
quadratic upper bound that touches it at the present positions. Its minimum is the solution of a linear system, with the
same matrix in every step.

References
----------
E. Gansner, Y. Koren and S. North, Graph drawing by stress majorization, 2004.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evenhand.applications.load_shedding.network import PowerNetwork
from evenhand.arrays import Array
from evenhand.modeling.library_imports import require, sparse

STEPS = 300
"""Upper limit on the steps of majorisation."""

ENOUGH = 1e-4
"""Relative decrease of the stress in one step at or below which majorisation ends."""


def positions(network: PowerNetwork) -> Array:
    """Return the position of each bus, shape (b, 2), with branches of length about 1; the result is deterministic.

    Components that no branch connects are drawn apart. Memory grows with the square of the number of buses, and time
    with its cube.
    """
    distances = _distances(network)
    size = len(distances)
    if size < 2:
        return np.zeros((size, 2))
    weights = np.zeros_like(distances)
    apart = distances > 0.0
    weights[apart] = distances[apart] ** -2.0
    laplacian = np.diag(weights.sum(axis=1)) - weights
    # The stress is invariant to translations, so that the first bus is fixed to make the system regular.
    inverse = np.linalg.inv(laplacian[1:, 1:])
    places, stress = _scaled(distances), np.inf
    for _ in range(STEPS):
        lengths, before = _lengths(places), stress
        stress = float((weights * (lengths - distances) ** 2).sum())
        if before - stress <= ENOUGH * stress:
            break
        pull = weights * distances / np.where(lengths > 0.0, lengths, 1.0)
        target = (np.diag(pull.sum(axis=1)) - pull) @ places
        places = np.vstack([np.zeros(2), inverse @ target[1:]])
    centred: Array = places - places.mean(axis=0)
    return centred


def _distances(network: PowerNetwork) -> Array:
    """Return the number of branches between buses; between components, one more than the largest within one."""
    size = len(network.buses)
    ones = np.ones(len(network.branch_from))
    graph: Any = sparse().csr_array((ones, (network.branch_from, network.branch_to)), shape=(size, size))
    steps = require("scipy.sparse.csgraph").shortest_path(graph, directed=False, unweighted=True)
    finite = np.isfinite(steps)
    return np.asarray(np.where(finite, steps, steps[finite].max() + 1.0), dtype=np.float64)


def _scaled(distances: Array) -> Array:
    """Return initial positions by classical multidimensional scaling, shifted slightly so that no two are equal."""
    size = len(distances)
    centre = np.eye(size) - 1.0 / size
    values, vectors = np.linalg.eigh(-0.5 * centre @ distances**2 @ centre)
    angles = 2.0 * np.pi * np.arange(size) / size
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    places: Array = vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0.0)) + 0.01 * distances.max() * circle
    return places


def _lengths(places: Array) -> Array:
    lengths: Array = np.linalg.norm(places[:, np.newaxis] - places, axis=2)
    return lengths
