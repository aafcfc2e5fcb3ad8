"""Wrong rules, and wrong options for several rules: one line says which value, where, and what would be right."""

from __future__ import annotations

import pytest
from tests.cli.rules_on_disk import RULES, written


@pytest.fixture
def files(tmp_path):
    """Return the folder of a table and its rules."""
    return written(tmp_path)


def test_totals_are_left_out_of_whichever_file_has_them(evenhand, files):
    """The costs need not have a row that a file of the rules has; one that no file has is refused."""
    with (files / "r" / "lists" / "hours.csv").open("a") as hours:
        hours.write("Sum,24,21,18,15\n")
    (files / "times.csv").write_text("task,start,end\na,8:00,9:00\nb,8:30,9:30\nc,,\nd,,\nlunch,9:00,10:00\n")
    words = ("assign", "table.csv", "--rules", "r/rules.toml", "--times", "times.csv", "--ignore-row", "Sum")
    found = evenhand(*words, "--ignore-row", "lunch")
    assert found.code == 0, found.err
    found = evenhand(*words, "--ignore-row", "lunch", "--ignore-row", "dinner")
    assert found.code == 2
    assert found.err.splitlines()[-1].endswith("no row is called 'dinner', which --ignore-row names")


WRONG = [
    (("jain = 0.8", "jian = 0.8"), "rule 1: jian is not a key; did you mean 'jain'?"),
    (("jain = 0.8", "jain = 0.8\nleast = 1"), "rule 1: it has both a measure and limits"),
    (("jain = 0.8", ""), "rule 1: it has neither a measure nor limits"),
    (("jain = 0.8", "jain = 8"), "rule 1: jain is 8"),
    (("jain = 0.8", 'jain = "much"'), "rule 1: jain is 'much'; it must be a number"),
    (("jain = 0.8", "jain = 0.8\ngini = 0.2"), "give exactly one measure of fairness"),
    (("least = 1", 'least = "many.csv"'), "neither a file nor a list of numbers"),
    (("least = 1", "least = [1, 2]"), "rule 3: least: 2 numbers for 3 agents"),
    (("least = 1", "least = -1"), "rule 3: least of agent 'Ann' is -1; it must be at least 0"),
    (("least = 1", "least = {}"), "rule 3: least names nobody"),
    (("least = 1", 'least = { Bo = 1 }\nagents = ["Ann"]'), "rule 3: least names 'Bo', whom agents does not"),
    (("least = 1", "least = 9"), "least is 9 and most is 6 for agent 'Ann'"),
    (("Ann = 6", "Anne = 6"), "rule 3: most: 'Anne' is no agent; did you mean 'Ann'?"),
    (("Cy = 0.5, ", ""), "rules.toml: rule 1: initial_loads: there is no number for agent 'Cy'"),
    (("Cy = 0.5, ", "Cy = -0.5, "), "rules.toml: rule 1: initial_loads of agent 'Cy' is -0.5"),
    (('["b", "d"]', '["b", "e"]'), "rule 2, 'nights': tasks: 'e' is no task of the costs"),
    (('["b", "d"]', '["b", "d", "b"]'), "rule 2, 'nights': tasks: 'b' stands there twice"),
    (('["b", "d"]', "[]"), "rule 2, 'nights': tasks is empty; name each task that counts"),
    (('["Bo", "Cy"]', '["Bo", "Di"]'), "rule 2, 'nights': agents: 'Di' is no agent"),
    (('["Bo", "Cy"]', '["Bo"]'), "agents: a measure compares at least two, and only 'Bo' counts"),
    (('["Bo", "Cy"]', "[]"), "rule 2, 'nights': agents is empty"),
    (("jain = 0.8", "max-over-mean = 2\nmax_over_mean = 2"), "max_over_mean is given twice"),
    (("lists/hours.csv", "lists/none.csv"), "lists/none.csv"),
    (("lists/hours.csv", ""), "rule 1: burden is empty"),
    (("lists/hours.csv", "lists/short.csv"), "2 agents, but table.csv has 3; 'Ann' is missing in r/lists/short.csv"),
    (("[[rules]]", "[[rule]]"), "rule is not a key"),
    ((RULES, '[rules]\nburden = "tasks"\njain = 1\n'), "[rules] begins one table; begin each rule with"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_wrong_rules_are_named_in_one_line(evenhand, files, change, message):
    """The line names the file, the entry and the value."""
    (files / "r" / "lists" / "short.csv").write_text("agent,a,b,c,d\nCy,4,3,2,1\nBo,8,7,6,5\n")
    (files / "r" / "rules.toml").write_text(RULES.replace(*change))
    found = evenhand("assign", "table.csv", "--rules", "r/rules.toml")
    assert found.code == 2
    assert message in found.err
    assert found.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--least-tasks", "x"), "--least-tasks 'x': neither a file nor a list"),
        (("--most-tasks", "1,2"), "--most-tasks '1,2': 2 numbers for 3 agents"),
        (("--most-tasks", "-1"), "--most-tasks '-1': must be a number of at least 0"),
        (("--most-tasks", "1,-1,1"), "--most-tasks '1,-1,1': -1 for agent 'Bo'; it must be at least 0"),
        (("--needs", "1.5"), "--needs '1.5': must be a whole number of agents from 1 to 3"),
        (("--needs", "none.csv"), "--needs 'none.csv': neither a whole number nor a file"),
        (("--needs", "4"), "--needs '4': must be a whole number of agents from 1 to 3"),
        (("--needs", "needs.csv"), "needs.csv, line 2: task 'd' needs 4 agents; give a whole number"),
        (("--needs", "nothing.csv"), "nothing.csv: there is no task with its number of agents in it"),
        (("--together", "nothing.csv"), "nothing.csv: there is no group of tasks in it"),
        (("--conflicts", "nothing.csv"), "nothing.csv: there is no pair of tasks in it"),
        (("--jain", "0.5", "--burdens", "r/lists/points.csv"), "a list of tasks with a number each, and no table"),
        (("--needs", "2", "--proof", "p.gz"), "--proof beside --needs: under several rules the certificate in --json"),
        (("--most-tasks", "2", "--workers", "2"), "--workers beside --most-tasks: several rules are solved by one"),
        (("--needs", "2", "--from", "a.json"), "--from beside --needs: plans under several rules are made afresh"),
        (("--needs", "2", "--change-at-most", "0"), "--change-at-most beside --needs: plans under several rules"),
        (("--needs", "2", "--burden-unit", "h"), "--burden-unit beside --needs: each of several rules"),
        (("--needs", "2", "--max-price", "5%"), "max_price limits the price of the fairest"),
        (("--rules", "none.toml"), "none.toml"),
        (("--most-tasks", "2", "--burdens", "table.csv"), "--burdens: no measure on the command line uses it"),
        (("--most-tasks", "2", "--entitlements", "1,1,2"), "--entitlements: no measure on the command line uses it"),
        (("--needs", "1", "--initial-loads", "1,1,2"), "--initial-loads: no measure on the command line uses it"),
        (("--rules", "r/rules.toml", "--json", "r/rules.toml"), "would replace the rules"),
        (("--rules", "r/rules.toml", "--csv", "r/lists/hours.csv"), "would replace a file of the rules, hours.csv"),
        (("--rules", "r/rules.toml", "--fairest"), "fairest needs one rule to improve"),
    ],
)
def test_wrong_options_are_named_in_one_line(evenhand, files, words, message):
    """The line names the option and the value."""
    (files / "nothing.csv").write_text("")
    (files / "needs.csv").write_text("task,needs\nd,4\n")
    found = evenhand("assign", "table.csv", *words)
    assert found.code == 2
    assert message in found.err
    assert found.err.count("\n") == 1


