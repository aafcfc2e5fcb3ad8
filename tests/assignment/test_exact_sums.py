"""Exact sums against the plain definition in fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from evenhand.assignment.exact import (
    common_exponent,
    exact_loads,
    exact_sum,
    integers,
    lagrangian_bound,
    round_down,
)


def test_sums_are_exact_where_floats_round() -> None:
    """Ten times the float nearest to 0.1 is not 1, though its rounded sum may be."""
    assert exact_sum(np.full(10, 0.1)) == 10 * Fraction(0.1) != 1


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1.0, 1e300])
def test_integers_keep_every_bit(scale: float) -> None:
    """Units times 2**e give back each float, subnormals and zeros included."""
    values = np.array([0.0, scale, 3 * scale, 1.0])
    exponent = common_exponent(values)
    assert [Fraction(2) ** exponent * unit for unit in integers(values, exponent)] == [Fraction(v) for v in values]


def test_sums_span_the_range_of_floats() -> None:
    assert exact_sum(np.array([1e300, 1e-300, 1.0])) == Fraction(1e300) + Fraction(1e-300) + 1


def test_loads_are_those_of_the_tasks_and_the_initial_ones() -> None:
    burdens = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    loads = exact_loads(burdens, np.array([0.7, 0.0]), np.array([0, 1, 0]))
    assert loads == [Fraction(0.7) + Fraction(0.1) + Fraction(0.3), Fraction(0.5)]


@pytest.mark.parametrize("seed", range(20))
def test_bound_equals_its_definition(seed: int) -> None:
    """The blocked sum is never above the definition's, and short of it only by the rounding of v."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(2, 5)), int(rng.integers(1, 9))
    costs, burdens = np.exp(rng.normal(0, 8, (2, n, m)))
    costs[rng.random((n, m)) < 0.1] = 0.0
    initial = np.exp(rng.normal(0, 3, n)) * (rng.random(n) < 0.5)
    allowed = rng.random((n, m)) < 0.6
    allowed[rng.integers(n, size=m), np.arange(m)] = True
    dual = [Fraction(float(v)) / 3 for v in rng.normal(0, 1, n)]
    given = np.where(allowed, costs, np.inf)
    for paid in (given, None):
        expected = -sum(v * Fraction(x) for v, x in zip(dual, initial.tolist(), strict=True))
        for j in range(m):
            expected += min(
                (0 if paid is None else Fraction(costs[i, j])) - dual[i] * Fraction(burdens[i, j])
                for i in range(n)
                if allowed[i, j]
            )
        found = lagrangian_bound(paid, np.where(allowed, burdens, np.inf), initial, allowed, dual)
        reach = sum(Fraction(x) for x in (*initial.tolist(), *burdens.ravel().tolist()))
        assert expected - reach / 2**90 <= found <= expected


def test_rounding_down_never_exceeds_the_value() -> None:
    third = Fraction(1, 3)
    assert Fraction(round_down(third)) <= third < Fraction(np.nextafter(round_down(third), 1.0))
    assert round_down(Fraction(2)) == 2.0
