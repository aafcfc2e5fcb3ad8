"""The same routes over several days, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.applications.routes import RoutingProblem, Vehicle, rotate
from evenhand.applications.routes.routing_problem import UNLIMITED
from evenhand.errors import InputError
from evenhand.fairness import CVAtMost


def problem_of(*vehicles: Vehicle) -> RoutingProblem:
    """Return a depot and stops 5, 10 and 15 away: routes to them are 10, 20 and 30 long."""
    at = np.array([0, 5, -10, 15])
    apart = np.abs(at[:, np.newaxis] - at)
    return RoutingProblem(
        ("depot", "a", "b", "c"), None, apart, apart, (0,), np.zeros((4, 1), dtype=np.int64),
        np.zeros(4, dtype=np.int64), np.array([[0, UNLIMITED]] * 4), vehicles,
    )  # fmt: skip


def test_the_longest_route_goes_to_whom_carries_least() -> None:
    problem = problem_of(Vehicle("A", 0, (9,)), Vehicle("B", 0, (9,)), Vehicle("C", 0, (9,), carried=25.0))
    found = rotate(problem, ((1,), (2,), (3,)), 2)
    assert found.route_of.tolist() == [[2, 1, 0], [1, 2, 0]]
    assert found.loads[0].tolist() == [30.0, 20.0, 35.0]  # C has 25 already and drives 10
    assert found.loads[1].tolist() == [50.0, 50.0, 45.0]  # B drives 30, A 20, C 10
    assert found.cv[1] == pytest.approx(np.std([50, 50, 45]) / np.mean([50, 50, 45]))


def test_routes_are_exchanged_among_alike_vehicles_only() -> None:
    problem = problem_of(Vehicle("A", 0, (9,)), Vehicle("B", 0, (2,)), Vehicle("C", 0, (9,)))
    found = rotate(problem, ((1,), (2,), (3,)), 6)
    assert (found.route_of[:, 1] == 1).all()
    assert found.loads[-1].tolist() == [120.0, 120.0, 120.0]


def test_days_must_be_a_number_of_days() -> None:
    with pytest.raises(InputError, match="days"):
        rotate(problem_of(Vehicle("A", 0, (9,))), ((1, 2, 3),), 0)


def test_who_must_drive_never_stays() -> None:
    """One of three routes has no stops, and A, who has carried most, must drive."""
    vehicles = [Vehicle("A", 0, (9,), must_drive=True, carried=99.0), Vehicle("B", 0, (9,)), Vehicle("C", 0, (9,))]
    found = rotate(problem_of(*vehicles), ((1, 2), (3,), ()), 4)
    assert (found.route_of[:, 0] != 2).all()
    assert sorted(found.route_of[0].tolist()) == [0, 1, 2]


def test_who_is_there_half_the_time_is_due_half() -> None:
    """The coefficient of variation is the one that a bound on it counts, weighted by the shares."""
    found = rotate(problem_of(Vehicle("A", 0, (9,), entitlement=0.5), Vehicle("B", 0, (9,))), ((1, 3), (2,)), 1)
    loads = found.loads[0]
    assert loads.tolist() == [30.0, 20.0]
    assert found.cv[0] == pytest.approx(CVAtMost(9.0, entitlements=(0.5, 1.0)).level(loads))
