"""A command line to talk to."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.cli.cases import COSTS

from evenhand.cli import main, progress_bar


@dataclass(frozen=True)
class Ran:
    """Exit code, standard output and standard error of a command."""

    code: int
    out: str
    err: str


@pytest.fixture
def evenhand(capsys, monkeypatch, tmp_path):
    """Run ``evenhand`` with these words in an empty folder that holds ``costs.csv``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(progress_bar, "LINE_PATIENCE", 3600.0)  # no line for a machine that is slow
    (tmp_path / "costs.csv").write_text(COSTS)

    def run(*words):
        capsys.readouterr()
        code = main([str(word) for word in words])
        return Ran(code, *capsys.readouterr())

    return run
