"""What the commands tell of an answer: one CV, one price, profits as profits, and who is left out."""

from __future__ import annotations

import json

import pytest

from evenhand.cli.readable_numbers import number

PROFITS, HOURS = ",t1,t2,t3,t4\nAnn,9,8,7,6\nBo,6,7,5,-1\n", ",t1,t2,t3,t4\nAnn,1,1,1,1\nBo,1,1,1,1\n"
THREE = ",t1,t2,t3\nAnn,1,1,1\nBo,1,1,1\nCy,1,1,1\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "profits.csv").write_text(PROFITS)
    (tmp_path / "hours.csv").write_text(HOURS)
    (tmp_path / "three.csv").write_text(THREE)
    (tmp_path / "part.csv").write_text("agent,share\nAnn,1\nBo,0\nCy,2\n")
    return tmp_path


def test_every_command_says_the_same_of_loads_at_their_entitlements(evenhand, folder) -> None:
    """Two for Cy and one for Ann are what they are entitled to: CV 0 everywhere, 1/3 under its own name."""
    asked = ["--entitlements", "part.csv", "--without", "Bo", "--cv", "0"]
    ran = evenhand("assign", "three.csv", *asked, "--json", "out.json", "--report", "out.html")
    assert ran.code == 0, ran.err
    assert "CV 0, Jain's index 1, largest load over entitlement 1 times the mean" in " ".join(ran.out.split())
    told = json.loads((folder / "out.json").read_text())
    assert (told["cv"], told["jain"], told["price"], told["base_cost"]) == (0.0, 1.0, 0.0, 3.0)
    page = (folder / "out.html").read_text("utf-8")
    assert "of loads over entitlements" in page or "the rule guarantees 0" in page
    for words in (["out.json"], ["2", "1", "--entitlements", "2,1"]):
        evenhand("measure", *words, "--json", "m.json")
        measured = json.loads((folder / "m.json").read_text())
        assert measured["measures"]["cv"] == 0.0
        assert measured["measures_without_entitlements"]["cv"] == pytest.approx(1 / 3)
    ran = evenhand("measure", "out.json")
    assert "Without regard to entitlements" in ran.out
    assert evenhand("verify", "three.csv", "out.json", "--without", "Bo", "-q").code == 0
    assert "1.000" in evenhand("explain", "three.csv", "out.json", "--without", "Bo").out


def test_profits_on_the_command_line(evenhand, folder) -> None:
    """By hand: two hours each bring at most 9 + 6 + 7 + 5 = 27, of 30 without fairness."""
    asked = ["profits.csv", "--burdens", "hours.csv", "--maximise"]
    ran = evenhand("assign", *asked, "--max-over-mean", "1", "--json", "out.json", "--report", "out.html")
    assert ran.code == 0, ran.err
    said = " ".join(ran.out.split())
    for words in ("profit 27", "upper bound 27: no fair assignment brings more", "10.00 % below the most", number(30)):
        assert words in said
    told = json.loads((folder / "out.json").read_text())
    assert (told["cost"], told["bound"], told["base_cost"], told["price"]) == (27, 27, 30, 0.1)
    page = (folder / "out.html").read_text("utf-8")
    for words in (
        "This plan brings 27, 10\u202f% less than the best plan without a rule.",
        "No fair plan brings more.",
        "no fair plan above 27",
        "Lost profit",
    ):
        assert words in page
    ran = evenhand("verify", "profits.csv", "out.json", "--burdens", "hours.csv")
    assert "no exactly fair assignment brings more than 27" in " ".join(ran.out.split())
    assert "Profit 27" in evenhand("explain", "profits.csv", "out.json", "--burdens", "hours.csv").out
    evenhand("frontier", *asked, "--epsilons", "0,1", "--json", "line.json")
    [line] = json.loads((folder / "line.json").read_text())["frontiers"]
    assert [(point["cost"], point["price"]) for point in line["points"]] == [(30, 0), (27, 0.1)]


def test_negative_costs_are_read_where_something_else_is_shared(evenhand, folder) -> None:
    assert evenhand("assign", "profits.csv", "--burdens", "hours.csv", "--epsilon", "0").code == 0
    ran = evenhand("assign", "profits.csv", "--epsilon", "0.5")
    assert ran.code == 2
    assert "cost of task 't4' for agent 'Bo' is -1; expected a number >= 0, because the costs are also" in ran.err
    ran = evenhand("assign", "hours.csv", "--burdens", "profits.csv", "--epsilon", "0.5")
    assert "burden of task 't4' for agent 'Bo' is -1" in ran.err


