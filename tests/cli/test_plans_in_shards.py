"""The command line on plans in shards: `verify` reads them part by part, in either order of the arguments."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from evenhand.assignment import assign_shards
from evenhand.cli.app import app
from evenhand.fairness import MaxOverMean


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the folders of a table in two shards and of its plan."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "costs").mkdir()
    table = np.random.default_rng(0).random((3, 60))
    np.save(folder / "costs" / "part-1.npy", table[:, :20])
    np.save(folder / "costs" / "part-2.npy", table[:, 20:])
    assign_shards(folder / "costs", MaxOverMean(1.1), folder / "plan")
    return folder / "costs", folder / "plan"


def test_a_plan_is_verified_in_either_order(made: tuple[Path, Path], tmp_path: Path) -> None:
    """The folder with plan.json is the plan, wherever it stands; the verdict's JSON is today's."""
    for first, second in (made, made[::-1]):
        words = ["verify", str(first), str(second), "--max-over-mean", "1.1", "--json", str(tmp_path / "v.json")]
        result = CliRunner().invoke(app, words)
        assert result.exit_code in (0, 5), result.output
        assert json.loads((tmp_path / "v.json").read_text())["verified"] is True


def test_another_question_is_not_verified(made: tuple[Path, Path]) -> None:
    """The question that is given is compared with the plan's."""
    result = CliRunner().invoke(app, ["verify", *map(str, made), "--max-over-mean", "1.05"])
    assert result.exit_code not in (0, 5)
    assert "another question" in result.output


def test_options_for_tables_in_memory_are_refused(made: tuple[Path, Path], tmp_path: Path) -> None:
    """One line names the option."""
    (tmp_path / "locked.csv").write_text("task,agent\ntask-1,agent-1\n")
    result = CliRunner().invoke(app, ["verify", *map(str, made), "--locked", str(tmp_path / "locked.csv")])
    assert result.exit_code != 0
    assert "--locked" in str(result.exception) + result.output
    result = CliRunner().invoke(app, ["verify", *map(str, made), "--most-tasks", "3"])
    assert result.exit_code != 0
    assert "--most-tasks: a plan in shards keeps one measure" in str(result.exception) + result.output
