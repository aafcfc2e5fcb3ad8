"""The benchmark's enumeration agrees with plain permutations, and it asks what the study asks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.salesmen.__main__ import verdict
from benchmarks.salesmen.cases import Case, cases
from benchmarks.salesmen.partitions import least_totals, shortest_lengths
from tour_enumeration import every_plan, least_total, lengths_of_every_tour

from evenhand.applications.towns import Towns, generate_towns
from evenhand.fairness import EpsilonFairness, GiniAtMost


def test_shortest_lengths_against_permutations():
    towns = generate_towns(7, seed=9)
    lengths = shortest_lengths(towns)
    assert len(lengths) == 64
    for subset in (1, 6, 21, 63):
        visited = [town for place, town in enumerate(towns.customers) if subset >> place & 1]
        assert lengths[subset] == lengths_of_every_tour(towns, visited)[0]


@pytest.mark.parametrize("salesmen", [2, 3, 4])
def test_least_totals_against_every_plan(salesmen):
    towns = generate_towns(7, seed=9)
    members = [None, EpsilonFairness(0.5, p=2), EpsilonFairness(0.9, p=2), GiniAtMost(0.1)]
    plans = every_plan(towns, salesmen, shortest_only=True)
    count, totals = least_totals(towns, salesmen, members)
    # Ways to part six towns into at most two, three and four shares: sums of Stirling's numbers 1, 31, 90, 65.
    assert count == {2: 32, 3: 122, 4: 187}[salesmen]
    for member, total in zip(members, totals, strict=True):
        fair = np.ones(len(plans), dtype=bool) if member is None else member.contains(plans)
        assert total == least_total(plans, fair)


def test_the_study_normalises_the_gini_index():
    """With n salesmen it divides by n - 1 where the index has n: 1 where one does it all."""
    (case,) = [case for case in cases(["burma14"], [4]) if (case.model, case.level) == ("gini", 0.5)]
    assert case.fairness().gini == 0.5 * 3 / 4
    assert case.published == 36.0
    assert len(cases(["burma14", "gr17"], [3])) == 22


def test_verdicts_recount_the_tours():
    """Two towns at distances 5 and 4 from the depot, 3 apart: lengths 10 and 8 apart, 12 together."""
    distances = np.array([[0.0, 5, 4], [5, 0, 3], [4, 3, 0]])
    towns = Towns(distances, 0, ("depot", "a", "b"))
    asked = Case("none", 2, "epsilon", 0.9, 18.0, 0.0, 1.0)
    row = {
        "status": "optimal",
        "tours": [["depot", "a"], ["depot", "b"]],
        "lengths": [10.0, 8.0],
        "total": 18.0,
        "bound": 18.0,
    }
    assert verdict(asked, towns, row) == "equal"
    assert verdict(replace(asked, published=19.0), towns, row) == "cheaper"
    assert verdict(replace(asked, published=17.0), towns, row) == "dearer"
    assert verdict(replace(asked, published=17.0), towns, row | {"bound": 16.0, "status": "time_limit"}) == "open"
    assert verdict(asked, towns, row | {"lengths": [9.0, 9.0]}) == "wrong tours"
    assert verdict(asked, towns, row | {"tours": [["depot", "a"], []]}) == "wrong tours"
    assert verdict(replace(asked, level=1.0), towns, row) == "wrong tours", "10 and 8 are not equal"
    assert verdict(replace(asked, model="gini", level=0.12), towns, row) == "equal", "2 / 18 is less than 0.12"
    assert verdict(replace(asked, model="gini", level=0.11), towns, row) == "wrong tours"
    nothing = {"status": "infeasible", "tours": None, "lengths": None, "total": None, "bound": None}
    assert verdict(asked, towns, nothing) == "dearer"
