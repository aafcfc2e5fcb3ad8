"""Ctrl-C, the bar on the terminal, and readers that leave early: in a process of their own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from tests.cli.test_solve import HARD, hard_file

from evenhand.assignment import Progress
from evenhand.cli import progress_bar

COMMAND = [sys.executable, "-c", "import sys; from evenhand.cli import main; sys.exit(main())"]


# Sends a real signal, Ctrl-C's or SIGTERM, as soon as the search reports an assignment whose gap is still open, or a
# second after the bracket of the fairest.
SEND = """
import os, signal, sys, threading
from evenhand.cli import main
from evenhand.cli.progress_bar import ProgressBar

def send(self, report):
    if self.title == "fairest":
        if threading.active_count() < 3:  # besides this thread, only the bar's
            threading.Timer(1.0, os.kill, (os.getpid(), signal.{signal})).start()  # within the solver by then
    elif report.gap:
        os.kill(os.getpid(), signal.{signal})

ProgressBar.__call__ = send
if {background}:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.exit(main())
"""


def sent(signal, folder, *words, background=False):
    """Run a command that gets this signal, perhaps as a script runs it with ``&``: Ctrl-C is ignored then.

    `run` ends the process where it takes too long.
    """
    code = SEND.replace("{signal}", signal).replace("{background}", str(background))
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], cwd=folder, capture_output=True, text=True, timeout=120
    )


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
@pytest.mark.parametrize(("number", "name", "code"), [("SIGINT", "Ctrl-C", 0), ("SIGTERM", "SIGTERM", 143)])
def test_a_signal_saves_the_best_answer_so_far(evenhand, tmp_path, number, name, code):
    evenhand("generate", "--kind", "nursing", "--agents", 12, "--tasks", 400, "-o", "day.csv")
    words = ["assign", "day.csv", "--epsilon", "0.9", "--p", "inf", "--gap", "0", "--json", "out.json"]
    ran = sent(number, tmp_path, *words)
    assert ran.returncode == code, ran.stderr
    assert f"stopped by {name}: the best found so far" in ran.stdout
    assert f"stopped by {name}; this is the best answer so far; it is in out.json" in ran.stderr
    answer = json.loads((tmp_path / "out.json").read_text())
    assert answer["status"] == "time_limit"
    assert answer["cost"] > answer["bound"]
    assert evenhand("verify", "day.csv", "out.json").code in (0, 5)
    assert evenhand("verify", "day.csv", "out.json", "--max-gap", answer["certified_gap"] + 1e-8).code == 0


@pytest.mark.parametrize("background", [pytest.param(False, marks=pytest.mark.slow), True])
@pytest.mark.parametrize(
    "solver", ["highs", pytest.param("scip", marks=pytest.mark.slow), pytest.param("gurobi", marks=pytest.mark.slow)]
)
def test_sigterm_keeps_the_bracket_of_the_fairest(tmp_path, solver, background):
    """Within the solvers, too, whose callbacks would lose an exception or die of it."""
    (tmp_path / "gap.txt").write_text(hard_file())
    words = [*HARD, "--solver", solver, "--json", "out.json"]
    ran = sent("SIGTERM", tmp_path, *words, background=background)
    assert ran.returncode == 143, ran.stderr
    assert "Traceback" not in ran.stderr
    assert "stopped by SIGTERM" in " ".join(ran.stdout.split())
    found = json.loads((tmp_path / "out.json").read_text())["fairest"]
    assert (found["status"], found["interrupted"]) == ("time_limit", True)
    assert found["possible"] is not None


def test_sigterm_ends_a_frontier_with_the_levels_so_far(evenhand, tmp_path):
    evenhand("generate", "--kind", "nursing", "--agents", 12, "--tasks", 400, "-o", "day.csv")
    ran = sent("SIGTERM", tmp_path, "frontier", "day.csv", "--p", "inf", "--epsilons", "0,0.9,0.99", "--gap", "0")
    assert ran.returncode == 143
    assert ran.stderr.splitlines()[-1] == "evenhand: stopped by SIGTERM; these are the levels so far"
    assert "time limit" in ran.stdout


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


@dataclass
class _Timer:
    """A timer that a test lets go off."""

    seconds: float
    go_off: Callable[[], None]
    on: bool = False

    def start(self):
        self.on = True

    def cancel(self):
        self.on = False


@pytest.fixture
def timers(monkeypatch):
    """Return the timers made so far; none goes off by itself, however long a busy machine takes."""
    made = []
    monkeypatch.setattr(progress_bar.threading, "Timer", lambda *given: made.append(_Timer(*given)) or made[-1])
    return made


def _report(gap):
    return Progress("search", 2.0, 123.0, 120.0, gap, 17)


def test_the_bar_appears_on_a_terminal_after_a_second(monkeypatch, timers):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "120")
    with progress_bar.ProgressBar("assign", 1e-4) as bar:
        bar(_report(0.0244))
        assert terminal.getvalue() == ""
        assert (timers[0].seconds, timers[0].on) == (1.0, True)
        timers[0].go_off()
        bar(_report(0.001))
    for expected in ("assign", "search", "cost 123", "bound 120", "gap 0.024"):
        assert expected in terminal.getvalue()


def test_no_bar_for_what_is_quick_or_quiet(monkeypatch, timers):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar.ProgressBar("assign", 1e-4) as bar:
        bar(_report(0.1))
    with progress_bar.ProgressBar("assign", 1e-4, show=False) as bar:
        assert not timers[1].on
    assert not timers[0].on
    timers[0].go_off()  # at the moment when it is cancelled
    assert terminal.getvalue() == ""


def test_a_log_gets_a_line_after_a_while_and_again_after_twice_as_long(monkeypatch, timers):
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    monkeypatch.setattr(progress_bar.time, "perf_counter", lambda: 0.0)
    with progress_bar.ProgressBar("assign", 1e-4) as bar:
        bar(_report(0.0244))
        assert log.getvalue() == ""
        timers[0].go_off()
        timers[1].go_off()
    timers[2].go_off()
    assert [timer.seconds for timer in timers] == [10.0, 20.0, 40.0]
    line = "evenhand: assign · search · cost 123 · bound 120 · gap 0.024 · after 0 s; Ctrl-C keeps the best so far"
    assert log.getvalue().splitlines() == [line, line]


def test_a_line_says_what_the_tree_is_at_and_how_fast_the_gap_closes(monkeypatch):
    """The clock stands still in between: 0.04 at 10 s, 0.03 at 12 s and 0.01 at 25 s, asked at 30 s and at 60 s."""
    now = [0.0]
    monkeypatch.setattr(progress_bar.time, "perf_counter", lambda: now[0])
    bar = progress_bar.ProgressBar("assign", 1e-4, limited=False)
    assert bar._line() == "assign · after 0 s; no time limit, Ctrl-C stops it"
    for now[0], gap in ((10.0, 0.04), (12.0, 0.03), (25.0, 0.01)):
        bar(Progress("search", now[0], 123.0, 120.0, gap, 17, "window 3, 17 nodes, 40% of its tree"))
    now[0] = 30.0
    assert bar._line() == (
        "assign · search · window 3, 17 nodes, 40% of its tree · cost 123 · bound 120 · gap 0.01, 0.03 at 15 s"
        " · after 30 s; no time limit, Ctrl-C keeps the best so far"
    )
    now[0] = 60.0
    assert "gap 0.01, as since 25 s · after 60 s" in bar._line()


def test_a_search_without_a_limit_says_so_once_above_the_bar(monkeypatch, timers):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "200")
    for limited, times in ((True, 0), (False, 1)):
        timers.clear()
        with progress_bar.ProgressBar("assign", 1e-4, limited=limited) as bar:
            bar(_report(0.0244))
            for timer in timers:  # grows while it is read
                timer.go_off()
        assert len(timers) == 1 + times
        assert terminal.getvalue().count("Ctrl-C keeps the best so far") == times
