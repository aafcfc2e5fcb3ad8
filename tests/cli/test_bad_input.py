"""Bad input: exit code 2 and one line on standard error, before any work, with nothing half-written."""

from __future__ import annotations

import pytest

SOLVE = ["assign", "costs.csv", "--epsilon", "0.5"]

BAD = [
    (["assign", "absent.csv", "--epsilon", "0.5"], "absent.csv: there is no such file"),
    (["assign", ".", "--epsilon", "0.5"], ".: has no .npy or .parquet file; give a file of costs"),
    (["assign"], "Missing argument 'COSTS'"),
    (["assing"], "No such command 'assing'"),
    (["assign", "costs.csv"], "say how fair it must be: give one of --epsilon, --jain, --cv"),
    ([*SOLVE, "--cv", "0.3"], "give exactly one measure of fairness, not --epsilon and --cv"),
    (["assign", "costs.csv", "--epsilon", "1.5"], "1.5"),
    (["assign", "costs.csv", "--epsilon", "-0.1"], "-0.1"),
    (["assign", "costs.csv", "--epsilon", "nan"], "nan"),
    (["assign", "costs.csv", "--epsilon", "٠.٥"], "'٠.٥' is not a number"),
    (["assign", "costs.csv", "--max-over-mean", "1,2"], "'1,2' is not a number; write 1.2"),
    (["assign", "costs.csv", "--max-over-mean", "120%"], "'120%' is not a number; write 1.2"),
    (["assign", "costs.csv", "--cv", "30 %"], "'30 %' is not a number; write 0.3"),
    (["assign", "costs.csv", "--jain", "99,5%"], "'99,5%' is not a number; write 0.995"),
    (["assign", "costs.csv", "--time-limit", "1,000"], "'1,000' is not a number"),
    (["assign", "costs.csv", "--epsilon", "0_0.5"], "'0_0.5' is not a number"),
    ([*SOLVE, "--p", "٣"], "--p '٣' must be a number of at least 2, or inf"),
    ([*SOLVE, "--seed", "٣"], "'٣' is not a whole number"),
    ([*SOLVE, "--entitlements", "١,٢"], "neither a file nor a list of numbers"),
    ([*SOLVE, "--initial-loads", "1_0,2"], "neither a file nor a list of numbers"),
    (["frontier", "costs.csv", "--epsilons", "0,٠.٥"], "must be levels in [0, 1]"),
    (["measure", "3", "٤"], "'٤' is not a number"),
    (["assign", "arabic.csv", "--epsilon", "0.5"], "line 2, column 3 (agent 'Ann', task 't2'): '٢' is not a number"),
    (["assign", "costs.csv", "--epsilon", "high"], "Invalid value for '--epsilon': 'high' is not a number"),
    ([*SOLVE, "--p", "1.5"], "1.5"),
    ([*SOLVE, "--p", "two"], "--p 'two' must be a number of at least 2, or inf"),
    (["assign", "costs.csv", "--jain", "1.2"], "1.2"),
    (["assign", "costs.csv", "--max-over-mean", "0.5"], "0.5"),
    (["assign", "costs.csv", "--cv", "-1"], "-1"),
    (["assign", "costs.csv", "--gini", "0.1", "--p", "2"], "--gini has no order; leave out --p"),
    (
        ["assign", "costs.csv", "--cv", "0.1", "--p", "3", "--entitlements", "1,2"],
        "--cv with --p is known for equal agents only",
    ),
    ([*SOLVE, "--gap", "-1"], "gap is -1"),
    ([*SOLVE, "--time-limit", "0"], "time_limit is 0"),
    ([*SOLVE, "--seed", "-3"], "seed is -3"),
    ([*SOLVE, "--workers", "0"], "workers is 0; it must be the number of threads, a whole number from 1"),
    ([*SOLVE, "--workers", "2.5"], "'2.5' is not a whole number"),
    (["frontier", "costs.csv", "--workers", "0"], "workers is 0"),
    ([*SOLVE, "--format", "xls"], "format 'xls' is not known"),
    ([*SOLVE, "--tasks-as", "diagonals"], "--tasks-as 'diagonals' is not known; use columns, rows or pairs"),
    ([*SOLVE, "--entitlements", "1,2,3"], "--entitlements '1,2,3': 3 numbers for 2 agents"),
    ([*SOLVE, "--entitlements", "1,0"], "0"),
    ([*SOLVE, "--entitlements", "1,-1"], "-1"),
    ([*SOLVE, "--entitlements", "absent.csv"], "neither a file nor a list of numbers"),
    ([*SOLVE, "--entitlements", "shares.csv"], "shares.csv, line 2: no agent is called 'Cy'; the costs name Ann, Bo"),
    ([*SOLVE, "--initial-loads", "1,nan"], "nan"),
    ([*SOLVE, "--initial-loads", "half.csv"], "half.csv: no number for agent 'Bo'"),
    ([*SOLVE, "--locked", "absent.csv"], "absent.csv: there is no such file"),
    (
        [*SOLVE, "--locked", "shares.csv"],
        "must be a task and an agent of the costs; put task,agent into the first line",
    ),
    ([*SOLVE, "--locked", "locked.csv"], "'t9'"),
    ([*SOLVE, "--burdens", "hours.csv"], "hours.csv: no agent 'Bo', as in costs.csv"),
    ([*SOLVE, "--burdens", "short.csv"], "short.csv: 1 tasks, but costs.csv has 5"),
    (["assign", "forbidden.csv", "--epsilon", "0.5"], "'t2'"),
    (["assign", "lonely.csv", "--epsilon", "0.5"], "1 agent"),
    (["assign", "costs.csv", "--epsilon", "0.5", "--json", "."], ".: cannot be written, it is a folder"),
    ([*SOLVE, "--json", "absent/out.json"], "absent/out.json: cannot be written, the folder absent does not exist"),
    ([*SOLVE, "--csv", "costs.csv"], "--csv costs.csv: would replace the costs; give another name"),
    ([*SOLVE, "--json", "out", "--csv", "./out"], "--csv out: would replace --json; give another name"),
    (["frontier", "costs.csv", "--epsilons", "0,x"], "--epsilons '0,x' must be levels in [0, 1]"),
    (["frontier", "costs.csv", "--epsilons", "0,2"], "2"),
    (["frontier", "costs.csv", "--p", "1"], "1"),
    (["frontier", "costs.csv", "--jain", "0.5,x"], "--jain: 'x' is not a number"),
    (["frontier", "costs.csv", "--jain", "0.5,2"], "2"),
    (["frontier", "costs.csv", "--jain", "0.5", "--cv", "1"], "exactly one measure of fairness, not --jain and --cv"),
    (["frontier", "costs.csv", "--jain", "0.5", "--epsilons", "1"], "--epsilons or the levels of another measure"),
    (["frontier", "costs.csv", "--gini", "0.5", "--p", "2"], "--gini has no order"),
    (["verify", "costs.csv", "absent.json"], "absent.json: there is no such file"),
    (["verify", "costs.csv", "costs.csv"], "costs.csv, line 1, column 1: not JSON"),
    (["verify", "costs.csv", "list.json"], "list.json: must be the JSON object of an answer"),
    (["verify", "costs.csv", "empty.json"], "status"),
    (["explain", "costs.csv", "empty.json"], "status"),
    (["explain", "costs.csv", "empty.json", "--agent", "Ann"], "name the task too, with --task"),
    (["measure", "3"], "LOADS: 1 load; inequality needs at least two agents"),
    (["measure", "3", "x"], "LOADS: 'x' is not a number"),
    (["measure", "3", "inf"], "the load of 'agent-2' is inf"),
    (["measure", "absent.csv"], "absent.csv: there is no such file"),
    (
        ["measure", "costs.csv"],
        "costs.csv, line 1: no column is understood as the load; the headers are 'name', 't1',",
    ),
    (["measure", "."], ".: is a folder; give a file"),
    (["generate", "--agents", "1"], "agents is 1; it must be a whole number from 2"),
    (["generate", "--kind", "sphere"], "--kind 'sphere' is not known; use plane or nursing"),
    (["generate", "-o", "costs.xls"], "costs.xls: unknown ending '.xls'"),
    (["generate", "-o", "absent/costs.csv"], "the folder absent does not exist"),
    (["demo", "--out", "costs.csv"], "costs.csv: cannot be used as a folder of results"),
]


