"""Draw the sets of fair loads (the paper's figure 1), and check its theorems on them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.fairness import EpsilonFairness
from evenhand.fairness.bounds import published_cv_bound, sharp_cv_bound
from reproductions.dispersion import published
from reproductions.document import Claim, Section, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Loads = NDArray[np.float64]

DRAWN = 0.5
"""The level that is drawn."""
DIRECTIONS = 180
"""Points of a boundary in three dimensions."""
HALVINGS = 60
SAMPLES = 100_000
"""Random loads of five agents, uniform on the simplex."""
NEARLY = 1000
"""Loads that are equal or nearly so."""
LEVELS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0)
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, math.sqrt(3.0) / 2.0]])
"""Where the triangle of three agents' shares is drawn."""


def geometry(command: str) -> Section:
    """Return the section on the sets themselves."""
    shares = _shares()
    return Section(
        key="geometry",
        title="The fair loads of two and three agents",
        question="Which loads are fair, and how do the sets of different p lie within each other? (Figure 1)",
        command=command,
        chart="geometry",
        caption=(
            f"Boundaries at epsilon = {DRAWN:g}. Two agents: across what the one carries, upwards what the other does; "
            "equal loads lie on the diagonal. Three agents: the triangle of their shares, in whose corners one agent "
            "carries all, in whose middle all carry the same. The larger p, the smaller the set."
        ),
        rows=[*_all(), *_two(), *_three()],
        tables=[_table(shares)],
        claims=[_ends(shares), _inclusion(shares), _bound()],
    )


def _all() -> list[dict[str, Any]]:
    """Return the outlines of all loads: a square and a triangle."""
    square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
    triangle = [tuple(CORNERS[k % 3].tolist()) for k in range(4)]
    about = {"p": "all loads", "epsilon": DRAWN}
    return [
        {"dimension": size, **about, "x": x, "y": y} for size, some in ((2, square), (3, triangle)) for x, y in some
    ]


def _two() -> list[dict[str, Any]]:
    """Return the polygon of two agents' fair loads within the unit square: one for each order."""
    rows = []
    for p in published.ORDERS:
        [apart] = _edges(np.array([[1.0, -1.0]]), EpsilonFairness(DRAWN, p)).tolist()
        edge = (0.5 - apart) / (0.5 + apart)  # least load of one where the other carries 1
        for x, y in ((0.0, 0.0), (1.0, edge), (1.0, 1.0), (edge, 1.0), (0.0, 0.0)):
            rows.append({"dimension": 2, "p": published.word(p), "epsilon": DRAWN, "x": x, "y": y})
    return rows


def _three() -> list[dict[str, Any]]:
    rows = []
    directions = np.array([_direction(angle) for angle in np.linspace(0.0, 2.0 * math.pi, DIRECTIONS + 1)])
    for p in published.ORDERS:
        edges = _edges(directions, EpsilonFairness(DRAWN, p))
        for direction, edge in zip(directions, edges, strict=True):
            x, y = (np.full(3, 1.0 / 3.0) + edge * direction) @ CORNERS
            rows.append({"dimension": 3, "p": published.word(p), "epsilon": DRAWN, "x": round(x, 5), "y": round(y, 5)})
    return rows


def _direction(angle: float) -> Loads:
    """Return a direction within the plane of shares that sum to 1."""
    one, other = np.array([1.0, -1.0, 0.0]) / math.sqrt(2.0), np.array([1.0, 1.0, -2.0]) / math.sqrt(6.0)
    return np.asarray(math.cos(angle) * one + math.sin(angle) * other, dtype=np.float64)


def _edges(directions: Loads, fairness: EpsilonFairness) -> Loads:
    """Return how far from equal shares the loads stay fair, and not negative, in each direction (D, n)."""
    centre = 1.0 / directions.shape[1]
    furthest = centre / np.max(-directions, axis=1)

    def fair(distance: Loads) -> NDArray[np.bool_]:
        return np.asarray(fairness.contains(centre + distance[:, None] * directions))

    inside, outside = np.zeros_like(furthest), furthest
    for _ in range(HALVINGS):
        middle = 0.5 * (inside + outside)
        within = fair(middle)
        inside, outside = np.where(within, middle, inside), np.where(within, outside, middle)
    return np.asarray(np.where(fair(furthest), furthest, inside), dtype=np.float64)


