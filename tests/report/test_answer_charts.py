"""Pictures by themselves, as notebooks and documents use them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.report.samples import make_answer, make_frontier, make_table

from evenhand.errors import InputError
from evenhand.fairness import Frontier, bounds
from evenhand.report import answer_charts
from evenhand.report.chart_rows import sampled_tasks
from evenhand.report.dispersion_chart import bound_rows

if TYPE_CHECKING:
    from pathlib import Path

    from evenhand.assignment.assignment_result import Assignment
    from evenhand.tables import CostTable


def test_pictures_are_saved_as_png_and_svg(tmp_path: Path, answer: Assignment) -> None:
    chart = answer_charts.loads_chart(answer)
    assert answer_charts.save_chart(chart, tmp_path / "loads.png").read_bytes().startswith(b"\x89PNG")
    assert answer_charts.save_chart(chart, tmp_path / "loads.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_picture_of_another_kind_is_refused(tmp_path: Path, answer: Assignment) -> None:
    with pytest.raises(InputError, match=r"loads.bmp: a picture's name ends in .png or .svg"):
        answer_charts.save_chart(answer_charts.loads_chart(answer), tmp_path / "loads.bmp")


def test_every_picture_can_be_made(
    tmp_path: Path, answer: Assignment, table: CostTable, frontiers: list[Frontier]
) -> None:
    pictures = {
        "map": answer_charts.map_chart(answer, table),
        "price": answer_charts.price_chart(frontiers),
        "dispersion": answer_charts.dispersion_chart(frontiers, 4),
    }
    for name, chart in pictures.items():
        assert "<path" in answer_charts.save_chart(chart, tmp_path / f"{name}.svg").read_text(encoding="utf-8")


def test_the_map_keeps_proportions(table: CostTable, answer: Assignment) -> None:
    """Twice as high as wide in the world is twice as high as wide on the page (up to the margin)."""
    assert table.task_xy is not None
    spec = answer_charts.map_chart(answer, table).to_dict()
    scales = [spec["layer"][0]["encoding"][axis]["scale"]["domain"] for axis in "xy"]
    spans = [high - low for low, high in scales]
    assert spec["usermeta"]["aspect"] == pytest.approx(spans[1] / spans[0])


def test_agents_without_a_place_stand_amid_their_tasks() -> None:
    table = make_table(3, 9)
    homeless = type(table)(table.values, table.agents, table.tasks, None, table.task_xy, "x")
    spec = answer_charts.map_chart(make_answer(homeless), homeless).to_dict()
    rows = [row for data in spec["datasets"].values() for row in data if row["agent"] == "team 0" and "to_x" in row]
    assert table.task_xy is not None
    assert [row["to_x"] for row in rows] == pytest.approx([table.task_xy[::3, 0].mean()] * 3)


def test_a_map_needs_places(answer: Assignment) -> None:
    with pytest.raises(InputError, match="places"):
        answer_charts.map_chart(answer, make_table(places=False))


def test_a_price_chart_takes_one_measure(frontiers: list[Frontier]) -> None:
    other = Frontier("gini", None, frontiers[0].agents, 100.0, frontiers[0].points)
    with pytest.raises(InputError, match="one measure at a time"):
        answer_charts.price_chart([frontiers[0], other])
    with pytest.raises(InputError, match="epsilon family"):
        answer_charts.dispersion_chart([other], 4)


def test_the_bounds_drawn_are_those_of_the_theory() -> None:
    """N = 5, p = inf, epsilon = 0.9 (DESIGN section 3): 0.426 as published, 0.174 sharp."""
    rows = {row["bound"]: row["cv"] for row in bound_rows(math.inf, 5, [0.9])}
    assert rows["published bound"] == pytest.approx(0.426, abs=5e-4)
    assert rows["sharp bound"] == pytest.approx(0.174, abs=5e-4)
    assert rows["interpolated bound"] == pytest.approx(bounds.interpolated_cv_bound(0.9, math.inf, 5))


def test_a_sample_is_proportional_and_stable() -> None:
    """900 tasks of one agent and 100 of another, 100 drawn: 90 and 10, up to one."""
    who = np.repeat([0, 1], [900, 100])
    chosen = sampled_tasks(who, 100)
    assert len(set(chosen.tolist())) == 100
    assert abs(int((who[chosen] == 0).sum()) - 90) <= 1
    assert (chosen == sampled_tasks(who, 100)).all()


def test_a_single_refuted_level_is_drawn(tmp_path: Path, table: CostTable) -> None:
    whole = make_frontier(2, table.agents)
    refuted = Frontier("epsilon", 2, table.agents, 100.0, whole.points[2:])
    picture = answer_charts.save_chart(answer_charts.price_chart([refuted]), tmp_path / "p.svg").read_text(
        encoding="utf-8"
    )
    assert "✕" in picture
