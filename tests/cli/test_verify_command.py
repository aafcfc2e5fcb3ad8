"""``evenhand verify``: the question as options, three outcomes, and everything that was asked in print."""

from __future__ import annotations

import json

import numpy as np
import pytest

# Ann does any of three tasks for 1, Bo and Cy for 3: the cheapest plan costs 3 and gives everything to Ann.
TABLE = ",x,y,z\nAnn,1,1,1\nBo,3,3,3\nCy,3,3,3\n"


@pytest.fixture
def answer(evenhand, tmp_path):
    """Return how to write an answer to TABLE: fields of a genuine one, changed."""
    (tmp_path / "table.csv").write_text(TABLE)

    def write(*words, **changes):
        assert evenhand("assign", "table.csv", *words, "--json", "out.json", "--quiet").code == 0
        data = json.loads((tmp_path / "out.json").read_text()) | changes
        (tmp_path / "out.json").write_text(json.dumps(data))
        return data

    return write


def plain(text):
    """Return what was printed as one line of words, lest a narrow terminal decide a test."""
    return " ".join(text.split())


def test_the_question_is_given_as_to_assign(evenhand, answer):
    answer("--max-over-mean", "3")
    for words in (["--max-over-mean", "3"], [], ["--max-over-mean", "3", "--entitlements", "1,1,1"]):
        ran = evenhand("verify", "table.csv", "out.json", *words)
        assert ran.code == 0, ran.out
        assert ran.out.startswith(
            "verified: the plan is fair (largest load <= 3 times the mean), and a gap of 0 % is proven"
        )
    for words, reason in (
        (
            ["--max-over-mean", "2"],
            "it states largest load <= 3 times the mean, asked is largest load <= 2 times the mean",
        ),
        (["--epsilon", "0"], "it states largest load <= 3 times the mean, asked is epsilon >= 0, p = 2"),
        (["--max-over-mean", "3", "--entitlements", "2,1,1"], "entitlements are equal, asked are (2, 1, 1)"),
        (["--entitlements", "2,1,1"], "entitlements are equal, asked are (2, 1, 1)"),
        (["--max-over-mean", "3", "--maximise"], "asked is to take it for profits"),
    ):
        ran = evenhand("verify", "table.csv", "out.json", *words)
        assert ran.code == 1
        assert ran.out.startswith("NOT VERIFIED")
        assert reason in plain(ran.out)


def test_a_target_with_an_order_is_the_same_question_again(evenhand, answer):
    data = answer("--cv", "1.3", "--p", "5")
    assert data["fairness"]["name"] == "epsilon"
    assert evenhand("verify", "table.csv", "out.json", "--cv", "1.3", "--p", "5", "--max-gap", "1").code == 0
    assert evenhand("verify", "table.csv", "out.json", "--cv", "1.2", "--p", "5", "--max-gap", "1").code == 1


@pytest.mark.parametrize(
    ("fairness", "words"),
    [
        (
            {"name": "jain", "jain": 0.9, "entitlements": [1e9, 1e-3, 1e-3]},
            ["over unequal entitlements (1e+09, 0.001, 0.001)", "entitlements: 1000000000 for Ann; 0.001 for Bo, Cy"],
        ),
        (
            {"name": "jain", "jain": 0.9, "entitlements": None, "selected": 2, "candidates": 3},
            ["Jain's index >= 0.9, among 2 of the 3 agents only (the others may carry nothing)"],
        ),
    ],
)
def test_an_odd_question_is_refused_or_told_in_full(evenhand, answer, tmp_path, fairness, words):
    """All work on one agent, or none on one of three, is not what --jain 0.9 asks."""
    assignment, loads = ([0, 0, 0], [3.0, 0.0, 0.0]) if "selected" not in fairness else ([0, 0, 1], [2.0, 3.0, 0.0])
    cost = sum(loads)
    gone = ("epsilon", "p", "level", "cv", "jain", "cv_bound")
    changes = {"cost": cost, "price": cost / 3 - 1, "bound": 3.0, "certificate": None}
    gap = (cost - 3) / cost
    data = answer("--epsilon", "0", fairness=fairness, assignment=assignment, loads=loads, gap=gap, certified_gap=gap)
    (tmp_path / "out.json").write_text(json.dumps({k: v for k, v in (data | changes).items() if k not in gone}))
    ran = evenhand("verify", "table.csv", "out.json")
    assert ran.code == 0, ran.out
    for sentence in words:
        assert sentence in plain(ran.out)
    headline = plain(ran.out).split(" asked ")[0]
    assert words[0] in headline
    ran = evenhand("verify", "table.csv", "out.json", "--jain", "0.9")
    assert ran.code == 1
    assert "the answer is to another question" in plain(ran.out)


