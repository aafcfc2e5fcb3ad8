"""Time limits and Ctrl-C outside the search: while tables are read, and while an answer is written and shown."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
import typer
from tests.cli.cases import COSTS

from evenhand.cli import pictures, reading
from evenhand.cli.door import finished_first
from evenhand.cli.reading import Watch
from evenhand.tables import read_table


class Ticks:
    """A clock that goes on by `step` seconds whenever it is looked at."""

    def __init__(self, step):
        self.now, self.step = 0.0, step

    def perf_counter(self):
        """Return the seconds so far."""
        self.now += self.step
        return self.now


def test_each_line_is_reported_before_it_is_parsed(tmp_path):
    (tmp_path / "costs.csv").write_text(COSTS)
    seen = []
    table = read_table(tmp_path / "costs.csv", progress=seen.append)
    assert table.agents == ("Ann", "Bo")
    assert seen[0] == 0
    assert seen[-3:] == [1, 2, 3]


def test_what_progress_raises_ends_the_reading(tmp_path):
    (tmp_path / "costs.csv").write_text(COSTS)

    def stop(line):
        if line == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_table(tmp_path / "costs.csv", progress=stop)


def test_reading_beyond_the_limit_ends_the_command(monkeypatch, capsys):
    monkeypatch.setattr(reading, "time", Ticks(4.0))
    with Watch(10.0, quiet=True) as watch:
        at = watch.of(Path("big.csv"))
        at(1)  # after 4 s
        at(2)  # after 8 s
        with pytest.raises(typer.Exit) as left:
            at(3)  # after 12 s
    assert left.value.exit_code == 4
    assert "big.csv: the time limit of 10 s passed at line 3 of the file" in capsys.readouterr().err


def test_a_small_table_is_read_however_short_the_limit(evenhand, tmp_path):
    (tmp_path / "costs.csv").write_text(COSTS)
    assert evenhand("assign", "costs.csv", "--max-over-mean", 1.5, "--time-limit", 1e-9).code == 0


def test_a_command_whose_table_takes_too_long_writes_nothing(evenhand, tmp_path, monkeypatch):
    (tmp_path / "costs.csv").write_text(COSTS)
    monkeypatch.setattr(reading, "time", Ticks(60.0))
    ran = evenhand("assign", "costs.csv", "--max-over-mean", 1.5, "--time-limit", 5, "--json", "out.json")
    assert ran.code == 4
    assert "the time limit of 5 s passed" in ran.err
    assert not (tmp_path / "out.json").exists()


def test_ctrl_c_while_an_answer_is_written_waits_for_it(capsys):
    written = []

    def write():
        with finished_first():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            written.append("all")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert written == ["all"]
    assert capsys.readouterr().err.count("writing the answer first") == 1


def test_ctrl_c_is_itself_again_afterwards():
    before = signal.getsignal(signal.SIGINT)
    with finished_first():
        pass
    assert signal.getsignal(signal.SIGINT) is before


def test_a_report_leaves_out_what_there_is_no_time_for(evenhand, tmp_path, monkeypatch):
    (tmp_path / "costs.csv").write_text(COSTS)
    monkeypatch.setattr(pictures, "_left", lambda end: float("inf") if end is None else 0.0)
    words = ["assign", "costs.csv", "--max-over-mean", 1.5, "--report", "out.html"]
    ran = evenhand(*words, "--time-limit", 60)
    assert ran.code == 0
    assert "without the verdict" in ran.err
    assert "the trade-off" in ran.err
    short = (tmp_path / "out.html").stat().st_size
    assert "without the verdict" not in evenhand(*words).err
    assert (tmp_path / "out.html").stat().st_size > short
