"""`evenhand assign` and `evenhand verify` for tasks that need several agents of a large list of candidates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.reviewer_instances import conference

from evenhand.tables import candidate_table


def test_reviewers_from_files_and_their_verdict(evenhand: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidate_table, "MOST_CELLS", 0)
    monkeypatch.setattr(candidate_table, "DENSE", 2.0)
    table = conference(40, 30, 1, fewest=8, most=12)
    rows = [
        f"p{task},r{table.agent_of[pair]},{table.costs[pair]}"
        for task in range(40)
        for pair in range(table.starts[task], table.starts[task + 1])
    ]
    reviews, rules = tmp_path / "reviews.csv", tmp_path / "rules.toml"
    reviews.write_text("task,agent,cost\n" + "\n".join(rows))
    rules.write_text('[[rules]]\nburden = "reviews.csv"\nname = "papers"\nover = "tasks"\nleast_over_mean = 0.5\n')
    answer, plan = tmp_path / "answer.json", tmp_path / "plan.csv"
    words = ("--rules", rules, "--needs", "3", "--most-tasks", "6", "--maximise")
    found = evenhand("assign", reviews, *words, "--gap", "0.01", "--json", answer, "--csv", plan)
    assert found.code == 0, found.out + found.err
    affinity = {tuple(row.split(",")[:2]): float(row.split(",")[2]) for row in rows}
    pairs = [tuple(line.split(",")) for line in plan.read_text().splitlines()[1:]]
    assert len(set(pairs)) == 120
    totals = [sum(affinity[pair] for pair in pairs if pair[0] == f"p{task}") for task in range(40)]
    assert min(totals) >= 0.5 * sum(totals) / 40 - 1e-9
    assert max(sum(pair[1] == f"r{k}" for pair in pairs) for k in range(30)) <= 6
    assert json.loads(answer.read_text())["cost"] == pytest.approx(sum(totals))
    verdict = evenhand("verify", reviews, answer, *words, "--max-gap", "0.01")
    assert verdict.code == 0, verdict.out + verdict.err
    as_costs = evenhand("verify", reviews, answer, *words[:-1], "--max-gap", "0.01")
    assert as_costs.code == 1
    assert "takes the table for profits" in " ".join(as_costs.out.split())


def test_over_tasks_takes_nothing_of_agents(evenhand: Any, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("name,t1,t2\na,1,2\nb,2,1\n")
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rules]]\nburden = "c.csv"\nover = "tasks"\njain = 0.5\nagents = ["a"]\n')
    found = evenhand("assign", tmp_path / "c.csv", "--rules", rules)
    assert found.code == 2
    assert "over = 'tasks' compares tasks" in found.err


def test_burdens_beside_a_large_list_are_matched_by_name(
    evenhand: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hours in another order, as a list or as a full table; and only those of one task."""
    monkeypatch.setattr(candidate_table, "MOST_CELLS", 3)
    monkeypatch.setattr(candidate_table, "DENSE", 2.0)
    (tmp_path / "c.csv").write_text("task,agent,cost\nx,a,1\nx,b,2\ny,a,3\ny,b,2\nz,b,1\n")
    (tmp_path / "list.csv").write_text("task,agent,cost\nz,b,8\ny,b,7\ny,a,6\nx,b,5\nx,a,4\n")
    (tmp_path / "full.csv").write_text("agent,z,y,x\nb,8,7,5\na,9,6,4\n")
    for given, loads in (
        ('"list.csv"', [4, 15]),
        ('"full.csv"', [4, 15]),
        ('"list.csv"\ntasks = ["y"]', [0, 7]),
        ('"full.csv"\ntasks = ["y"]', [0, 7]),
    ):
        (tmp_path / "rules.toml").write_text(f"[[rules]]\nburden = {given}\njain = 0.1\n")
        found = evenhand("assign", "c.csv", "--rules", "rules.toml", "--json", "out.json")
        assert found.code == 0, found.err
        answer = json.loads((tmp_path / "out.json").read_text())
        assert dict(zip(answer["agents"], answer["rules"][0]["loads"], strict=True)) == dict(
            zip("ab", loads, strict=True)
        )


def test_no_page_is_promised_that_cannot_be_written(
    evenhand: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules over tasks, and lists too large for a full table, refuse --report before anything is solved."""
    (tmp_path / "c.csv").write_text("task,agent,cost\nx,a,1\nx,b,2\ny,a,3\ny,b,2\nz,b,1\n")
    (tmp_path / "rules.toml").write_text('[[rules]]\nburden = "c.csv"\nover = "tasks"\njain = 0.1\n')
    found = evenhand("assign", "c.csv", "--rules", "rules.toml", "--report", "page.html", "--json", "out.json")
    assert found.code == 2
    assert "--report: no page is written for rules over tasks, such as 'c'" in found.err
    monkeypatch.setattr(candidate_table, "MOST_CELLS", 3)
    monkeypatch.setattr(candidate_table, "DENSE", 2.0)
    found = evenhand("assign", "c.csv", "--most-tasks", "2", "--report", "page.html", "--json", "out.json")
    assert found.code == 2
    assert "--report: needs the full table" in found.err
    assert not (tmp_path / "out.json").exists()
