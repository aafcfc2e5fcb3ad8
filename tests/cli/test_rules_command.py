"""Several rules on the command line: files of rules in any order, short forms, and one line for what is wrong."""

from __future__ import annotations

import json

import pytest
from tests.cli.cases import COSTS
from tests.cli.rules_on_disk import RULES, TABLE, written


@pytest.fixture
def files(tmp_path):
    """Return the folder of a table and its rules."""
    return written(tmp_path)


def test_rules_from_a_file(evenhand, files):
    """Burdens are matched by name: loads are the sums of the plan's own numbers, whatever the files' order."""
    found = evenhand("assign", "table.csv", "--rules", "r/rules.toml", "--json", "out.json", "--csv", "out.csv")
    assert found.code == 0, found.err
    answer = json.loads((files / "out.json").read_text())
    hours = [[9, 10, 11, 12], [5, 6, 7, 8], [1, 2, 3, 4]]
    loads = [[1.0, 0.0, 0.5], [0.0] * 3, [0.0] * 3]
    for task, agent in enumerate(answer["assignment"]):
        loads[0][agent] += hours[agent][task]
        loads[1][agent] += task in (1, 3)
        loads[2][agent] += task + 1
    assert [rule["loads"] for rule in answer["rules"]] == loads
    assert [rule["name"] for rule in answer["rules"]] == ["hours", "nights", "points"]
    assert answer["rules"][1]["counted"] == [1, 2]
    assert answer["rules"][2]["most"] == [6, None, None]
    listed = [line.split(",") for line in (files / "out.csv").read_text().splitlines()[1:]]
    assert [agent for _, agent in listed] == [answer["agents"][agent] for agent in answer["assignment"]]
    assert evenhand("verify", "table.csv", "out.json", "--rules", "r/rules.toml", "--max-gap", "0.5").code == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [("jain = 0.8", "jain = 0.81"), ("Ann = 6", "Ann = 5"), ("least = 1", "least = 0"), ("Cy = 0.5", "Cy = 0.25"),
     ('["b", "d"]', '["b"]'), ('["Bo", "Cy"]', '["Ann", "Cy"]')],
)  # fmt: skip
def test_an_answer_to_other_rules_is_not_verified(evenhand, files, old, new):
    """Whatever one number of the rules is changed, the verdict says so."""
    evenhand("assign", "table.csv", "--rules", "r/rules.toml", "--json", "out.json")
    file = files / "r" / "rules.toml"
    file.write_text(RULES.replace(old, new))
    assert evenhand("verify", "table.csv", "out.json", "--rules", file, "--max-gap", "0.9").code == 1


def test_rules_are_asked_in_full_so_that_profits_must_be_said(evenhand, files):
    """An answer made with --maximise is one to another question, unless that is given here, too."""
    words = ("--rules", "r/rules.toml", "--max-gap", "0.5")
    evenhand("assign", "table.csv", "--rules", "r/rules.toml", "--maximise", "--json", "out.json")
    found = evenhand("verify", "table.csv", "out.json", *words)
    assert found.code == 1
    assert "takes the table for profits" in " ".join(found.out.split())
    assert evenhand("verify", "table.csv", "out.json", *words, "--maximise").code == 0


def test_short_forms_and_a_measure(evenhand, files):
    """Limits on tasks and on the load, one for all or by agent, beside a measure of the costs."""
    words = ("table.csv", "--max-over-mean", "2", "--least-tasks", "1", "--most-tasks", "2,2,1", "--most-load", "5")
    found = evenhand("assign", *words, "--json", "out.json")
    assert found.code == 0, found.err
    rules = json.loads((files / "out.json").read_text())["rules"]
    assert [rule["name"] for rule in rules] == ["costs", "tasks", "load"]
    assert rules[1]["most"] == [2, 2, 1]
    assert max(rules[2]["loads"]) <= 5
    assert rules[0]["loads"] == rules[2]["loads"]
    assert evenhand("verify", *words[:1], "out.json", *words[1:], "--max-gap", "0.9").code == 0


