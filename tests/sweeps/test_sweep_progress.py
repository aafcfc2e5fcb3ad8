"""How far a sweep is: a bar on a terminal, a line for every tenth elsewhere, nothing when quiet."""

from __future__ import annotations

import io
import sys

from evenhand.cli.sweep import SweepProgress, in_words
from evenhand.sweeps import Outcome, State, Trial

ENDED = Outcome(Trial("task", {}), "done", {}, "", 1.0, 1.0, {}, "0.1.0")


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_words():
    assert in_words(State(12, 3, 0, 2, None)) == "3 of 12 done, 2 running"
    assert in_words(State(12, 3, 1, 2, 71.4)) == "3 of 12 done, 1 failed, 2 running, 1:11 left"
    assert in_words(State(12, 3, 0, 2, 3725.0)) == "3 of 12 done, 2 running, 1:02:05 left"


def test_a_bar_on_a_terminal(monkeypatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "120")
    with SweepProgress(show=True) as progress:
        progress(State(4, 1, 1, 2, 30.0, ENDED))
    assert "1 of 4 done, 1 failed, 2 running, 0:30 left" in terminal.getvalue()


def test_a_line_for_every_tenth_elsewhere(monkeypatch):
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    with SweepProgress(show=True) as progress:
        for done in range(100):
            progress(State(100, done, 0, 2, None))
            progress(State(100, done + 1, 0, 2, None, ENDED))
    assert file.getvalue().splitlines() == [f"{done} of 100 done, 2 running" for done in range(10, 101, 10)]


def test_silence_when_quiet(monkeypatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with SweepProgress(show=False) as progress:
        progress(State(1, 1, 0, 0, 0.0, ENDED))
    assert terminal.getvalue() == ""
