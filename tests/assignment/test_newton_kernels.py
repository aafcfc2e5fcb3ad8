"""The loops of Newton's method, held against differences and another solver."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.assignment.kernels.linear_systems import solve_positive
from evenhand.assignment.kernels.smoothing import soft_dual


@pytest.mark.parametrize("temperature", [0.003, 0.05, 5.0])
def test_the_curvature_is_the_slope_of_the_loads(temperature: float) -> None:
    """With few sharers and with many: the lower half is how loads grow with prices; without it the value is the same.

    Tasks are shared by about two, most or all of 12 agents at these temperatures.
    """
    random = np.random.default_rng(5)
    cost, burden = random.random((400, 12)) + 0.2, random.uniform(0.5, 2.0, (400, 12))
    price = random.uniform(0.0, 0.1, 12)

    def at(prices: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        load, curvature = np.zeros(12), np.zeros((12, 12))
        value = soft_dual(cost, burden, prices, temperature, 0, 400, load, curvature)
        return value, load, curvature

    value, load, curvature = at(price)
    assert soft_dual(cost, burden, price, temperature, 0, 400, np.zeros(12), np.zeros((0, 0))) == value
    steps = 1e-6 * np.eye(12)
    slopes = np.array([(at(price + step)[1] - at(price - step)[1]) / 2e-6 for step in steps])
    gradient = np.array([(at(price + step)[0] - at(price - step)[0]) / 2e-6 for step in steps])
    assert gradient == pytest.approx(-load, rel=1e-6)
    assert np.tril(curvature) == pytest.approx(np.tril(slopes), rel=1e-4, abs=1e-4 * np.abs(slopes).max())
    assert (np.triu(curvature, 1) == 0.0).all()


def test_a_positive_definite_system_is_solved_and_others_are_refused() -> None:
    """As NumPy does; a matrix with an eigenvalue of -1 has a pivot that is not positive."""
    random = np.random.default_rng(6)
    root = random.random((40, 40))
    matrix, right = root @ root.T + np.eye(40), random.random(40)
    solution = right.copy()
    assert solve_positive(np.triu(matrix), solution)
    assert solution == pytest.approx(np.linalg.solve(matrix, right), rel=1e-9)
    turned = np.linalg.qr(root)[0]
    indefinite = turned @ np.diag([-1.0, *np.linspace(1, 2, 39)]) @ turned.T
    assert not solve_positive(indefinite, right.copy())
