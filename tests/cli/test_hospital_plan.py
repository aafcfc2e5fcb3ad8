"""``evenhand hospital plan``: the curve, a plan step by step, and one line for what is wrong."""

from __future__ import annotations

import json

import pytest

from evenhand import hospital
from evenhand.hospital.planner import TradeOff, plan, trade_off

SCENARIO = "rescue-breaths/specialist"


def test_plan_tells_the_curve_and_each_step(evenhand):
    ran = evenhand("hospital", "plan", SCENARIO, "--from", "bed, door,table")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "rescue-breaths/specialist: 125 starts (all), 5,000 states"
    assert "quickest: mean 6.51 steps, mean Jain's index 0.700 to 0.908" in lines
    assert "  1.00  unattainable" in lines
    made = plan(hospital.load(SCENARIO), ["bed", "door", "table"])
    assert "from agent_1 at bed, agent_2 at door, agent_3 at table: the quickest plan" in lines
    assert lines[-1].startswith(f"success in {made.time} steps; Jain's index {made.jain:.3f}; useful units: agent_1 ")
    told = [line.strip() for line in lines[-1 - made.time : -1]]
    assert [int(line.split()[0]) for line in told] == list(range(1, made.time + 1))
    assert "treats: breaths" in told[-1]


def test_tau_asks_for_a_fairer_plan_and_json_holds_both(evenhand, tmp_path):
    ran = evenhand("hospital", "plan", "lone-expert", "--tau", 0.9, "--json", "plan.json")
    assert ran.code == 0
    assert "the quickest plan with an index of at least 0.9" in ran.out
    written = json.loads((tmp_path / "plan.json").read_text())
    assert written["plan"]["jain"] >= 0.9
    assert TradeOff.from_dict(written["trade_off"]) == trade_off(hospital.load("lone-expert"))


def test_a_sample_is_called_one(evenhand):
    ran = evenhand("hospital", "plan", SCENARIO, "--starts", 7, "--seed", 3)
    assert ran.code == 0
    assert ran.out.startswith("rescue-breaths/specialist: 7 starts (drawn), ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ward/12"], "ward/12: exact search would take "),
        ([SCENARIO, "--tau", "1"], "no plan within 50 steps reaches a Jain index of 1; the best reaches 0.9608"),
        ([SCENARIO, "--tau", "2"], "tau is 2.0; Jain's index lies between 0 and 1"),
        ([SCENARIO, "--tau", "fair"], "is not a number"),
        ([SCENARIO, "--from", "bed"], "3 stations are needed, one for each of the agents"),
        ([SCENARIO, "--from", "bed,bed,roof"], "agent_3 starts at 'roof'"),
        ([SCENARIO, "--starts", "0"], "starts is 0; at least 1 is needed"),
        ([SCENARIO, "--seed", "-1"], "seed is -1; it must not be negative"),
        ([SCENARIO, "--json", "nowhere/plan.json"], "the folder nowhere does not exist"),
        (["rescue-breath"], "rescue-breath"),
    ],
)
def test_wrong_questions_get_one_line(evenhand, words, message):
    ran = evenhand("hospital", "plan", *words)
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert message in ran.err
    assert ran.out == ""
