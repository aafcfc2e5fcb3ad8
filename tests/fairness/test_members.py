"""What every member promises of its measure, its level and its files."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fairness_cases import (
    FIVE,
    ORDERS,
    UNEQUAL,
    any_load_vectors,
    brief,
    equal_ends,
    load_vectors,
    members,
    quick,
)
from hypothesis import given, strategies as st

from evenhand.errors import InputError
from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    Fairness,
    GiniAtMost,
    HooverAtMost,
    JainAtLeast,
    LeastOverMean,
    MaxOverMean,
    RangeAtMost,
    TopShareAtMost,
    from_dict,
)

PLAIN = members(ends=False)
chosen = st.sampled_from(FIVE)


def definitions():
    """Return pairs of a member and its measure over the mean, written out for equal agents."""

    def power_mean(p):
        return lambda x: np.max(x) if math.isinf(p) else np.mean(x**p) ** (1 / p)

    def mean_difference(x):
        return np.abs(x[:, None] - x).sum() / (2 * len(x) ** 2)

    return [
        *((EpsilonFairness(0.5, p), power_mean(p)) for p in ORDERS),
        (CVAtMost(0.5), np.std),
        (JainAtLeast(0.5), np.std),
        (MaxOverMean(1.5), np.max),
        (GiniAtMost(0.5), mean_difference),
        (HooverAtMost(0.5), lambda x: np.abs(x - x.mean()).mean() / 2),
        (RangeAtMost(0.5), np.ptp),
        (LeastOverMean(0.5), lambda x: x.mean() - x.min()),
        (TopShareAtMost(1, 0.9), lambda x: x.max() / len(x)),
    ]


@pytest.mark.parametrize(("fairness", "measure"), definitions(), ids=lambda part: getattr(part, "__name__", repr(part)))
@brief
@given(any_load_vectors((0.1, 1.0, 10.0)))
def test_the_value_is_the_measure_written_out(fairness, measure, x):
    """Equal agents: the textbook formula."""
    assert fairness.value(x) == pytest.approx(measure(x), rel=1e-12, abs=1e-15 * x.max())


@pytest.mark.parametrize("fairness", members((1.0, 2.0, 3.0), ends=False), ids=repr)
@brief
@given(load_vectors(3, (0.1, 1.0, 10.0)))
def test_an_agent_entitled_to_k_counts_as_k_agents(fairness, x):
    """Splitting each agent into as many equal ones as its entitlement leaves measure over mean as it is."""
    split = np.repeat(x / [1, 2, 3], [1, 2, 3])
    changes = {"entitlements": None}
    if fairness.name == "top_share":
        changes["k"] = 2 * fairness.k  # of six in place of three
    plain = type(fairness)(**{**fairness.__dict__, **changes})
    ratio = plain.value(split) / split.mean()
    assert fairness.value(x) / x.mean() == pytest.approx(ratio, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("fairness", PLAIN, ids=repr)
@brief
@given(any_load_vectors((1.0,)))
def test_equal_entitlements_change_nothing(fairness, x):
    """Entitlements of 3 each are no entitlements."""
    entitled = type(fairness)(**{**fairness.__dict__, "entitlements": [3.0] * len(x)})
    assert entitled.level(x) == pytest.approx(fairness.level(x), abs=1e-12)
    np.testing.assert_allclose(entitled.cut(x), fairness.cut(x), atol=1e-12)


@pytest.mark.parametrize("fairness", FIVE, ids=repr)
def test_every_member_meets_the_protocol(fairness):
    """The solvers know the protocol only."""
    assert isinstance(fairness, Fairness)


@pytest.mark.parametrize("fairness", FIVE, ids=repr)
def test_a_member_survives_a_file(fairness):
    """from_dict is the inverse of to_dict, and the values are those of JSON."""
    assert from_dict(fairness.to_dict()) == fairness
    assert fairness.to_dict()["name"] == fairness.name
    assert fairness.with_parameter(fairness.parameter) == fairness


def test_the_dict_of_infinite_order_names_it():
    """JSON has no infinity."""
    data = {"name": "epsilon", "epsilon": 0.9, "p": "inf", "entitlements": [1.0, 2.0]}
    assert EpsilonFairness(0.9, math.inf, entitlements=[1, 2]).to_dict() == data


@quick
@given(load_vectors(5), chosen)
def test_level_is_the_inverse_of_the_parameter(x, fairness):
    """Loads meet the level they have, and not one that is stricter by a millionth."""
    level = float(fairness.level(x))
    vacuous, equality = fairness.parameter_range(5)
    assert min(vacuous, equality) <= level <= max(vacuous, equality)
    assert fairness.with_parameter(level).contains(x)
    stricter = level + 1e-6 * (equality - vacuous) / abs(equality - vacuous)
    if level != equality and min(vacuous, equality) <= stricter <= max(vacuous, equality):
        assert not fairness.with_parameter(stricter).contains(x)


@pytest.mark.parametrize("fairness", FIVE, ids=repr)
def test_the_range_of_the_parameter(fairness):
    """At one end everything is fair, the worst vertex just so; at the other only equal loads are."""
    vacuous, equality = fairness.parameter_range(5)
    everything, nothing = fairness.with_parameter(vacuous), fairness.with_parameter(equality)
    assert everything.contains(np.eye(5)).all()
    least = int(np.argmin(UNEQUAL)) if fairness.entitlements else 0
    assert everything.level(np.eye(5)[least]) == pytest.approx(vacuous, abs=1e-12)
    assert not nothing.contains(np.eye(5)).any()
    equal = np.array(fairness.entitlements or np.ones(5))
    assert nothing.contains(equal)
    assert nothing.level(equal) == equality


@quick
@given(load_vectors(5, (1.0,)), chosen, st.integers(-280, 280))
def test_measures_are_homogeneous(x, fairness, exponent):
    """The value has the unit of the loads; the level has none."""
    scale = 10.0**exponent
    assert fairness.value(x * scale) == pytest.approx(fairness.value(x) * scale, rel=1e-9, abs=1e-13 * scale)
    assert fairness.level(x * scale) == pytest.approx(fairness.level(x), rel=1e-9, abs=1e-12)


@quick
@given(load_vectors(5), load_vectors(5), chosen)
def test_subgradients_bound_the_measure_from_below(x, y, fairness):
    """Phi(y) >= g . y for a subgradient g at any x, with equality at x."""
    size = max(x.max(), y.max())
    g = fairness.subgradient(x)
    assert fairness.value(y) >= g @ y - 1e-12 * size
    assert fairness.value(x) == pytest.approx(g @ x, rel=1e-11, abs=1e-13 * size)


@quick
@given(load_vectors(5, (1.0,)), st.sampled_from(members()), st.floats(0.0, 0.5))
def test_a_transfer_from_rich_to_poor_never_adds_dispersion(x, fairness, part):
    """The principle of Pigou and Dalton."""
    rich, poor = int(np.argmax(x)), int(np.argmin(x))
    moved = x.copy()
    moved[rich], moved[poor] = x[rich] - part * (x[rich] - x[poor]), x[poor] + part * (x[rich] - x[poor])
    assert fairness.value(moved) <= fairness.value(x) + 1e-14


@pytest.mark.parametrize("fairness", [EpsilonFairness(0.5, 2), EpsilonFairness(0.5, 3), CVAtMost(0.5), GiniAtMost(0.5)])
def test_a_transfer_between_unequal_agents_takes_dispersion_away(fairness):
    """Strictly so for the measures that see every agent."""
    assert fairness.value([1.0, 2.0, 3.0, 4.0]) > fairness.value([1.0, 2.1, 2.9, 4.0])


@pytest.mark.parametrize("fairness", FIVE, ids=repr)
def test_batches_are_rows(fairness):
    """Along the last axis, a batch gives what its rows give."""
    batch = np.random.default_rng(0).uniform(size=(3, 4, 5))
    for method in (fairness.value, fairness.level, fairness.contains):
        expected = [[method(row) for row in rows] for rows in batch]
        np.testing.assert_allclose(method(batch), expected, rtol=1e-14)


@pytest.mark.parametrize("fairness", FIVE, ids=repr)
@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_scales_far_out(fairness, scale):
    """Nothing overflows or vanishes at 1e-300 and 1e300, not even both in one vector."""
    x = np.array([3.0, 0.0, 5.0, 2.0, 8.0])
    assert fairness.level(x * scale) == pytest.approx(fairness.level(x), abs=1e-12)
    np.testing.assert_allclose(fairness.cut(x * scale), fairness.cut(x), atol=1e-12)
    wide = np.array([1e300, 1e-300, 0.0, 1.0, 1e300])
    assert np.isfinite(fairness.level(wide))
    assert np.isfinite(fairness.cut(wide)).all()


def test_a_rounding_error_below_zero_is_harmless():
    """A solver's -1e-18 does not turn a level into NaN."""
    for fairness in members():
        assert np.isfinite(fairness.level([1.0, -1e-18, 0.5, 0.7, 0.2]))


