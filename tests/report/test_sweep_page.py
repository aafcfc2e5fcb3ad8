"""The page of a sweep: what it picks, what it computes, what it says and refuses."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest
import vl_convert
from scipy import stats
from tests.report.samples import HOSTILE
from tests.report.sweep_samples import CONFIG, RESULT, cost, make_results, make_rows
from tests.report.test_answer_page import Visible

from evenhand.errors import InputError
from evenhand.report.sweeps import sweep_page
from evenhand.report.sweeps.choice import Choice, choose
from evenhand.report.sweeps.sweep_figure import estimates, result_panels

ROWS = make_rows()
DONE = [row for row in ROWS if row["status"] == "done"]
ALL = [
    {**row, "status": "done", "cost": cost(*(row[name] for name in CONFIG)), "optimal": row["seed"] != 2}
    for row in ROWS
]
SIX = [{**row, "seed": row["seed"] + more, "cost": row["cost"] + 0.1 * more} for row in ALL for more in (0, 3)]
"""Six seeds of each, whose costs differ by 0.5 at most."""


@cache
def full() -> str:
    return sweep_page(make_results(), command="evenhand report results")


def chosen(**asked: Any) -> Choice:
    return choose(DONE, CONFIG, RESULT, **asked)


def test_the_setting_with_most_values_is_the_axis_and_few_make_series_and_panels() -> None:
    """An order of infinity cannot stand on an axis; seeds never do; a gap that is always 0 is not drawn."""
    assert chosen() == Choice("epsilon", ("cost", "optimal"), ("p", "agents"), ())


def test_what_the_user_says_is_drawn() -> None:
    assert chosen(x="agents", y=["gap", "seconds"], by=["p"]) == Choice(
        "agents", ("gap", "seconds"), ("p",), ("epsilon",)
    )


def test_a_setting_of_words_is_an_axis_only_if_no_other_varies() -> None:
    rows = [{"method": method, "cost": float(k)} for k, method in enumerate(("a", "b", "c"))]
    assert choose(rows, ("method",), ("cost",)).x == "method"
    rows = [{**row, "tau": tau} for row in rows for tau in (0.5, 0.9)]
    assert choose(rows, ("method", "tau"), ("cost",)) == Choice("tau", ("cost",), ("method",), ())


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"x": "tau"}, "--x 'tau' is not a setting of this sweep; it has epsilon, p, agents, seed"),
        (
            {"y": ["profit"]},
            "--y 'profit' is not a result of this sweep; it has cost, optimal, gap, loads, word, seconds",
        ),
        ({"y": ["word"]}, "--y 'word' has no numbers to draw"),
        ({"y": ["loads"]}, "--y 'loads' has no numbers to draw"),
        ({"by": ["tau"]}, "--by 'tau' is not a setting"),
        ({"by": ["epsilon"]}, "--by 'epsilon' is along the axis already"),
        ({"by": ["p", "agents", "seed"]}, "--by is given 3 times; at most 2"),
    ],
)
def test_names_that_do_not_fit_are_refused(asked: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        chosen(**asked)
    assert complaint in str(caught.value)


def test_a_sweep_in_which_nothing_varies_is_refused_with_a_hint() -> None:
    same = [row for row in DONE if row["epsilon"] == 0.1 and row["p"] == 2 and row["agents"] == 5]
    with pytest.raises(InputError, match="no setting varies but the seed; name one with --x"):
        choose(same, CONFIG, RESULT)


def test_with_five_seeds_estimates_are_interquartile_means() -> None:
    """SciPy's trimmed mean of the twenty costs of a level, whatever their order and team."""
    choice = Choice("epsilon", ("cost",), (), ("p", "agents"))
    rows = [
        {**row, "seed": seed, "cost": cost(row["epsilon"], row["p"], row["agents"], seed**2)}
        for row in ALL
        if row["seed"] == 0
        for seed in range(5)
    ]
    found = estimates(rows, choice, "cost")
    assert [row["epsilon"] for row in found] == [0.1, 0.5, 0.7, 0.9]
    for row in found:
        costs = [each["cost"] for each in rows if each["epsilon"] == row["epsilon"]]
        assert row["iqm"] == pytest.approx(stats.trim_mean(costs, 0.25))
        assert row["trials"] == 20
        assert "runs" not in row


def test_fewer_than_five_seeds_are_shown_one_by_one_with_their_mean() -> None:
    rows = [{"x": 1, "seed": seed, "y": value} for seed, value in enumerate((1.0, 2.0, 3.0, 10.0))]
    [found] = estimates(rows, Choice("x", ("y",), (), ()), "y")
    assert (found["iqm"], found["low"], found["high"]) == (4.0, None, None), "the plain mean"
    assert found["runs"] == [1.0, 2.0, 3.0, 10.0]
    assert "With fewer than 5 seeds an interval would only be their range" in Visible(full()).text


def test_intervals_tell_of_seeds_and_not_of_settings() -> None:
    """Costs differ by 5 between teams and by 0.1 between seeds; the interval is as narrow as the seeds are alike."""
    choice = Choice("epsilon", ("cost",), (), ("p", "agents"))
    for row in estimates(SIX, choice, "cost"):
        assert row["trials"] == 24
        assert 0 < row["high"] - row["low"] < 0.5
        assert row["low"] <= row["iqm"] <= row["high"]


def test_without_seeds_there_is_no_interval() -> None:
    single = [row for row in ALL if row["seed"] == 0]
    found = estimates(single, Choice("epsilon", ("cost",), (), ("p", "agents")), "cost")
    assert [(row["low"], row["high"], row["trials"]) for row in found] == [(None, None, 4)] * 4


