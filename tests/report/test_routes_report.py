"""A page on routes has maps, loads, days and sheets, and names of strangers do nothing in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from tests.report.samples import HOSTILE
from tests.report.test_roster_page import tables_of

from evenhand.applications.routes import RoutePlan, RoutingProblem, Vehicle, rotate
from evenhand.applications.routes.routing_problem import UNLIMITED
from evenhand.applications.routes.user_units import OFFICE
from evenhand.fairness import MaxOverMean
from evenhand.report.routes_page import write_routes_report


def answer_of() -> RoutePlan:
    """Return a plan of three stops on a line, 5, 10 and 15 km away, for Ada, and for Ben, who stays."""
    at = np.array([0, 5000, 10_000, 15_000])
    apart = np.abs(at[:, np.newaxis] - at)
    windows = np.array([[0, UNLIMITED]] * 4)
    problem = RoutingProblem(
        ("depot", HOSTILE[0], "b", "c"), np.column_stack([at, at]) / 1000.0, apart, apart // 10, (0,),
        np.array([[0], [1000], [2500], [500]]), np.array([0, 60, 60, 60]), windows,
        (Vehicle("Ada", 0, (9000,), earliest=8 * 3600), Vehicle("Ben", 0, (9000,), earliest=8 * 3600)),
    )  # fmt: skip
    loads = np.array([30.0, 0.0])
    return RoutePlan(
        *("feasible", ((1, 2, 3), ()), loads, "distance", 20.0, 25.0, ((1, 3), (2,)), MaxOverMean(2.0), problem, OFFICE)
    )


def test_the_page_has_loads_days_and_sheets(tmp_path: Path) -> None:
    """By hand: 5 km take 500 s at 10 m/s, and each stop a minute."""
    answer = answer_of()
    assert answer.routes is not None
    path = write_routes_report(tmp_path / "r.html", answer, rotation=rotate(answer.problem, answer.routes, 3))
    tables, text = tables_of(path), path.read_text(encoding="utf-8")
    assert HOSTILE[0] not in text
    assert "These routes are 30 km long" in text
    assert "no fair routes are shorter than 20 km" in text
    assert text.count('data-name="map-') == 2
    assert tables["What each driver does"][1][:5] == ["Ada", "30", "0.883333", "3", "4"]
    sheet = tables["The route of Ada"]
    assert sheet[1] == ["0", "depot", "08:00", "08:00", "08:00", "4"]
    assert [row[2] for row in sheet[2:]] == ["08:08", "08:17", "08:27", "08:53"]
    days = tables["The route of each driver on each day; 1 is the route of the first sheet below"]
    assert days[1:] == [["Ada", "1", "–", "1", "60"], ["Ben", "–", "1", "–", "30"]]


def test_an_answer_without_routes_or_coordinates_has_a_page_too(tmp_path: Path) -> None:
    nothing = replace(answer_of(), status="unknown", routes=None, loads=None)
    text = write_routes_report(tmp_path / "r.html", nothing).read_text(encoding="utf-8")
    assert "No fair routes were found. Without fairness, 25 km are enough." in " ".join(text.split())
    blind = replace(answer_of(), problem=replace(answer_of().problem, coordinates=None))
    assert 'data-name="map-' not in write_routes_report(tmp_path / "b.html", blind).read_text(encoding="utf-8")