@pytest.mark.parametrize("fairness", equal_ends(), ids=repr)
def test_members_at_equality_agree(fairness):
    """Whatever the measure, equality is loads within 1e-9 of their mean."""
    assert fairness.asks_equality(5)
    assert fairness.contains([1.0, 1.0 + 0.9e-9])
    assert not fairness.contains([1.0, 1.0 + 1.1e-9])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: EpsilonFairness(1.1), "epsilon is 1.1; it must be a finite number in [0, 1]"),
        (lambda: EpsilonFairness(math.nan), "epsilon is nan"),
        (lambda: EpsilonFairness("high"), "epsilon is 'high'"),
        (lambda: EpsilonFairness(0.9, 1.5), "p is 1.5; it must be a number from 2, or infinity"),
        (lambda: EpsilonFairness(0.9, math.nan), "p is nan"),
        (lambda: CVAtMost(-0.1), "cv is -0.1; it must be a finite number at least 0"),
        (lambda: JainAtLeast(2), "jain is 2"),
        (lambda: MaxOverMean(0.9), "ratio is 0.9; it must be a finite number at least 1"),
        (lambda: GiniAtMost(1.5), "gini is 1.5"),
        (lambda: HooverAtMost(-1), "hoover is -1"),
        (lambda: RangeAtMost(math.inf), "ratio is inf"),
        (
            lambda: CVAtMost(0.1, entitlements=[1, 0]),
            "entitlements[1] is 0; every entitlement must be a positive",
        ),
        (lambda: CVAtMost(0.1, entitlements=[1, "x"]), "entitlements[1] is 'x'"),
        # Text and booleans are no numbers, however Python's `float` would take them.
        (lambda: JainAtLeast("0.9"), "jain is '0.9'"),
        (lambda: JainAtLeast("\u0660.\u0669"), "jain is"),
        (lambda: JainAtLeast(True), "jain is True"),
        (lambda: MaxOverMean(10**400), "ratio is 1000"),
        (lambda: EpsilonFairness(0.9, " 2 "), "p is ' 2 '"),
        (lambda: EpsilonFairness(0.9, "Infinity"), "p is 'Infinity'"),
        (lambda: CVAtMost(0.1, entitlements=["1", "2"]), "entitlements[0] is '1'"),
        (lambda: CVAtMost(0.1, entitlements=[True, 2]), "entitlements[0] is True"),
        (lambda: CVAtMost(0.1, entitlements=[1]), "entitlements has 1 value(s)"),
        (
            lambda: CVAtMost(0.1, entitlements=[1, 2]).contains([1, 2, 3]),
            "for 2 agents, but the loads are for 3",
        ),
        (lambda: CVAtMost(0.1, entitlements=[1, 2]).bound(3), "for 2 agents, but the loads are for 3"),
        (lambda: CVAtMost(0.1).contains([1]), "loads are for 1 agent(s); fairness needs at least two"),
        (lambda: CVAtMost(0.1).contains(3.0), "single number"),
        (lambda: from_dict({"name": "atkinson"}), "'atkinson'; known are epsilon, jain"),
        (lambda: from_dict({"name": "cv"}), "lacks the field 'cv'"),
        (lambda: from_dict({"name": "cv", "cv": 0.1, "p": 2}), "unknown field 'p'"),
        (lambda: from_dict([1]), "an object with a name"),
    ],
)
def test_bad_input_gets_one_clear_line(make, message):
    """The value is named, and what would be right."""
    with pytest.raises(InputError) as caught:
        make()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_misspelt_member_or_field_is_told_which_was_meant():
    with pytest.raises(InputError, match=r"'max_over_meen'; did you mean 'max_over_mean'\?"):
        from_dict({"name": "max_over_meen"})
    with pytest.raises(InputError, match=r"unknown field 'epsilom'; did you mean 'epsilon'\?"):
        from_dict({"name": "epsilon", "epsilom": 0.5})