def test_truths_are_shares() -> None:
    """Of three seeds two are optimal: with fewer than four, the interquartile mean is the mean."""
    found = estimates(ALL, Choice("epsilon", ("optimal",), ("p", "agents"), ()), "optimal")
    assert [row["iqm"] for row in found] == pytest.approx([2 / 3] * 16)


def test_what_failed_is_left_out_and_counted() -> None:
    """The trial of level 0.1, order 2, 10 agents that failed leaves two; so does the other one."""
    assert [row["seed"] for row in ROWS if row["status"] == "failed"] == [1]
    found = estimates(DONE, Choice("epsilon", ("cost",), ("p", "agents"), ()), "cost")
    numbers = [row["trials"] for row in found]
    assert sorted(set(numbers)) == [2, 3]
    assert sum(numbers) == 46


def test_results_that_are_not_finite_are_left_out() -> None:
    rows = [{"x": 1, "y": 1.0}, {"x": 1, "y": float("nan")}, {"x": 2, "y": float("inf")}, {"x": 2, "y": 3.0}]
    found = estimates(rows, Choice("x", ("y",), (), ()), "y")
    assert [(row["iqm"], row["trials"]) for row in found] == [(1.0, 1), (3.0, 1)]


HOLED = [
    {**row, "cost": {0.5: float("nan")}.get(row["epsilon"], row["cost"])}
    for row in ALL
    if row["p"] == 2 and row["agents"] == 5
]


def test_a_place_without_a_number_breaks_the_line_and_is_reported() -> None:
    """Of four levels the second has no number: the third and fourth are joined, and nothing else."""
    html = sweep_page(make_results(HOLED), y=["cost"])
    text = Visible(html).text
    assert "cost: no finite number in 3 of 12 trials done." in text
    assert "ε = 0.5: no number in 3 of 3 trials." in text
    [panel] = result_panels(HOLED, choose(HOLED, CONFIG, RESULT, y=["cost"]), "cost")
    drawing = panel.on_paper(400)
    svg = vl_convert.vegalite_to_svg(drawing.to_json())
    [line] = re.findall(r'class="mark-line[^>]*>\s*<path[^>]* d="([^"]*)"', svg)
    assert [len(piece.split("L")) for piece in line.split("M")[1:]] == [1, 2]


def test_results_without_finite_numbers_are_not_drawn() -> None:
    rows = [{**row, "nothing": float("nan"), "endless": float("inf"), "mixed": "3.0"} for row in DONE]
    rows[0] |= {"mixed": "diverged"}
    names = ("nothing", "endless", "mixed", *RESULT)
    assert choose(rows, CONFIG, names).y == ("cost", "optimal")
    for name in ("nothing", "endless"):
        with pytest.raises(InputError, match=f"--y '{name}' has no finite numbers to draw"):
            choose(rows, CONFIG, names, y=[name])
    with pytest.raises(
        InputError, match=r"has no numbers to draw \(1 of 46 trials returned text, and so the column is"
    ):
        choose(rows, CONFIG, names, y=["mixed"])


def test_limits_are_not_drawn_and_what_most_look_for_comes_first() -> None:
    """As a sweep of training has them: truths, then estimates with limits; a name of that ending alone is a result."""
    names = ("unmet", "steps", "steps_low", "steps_high", "jain", "jain_low", "jain_high", "success", "oil_low")
    rows = [{"k": k, "seed": 0} | {name: k > 1 if name == "unmet" else float(k) for name in names} for k in range(3)]
    assert choose(rows, ("k", "seed"), names).y == ("success", "jain", "steps", "oil_low", "unmet")
    assert choose(rows, ("k", "seed"), names, y=["jain_low"]).y == ("jain_low",)


def test_the_page_says_what_was_done_and_what_failed() -> None:
    text = Visible(full()).text
    for words in (
        "A sweep of assign",
        "46 of 48 trials are done; 1 failed and 1 timed out.",
        "Varied: fairness level ε, order p, agents. 3 seeds of each.",
        "2 trials without a result",
        f"ε = 0.1, p = 2, agents = 10, seed = 1: failed: ValueError: {HOSTILE[1]}",
        "Traceback: line 1",
        "timed out: after 60 s",
        "Results of each trial: cost, optimal, gap, loads, word.",
        "AMD EPYC, 2 cores",
        "evenhand report results",
        "series differ in order p, panels in agents",
    ):
        assert words in text


def test_every_estimate_is_in_the_table() -> None:
    exact = Visible(sweep_page(make_results(SIX), y=["cost"])).exact
    for row in estimates(SIX, choose(SIX, CONFIG, RESULT, y=["cost"]), "cost"):
        assert np.isin([row["iqm"], row["low"], row["high"]], exact).all()


def test_the_page_is_the_same_each_time() -> None:
    assert sweep_page(make_results(), command="evenhand report results") == full()


def test_a_sweep_without_any_result_lists_what_failed() -> None:
    rows = [{**row, "status": "failed", "trace": "boom"} for row in make_rows()[:3]]
    text = Visible(sweep_page(make_results(rows))).text
    assert "0 of 3 trials are done; 3 failed." in text
    assert "failed: boom" in text


def test_settings_of_words_are_points_with_intervals() -> None:
    rows = make_rows(epsilon=0.5, agents=5)
    html = sweep_page(make_results([row for row in rows if row["status"] == "done"]), y=["cost"])
    assert "Points with intervals" in html
    assert len(re.findall(r'data-name="result-', html)) == 1
