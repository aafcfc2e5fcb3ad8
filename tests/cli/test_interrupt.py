"""Ctrl-C, the bar on the terminal, and readers that leave early: in a process of their own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time

import pytest

from evenhand.assignment import Progress
from evenhand.cli import progress_bar

COMMAND = [sys.executable, "-c", "import sys; from evenhand.cli import main; sys.exit(main())"]


# Presses Ctrl-C, a real signal, as soon as the solve reports an assignment whose gap is still open.
PRESS = """
import os, signal, sys
from evenhand.cli import main
from evenhand.cli.progress_bar import ProgressBar

def press(self, report):
    if report.gap is not None and report.gap > 0:
        os.kill(os.getpid(), signal.SIGINT)

ProgressBar.__call__ = press
sys.exit(main())
"""


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
def test_ctrl_c_saves_the_best_answer_so_far(evenhand, tmp_path):
    evenhand("generate", "--kind", "nursing", "--agents", 12, "--tasks", 400, "-o", "day.csv")
    words = ["assign", "day.csv", "--epsilon", "0.9", "--p", "inf", "--gap", "0", "--json", "out.json"]
    # `run` ends the process where it takes too long.
    ran = subprocess.run(
        [sys.executable, "-c", PRESS, *words], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "stopped by Ctrl-C: the best found so far" in ran.stdout
    assert "stopped by Ctrl-C; this is the best answer so far; it is in out.json" in ran.stderr
    answer = json.loads((tmp_path / "out.json").read_text())
    assert answer["status"] == "time_limit"
    assert answer["cost"] > answer["bound"]
    assert evenhand("verify", "day.csv", "out.json").code in (0, 5)
    assert evenhand("verify", "day.csv", "out.json", "--max-gap", answer["certified_gap"] + 1e-8).code == 0


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
def test_ctrl_c_before_there_is_anything_is_exit_code_130(tmp_path):
    code = "import os, signal, evenhand.cli as c, evenhand.cli.measure as m\n"
    code += (
        "m.read_loads = lambda *w: os.kill(os.getpid(), signal.SIGINT)\nraise SystemExit(c.main(['measure', '1', '2']))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ran.returncode == 130
    assert ran.stderr == "evenhand: stopped by Ctrl-C\n"


def test_a_reader_that_leaves_early_is_no_error(tmp_path):
    process = subprocess.Popen(
        [*COMMAND, "measure", *map(str, range(1, 20000))],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def _report(gap):
    return Progress("search", 2.0, 123.0, 120.0, gap, 17)


def test_the_bar_appears_on_a_terminal_after_a_second(monkeypatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(progress_bar, "PATIENCE", 0.05)
    with progress_bar.ProgressBar("assign", 1e-4) as bar:
        bar(_report(0.0244))
        time.sleep(0.5)
        bar(_report(0.001))
    for expected in ("assign", "search", "cost 123", "bound 120", "gap 0.024"):
        assert expected in terminal.getvalue()


def test_no_bar_for_what_is_quick_or_quiet_or_elsewhere(monkeypatch):
    terminal, file = _Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar.ProgressBar("assign", 1e-4) as bar:
        bar(_report(0.1))
    monkeypatch.setattr(progress_bar, "PATIENCE", 0.01)
    with progress_bar.ProgressBar("assign", 1e-4, show=False) as bar:
        time.sleep(0.1)
    monkeypatch.setattr(sys, "stderr", file)
    with progress_bar.ProgressBar("assign", 1e-4) as bar:
        time.sleep(0.1)
    assert terminal.getvalue() == file.getvalue() == ""


def test_a_log_gets_a_line_after_a_while_and_again_after_twice_as_long(monkeypatch):
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    monkeypatch.setattr(progress_bar, "LINE_PATIENCE", 0.05)
    with progress_bar.ProgressBar("assign", 1e-4) as bar:
        bar(_report(0.0244))
        time.sleep(0.6)
    time.sleep(0.3)
    lines = log.getvalue().splitlines()
    assert 2 <= len(lines) <= 4, "after 0.05, 0.15 and 0.35 s, and 0.75 s is too late"
    assert lines[0].startswith("evenhand: assign · search · cost 123 · bound 120 · gap 0.024 · after 0 s")
