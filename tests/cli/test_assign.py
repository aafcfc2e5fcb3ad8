"""``evenhand assign``: the right answer, told well, in the right files, with the right exit code."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.cli.cases import VALUES, cv, enumerate_best

MEASURES = [
    (["--epsilon", "0.9"], lambda x: (1 + 0.9 * (2**0.5 - 1)) * np.linalg.norm(x) <= x.sum()),
    (["--epsilon", "0.5", "--p", "inf"], lambda x: 1.5 * x.max() <= x.sum()),
    (["--jain", "0.99"], lambda x: x.sum() ** 2 >= 0.99 * 2 * (x * x).sum()),
    (["--cv", "0.15"], lambda x: cv(x) <= 0.15),
    (["--max-over-mean", "1.1"], lambda x: x.max() <= 1.1 * x.mean()),
    (["--gini", "0.05"], lambda x: abs(x[0] - x[1]) / 2 <= 0.05 * x.sum()),
    (["--hoover", "0.05"], lambda x: abs(x - x.mean()).sum() / 2 <= 0.05 * x.sum()),
    (["--range", "0.2"], lambda x: np.ptp(x) <= 0.2 * x.mean()),
    # Two loads are told by one number: every order guarantees a CV of 0.15 exactly where the CV is 0.15.
    (["--cv", "0.15", "--p", "inf"], lambda x: cv(x) <= 0.15),
    (["--jain", "0.99", "--p", "5"], lambda x: x.sum() ** 2 >= 0.99 * 2 * (x * x).sum()),
    (["--max-over-mean", "1.1", "--p", "2"], lambda x: x.max() <= 1.1 * x.mean()),
]


@pytest.mark.parametrize(("options", "accept"), MEASURES, ids=[" ".join(options) for options, _ in MEASURES])
def test_every_measure_gives_the_cheapest_of_all_assignments(evenhand, tmp_path, options, accept):
    ran = evenhand("assign", "costs.csv", *options, "--gap", "0", "--json", "out.json", "--quiet")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    answer = json.loads((tmp_path / "out.json").read_text())
    cost, _ = enumerate_best(accept)
    assert answer["cost"] == pytest.approx(cost, rel=1e-9)
    assert answer["status"] == "optimal"


def test_the_json_has_the_promised_keys_and_the_csv_the_names(evenhand, tmp_path):
    evenhand("assign", "costs.csv", "--epsilon", "0.9", "--json", "out.json", "--csv", "out.csv")
    answer = json.loads((tmp_path / "out.json").read_text())
    promised = (
        "status cost bound gap certified_gap loads assignment fairness epsilon p level cv jain cv_bound "
        "certificate seconds version"
    )
    assert set(promised.split()) <= set(answer)
    assert (answer["epsilon"], answer["p"]) == (0.9, 2)
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0] == "task,agent"
    assert [line.split(",")[0] for line in lines[1:]] == ["t1", "t2", "t3", "t4", "t5"]
    named = [["Ann", "Bo"].index(line.split(",")[1]) for line in lines[1:]]
    assert named == answer["assignment"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["costs.csv", "out.csv", "out.json"]


def test_the_terminal_tells_who_carries_what_and_what_is_proven(evenhand):
    ran = evenhand("assign", "costs.csv", "--cv", "0.15")
    cost, loads = enumerate_best(lambda x: cv(x) <= 0.15)
    base = VALUES.min(axis=0).sum()
    for expected in ("Ann", "Bo", "█", f"{cost:g}", *(f"{load:g}" for load in loads), "gap", "guarantee"):
        assert expected in ran.out
    assert f"{100 * (cost / base - 1):.2f} % above the cheapest without fairness, {base:g}" in ran.out
    assert ran.err == ""


def test_burdens_are_matched_by_name(evenhand, tmp_path):
    hours = np.array([[5.0, 1, 1, 1, 1], [1, 1, 1, 1, 5]])
    rows = [["Bo", *hours[1, ::-1]], ["Ann", *hours[0, ::-1]]]
    lines = [",t5,t4,t3,t2,t1", *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "hours.csv").write_text("\n".join(lines))
    evenhand("assign", "costs.csv", "--burdens", "hours.csv", "--cv", "0.3", "--gap", "0", "--json", "out.json")
    answer = json.loads((tmp_path / "out.json").read_text())
    cost, _ = enumerate_best(lambda x: cv(x) <= 0.3, burdens=hours)
    assert answer["cost"] == pytest.approx(cost)


def test_burdens_named_like_an_array_are_matched_by_name_too(evenhand, tmp_path):
    """Rows in another order: agent-1 has 1 hour a task and agent-2 has 3, so that equal hours are 3 tasks and 1."""
    (tmp_path / "costs.csv").write_text(",task-1,task-2,task-3,task-4\nagent-1,1,1,1,1\nagent-2,1,1,1,1\n")
    (tmp_path / "hours.csv").write_text(",task-1,task-2,task-3,task-4\nagent-2,3,3,3,3\nagent-1,1,1,1,1\n")
    evenhand("assign", "costs.csv", "--burdens", "hours.csv", "--epsilon", "1", "--json", "out.json")
    answer = json.loads((tmp_path / "out.json").read_text())
    assert sorted(answer["assignment"]) == [0, 0, 0, 1]
    assert answer["named"] == {"agents": True, "tasks": True}


def test_entitlements_initial_loads_and_locked_tasks_are_heeded(evenhand, tmp_path):
    (tmp_path / "shares.csv").write_text("agent,share\nBo,0.5\nAnn,1\n")
    (tmp_path / "locked.csv").write_text("agent,task\nBo,t4\n")
    words = ["--max-over-mean", "1.25", "--gap", "0", "--json", "out.json", "--locked", "locked.csv"]
    for shares in ("1,0.5", "shares.csv"):
        ran = evenhand("assign", "costs.csv", "--entitlements", shares, "--initial-loads", "0,1", *words)
        assert ran.code == 0, ran.err
        answer = json.loads((tmp_path / "out.json").read_text())
        assert answer["assignment"][3] == 1
        fixed = VALUES.copy()
        fixed[0, 3] = np.inf

        def accept(x):
            y = (x + np.array([0, 1])) / [1, 0.5]
            return y.max() <= 1.25 * (x.sum() + 1) / 1.5

        assert answer["cost"] == pytest.approx(enumerate_best(accept, costs=fixed)[0])


def test_rows_may_be_tasks_and_a_lopsided_table_draws_a_hint(evenhand, tmp_path):
    rows = "\n".join(f"t{j + 1},{a:g},{b:g}" for j, (a, b) in enumerate(VALUES.T))
    (tmp_path / "turned.csv").write_text(f"task,Ann,Bo\n{rows}\n")
    evenhand("assign", "costs.csv", "--epsilon", "0.9", "--json", "one.json")
    ran = evenhand("assign", "turned.csv", "--tasks-as", "rows", "--epsilon", "0.9", "--json", "two.json")
    assert ran.err == ""
    one, two = (json.loads((tmp_path / name).read_text()) for name in ("one.json", "two.json"))
    for key in ("cost", "assignment", "agents", "tasks"):
        assert one[key] == two[key]
    ran = evenhand("assign", "turned.csv", "--epsilon", "0.1")
    assert "hint: turned.csv has 5 agents for 2 tasks; if it is the other way round, add --tasks-as rows" in ran.err


def test_infeasible_is_exit_code_3_and_says_what_is_possible(evenhand, tmp_path):
    (tmp_path / "big.csv").write_text(",t1,t2\nAnn,1,10\nBo,1,10\n")
    ran = evenhand("assign", "big.csv", "--max-over-mean", "1.1", "--json", "out.json", "--csv", "out.csv")
    assert ran.code == 3
    assert "infeasible" in ran.out
    words = " ".join(ran.out.split())
    assert "--max-over-mean 1.818182 (largest load <= 1.818182 times the mean): the fairest" in words, "10 over 5.5"
    assert evenhand("assign", "big.csv", "--max-over-mean", "1.818182").code == 0, "what is suggested works"
    answer = json.loads((tmp_path / "out.json").read_text())
    assert answer["status"] == "infeasible"
    assert answer["assignment"] is None
    assert answer["attainable"]["reached"] == pytest.approx(10 / 5.5)
    assert not (tmp_path / "out.csv").exists(), "there is no assignment to write"


def test_a_time_limit_before_any_assignment_is_exit_code_4(evenhand, tmp_path):
    evenhand("generate", "--agents", 10, "--tasks", 300, "-o", "hard.csv")
    ran = evenhand(
        "assign", "hard.csv", "--epsilon", "0.9999999", "--p", "inf", "--time-limit", "0.01", "--json", "o.json"
    )
    assert ran.code == 4
    assert "stopped by the time limit" in ran.out
    answer = json.loads((tmp_path / "o.json").read_text())
    assert (answer["status"], answer["cost"]) == ("time_limit", None)


def test_quiet_prints_nothing(evenhand):
    ran = evenhand("assign", "costs.csv", "--epsilon", "0.9", "-q")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_names_are_printed_as_they_are(evenhand, tmp_path):
    (tmp_path / "names.csv").write_text(",t1,t2\n[bold]Ann[/],1,2\n\U0001f600 Bo,3,2\n")
    ran = evenhand("assign", "names.csv", "--epsilon", "0.5")
    assert "[bold]Ann[/]" in ran.out
    assert "\U0001f600 Bo" in ran.out


def test_zero_costs_and_identical_agents_work(evenhand, tmp_path):
    (tmp_path / "zero.csv").write_text(",t1,t2\nAnn,0,0\nBo,0,0\n")
    ran = evenhand("assign", "zero.csv", "--epsilon", "1")
    assert ran.code == 0
    assert "optimal" in ran.out


def test_two_workers_write_the_same_answer(evenhand, tmp_path, monkeypatch):
    """A table whose tree takes rounds: all of the JSON but the seconds, for assign and for frontier."""
    monkeypatch.setattr("evenhand.assignment.search.LONG", 50)
    evenhand("generate", "--agents", 5, "--tasks", 60, "--seed", 2, "-o", "hard.csv")
    found = {}
    for command in (("assign", "hard.csv", "--epsilon", 0.99), ("frontier", "hard.csv", "--epsilons", "0.9,0.99")):
        for workers in (1, 2):
            evenhand(*command, "--p", "inf", "--workers", workers, "--json", "out.json", "--quiet")
            told = json.loads((tmp_path / "out.json").read_text())
            for answer in (
                told,
                *told.get("frontiers", []),
                *(p for f in told.get("frontiers", []) for p in f["points"]),
            ):
                answer.pop("seconds", None)
            found[command[0], workers] = told
    assert found["assign", 1] == found["assign", 2]
    assert found["frontier", 1] == found["frontier", 2]
