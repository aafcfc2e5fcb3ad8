"""Specifications of the figures: what they draw, where, and how a reader tells it apart."""

from __future__ import annotations

from typing import Any

import pytest
from reproductions.pages.charts import CHARTS, Words, drawing
from tests.reproductions import reproduction_samples as samples

from evenhand.errors import InputError
from evenhand.report.answer_charts import save_chart
from evenhand.report.panels.scales import domain, domains, spans_decades

ROWS = {
    "cv": samples.cv_rows(),
    "price": samples.price_rows(),
    "times": samples.times_rows(),
    "geometry": samples.geometry_rows(),
    "largest": samples.largest_rows(),
    "lines": samples.lines_rows(),
    "intervals": samples.intervals_rows(),
    "thresholds": samples.thresholds_rows(),
    "profiles": samples.profiles_rows(),
    "trace": samples.trace_rows(),
}


def values(chart: Any) -> list[dict[str, Any]]:
    """Return every row that a chart draws."""
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows]


def titles(name: str, rows: list[dict[str, Any]] | None = None) -> list[str]:
    return [panel.title for panel in drawing(name).panels(rows or ROWS[name])]


def test_there_is_a_sample_for_every_kind_of_figure() -> None:
    assert set(ROWS) == set(CHARTS)


@pytest.mark.parametrize("name", ROWS)
def test_a_drawing_called_with_rows_is_a_picture(name: str, tmp_path: Any) -> None:
    """The registry holds functions from rows to a chart, which can be saved for a document."""
    file = save_chart(CHARTS[name](ROWS[name]), tmp_path / "c.svg")
    assert file.read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize("name", ROWS)
def test_every_panel_is_described(name: str) -> None:
    for panel in CHARTS[name].panels(ROWS[name]):
        spec = panel.chart.to_dict()
        assert panel.title in spec["description"]
        assert len(spec["description"]) > 30
        assert spec["width"] == "container"


def test_panels_are_named_by_what_they_differ_in() -> None:
    assert titles("cv") == ["p = 2", "p = 5", "p = ∞"]
    assert titles("geometry")[0] == "2 agents, p = 2"
    assert titles("intervals") == ["share of episodes that succeed", "Jain’s index"]
    assert titles("price") == [""]


@pytest.mark.parametrize(
    ("name", "column"), [("cv", "cv"), ("price", "price"), ("intervals", "mean"), ("lines", "y"), ("profiles", "share")]
)
def test_our_values_and_the_published_ones_are_drawn(name: str, column: str) -> None:
    drawn = [row for panel in CHARTS[name].panels(ROWS[name]) for row in values(panel.chart)]
    numbers = {value for row in drawn for value in row.values() if isinstance(value, float)}
    for row in ROWS[name]:
        assert row[column] in numbers
        assert row.get("published", row[column]) in numbers


def test_the_boxes_of_single_times_are_their_quartiles() -> None:
    """Of 0, 0.002, 0.02, 0.2 and 8: the quartiles are the middle three; 0 stands at the least time of all."""
    (panel,) = [panel for panel in CHARTS["times"].panels(ROWS["times"]) if panel.title == "p = ∞"]
    box = values(panel.chart)[0]
    assert [box[name] for name in ("min", "q1", "median", "q3", "max")] == [0.001, 0.002, 0.02, 0.2, 8.0]


def test_what_was_asked_for_is_drawn_beside_the_index_only() -> None:
    success, jain = CHARTS["thresholds"].panels(ROWS["thresholds"])
    asked = [row for row in values(jain.chart) if row.get("word") == "asked for"]
    assert [(row["x"], row["y"]) for row in asked] == [(0.55, 0.55), (0.95, 0.95)]
    assert not [row for row in values(success.chart) if row.get("word")]


def test_series_differ_by_more_than_colour() -> None:
    """The orders have dashes and colours of their own, ours and published ones shapes."""
    spec = str(CHARTS["price"].panels(ROWS["price"])[0].chart.to_dict())
    assert spec.count("'strokeDash': {") >= 1
    assert "'domain': ['p = 2', 'p = 5', 'p = ∞'], 'range': [[1, 0], [7, 3], [2, 2]]" in spec
    assert "'domain': ['ours', 'published'], 'range': ['circle', 'diamond']" in spec