def test_needs_groups_times_and_conflicts(evenhand, files):
    """Each task has as many agents as the file says; groups stay together, and what overlaps does not."""
    (files / "needs.csv").write_text("task,needs\nc,2\n")
    (files / "groups.csv").write_text("task,group\na,one\nd,one\n")
    (files / "times.csv").write_text("task,start,end\na,8:00,9:00\nb,8:30,9:30\nc,10:00,11:00\nd,12:00,13:00\n")
    (files / "pairs.csv").write_text("b,d\n")
    words = ("table.csv", "--needs", "needs.csv", "--together", "groups.csv", "--times", "times.csv")
    words += ("--conflicts", "pairs.csv", "--jain", "0.4")
    assert evenhand("assign", *words, "--json", "out.json").code == 0
    plan = json.loads((files / "out.json").read_text())["assignment"]
    sets = [{agent for agent in row if agent >= 0} for row in plan]
    assert [len(agents) for agents in sets] == [1, 1, 2, 1]
    assert sets[0] == sets[3]
    assert not sets[0] & sets[1]
    assert evenhand("verify", *words[:1], "out.json", *words[1:], "--max-gap", "0.9").code == 0
    (files / "whole.csv").write_text("a,d\n")
    assert evenhand("assign", "table.csv", "--together", "whole.csv", "--jain", "0.4").code == 0


def test_the_fairest_within_limits_alone(evenhand, files):
    """Limits are no measure: the fairest is that of the costs then, at a least level of 0, as without limits."""
    found = evenhand("assign", "table.csv", "--fairest", "--most-tasks", "2", "--json", "out.json")
    assert found.code == 0, found.err
    answer = json.loads((files / "out.json").read_text())
    assert [rule["name"] for rule in answer["rules"]] == ["costs", "tasks"]
    assert answer["nearest"][0]["rule"] == "costs"
    assert max(answer["rules"][1]["loads"]) <= 2


def test_everything_may_be_a_sheet_of_one_workbook(evenhand, files):
    """The costs, a list of tasks of a rule, the limits, the needs, groups and conflicts, each with its sheet's name."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheets = {
        "Costs": [["agent", "a", "b", "c"], ["Ann", 1, 2, 3], ["Bo", 2, 3, 4], ["Cy", 3, 1, 2]],
        "Points": [["task", "burden"], ["c", 3], ["b", 2], ["a", 1]],
        "Most": [["agent", "limit"], ["Cy", 5], ["Ann", 1], ["Bo", 5]],
        "Needs": [["task", "needs"], ["c", 2]],
        "Pairs": [["a", "b"]],
    }
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(files / "book.xlsx")
    rules = files / "rules.toml"
    rules.write_text('[[rules]]\nburden = "book.xlsx#Points"\nmost = "book.xlsx#Most"\n')
    words = ("--rules", "rules.toml", "--needs", "book.xlsx#Needs", "--conflicts", "book.xlsx#Pairs")
    found = evenhand("assign", "book.xlsx#Costs", *words, "--json", "out.json")
    assert found.code == 0, found.err
    answer = json.loads((files / "out.json").read_text())
    assert answer["assignment"] == [[0, -1], [2, -1], [1, 2]]
    assert answer["rules"][0]["loads"] == [1, 3, 5]


def test_absent_agents_are_left_out_of_every_file(evenhand, files):
    """Rules that list an absent agent need not be written anew."""
    rules = RULES.replace('agents = ["Bo", "Cy"]\n', "")
    (files / "r" / "rules.toml").write_text(rules)
    found = evenhand("assign", "table.csv", "--rules", "r/rules.toml", "--without", "Ann", "--json", "out.json")
    assert found.code == 0, found.err
    answer = json.loads((files / "out.json").read_text())
    assert answer["agents"] == ["Bo", "Cy"]
    assert answer["rules"][2]["most"] is None
    given = ("table.csv", "out.json", "--rules", "r/rules.toml", "--without", "Ann", "--max-gap", "0.9")
    assert evenhand("verify", *given).code == 0


def test_who_does_not_count_needs_no_entitlement(evenhand, files):
    """Bo and Cy are compared; Ann has no share."""
    (files / "r" / "rules.toml").write_text(
        '[[rules]]\nburden = "tasks"\nagents = ["Bo", "Cy"]\nentitlements = { Bo = 1, Cy = 2 }\nmax-over-mean = 2\n'
    )
    assert evenhand("assign", "table.csv", "--rules", "r/rules.toml", "--json", "out.json").code == 0
    (rule,) = json.loads((files / "out.json").read_text())["rules"]
    assert rule["counted"] == [1, 2]
    assert rule["fairness"]["entitlements"] == [1, 2]


def test_contradictions_are_named(evenhand, files):
    """Four tasks for three agents: two each cannot be, one each can."""
    found = evenhand("assign", "table.csv", "--least-tasks", "2", "--json", "out.json")
    assert found.code == 3
    assert "tasks cannot be kept" in found.out
    assert "at least 1 is possible" in found.out
    assert evenhand("verify", "table.csv", "out.json", "--least-tasks", "2").code == 0


def test_explain_says_what_each_rule_costs(evenhand, files):
    """Cy could do three tasks at 5; one task at most costs what the second and third best cost more."""
    words = ("table.csv", "--most-tasks", "2")
    evenhand("assign", *words, "--json", "out.json")
    found = evenhand("explain", "table.csv", "out.json", "--most-tasks", "2", "--json", "why.json")
    assert found.code == 0, found.err
    (price,) = json.loads((files / "why.json").read_text())["rules"]
    assert price["binds"]
    assert price["saving"] == json.loads((files / "out.json").read_text())["cost"] - 6
    assert evenhand("explain", "table.csv", "out.json").code == 2


def test_what_each_level_costs_beside_the_rules(evenhand, files):
    """Cy alone would do tasks b, c and d; two tasks at most cost one more, at every level that is met."""
    words = ("frontier", "table.csv", "--max-over-mean", "3,2", "--most-tasks", "2", "--json", "levels.json")
    found = evenhand(*words)
    assert found.code == 0, found.err
    (levels,) = json.loads((files / "levels.json").read_text())["frontiers"]
    assert [point["cost"] for point in levels["points"]] == [7, 7]
    assert evenhand(*words, "--workers", "2").code == 2


def test_the_report_has_a_section_for_each_rule(evenhand, files):
    """Each rule's name is a heading; names never become markup."""
    pytest.importorskip("altair")
    (files / "r" / "rules.toml").write_text(RULES.replace('"nights"', '"<b>nights</b>"'))
    assert evenhand("assign", "table.csv", "--rules", "r/rules.toml", "--report", "page.html").code == 0
    page = (files / "page.html").read_text(encoding="utf-8")
    for heading in (">hours</h2>", ">&lt;b&gt;nights&lt;/b&gt;</h2>", ">points</h2>", "What each rule costs"):
        assert heading in page
    assert "<b>nights" not in page
    assert evenhand("assign", "table.csv", "--least-tasks", "2", "--report", "none.html").code == 3
    assert "What cannot be kept together" in (files / "none.html").read_text(encoding="utf-8")


