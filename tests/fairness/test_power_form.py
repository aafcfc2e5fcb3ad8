"""The power mean by which compiled loops ask what `contains` asks."""

from __future__ import annotations

import numpy as np
import pytest
from fairness_cases import UNEQUAL, equal_ends, members, shares

from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, HooverAtMost, JainAtLeast, MaxOverMean, RangeAtMost

MEANS = [
    fairness
    for entitlements in (None, UNEQUAL)
    for fairness in (
        *(
            EpsilonFairness(epsilon, p, entitlements=entitlements)
            for p in (2, 2.5, 3, 10, 50)
            for epsilon in (0.3, 0.9)
        ),
        CVAtMost(0.3, entitlements=entitlements),
        JainAtLeast(0.9, entitlements=entitlements),
    )
]


def loads_near_the_boundary(fairness, rng: np.random.Generator) -> np.ndarray:
    """Draw loads, shape (400, 5), half of which or so are fair: equal ones and random ones, mixed."""
    equal = shares(fairness, 5)
    apart = rng.dirichlet(np.full(5, 0.15), 400)
    return equal + rng.random((400, 1)) * (apart - equal)


@pytest.mark.parametrize("fairness", MEANS, ids=repr)
def test_the_power_mean_is_within_its_limit_where_loads_are_fair(fairness) -> None:
    order, limit = fairness.power_form(5)
    loads = loads_near_the_boundary(fairness, np.random.default_rng(1))
    share = shares(fairness, 5)
    relative = loads / share
    ratio = (relative**order @ share) ** (1.0 / order) / (relative @ share)
    fair = np.asarray(fairness.contains(loads))
    away = np.abs(ratio - limit) > 1e-7
    assert 8 < fair.sum() < 392
    np.testing.assert_array_equal(fair[away], (ratio <= limit)[away])


@pytest.mark.parametrize(
    "fairness",
    [
        *(kind(0.2, entitlements=e) for kind in (GiniAtMost, HooverAtMost, RangeAtMost) for e in (None, UNEQUAL)),
        *(kind for e in (None, UNEQUAL) for kind in (MaxOverMean(1.2, entitlements=e),)),
        *(EpsilonFairness(0.7, np.inf, entitlements=e) for e in (None, UNEQUAL)),
        *equal_ends(),
        *equal_ends(UNEQUAL),
    ],
    ids=repr,
)
def test_no_power_mean_tells_of_other_measures_nor_of_equality(fairness) -> None:
    assert fairness.power_form(5) is None


def test_only_means_of_finite_order_have_the_form() -> None:
    """Among all members, exactly the expected kinds."""
    with_form = {type(fairness) for fairness in members(ends=False) if fairness.power_form(5) is not None}
    assert with_form == {EpsilonFairness, CVAtMost, JainAtLeast}
