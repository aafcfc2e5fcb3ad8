"""The peers of the benchmark must be right, or their times mean nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks.assignment import peers
from benchmarks.assignment.peers import highs
from benchmarks.assignment.peers.result import NotMeasurableError
from tests.assignment.enumeration import Tiny, enumerate_all

from evenhand.fairness import EpsilonFairness, GiniAtMost, HooverAtMost, MaxOverMean, RangeAtMost

if TYPE_CHECKING:
    from types import ModuleType

    from evenhand.fairness import Fairness

MEMBERS = [EpsilonFairness(0.9, p=3), EpsilonFairness(0.8, p=np.inf), EpsilonFairness(0.9, p=10), GiniAtMost(0.05)]
GAP = 1e-9


def refuses(peer: ModuleType, fairness: Fairness) -> bool:
    """Return whether a peer takes linear members only and this is none."""
    return peer.LIBRARY == "ortools" and fairness.power_form(3) is not None


def small(seed: int = 4) -> np.ndarray:
    """Return costs of 3 agents and 8 tasks."""
    return np.round(np.random.default_rng(seed).uniform(1, 20, (3, 8)), 2)


@pytest.fixture(params=["highs", "scip", "gurobi", "cpsat"])
def peer(request: pytest.FixtureRequest) -> ModuleType:
    """Return the module of each peer that is installed."""
    pytest.importorskip(peers.LIBRARIES[request.param])
    return peers.load(request.param)


@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
def test_a_peer_finds_the_optimum_of_enumeration(peer: ModuleType, fairness: Fairness) -> None:
    costs = small()
    if refuses(peer, fairness):
        with pytest.raises(NotMeasurableError, match="no linear rows"):
            peer.solve(costs, fairness, gap=GAP, cap=20.0)
        return
    result = peer.solve(costs, fairness, gap=GAP, cap=20.0)
    assert result.status == "optimal"
    assert result.cost == pytest.approx(enumerate_all(Tiny(costs, fairness)).cost, rel=1e-9)
    assert result.cost * (1 - 2e-9) <= result.bound <= result.cost * (1 + 1e-9)


def test_a_peer_shares_burdens_where_they_are_not_the_costs(peer: ModuleType) -> None:
    costs, burdens, fairness = small(5), small(6), RangeAtMost(0.1)
    result = peer.solve(costs, fairness, gap=GAP, cap=20.0, burdens=burdens)
    assert result.cost == pytest.approx(enumerate_all(Tiny(costs, fairness, burdens)).cost, rel=1e-9)
    assert fairness.contains(np.bincount(result.assignment, burdens[result.assignment, np.arange(8)], minlength=3))


def test_a_peer_keeps_to_allowed_pairs(peer: ModuleType) -> None:
    costs, fairness = small(7), HooverAtMost(0.1)
    costs[0, :4] = costs[2, 5] = np.inf
    result = peer.solve(costs, fairness, gap=GAP, cap=20.0)
    assert result.cost == pytest.approx(enumerate_all(Tiny(costs, fairness)).cost, rel=1e-9)


def test_a_peer_finds_equal_loads_among_whole_numbers(peer: ModuleType) -> None:
    """Equality is what rows with a tolerance tell worst; ties are many."""
    costs = np.random.default_rng(8).integers(1, 7, (3, 8)).astype(float)
    fairness = EpsilonFairness(1.0, p=np.inf)
    result = peer.solve(costs, fairness, gap=GAP, cap=20.0)
    assert result.status == "optimal"
    assert result.cost == enumerate_all(Tiny(costs, fairness)).cost


def test_a_peer_sees_that_nothing_is_fair(peer: ModuleType) -> None:
    """Loads of two agents who share tasks of 1, 2 and 4 differ by one seventh at least."""
    result = peer.solve(np.tile([1.0, 2.0, 4.0], (2, 1)), MaxOverMean(1.1), gap=GAP, cap=20.0)
    assert (result.status, result.cost, result.assignment) == ("infeasible", None, None)


@pytest.mark.parametrize("separate", [highs.gradient, highs.supporting, highs.default])
def test_highs_is_right_with_every_kind_of_cut(separate: highs.Separate) -> None:
    costs, fairness = small(), EpsilonFairness(0.9, p=3)
    result = highs.solve(costs, fairness, gap=GAP, cap=20.0, separate=separate)
    assert result.cost == pytest.approx(enumerate_all(Tiny(costs, fairness)).cost, rel=1e-9)


def test_a_peer_stops_at_the_cap(peer: ModuleType) -> None:
    """Two agents, real numbers and nearly equal loads: nobody closes that in a fifth of a second."""
    costs = np.random.default_rng(1).uniform(1, 100, (5, 120))
    result = peer.solve(costs, EpsilonFairness(0.9999999, p=np.inf), gap=0.0, cap=0.2)
    assert result.status == "time_limit"
    assert result.seconds < 3.0
    assert result.bound is None or result.cost is None or result.bound <= result.cost


def test_whole_numbers_say_what_the_rows_say() -> None:
    """Hoover of three agents at 0.1 asks d_i >= x_i - mean and 0.1 mean >= sum d_i / 3; d is counted in thirtieths."""
    cpsat = pytest.importorskip("benchmarks.assignment.peers.cpsat")
    own, auxiliary = cpsat.whole_rows(HooverAtMost(0.1).rows(3))
    assert own[0] == [-20, 10, 10]
    assert auxiliary[0] == {0: 1}
    assert own[3] == [3, 3, 3]
    assert auxiliary[3] == {0: -1, 1: -1, 2: -1}


def test_decimals_become_whole_numbers() -> None:
    cpsat = pytest.importorskip("benchmarks.assignment.peers.cpsat")
    values, unit = cpsat.whole(np.array([[1.25, np.inf], [0.1, 3.0]]))
    assert unit == 100
    assert values.tolist() == [[125, 0], [10, 300]]
