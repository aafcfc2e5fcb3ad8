"""A run that was stopped goes on; what must not be stored is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.assignment import __main__ as benchmark, measure
from benchmarks.assignment.cases import Case, Source
from benchmarks.assignment.journal import Journal
from benchmarks.assignment.measure import Batch
from benchmarks.assignment.process import Solver
from benchmarks.assignment.result import read, write
from tests.benchmarks.assignment_rows import row

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CASE = Case("seed", Source("plane", 1, 3, 12), 2.0, 0.9, 1e-4, 10.0)


def test_a_row_is_found_again_by_its_question(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    Journal(path).keep(CASE, "evenhand", row())
    again = Journal(path)
    assert again.get(CASE, "evenhand") == row()
    assert again.get(CASE, "highs") is None
    assert again.get(replace(CASE, gap=1e-9), "evenhand") is None


def test_a_line_that_was_being_written_is_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    journal = Journal(path)
    journal.keep(CASE, "evenhand", row())
    path.write_text(path.read_text("utf-8") + '{"key": "[', "utf-8")
    assert len(Journal(path)) == 1


def test_unstored_peers_are_never_written(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    Journal(path).keep(CASE, "gurobi", row(solver="gurobi"))
    assert not path.exists()


def test_measured_cases_are_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.jsonl"
    Journal(path).keep(CASE, "evenhand", row(seconds=7.0))

    def ask(solver: Solver, case: Case) -> dict[str, object]:
        raise AssertionError(case)

    monkeypatch.setattr(Solver, "ask", ask)
    assert measure.measure([Batch("seed", ("evenhand",), [CASE])], Journal(path)) == {
        (CASE, "evenhand"): row(seconds=7.0)
    }


def test_a_refused_case_leaves_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Solver, "ask", lambda *_: {"seconds": 0.0, "refused": "size-limited licence"})
    assert measure.measure([Batch("seed", ("gurobi",), [CASE])], Journal(tmp_path / "run.jsonl")) == {}


def test_a_dead_process_is_a_row_and_the_next_case_has_a_new_one(tmp_path: Path) -> None:
    """The process is asked something it cannot read, which ends it."""
    with Solver("evenhand") as solver:
        broken = replace(CASE, source=replace(CASE.source, kind="no such kind"))
        assert solver.ask(broken) == {"seconds": 10.0, "answer": None}
        assert solver.ask(CASE)["answer"]["status"] == "optimal"


def test_a_process_that_does_not_answer_is_ended() -> None:
    """Reading 50 million costs takes longer than the nothing it is given."""
    endless = replace(CASE, source=replace(CASE.source, agents=5000, tasks=10000), cap=0.0)
    with Solver("evenhand", warm=False) as solver:
        assert solver.ask(endless, 0.0) == {"seconds": 0.0, "answer": None}


def test_a_whole_run_is_written_without_gurobi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gurobi's answers are replaced by those of a dead process: what matters is where its rows go."""
    monkeypatch.setattr(Solver, "ask", lambda self, case: {"seconds": case.cap, "answer": None})
    monkeypatch.setattr(benchmark.options, "installed", lambda: ("highs", "gurobi"))
    path = tmp_path / "run.json"
    code = benchmark.main(["--quick", "--parts", "seed", "--peers", "highs,gurobi", "--json", str(path)])
    assert code == 1  # our own process died, too
    assert {kept["solver"] for kept in read(path)["cases"]} == {"evenhand", "highs"}
    assert "gurobi" not in path.read_text("utf-8").lower()
    assert not path.with_suffix(".jsonl").exists()


def test_a_result_survives_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write({"command": "python", "cases": [row(seconds=1.23456), row(p="inf", cost=None)]}, path)
    assert read(path) == {"command": "python", "cases": [row(seconds=1.235), row(p="inf", cost=None)]}
