"""Each member of the family is asked for by its option, in every command that takes a measure of fairness."""

from __future__ import annotations

import json

import pytest

from evenhand.fairness import MEMBERS

TABLE = "who,a,b,c,d,e\nAnn,1,9,9,9,9\nBo,9,1,9,9,1\nCy,9,9,1,1,9\n"
VALUES = {
    "epsilon": "0.9",
    "jain": "0.9",
    "cv": "0.3",
    "max_over_mean": "1.3",
    "least_over_mean": "0.6",
    "top_share": "2:0.8",
    "gini": "0.2",
    "hoover": "0.2",
    "range": "0.8",
}


def option(name):
    return "--" + name.replace("_", "-")


def test_the_list_above_is_whole():
    assert set(VALUES) == set(MEMBERS)


@pytest.mark.parametrize("name", MEMBERS)
def test_what_is_assigned_is_verified_by_the_same_words(evenhand, tmp_path, name):
    """Ann has 1 of 5 hours, the others 2: 0.6 of the mean, CV 0.283, range 0.6, and 0.8 for the busiest two."""
    (tmp_path / "costs.csv").write_text(TABLE)
    words = (option(name), VALUES[name])
    ran = evenhand("assign", "costs.csv", *words, "--json", "out.json")
    assert ran.code == 0, ran.err
    answer = json.loads((tmp_path / "out.json").read_text())
    assert (answer["cost"], answer["loads"]) == (5.0, [1.0, 2.0, 2.0])
    assert answer["fairness"]["name"] == name
    assert MEMBERS[name].from_option(VALUES[name] if name == "top_share" else float(VALUES[name])).in_words() in ran.out
    assert evenhand("verify", "costs.csv", "out.json", *words, "--max-gap", "1").code == 0
    with_entitlements = evenhand("assign", "costs.csv", *words, "--entitlements", "1,2,2", "--json", "entitled.json")
    assert with_entitlements.code == 0, with_entitlements.err
    assert json.loads((tmp_path / "entitled.json").read_text())["level"] == pytest.approx(
        MEMBERS[name].from_option(VALUES[name] if name == "top_share" else float(VALUES[name])).parameter_range(3)[1]
    ), "loads in proportion to the entitlements are equal ones"


@pytest.mark.parametrize("words", [["assign"], ["verify"], ["solve", "salesmen"], ["solve", "load-shedding"]])
def test_help_lists_the_option_of_each_member(evenhand, words):
    said = evenhand(*words, "--help").out
    for name, member in MEMBERS.items():
        assert option(name) in said
        assert member.words.metavar in said


def test_a_sweep_takes_each_member(tmp_path):
    from evenhand.sweeps.tasks.assign import check

    for name, value in VALUES.items():
        check({name: value if name == "top_share" else float(value), "agents": 3, "tasks": 6}, "sweep.toml")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0.6", "top share is '0.6'; write how many and which share: 2:0.5"),
        ("x:0.6", "top share is 'x:0.6'; write how many and which share: 2:0.5"),
        ("1:2:3", "top share is '1:2:3'; write how many and which share: 2:0.5"),
        ("0:0.5", "k is 0; it must be a number of agents, a whole number from 1"),
        ("2:1.5", "share is 1.5; it must be a finite number in [0, 1]"),
        ("2:nan", "share is nan; it must be a finite number in [0, 1]"),
        ("2:0.6", "share is 0.6; the 2 busiest of 3 agents carry at least 2/3 of all work"),
        ("3:0.9", "k is 3, and there are 3 agents; the busiest must be fewer than all"),
    ],
)
def test_a_top_share_that_cannot_be_is_refused(evenhand, tmp_path, value, said):
    (tmp_path / "costs.csv").write_text(TABLE)
    ran = evenhand("assign", "costs.csv", "--top-share", value)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1
