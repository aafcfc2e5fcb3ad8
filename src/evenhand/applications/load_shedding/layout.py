r"""Where to draw the buses: case files have no coordinates.

Distances on paper are to be those along branches. With graph distances d the stress
:math:`\sum_{i<j} d_{ij}^{-2} (\|z_i - z_j\| - d_{ij})^2` is brought down by majorisation: each step replaces it by a
quadratic bound that touches it, whose least is a linear system with the same matrix every time.

References
----------
E. Gansner, Y. Koren and S. North, Graph drawing by stress majorization, 2004.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.modeling.libraries import require, sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.applications.load_shedding.network import PowerNetwork

    Array = NDArray[np.float64]

STEPS = 300
"""Most steps of majorisation."""

ENOUGH = 1e-4
"""Relative fall of the stress in a step below which it ends."""


def positions(network: PowerNetwork) -> Array:
    """Return where to draw each bus, shape (b, 2), branches about 1 long; the same network, the same picture.

    Parts that no branch joins are kept apart. Time and memory grow with the square of the number of buses.
    """
    distances = _distances(network)
    size = len(distances)
    if size < 2:
        return np.zeros((size, 2))
    weights = np.zeros_like(distances)
    apart = distances > 0.0
    weights[apart] = distances[apart] ** -2.0
    laplacian = np.diag(weights.sum(axis=1)) - weights
    # Drawings may be moved anywhere: the first bus is held.
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
    """Return the number of branches between buses; between parts, one more than any within."""
    size = len(network.buses)
    ones = np.ones(len(network.branch_from))
    graph: Any = sparse().csr_array((ones, (network.branch_from, network.branch_to)), shape=(size, size))
    steps = require("scipy.sparse.csgraph").shortest_path(graph, directed=False, unweighted=True)
    finite = np.isfinite(steps)
    return np.asarray(np.where(finite, steps, steps[finite].max() + 1.0), dtype=np.float64)


def _scaled(distances: Array) -> Array:
    """Return places by classical scaling, a little turned outwards so that no two are the same."""
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
