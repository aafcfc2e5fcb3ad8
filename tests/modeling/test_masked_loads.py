"""Arrays of linopy in which some entries are masked: those are no agents."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, HooverAtMost

linopy = pytest.importorskip("linopy")
xarray = pytest.importorskip("xarray")

from evenhand.modeling.linopy import fair  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:.*has absent slots")  # linopy's notice of what it will do by and by

PRESENT = [True, True, False, True]
MEMBERS = (EpsilonFairness(0.9), HooverAtMost(0.1))


@pytest.fixture(autouse=True, params=["legacy", "v1"])
def semantics(request):
    """Absent entries count as 0 in linopy's arithmetic (legacy), or make all that they are in absent (v1)."""
    if "semantics" not in linopy.options._defaults:
        if request.param == "v1":
            pytest.skip("this linopy knows one semantics only")
        yield request.param
        return
    before = linopy.options["semantics"]
    linopy.options["semantics"] = request.param
    yield request.param
    linopy.options["semantics"] = before


def hours(masked: bool):
    """Return a model of twelve hours and the hours of four people (the third masked), or of the three others."""
    prices = np.array([1, 2, 3, 4])[slice(None) if masked else PRESENT]
    mask = xarray.DataArray(PRESENT, dims="people") if masked else None
    people = xarray.DataArray(np.zeros(len(prices)), dims="people")
    model = linopy.Model()
    x = model.add_variables(lower=people, mask=mask, integer=True, name="x")
    model.add_constraints(x.sum() == 12)
    model.add_objective((x * xarray.DataArray(prices, dims="people")).sum())
    return model, x


def masked_expression(x):
    return (1 * x).where(xarray.DataArray(PRESENT, dims="people"))


def one_by_one(x):
    return [x.isel(people=place) for place in range(4)]


@pytest.mark.parametrize("loads_of", [lambda x: x, lambda x: 2 * x, masked_expression, one_by_one])
def test_masked_entries_are_no_agents(loads_of) -> None:
    for fairness in (HooverAtMost(0.1), EpsilonFairness(0.9, entitlements=(1, 2, 1))):
        model, x = hours(masked=False)
        expected = fair(model, x, fairness).solve(gap=1e-9)
        model, x = hours(masked=True)
        answer = fair(model, loads_of(x), fairness).solve(gap=1e-9)
        assert len(answer.loads) == 3
        assert answer.objective == pytest.approx(expected.objective)
        assert fairness.contains(answer.loads, 1e-6)


def test_the_sum_of_what_is_masked_in_part_is_an_agent() -> None:
    """Two shifts of two people; the second works one of them alone."""
    model = linopy.Model()
    mask = xarray.DataArray([[True, True], [True, False]], dims=("people", "shifts"))
    x = model.add_variables(lower=xarray.zeros_like(mask, dtype=float), mask=mask, name="x")
    model.add_constraints(x.sum("people") == xarray.DataArray([2.0, 4.0], dims="shifts"))
    model.add_objective((x * xarray.DataArray([[1.0, 1], [2, 0]], dims=("people", "shifts"))).sum())
    answer = fair(model, x.sum("shifts"), HooverAtMost(0.2)).solve()
    # Hoover of two is |a - b| / (2 (a + b)): at most 0.2 of six hours is 4.2 and 1.8.
    assert answer.loads == pytest.approx([4.2, 1.8])


def test_an_array_of_constants_is_taken() -> None:
    for fairness in MEMBERS:
        model, x = hours(masked=False)
        fixed = linopy.LinearExpression.from_constant(model, xarray.DataArray([4.0, 3.0], dims="others"))
        answer = fair(model, [x, fixed], fairness).solve(gap=1e-9)
        plans = [plan for plan in itertools.product(range(13), repeat=3) if sum(plan) == 12]
        prices = [np.dot([1, 2, 4], plan) for plan in plans if fairness.contains([*map(float, plan), 4, 3])]
        assert answer.objective == pytest.approx(min(prices))
        assert answer.loads[3:] == pytest.approx([4.0, 3.0])


def test_a_model_without_rows_of_its_own() -> None:
    """Bounds alone: Hoover's index of (4, 4, z), z above 4, is (2z - 8) / (3z + 24), a fifth at z = 9.14."""
    model = linopy.Model()
    x = model.add_variables(lower=0, upper=xarray.DataArray([4.0, 4, 12], dims="people"), name="x")
    model.add_objective(x.sum(), sense="max")
    curved = fair(model, x, EpsilonFairness(0.99))
    assert curved.solve().status == "optimal"
    curved.remove()
    answer = fair(model, x, HooverAtMost(0.2)).solve()
    assert answer.loads == pytest.approx([4, 4, 64 / 7])


def test_a_constant_beside_what_is_masked_is_absent_or_refused(semantics: str) -> None:
    model, x = hours(masked=True)
    if semantics == "v1":
        assert len(fair(model, x + 1, EpsilonFairness(0.9)).solve().loads) == 3
        return
    with pytest.raises(InputError, match=re.escape("loads, entry 2 is 1 and masked variables")):
        fair(model, x + 1, EpsilonFairness(0.9))


def test_what_is_not_clear_is_refused() -> None:
    model, x = hours(masked=True)
    broken = 1 * x
    broken.coeffs[{"people": 1}] = np.nan
    with pytest.raises(InputError, match=re.escape("loads, entry 1 holds a number that is not finite")):
        fair(model, broken, EpsilonFairness(0.9))
    with pytest.raises(InputError, match="at least two"):
        fair(model, x.isel(people=[1, 2]), EpsilonFairness(0.9))
    with pytest.raises(InputError, match="entitlements are for 4 agents"):
        fair(model, x, EpsilonFairness(0.9, entitlements=(1, 1, 1, 2)))
