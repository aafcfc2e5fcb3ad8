"""What a planner reads on the page: units, before and after, promises, work from before, and what to hand out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.report.samples import make_answer
from tests.report.test_answer_page import read

from evenhand import assign
from evenhand.assignment import frontier
from evenhand.fairness import CVAtMost, EpsilonFairness, JainAtLeast, LeastOverMean, MaxOverMean
from evenhand.report import Units, write_report
from evenhand.report.chart_rows import cheapest_loads, load_rows
from evenhand.tables import CostTable

if TYPE_CHECKING:
    from pathlib import Path

TABLE = CostTable(
    np.array([[1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 5.0]]),
    ("north", "south"),
    ("a", "b", "c", "d"),
    None,
    None,
    "t.csv",
)
HOURS = CostTable(np.array([[2.0, 2.0, 2.0, 2.0], [3.0, 3.0, 3.0, 3.0]]), TABLE.agents, TABLE.tasks)


def page(tmp_path: Path, **extras: object) -> str:
    """Return the text of a page on two agents who get two tasks each: 0 and 2 are north's, 1 and 3 south's."""
    answer = make_answer(TABLE, cost=12.0, base_cost=10.0, bound=12.0, loads=np.array([7.0, 6.0]))
    said = read(write_report(tmp_path / "r.html", answer, table=TABLE, burdens=HOURS, **extras)).text  # type: ignore[arg-type]
    return said.replace("\u202f", " ")


def test_costs_and_loads_carry_their_units(tmp_path: Path) -> None:
    said = page(tmp_path, units=Units("EUR", "h"))
    for words in (
        "This plan costs 12 EUR,",
        "Cost (EUR)",
        "Heaviest load (h)",
        "between 6 h (south) and 7 h (north)",
        "Burden (h)",
    ):
        assert words in said
    assert "EUR" not in page(tmp_path)


def test_the_price_is_said_beside_the_cost(tmp_path: Path) -> None:
    """12 instead of 10 is 20 % more; the cheapest plan gives north all four tasks of two hours each."""
    said = page(tmp_path)
    assert "This plan costs 12, 20 % more than the cheapest plan." in said
    assert "Without a rule, north would carry 8 and south 0; now they carry 7 and 6." in said


def test_the_cheapest_plan_keeps_promises_and_earlier_work() -> None:
    """South is promised task b, of three hours, and carried one before: north 6, south 4."""
    loads = cheapest_loads(TABLE, HOURS, [0.0, 1.0], {1: 1}, maximise=False)
    assert loads.tolist() == [6.0, 4.0]
    forbidden = CostTable(np.array([[np.inf, -np.inf], [1.0, 2.0]]), ("x", "y"), ("a", "b"))
    assert cheapest_loads(forbidden, None, None, {}, maximise=True).tolist() == [0.0, 3.0]


def test_promised_tasks_and_earlier_work_are_marked(tmp_path: Path) -> None:
    said = page(tmp_path, locked={"b": "south"}, initial_loads=(3.0, 0.0), units=Units("EUR", "h"))
    assert "south (promised)" in said
    assert said.count("(promised)") == 2, "in the list of tasks, and in what south is handed"
    assert "From before" in said
    assert "2 tasks, 7 h, of which 3 h from before; +7.7 % of a fair share" in said


def test_every_agent_is_handed_its_tasks(tmp_path: Path) -> None:
    said = page(tmp_path)
    handed = said[said.index("To hand out") :]
    assert (
        handed.index("north") < handed.index("a 2") < handed.index("c 2") < handed.index("south") < handed.index("b 3")
    )


@pytest.mark.parametrize("gap", [0.0, 1e-13])
def test_nothing_left_to_save_is_said_so(tmp_path: Path, gap: float) -> None:
    answer = make_answer(TABLE, bound=12.0 * (1 - gap), cost=12.0, certified_gap=gap)
    said = read(write_report(tmp_path / "r.html", answer, table=TABLE)).text
    assert "No fair plan is cheaper." in said
    tile = said[said.index("Could still be saved") :]
    assert tile.index("nothing") < tile.index("proven by the certificate alone") < tile.index("Who carries what")
    assert "less than 0.0" not in said


def test_a_rule_that_only_caps_draws_no_lower_limit(tmp_path: Path) -> None:
    """With two agents, a cap of 1.2 times the mean implies at least .8 of it; the rule does not speak of that."""
    loads = np.array([7.0, 6.0])
    for fairness, limits in (
        (MaxOverMean(1.2), (0.0, 7.8)),
        (EpsilonFairness(0.9, np.inf), (0.0, 13 / 1.9)),
        (LeastOverMean(0.8), (5.2, 13.0)),
        (CVAtMost(0.2), (5.2, 7.8)),
    ):
        row = load_rows(make_answer(TABLE, fairness=fairness, loads=loads))[0]
        assert (row.low, row.high) == pytest.approx(limits)
    for fairness, words in ((MaxOverMean(1.2), "be at most 7.80"), (LeastOverMean(0.8), "be 5.20 or more")):
        answer = make_answer(TABLE, fairness=fairness, loads=loads)
        assert f"a single load {words}." in read(write_report(tmp_path / "r.html", answer, table=TABLE)).text


def test_prices_are_in_the_measure_that_was_asked(tmp_path: Path) -> None:
    prices = frontier(TABLE, [JainAtLeast(0.6), JainAtLeast(0.9)])
    answer = assign(TABLE, JainAtLeast(0.9))
    path = write_report(tmp_path / "r.html", answer, table=TABLE, frontiers=[prices])
    assert "Level 0.9 (Jain's index) costs 10" in read(path).text.replace("\u202f", " ")
    assert "Jain's index, asked for" in path.read_text(encoding="utf-8").replace("\\u0027", "'")