@pytest.mark.parametrize(("words", "message"), BAD, ids=[" ".join(words) for words, _ in BAD])
def test_one_line_and_exit_code_2(evenhand, tmp_path, words, message):
    files = {
        "shares.csv": "agent,share\nCy,1\n",
        "half.csv": "Ann,1\n",
        "locked.csv": "task,agent\nt9,Ann\n",
        "hours.csv": ",t1,t2,t3,t4,t5\nAnn,1,1,1,1,1\nCy,1,1,1,1,1\n",
        "short.csv": ",t1\nAnn,1\nBo,1\n",
        "arabic.csv": ",t1,t2\nAnn,1,٢\nBo,1,2\n",
        "forbidden.csv": ",t1,t2\nAnn,1,inf\nBo,1,\n",
        "lonely.csv": ",t1,t2\nAnn,1,2\n",
        "list.json": "[1]",
        "empty.json": "{}",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    before = sorted(path.name for path in tmp_path.iterdir())
    ran = evenhand(*words)
    assert ran.code == 2
    assert ran.out == ""
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1
    assert ran.err.startswith("evenhand: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == before, "nothing is left behind"


@pytest.mark.parametrize("option", ["--json", "--csv", "--report"])
def test_outputs_are_checked_before_the_solve(evenhand, monkeypatch, option):
    def unexpected(*_, **__):
        raise AssertionError("solved although the output cannot be written")

    monkeypatch.setattr("evenhand.assignment.assign", unexpected)
    assert evenhand(*SOLVE, option, "absent/out").code == 2


def test_a_report_without_the_libraries_that_draw_names_the_extra(evenhand, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    ran = evenhand(*SOLVE, "--report", "out.html")
    assert ran.code == 2
    assert "pip install '.[report]'" in ran.err


def test_a_file_name_with_a_line_break_keeps_the_message_on_one_line(evenhand):
    ran = evenhand("assign", "a\nb.csv", "--epsilon", "0.5")
    assert len(ran.err.splitlines()) == 1