def test_one_burden_may_have_several_rules(evenhand, files):
    """Names that nobody gave are told apart by a number; a file called as the costs are is no second rule of theirs."""
    entry = '[[rules]]\nburden = "{}"\n{}\n'
    rules = (("lists/hours.csv", "jain = 0.5"), ("lists/hours.csv", "most = 30"), ("../costs.csv", "most = 90"))
    (files / "costs.csv").write_text(TABLE)
    (files / "r" / "rules.toml").write_text("".join(entry.format(*rule) for rule in rules))
    found = evenhand("assign", "table.csv", "--rules", "r/rules.toml", "--jain", "0.4", "--json", "out.json")
    assert found.code == 0, found.err
    names = [rule["name"] for rule in json.loads((files / "out.json").read_text())["rules"]]
    assert names == ["costs", "hours", "hours (2)", "costs (2)"]


def test_loads_from_before_count_towards_limits_on_the_load(evenhand, files):
    """Cy carries 5 already, so that at most 2 are left for Cy, and 7 for each of the others."""
    words = ("table.csv", "--most-load", "7", "--initial-loads", "0,0,5")
    assert evenhand("assign", *words, "--json", "out.json").code == 0
    (rule,) = json.loads((files / "out.json").read_text())["rules"]
    assert rule["loads"][2] in (5, 6, 7)
    assert evenhand("verify", *words[:1], "out.json", *words[1:], "--max-gap", "0.9").code == 0


def test_an_ordinary_call_is_what_it_was(evenhand):
    """Without an option for several rules, the answer has none."""
    assert COSTS
    assert evenhand("assign", "costs.csv", "--jain", "0.9", "--json", "out.json").code == 0
