"""Instances are named by kind, size and seed, and are of the kind that their name says."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from benchmarks.assignment.cases import Case, Source
from benchmarks.assignment.distributions import DISTRIBUTIONS, HEAD_START, described
from benchmarks.assignment.lattices import draw, most_even_is_fair

from evenhand.fairness import GiniAtMost, TopShareAtMost
from evenhand.fairness.registry import MEMBERS

SIZE = (4, 60)


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_a_seed_names_an_instance(kind: str) -> None:
    draw = DISTRIBUTIONS[kind]
    first, again, other = (draw(*SIZE, seed) for seed in (3, 3, 4))
    assert first.costs.values.shape == SIZE or kind == "lattices"  # these draw their sizes
    assert np.array_equal(first.costs.values, again.costs.values)
    assert not np.array_equal(first.costs.values, other.costs.values)
    assert (first.costs.values >= 0).all()
    assert described(kind)


def test_towns_hold_tasks_that_are_nearly_alike_to_every_agent() -> None:
    """A task's nearest other is far nearer, in its distances to all agents, than where tasks are scattered."""

    def nearest(kind: str) -> float:
        costs = DISTRIBUTIONS[kind](5, 250, 1).costs.values
        apart = np.abs(costs[:, :, None] - costs[:, None, :]).max(axis=0)
        np.fill_diagonal(apart, np.inf)
        return float(np.median(apart.min(axis=1)))

    assert nearest("towns") < nearest("plane") / 4


def test_whole_costs_have_ties() -> None:
    costs = DISTRIBUTIONS["ties"](*SIZE, 1).costs.values
    assert set(np.unique(costs)) == set(range(1, 11))


def test_one_agent_is_far_better() -> None:
    costs = DISTRIBUTIONS["star"](*SIZE, 1).costs.values
    assert (costs.argmin(axis=0) == 0).mean() > 0.8
    assert costs[0].mean() < 1.5 * costs[1:].mean() / HEAD_START


def test_hours_are_shared_and_not_what_is_paid() -> None:
    instance = DISTRIBUTIONS["hours"](*SIZE, 1)
    assert instance.burdens is not None
    correlation = np.corrcoef(instance.costs.values.ravel(), instance.burdens.values.ravel())[0, 1]
    assert abs(correlation) < 0.3


def test_a_case_survives_the_way_to_the_measured_process() -> None:
    case = Case("seed", Source("plane", 2, 3, 7), float("inf"), 0.5, 1e-4, 60.0, 3)
    assert Case.from_dict(case.to_dict()) == case
    assert case.source.instance().costs.values.shape == (3, 7)


def test_a_case_of_another_member_survives_the_way_to_the_measured_process() -> None:
    member = '{"name": "gini", "gini": 0.2}'
    case = Case("lattices", Source("lattices", 3), 0.0, 0.0, 1e-4, 10.0, member=member)
    assert Case.from_dict(case.to_dict()) == case
    assert case.fairness == GiniAtMost(0.2)
    assert case.name == "lattices no. 3, GiniAtMost(0.2)"


def test_lattices_have_few_burdens_and_every_member() -> None:
    cases = [draw(number) for number in range(1, 201)]
    assert {type(fairness) for _, fairness in cases} == set(MEMBERS.values())
    for instance, _ in cases:
        assert instance.burdens is not None
        assert len(np.unique(instance.burdens.values)) <= 5
        agents, tasks = instance.costs.values.shape
        assert 2 <= agents <= 12
        assert 10 <= tasks <= 200


def test_the_closed_form_knows_what_equal_burdens_allow() -> None:
    """All sharings of seven to ten equal tasks among two and three agents, by enumeration, for each member drawn."""
    for n, m in ((2, 10), (3, 7)):
        for number in range(1, 120):
            _, fairness = draw(number)
            if isinstance(fairness, TopShareAtMost):  # its parameters depend on the number of agents
                continue
            loads = [np.bincount(of, minlength=n) for of in itertools.product(range(n), repeat=m)]
            assert most_even_is_fair(n, m, 1.0, fairness) == any(fairness.contains(np.unique(loads, axis=0)))