def test_unknown_names_are_drawn_from_their_columns() -> None:
    """The numbers over the first setting, a curve for each kind."""
    rows = [{"crew": c, "hours": h, "delay": h * k} for k, c in enumerate(("day", "night")) for h in range(4)]
    (panel,) = drawing("unheard-of").panels(rows)
    spec = panel.chart.to_dict()
    assert "delay against hours, for day, night" in spec["description"]
    assert {(row["x"], row["y"], row["series"]) for row in values(panel.chart)} == {
        (float(row["hours"]), float(row["delay"]), row["crew"]) for row in rows
    }


def test_without_a_setting_of_numbers_there_are_points_with_intervals() -> None:
    rows = [{"team": t, "mean": m, "low": m - 1, "high": m + 1} for t, m in (("a", 3.0), ("b", 5.0))]
    (panel,) = drawing("unheard-of").panels(rows)
    assert "Points with intervals" in panel.chart.to_dict()["description"]


def test_measures_with_intervals_of_their_own_get_panels() -> None:
    assert titles("unheard-of", samples.thresholds_rows()) == ["share of episodes that succeed", "Jain’s index"]


def test_the_document_may_name_its_axes() -> None:
    (panel,) = drawing("price").panels(ROWS["price"], Words(x="level", y="extra cost, %"))
    assert "extra cost, % against level" in panel.chart.to_dict()["description"]


@pytest.mark.parametrize("name", [*CHARTS, "unheard-of"])
def test_rows_without_its_columns_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"needs a column|no column holds numbers"):
        drawing(name).panels([{"colour": "red"}, {"colour": "blue"}])


def test_axes_compare_where_reaches_are_alike_only() -> None:
    """Panels of 0 to 1 and 0 to 0.5 share an axis; 0 to 1 and 0 to 40 do not."""
    alike = domains([[0.0, 1.0], [0.0, 0.5]])
    assert alike[0] == alike[1] == pytest.approx([0.0, 1.05])
    apart = domains([[0.0, 1.0], [0.0, 40.0]])
    assert apart[0] == pytest.approx([0.0, 1.05])
    assert apart[1] == pytest.approx([0.0, 42.0])


def test_small_differences_are_not_blown_up() -> None:
    """From 0.97 to 0.99 an axis of at least a tenth of 0.99 is drawn, the values in its middle."""
    low, high = domain([0.97, 0.99], least=0.1)
    assert high - low == pytest.approx(0.099)
    assert (low + high) / 2 == pytest.approx(0.98)


@pytest.mark.parametrize(
    ("settings", "by_factors"),
    [([1e-4, 1e-3, 1e-2], True), ([1, 10, 100, 1000], True), ([1, 2, 3], False), ([0, 1, 100], False), ([5], False)],
)
def test_settings_by_factors_have_a_logarithmic_axis(settings: list[float], by_factors: bool) -> None:
    assert spans_decades(settings) is by_factors


def test_outlines_of_one_level_differ_in_the_order() -> None:
    """Of one level: a panel for each dimension, an outline for each order, closed."""
    rows = [row for row in samples.geometry_rows() if row["epsilon"] == 0.5]
    panels = drawing("geometry").panels(rows)
    assert [panel.title for panel in panels] == ["2 agents", "3 agents"]
    drawn = values(panels[1].chart)
    assert {row["series"] for row in drawn} == {"p = 2", "p = ∞"}
    corners = [(row["x"], row["y"]) for row in drawn if row["series"] == "p = 2"]
    assert len(corners) == 4
    assert corners[0] == corners[-1]


def test_whiskers_of_several_series_stand_beside_each_other() -> None:
    """Three orders at the same level: five pixels to the left, at it, and five to the right."""
    spec = drawing("price").panels(ROWS["price"])[0].chart.to_dict()
    shifts = [layer["mark"]["xOffset"] for layer in spec["layer"] if layer["mark"]["type"] == "rule"]
    assert shifts == [-5.0, 0.0, 5.0]