def test_other_commands_refuse_what_has_no_meaning_under_several_rules(evenhand, files):
    """Verify, explain and frontier name the option, what it stands beside, and what to do."""
    evenhand("assign", "table.csv", "--most-tasks", "2", "--json", "out.json")
    for words, message in (
        (("verify", "table.csv", "out.json", "--most-tasks", "2", "--proof", "p.gz"), "--proof beside --most-tasks"),
        (("verify", "table.csv", "out.json", "--most-tasks", "2", "--from", "out.json"), "--from beside --most-tasks"),
        (("verify", "table.csv", "out.json"), "the answer keeps 1 rule, and the question has 0 rules; give the same"),
        (
            ("assign", "table.csv", "--jain", "0.5", "--from", "out.json"),
            "is an answer under several rules, from which",
        ),
        (
            ("explain", "table.csv", "out.json", "--most-tasks", "2", "--task", "a"),
            "--task beside --most-tasks: single",
        ),
        (("explain", "table.csv", "out.json", "--most-tasks", "2", "--other", "out.json"), "--other beside"),
        (("frontier", "table.csv", "--most-tasks", "2", "--workers", "2"), "--workers beside --most-tasks"),
    ):
        found = evenhand(*words)
        assert found.code == 2
        assert message in found.err
        assert found.err.count("\n") == 1
    assert evenhand("explain", "table.csv", "out.json", "--most-tasks", "2", "--unit", "EUR").out.count("(EUR)") == 3