def test_a_gap_that_nothing_shows_has_its_own_code_and_is_said_kindly(evenhand, answer):
    """A plan of 7, 133 % above the optimum, said to be optimal: (7 - 3) / 7 = 57.14 % is what can be proven."""
    answer(
        "--epsilon", "0", assignment=[1, 2, 0], loads=[1.0, 3.0, 3.0], cost=7.0, price=4 / 3, bound=7.0, gap=0.0,
        certified_gap=4 / 7, certificate=None, level=(7 / 19**0.5 - 1) / (3**0.5 - 1),
        jain=49 / 57, cv=(57 / 49 - 1) ** 0.5,
    )  # fmt: skip
    ran = evenhand("verify", "table.csv", "out.json", "--epsilon", "0", "--json", "verdict.json")
    assert ran.code == 5, ran.out
    assert plain(ran.out).startswith(
        "plan verified, gap not proven: the plan is fair (epsilon >= 0, p = 2); the gap should be 0 %, proven is 57.2 %"
    )
    assert "Nothing is wrong with the plan" in plain(ran.out)
    assert "add --max-gap 0.58" in plain(ran.out)
    assert evenhand("verify", "table.csv", "out.json", "--max-gap", "0.58").code == 0
    assert evenhand("verify", "table.csv", "out.json", "--max-gap", "0.57").code == 5
    assert evenhand("verify", "table.csv", "out.json", "--max-gap", "0.58", "--epsilon", "0.1").code == 1


def test_the_verdict_is_written_as_it_is_said(evenhand, answer, tmp_path):
    answer("--max-over-mean", "3")
    evenhand("verify", "table.csv", "out.json", "--json", "verdict.json", "--quiet")
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    assert (verdict["outcome"], verdict["verified"], verdict["gap_proven"]) == ("verified", True, True)
    assert verdict["asked"][0] == "largest load <= 3 times the mean"


def test_burdens_that_are_missing_are_asked_for_and_nothing_else_is_said(evenhand, tmp_path):
    (tmp_path / "hours.csv").write_text(",t1,t2,t3,t4,t5\nAnn,1,1,1,1,1\nBo,2,2,2,2,2\n")
    evenhand("assign", "costs.csv", "--burdens", "hours.csv", "--cv", "0.9", "--json", "out.json")
    assert evenhand("verify", "costs.csv", "out.json", "--burdens", "hours.csv", "--max-gap", "1").code == 0
    ran = evenhand("verify", "costs.csv", "out.json")
    assert ran.code == 1
    assert ran.out.count("because") == 1
    assert "the answer was made with burdens, and none are given here" in plain(ran.out)


def test_an_infeasibility_of_the_search_says_what_it_is(evenhand, tmp_path):
    """1, 2, 4 and 8 are never even; halves of them are."""
    (tmp_path / "powers.csv").write_text(",a,b,c,d\nAnn,1,2,4,8\nBo,1,2,4,8\n")
    ran = evenhand("assign", "powers.csv", "--epsilon", "1", "--json", "out.json")
    assert ran.code == 3
    assert "by the search alone" in plain(ran.out)
    ran = evenhand("verify", "powers.csv", "out.json")
    assert ran.code == 1
    assert plain(ran.out).startswith(
        "NOT VERIFIED: nothing is wrong, but that nothing is fair rests on the search alone"
    )
    assert "was found by exhaustive search" in plain(ran.out)