def test_an_entitlement_of_zero_names_the_agent_and_what_to_do(evenhand, folder) -> None:
    ran = evenhand("assign", "three.csv", "--cv", "0.1", "--entitlements", "part.csv")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "--entitlements 'part.csv': agent 'Bo' is entitled to 0" in ran.err
    remedy = ran.err.rpartition(": ")[2].split()
    assert remedy == ["--without", "Bo"]
    assert evenhand("assign", "three.csv", "--cv", "0.1", "--entitlements", "part.csv", *remedy).code == 0
    ran = evenhand("frontier", "three.csv", "--entitlements", "1,0,2", "--epsilons", "0.5")
    assert "agent 'Bo' is entitled to 0" in ran.err
    assert "agent 'agent-2' is entitled to 0" in evenhand("measure", "1", "2", "--entitlements", "1,0").err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--without", "Eve"], "--without 'Eve': there is no such agent; the costs name Ann, Bo, Cy"),
        (["--without", "Ann", "--without", "Bo"], "1 of 3 agents left"),
        (["--without", "Ann", "--locked", "locked.csv"], "task 't1' is locked to 'Ann', who is left out"),
        (["--without", "Ann", "--only"], "nobody else may do task 't2'"),
    ],
)
def test_who_cannot_be_left_out(evenhand, folder, words, message) -> None:
    (folder / "locked.csv").write_text("task,agent\nt1,Ann\n")
    (folder / "only.csv").write_text(",t1,t2\nAnn,1,1\nBo,1,\nCy,1,\n")
    table = "only.csv" if "--only" in words else "three.csv"
    ran = evenhand("assign", table, "--epsilon", "0.1", *(word for word in words if word != "--only"))
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert message in ran.err


def test_who_is_left_out_leaves_every_table(evenhand, folder) -> None:
    """Bo, who would be cheapest, is gone, with burdens, initial loads and entitlements: 2 + 3 is what is left."""
    (folder / "c.csv").write_text(",t1,t2\nAnn,2,4\nBo,1,1\nCy,3,3\n")
    (folder / "b.csv").write_text(",t1,t2\nAnn,1,1\nBo,5,5\nCy,1,1\n")
    given = ["--burdens", "b.csv", "--initial-loads", "0,9,0", "--entitlements", "1,0,1", "--without", "Bo"]
    assert evenhand("assign", "c.csv", *given, "--max-over-mean", "1", "--json", "o.json").code == 0
    told = json.loads((folder / "o.json").read_text())
    assert (told["agents"], told["cost"], told["loads"]) == (["Ann", "Cy"], 5.0, [1.0, 1.0])


def test_a_time_credit_is_refused_with_what_to_do(evenhand, folder) -> None:
    ran = evenhand("assign", "three.csv", "--cv", "0.1", "--initial-loads", "0,-2,0")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "initial load of agent 'Bo' is -2" in ran.err
    assert "add the same load to everybody's" in ran.err


def test_the_fairest_that_money_buys(evenhand, folder) -> None:
    """Each task costs Ann 1 and Bo 2. For 4 Ann does all; for 5 (25 % more) she does three, with loads 3 and 2."""
    (folder / "pair.csv").write_text("agent,a,b,c,d\nAnn,1,1,1,1\nBo,2,2,2,2\n", "utf-8")
    for price, cost in (("25%", 5), ("0.24", 4)):
        ran = evenhand(
            "assign", "pair.csv", "--fairest", "--max-over-mean", "2", "--max-price", price, "--json", "f.json"
        )
        assert ran.code == 0, ran.err
        told = json.loads((folder / "f.json").read_text("utf-8"))
        assert told["cost"] == cost
        assert told["attainable"]["budget"] == 4 * (1.25 if cost == 5 else 1.24)
        assert "anything stricter than --max-over-mean" in ran.out
        assert evenhand("verify", "pair.csv", "f.json").code in (0, 5)
    for words, said in (
        (["--max-price", "5%", "--cv", "0.3"], "--fairest"),
        (["--fairest", "--max-price", "much"], "neither a percentage such as 5% nor a number"),
        (["--fairest", "--cv", "0.1", "--jain", "0.9"], "one"),
        (["--fairest", "--from", "f.json"], "--fairest and --from"),
    ):
        ran = evenhand("assign", "pair.csv", *words)
        assert ran.code == 2
        assert said in ran.err
        assert ran.err.count("\n") == 1
