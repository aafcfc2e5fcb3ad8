"""`to_frame()` of every result is a data frame, of pandas, or of polars where that is all there is."""

from __future__ import annotations

import sys

import pytest

from evenhand import CVAtMost, EpsilonFairness, assign
from evenhand.assignment.assignment_frontier import price_of_fairness
from evenhand.fairness.frontier_result import Frontier
from evenhand.frames import Tabular

COSTS = [[1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 2.0, 2.0]]


@pytest.fixture(scope="module")
def results() -> list[Tabular]:
    return [assign(COSTS, CVAtMost(0.5)), price_of_fairness(COSTS, 2, [0.2, 0.8])]


def test_every_table_in_the_house_is_one() -> None:
    from evenhand.applications.generalised_assignment.generalised_result import GeneralisedAssignment
    from evenhand.applications.load_shedding.shedding_result import LoadShedding
    from evenhand.applications.salesmen.tours_result import Tours
    from evenhand.assignment.assignment_result import Assignment
    from evenhand.assignment.explanation import Explanation
    from evenhand.sweeps import Results

    for kind in (Assignment, Explanation, Frontier, GeneralisedAssignment, LoadShedding, Results, Tours):
        assert issubclass(kind, Tabular)
        assert "to_rows" in vars(kind)


def test_pandas_comes_first(results) -> None:
    pandas = pytest.importorskip("pandas")
    for result in results:
        frame = result.to_frame()
        assert isinstance(frame, pandas.DataFrame)
        assert frame.to_dict("records") == result.to_rows()
    assert results[0].to_frame()["task"].tolist() == ["task-1", "task-2", "task-3", "task-4"]


def test_polars_does_where_pandas_is_missing(results, monkeypatch) -> None:
    polars = pytest.importorskip("polars")
    monkeypatch.setitem(sys.modules, "pandas", None)
    for result in results:
        frame = result.to_frame()
        assert isinstance(frame, polars.DataFrame)
        assert frame.to_dicts() == result.to_rows()


def test_without_either_the_remedy_is_named(results, monkeypatch) -> None:
    for library in ("pandas", "polars"):
        monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=r"pip install pandas; to_rows\(\) needs neither"):
        results[0].to_frame()


def test_it_needs_a_solution_no_more_than_rows_do() -> None:
    pytest.importorskip("pandas")
    nobody = assign([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]], EpsilonFairness(1.0))
    assert nobody.assignment is None
    assert len(nobody.to_frame()) == 0
