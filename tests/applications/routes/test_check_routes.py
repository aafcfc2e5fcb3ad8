"""Feasibility and times of routes, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.applications.routes import RoutingProblem, Vehicle, broken_rules, timetable
from evenhand.applications.routes.routing_problem import UNLIMITED
from evenhand.errors import InputError


def on_a_line(**changes: object) -> RoutingProblem:
    """Return a depot at 0 and stops at 10, 20 and 30 on a line, each with demand 2, and two vehicles that hold 4."""
    at = np.array([0, 10, 20, 30])
    apart = np.abs(at[:, np.newaxis] - at)
    values: dict[str, object] = {
        "names": ("depot", "a", "b", "c"),
        "coordinates": None,
        "distances": apart,
        "durations": apart,
        "depots": (0,),
        "demand": np.array([[0], [2], [2], [2]]),
        "service": np.array([0, 5, 5, 5]),
        "windows": np.array([[0, UNLIMITED]] * 4),
        "vehicles": (Vehicle("Ada", 0, (4,)), Vehicle("Ben", 0, (4,))),
    }
    return RoutingProblem(**{**values, **changes})  # type: ignore[arg-type]


def test_routes_that_keep_all_rules() -> None:
    assert broken_rules(on_a_line(), ((1, 2), (3,))) == ()


@pytest.mark.parametrize(
    ("routes", "changes", "message"),
    [
        (((1, 2, 3), ()), {}, "Ada carries 6, more than 4"),
        (((1, 2), ()), {}, "stop c is visited 0 times"),
        (((1, 2), (3, 2)), {}, "stop b is visited 2 times"),
        (((1, 2), (3,)), {"windows": np.array([[0, 99], [0, 99], [0, 24], [0, 99]])}, "Ada begins at b at 25"),
        (((2, 1), (3,)), {"vehicles": (Vehicle("Ada", 0, (4,)), Vehicle("Ben", 0, (4,), latest=64))}, "Ben is back at"),
        (((1, 2), (3,)), {"vehicles": (Vehicle("Ada", 0, (4,), most_distance=39), Vehicle("B", 0, (4,)))}, "drives 40"),
        (((1, 2), (3,)), {"vehicles": (Vehicle("Ada", 0, (4,), most_duration=49), Vehicle("B", 0, (4,)))}, "for 50"),
        (((1, 2, 3), ()), {"vehicles": (Vehicle("A", 0, (9,)), Vehicle("Ben", 0, (4,), must_drive=True))}, "Ben must"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_named(
    routes: tuple[tuple[int, ...], ...], changes: dict[str, object], message: str
) -> None:
    assert any(message in sentence for sentence in broken_rules(on_a_line(**changes), routes))


def test_a_depot_is_no_stop() -> None:
    with pytest.raises(InputError, match="node 0, which is no stop"):
        broken_rules(on_a_line(), ((0, 1), (2, 3)))


def test_a_vehicle_leaves_late_rather_than_waits() -> None:
    problem = on_a_line(windows=np.array([[0, UNLIMITED], [0, 40], [100, 200], [0, UNLIMITED]]))
    visits = timetable(problem, 0, (1, 2))
    # At b it must wait until 100; a closes at 40, so that it cannot leave later than 30, and still waits.
    assert [(visit.arrival, visit.begin, visit.leave) for visit in visits] == [
        (30, 30, 30), (40, 40, 45), (55, 100, 105), (125, 125, 125),
    ]  # fmt: skip
    assert [visit.load for visit in visits] == [4, 2, 0, 0]