def _shares() -> dict[tuple[float, float], NDArray[np.bool_]]:
    """Return which random loads of five agents are fair, by order and level."""
    loads = np.random.default_rng(0).dirichlet(np.ones(5), SAMPLES)
    # And loads that are equal, or nearly so, which chance does not draw.
    apart = np.geomspace(1e-15, 1e-2, NEARLY)[:, None] * np.array([1.0, -1.0, 0.0, 0.0, 0.0])
    loads = np.concatenate([loads, 0.2 * (1.0 + apart)])
    return {(p, e): np.asarray(EpsilonFairness(e, p).contains(loads)) for p in published.ORDERS for e in LEVELS}


def _table(shares: dict[tuple[float, float], NDArray[np.bool_]]) -> Table:
    rows = [
        [published.word(p), *(f"{100.0 * shares[p, level][:SAMPLES].mean():.3f}" for level in LEVELS[:-1])]
        for p in published.ORDERS
    ]
    title = f"Percentage of {SAMPLES:,} random loads of five agents that are fair"
    return Table(title, ["p", *(f"epsilon {level:g}" for level in LEVELS[:-1])], rows)


def _ends(shares: dict[tuple[float, float], NDArray[np.bool_]]) -> Claim:
    same = all(np.array_equal(shares[p, level], shares[2.0, level]) for p in published.ORDERS for level in (0.0, 1.0))
    return Claim(
        claim="Theorem 1: at epsilon 0 and 1 all orders describe the same set.",
        published="proven",
        ours=(
            f"{'' if same else 'not '}the same in {SAMPLES + NEARLY:,} loads of five agents, {NEARLY:,} of them nearly "
            "equal"
        ),
        verdict="holds" if same else "differs",
    )


def _inclusion(shares: dict[tuple[float, float], NDArray[np.bool_]]) -> Claim:
    pairs = [(p, q, e) for p in published.ORDERS for q in published.ORDERS if p < q for e in LEVELS[1:-1]]
    outside = sum(int((shares[q, e] & ~shares[p, e]).sum()) for p, q, e in pairs)
    strict = sum(bool((shares[p, e] & ~shares[q, e]).any()) for p, q, e in pairs)
    return Claim(
        claim="Theorem 2: between 0 and 1 the set of a larger p lies strictly within that of a smaller.",
        published="proven",
        ours=f"of {len(pairs)} pairs of sets {strict} differ; loads outside the set of the smaller p alone: {outside}",
        verdict="differs" if outside else "holds" if strict == len(pairs) else "partly",
        why="" if strict == len(pairs) else "The other pairs are too alike for random loads to fall between them.",
    )


def _bound() -> Claim:
    exact = {p: _looseness(p) for p in published.ORDERS}
    at_zero = max(published_cv_bound(0.0, p, 5) for p in published.ORDERS)
    return Claim(
        claim="Proposition 2: the bound on the coefficient of variation is exact for p = 2.",
        published="proven",
        ours="largest ratio of the paper's bound to the sharp one over all levels, five agents: "
        + ", ".join(f"p = {published.word(p)}: {ratio:.2f}" for p, ratio in exact.items()),
        verdict="holds" if exact[2.0] < 1.0 + 1e-9 else "differs",
        why=(
            f"For larger p it is loose: at epsilon = 0 it allows {at_zero:.2f}, where no five loads exceed "
            f"{math.sqrt(4.0):.0f}, and it grows with p while the sets shrink."
        ),
    )


def _looseness(p: float) -> float:
    return max(published_cv_bound(level, p, 5) / sharp_cv_bound(level, p, 5) for level in LEVELS[:-1])
