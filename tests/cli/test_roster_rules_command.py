"""``evenhand solve rosters`` on a benchmark file: several fair counts, prices of rules, refusals in one line."""

from __future__ import annotations

import json

import pytest
from tests.applications.rosters.small_rosters import SMALL

from evenhand.applications.rosters import parse_shift_benchmark, solve
from evenhand.fairness import CVAtMost, MaxOverMean

pytest.importorskip("highspy")


@pytest.fixture
def ward(tmp_path):
    """Write the small problem, with cover that nobody can meet at no cost."""
    text = SMALL.replace("3,L,2,7,1", "3,L,3,7,1\n4,E,3,9,1")
    (tmp_path / "ward.txt").write_text(text, encoding="utf-8")
    return parse_shift_benchmark(text)


def test_the_answer_is_that_of_the_function(evenhand, tmp_path, ward) -> None:
    words = ["--share", "weekends", "--cv", "0.6", "--fair", "late=max-over-mean:1.2", "--json", "r.json"]
    ran = evenhand("solve", "rosters", "ward.txt", *words)
    expected = solve(ward, {"weekends": CVAtMost(0.6), "late": MaxOverMean(1.2)})
    told = json.loads((tmp_path / "r.json").read_text())
    assert ran.code == 0, ran.err
    assert told["cost"] == pytest.approx(expected.cost)
    assert told["bound"] == pytest.approx(expected.bound)
    assert told["fairness"].keys() == {"weekends", "late"}
    assert {"cost", "base_cost", "price", "bound", "gap", "fairness", "level", "cv", "jain"} <= told.keys()


def test_a_price_lets_a_rule_be_broken_and_says_so(evenhand, tmp_path, ward) -> None:
    strict, loose = (
        evenhand("solve", "rosters", "ward.txt", *words, "--json", name)
        for words, name in (((), "a.json"), (("--price", "sequence=0.1", "--price", "most-minutes=0"), "b.json"))
    )
    assert (strict.code, loose.code) == (0, 0)
    before, after = (json.loads((tmp_path / name).read_text()) for name in ("a.json", "b.json"))
    assert after["cost"] < before["cost"]
    assert before["priced"] == []
    assert {one["rule"] for one in after["priced"]} <= {"sequence", "most_minutes"}
    assert after["priced"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cv", "0.3"], "say which counts must be fair: --share"),
        (["--share", "late"], "but not how fair"),
        (["--share", "naps", "--cv", "0.3"], "--share 'naps': no such count; known are"),
        (["--fair", "late"], "has no '='"),
        (["--fair", "late=cvv:0.3"], "is no measure with its value; did you mean 'cv'?"),
        (["--fair", "late=top-share:1:0.1"], "share is 0.1; the 1 busiest of 3 agents carry at least 1/3"),
        (["--fair", "late=cv:much"], "'much' is not a number"),
        (["--fair", "late=cv:0.3", "--share", "late", "--cv", "0.3"], "'late' is asked for twice"),
        (["--fair", "nights=cv:0.3"], "no shift is of the kind 'night'"),
        (["--price", "longest-ran=5"], "did you mean 'longest-run'?"),
        (["--price", "longest-run"], "has no '='"),
        (["--price", "longest-run=5", "--price", "longest-run=6"], "'longest-run' has a price already"),
        (["--price", "longest-run=-5"], "--price 'longest-run=-5': '-5' must be a number of at least 0"),
        (["--price", "longest-run=much"], "'much' is not a number"),
        (["--over-cost", "-1"], "--over-cost is -1"),
    ],
)
def test_mistakes_are_told_in_one_line(evenhand, ward, words, said) -> None:
    ran = evenhand("solve", "rosters", "ward.txt", *words)
    assert ran.code == 2
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1