@pytest.mark.parametrize("ending", ["csv", "npy"])
def test_permuted_names_are_refused_whether_they_are_the_tables_own_or_made_up(evenhand, tmp_path, ending):
    evenhand("generate", "--agents", "3", "--tasks", "12", "-o", "day.csv")
    cells = [line.split(",")[1:] for line in (tmp_path / "day.csv").read_text().splitlines()[1:]]
    np.save(tmp_path / "day.npy", np.array(cells, dtype=float))
    table = f"day.{ending}"
    evenhand("assign", table, "--jain", "0.8", "--json", "out.json")
    data = json.loads((tmp_path / "out.json").read_text())
    assert data["named"] == {"agents": ending == "csv", "tasks": ending == "csv"}
    assert evenhand("verify", table, "out.json", "--max-gap", "1").code == 0
    for kind in ("agents", "tasks"):
        names = data[kind]
        (tmp_path / "out.json").write_text(json.dumps(data | {kind: [names[1], names[0], *names[2:]]}))
        assert evenhand("verify", table, "out.json", "--max-gap", "1").code == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"status": "optimal",', '"status": "optimal", "status": "optimal",'),
        ('"cost": 3.0', '"cost": "3.0"'),
        ('"cost": 3.0', '"cost": 3 .0'),
        ('"cost": 3.0', '"cost": \u0663'),
        ('"cost": 3.0', '"cost": true'),
        ('"ratio": 3.0', '"ratio": " 3.0 "'),
        ('"ratio": 3.0', '"ratio": "\u0663"'),
        ('"ratio": 3.0', '"ratio": NaN'),
    ],
)
def test_what_is_not_quite_json_or_not_quite_a_number_is_bad_input(evenhand, answer, tmp_path, old, new):
    """A key that stands twice, text for a number, digits of another script, a number with a space."""
    data = answer("--max-over-mean", "3")
    text = json.dumps(data)
    assert old in text
    (tmp_path / "out.json").write_text(text.replace(old, new, 1), encoding="utf-8")
    ran = evenhand("verify", "table.csv", "out.json")
    assert ran.code == 2
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 1


def test_a_certificate_of_a_hundred_thousand_points_is_refused_at_once(evenhand, answer, tmp_path):
    data = answer("--max-over-mean", "3")
    data["certificate"] = {"kind": "bound", "multipliers": [1] * 100_000, "points": [[1, 2, 3]] * 100_000}
    (tmp_path / "out.json").write_text(json.dumps(data))
    ran = evenhand("verify", "table.csv", "out.json")
    assert ran.code == 2
    assert "certificate has 100000 points; for 3 agents no more than 3 are of use" in ran.err


@pytest.mark.parametrize("command", ["verify", "explain"])
def test_a_forgotten_without_is_named(evenhand, answer, tmp_path, command):
    answer("--max-over-mean", "3", "--without", "Bo")
    ran = evenhand(command, "table.csv", "out.json")
    assert ran.code == 2
    assert "the answer is about 2 agents, the table about 3; 'Bo' stands in the table only" in ran.err
    assert ran.err.rstrip().endswith("give --without Bo")
    assert evenhand(command, "table.csv", "out.json", "--without", "Bo").code in (0, 5)
    answer("--max-over-mean", "3")
    ran = evenhand(command, "table.csv", "out.json", "--without", "Cy")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "'Cy' stands in the answer only: give the table, and the options, it was made with" in ran.err
    (tmp_path / "other.csv").write_text(",x,y,z\nEd,1,1,1\nFlo,3,3,3\n")
    assert (
        "and the names differ: give the table that it was made from" in evenhand(command, "other.csv", "out.json").err
    )
    (tmp_path / "longer.csv").write_text(",x,y,z,u\nAnn,1,1,1,1\nBo,3,3,3,1\nCy,3,3,3,1\n")
    ran = evenhand(command, "longer.csv", "out.json")
    assert "the answer is about 3 tasks, the table about 4; 'u' stands in the table only" in ran.err


def test_help_tells_the_codes(evenhand):
    ran = evenhand("verify", "--help")
    assert "5 verified except for the gap" in plain(ran.out)
    for option in ("--jain", "--entitlements", "--max-gap", "--maximise"):
        assert option in ran.out
