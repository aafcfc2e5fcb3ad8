"""Measures against their definitions, for NumPy, JAX and PyTorch, along any axis and at any scale."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from fairness_cases import any_load_vectors, brief, load_vectors, quick
from hypothesis import given, strategies as st

from evenhand.errors import InputError
from evenhand.fairness import (
    CVAtMost,
    GiniAtMost,
    HooverAtMost,
    JainAtLeast,
    MaxOverMean,
    RangeAtMost,
    measures,
)

# Of 1, 2, 3, 6 by hand: mean 3, squares 50, |differences| 1 2 5 1 4 3 = 16, |deviations| 2 1 0 3, median 2.5.
LOADS = [1.0, 2.0, 3.0, 6.0]
BY_HAND = {
    "jain_index": 144 / 200,
    "coefficient_of_variation": math.sqrt(50 / 4 - 9) / 3,
    "gini": 2 * 16 / (2 * 4 * 12),
    "hoover": 6 / 24,
    "theil": (math.log(1 / 3) / 3 + 2 / 3 * math.log(2 / 3) + 2 * math.log(2)) / 4,
    "relative_range": 5 / 3,
    "relative_mean_deviation": 6 / 12,
    "max_over_mean": 2.0,
    "max_min": 1.0,
    "mcloone": 1.5 / 2.5,
    "nash_welfare": 36**0.25,
    "generalised_gini_welfare": (7 * 1 + 5 * 2 + 3 * 3 + 1 * 6) / 16,
}
NAMES = sorted(BY_HAND)
DISPERSION = [name for name in NAMES if name not in ("max_min", "nash_welfare", "generalised_gini_welfare")]
OF_EQUALS = {"jain_index": 1.0, "mcloone": 1.0, "max_over_mean": 1.0}


def measure(name):
    return getattr(measures, name)


@pytest.mark.parametrize("name", NAMES)
def test_the_value_found_by_hand(name):
    """Four agents, from the definitions."""
    assert float(measure(name)(LOADS)) == pytest.approx(BY_HAND[name], rel=1e-14)


@pytest.mark.parametrize("name", DISPERSION)
def test_nobody_carries_anything(name):
    """Zero loads are perfectly equal, and so are equal ones."""
    expected = OF_EQUALS.get(name, 0.0)
    assert float(measure(name)(np.zeros(3))) == expected
    assert float(measure(name)(np.full(3, 7.0))) == pytest.approx(expected, abs=1e-15)
    assert float(measure(name)([5.0])) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("name", NAMES)
@brief
@given(load_vectors(6), st.permutations(range(6)))
def test_the_order_of_agents_does_not_matter(name, x, permutation):
    """Every measure is symmetric."""
    assert measure(name)(x[list(permutation)]) == pytest.approx(measure(name)(x), rel=1e-11, abs=1e-13 * x.max())


@pytest.mark.parametrize("name", DISPERSION)
@brief
@given(any_load_vectors((1.0,)), st.integers(-290, 290))
def test_scale_does_not_matter(name, x, exponent):
    """Dispersion is relative, from 1e-290 to 1e290."""
    assert measure(name)(x * 10.0**exponent) == pytest.approx(measure(name)(x), rel=1e-8, abs=1e-13)


@pytest.mark.parametrize("name", ["max_min", "nash_welfare", "generalised_gini_welfare"])
@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_welfare_has_the_unit_of_the_loads(name, scale):
    """Welfare of scaled loads is scaled welfare."""
    assert measure(name)(np.array(LOADS) * scale) == pytest.approx(BY_HAND[name] * scale, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "fairness"),
    [
        ("coefficient_of_variation", CVAtMost(1.0)),
        ("jain_index", JainAtLeast(0.5)),
        ("gini", GiniAtMost(0.5)),
        ("hoover", HooverAtMost(0.5)),
        ("max_over_mean", MaxOverMean(2.0)),
        ("relative_range", RangeAtMost(2.0)),
    ],
)
@brief
@given(any_load_vectors())
def test_measures_are_the_levels_of_the_cones(name, fairness, x):
    """Two implementations, one number."""
    assert measure(name)(x) == pytest.approx(fairness.level(x), rel=1e-12, abs=2e-9)


@quick
@given(any_load_vectors((1.0,)))
def test_identities(x):
    """J = 1 / (1 + CV^2), Hoover is half the mean deviation, Gini welfare is mean (1 - Gini)."""
    assert measures.jain_index(x) == pytest.approx(x.sum() ** 2 / (len(x) * (x @ x)), rel=1e-12)
    assert measures.hoover(x) == pytest.approx(measures.relative_mean_deviation(x) / 2)
    gini = np.abs(x[:, None] - x).sum() / (2 * len(x) * x.sum())
    assert measures.gini(x) == pytest.approx(gini, abs=1e-13)
    assert measures.generalised_gini_welfare(x) == pytest.approx(x.mean() * (1.0 - gini), rel=1e-11, abs=1e-14)
    assert measures.theil(x) + 1e-14 >= 0.0
    assert measures.theil(x) <= math.log(len(x)) + 1e-12


def test_mcloone_where_the_median_is_zero():
    """More than half are idle: the lower half is equal, whatever the others carry."""
    assert float(measures.mcloone([0.0, 0.0, 0.0, 9.0])) == 1.0
    assert float(measures.mcloone([0.0, 4.0, 4.0])) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("alpha", "loads", "expected"),
    [
        (0.0, [1.0, 4.0], 5.0),
        (0.5, [1.0, 4.0], 6.0),
        (1.0, [1.0, 4.0], math.log(4.0)),
        (2.0, [1.0, 4.0], -1.25),
        (0.5, [0.0, 4.0], 4.0),
        (1.0, [0.0, 4.0], -math.inf),
        (2.0, [0.0, 4.0], -math.inf),
    ],
)
def test_alpha_fair_welfare(alpha, loads, expected):
    """From the definition; nothing for one agent is minus infinity from alpha = 1."""
    assert float(measures.alpha_fair_welfare(loads, alpha)) == pytest.approx(expected)


def test_nash_welfare_of_an_idle_agent_is_zero():
    """The product has a zero factor."""
    assert float(measures.nash_welfare([0.0, 4.0, 9.0])) == 0.0


def test_generalised_gini_welfare_with_weights():
    """The largest weight goes to the worst off; all of it there is max-min."""
    assert float(measures.generalised_gini_welfare([5.0, 1.0, 3.0], [3, 2, 1])) == 3 + 6 + 5
    assert float(measures.generalised_gini_welfare([5.0, 1.0, 3.0], [1, 0, 0])) == 1.0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
def test_any_axis(name, axis):
    """The axis of the agents is removed; the others are a batch."""
    batch = np.random.default_rng(0).uniform(size=(3, 4, 5))
    expected = np.apply_along_axis(measure(name), axis, batch)
    np.testing.assert_allclose(measure(name)(batch, axis=axis), expected, rtol=1e-12)


def calls():
    return [
        *((name, measure(name)) for name in NAMES),
        ("alpha", lambda x: measures.alpha_fair_welfare(x, 2.0)),
    ]


@pytest.mark.parametrize(("name", "function"), calls())
def test_jax_gives_the_same_also_compiled(name, function):
    """The same kind of array comes back, under jit and vmap too, in single precision."""
    rows = [LOADS, [0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 5.0, 1.0]]
    expected = [float(function(np.array(loads))) for loads in rows]
    arrays, compiled = jnp.asarray(rows, dtype=jnp.float32), jax.jit(function)
    for results in (list(map(function, arrays)), list(map(compiled, arrays)), list(jax.vmap(function)(arrays))):
        assert all(isinstance(result, jax.Array) for result in results)
        assert list(map(float, results)) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_jax_differentiates_a_measure():
    """A learner's reward may hold the index: the gradient is finite, and zero where loads are equal."""
    gradient = jax.grad(measures.jain_index)
    assert np.isfinite(gradient(jnp.asarray(LOADS))).all()
    h = 1e-3
    x = np.array(LOADS)
    expected = [(measures.jain_index(x + h * unit) - measures.jain_index(x - h * unit)) / (2 * h) for unit in np.eye(4)]
    np.testing.assert_allclose(gradient(jnp.asarray(LOADS)), expected, atol=1e-5)
    np.testing.assert_allclose(gradient(jnp.ones(3)), np.zeros(3), atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_integers_are_loads_too(name):
    """NumPy and JAX integers become floats."""
    assert float(measure(name)(np.array([1, 2, 3, 6]))) == pytest.approx(BY_HAND[name])
    assert float(measure(name)(jnp.array([1, 2, 3, 6]))) == pytest.approx(BY_HAND[name], rel=1e-5)


@pytest.mark.parametrize(("name", "function"), calls())
def test_torch_gives_the_same(name, function):
    """The same kind of array comes back."""
    torch = pytest.importorskip("torch")
    for loads in (LOADS, [0.0, 0.0, 0.0]):
        result = function(torch.tensor(loads, dtype=torch.float64))
        assert isinstance(result, torch.Tensor)
        assert float(result) == pytest.approx(float(function(np.array(loads))), rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("loads", "message"),
    [
        ([[1.0, 2.0], [-0.5, 1.0]], "loads[1, 0] is -0.5; every load must be a finite number, 0 or more"),
        ([1.0, math.nan], "loads[1] is nan"),
        ([1.0, math.inf], "loads[1] is inf"),
        ([], "no agents along axis -1"),
        (3.0, "single number"),
        ([[1.0], [1.0, 2.0]], "cannot be read as numbers"),
        (["many"], "cannot be read as numbers"),
    ],
)
def test_bad_loads_get_one_clear_line(name, loads, message):
    """The first wrong load is named with its place."""
    with pytest.raises(InputError) as caught:
        measure(name)(loads)
    assert message in str(caught.value)


def test_bad_arguments_get_one_clear_line():
    """Axis, alpha and weights."""
    with pytest.raises(InputError, match="axis is 2, but the loads have 1"):
        measures.gini(LOADS, axis=2)
    with pytest.raises(InputError, match="alpha is -1"):
        measures.alpha_fair_welfare(LOADS, -1)
    with pytest.raises(InputError, match="must not increase"):
        measures.generalised_gini_welfare(LOADS, [1, 2, 3, 4])
    with pytest.raises(InputError, match=r"weights have shape \(2,\); the loads have 4 agents"):
        measures.generalised_gini_welfare(LOADS, [2, 1])
