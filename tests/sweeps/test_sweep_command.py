"""``evenhand sweep``: run, killed, interrupted, gone on with."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sweeps.processes import alive, until

from evenhand import __version__
from evenhand.cli import main
from evenhand.sweeps import read_results

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes as on POSIX")

COMMAND = [sys.executable, "-m", "evenhand", "sweep", "sweep.toml", "--workers", "2"]
OWN = """
import os, pathlib, time

def run(x, wait=0.0, fail=False):
    pathlib.Path(f"{os.environ['CALLS']}/{x}-{os.getpid()}").touch()
    time.sleep(wait)
    if fail and not pathlib.Path("mended").exists():
        raise ArithmeticError(f"no square of {x}")
    return {"square": x * x}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Enter an empty folder with a module of the user's own, which leaves a file for each call."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    (tmp_path / "calls").mkdir()
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    (tmp_path / "own_task.py").write_text(OWN)
    yield tmp_path
    sys.modules.pop("own_task", None)


def sweep_of(folder, text):
    (folder / "sweep.toml").write_text(f'task = "own_task:run"\n{text}')


def calls(folder):
    return sorted(int(file.name.partition("-")[0]) for file in (folder / "calls").iterdir())


def squares(folder):
    return [(row["x"], row.get("square"), row["status"]) for row in read_results(folder / "sweep").to_rows()]


def guards(folder):
    """Return the processes that still have the file open in which the sweep's terminal is kept."""
    file = str(folder / "said")
    found = []
    for link in Path("/proc").glob("[0-9]*/fd/2"):
        with contextlib.suppress(OSError):
            found += [link] if str(link.readlink()) == file else []
    return found


def test_a_sweep_becomes_a_table(folder, capsys):
    sweep_of(folder, "grid.x = [1, 2, 3]")
    assert main(["sweep", "sweep.toml"]) == 0
    said = capsys.readouterr()
    assert "3 of 3 trials done" in said.out
    assert "sweep/results.parquet" in said.out
    assert said.err.splitlines()[-1] == "3 of 3 done, 0 running, 0:00 left"
    assert squares(folder) == [(1, 1, "done"), (2, 4, "done"), (3, 9, "done")]


def test_a_failed_trial_is_named_kept_and_run_again(folder, capsys):
    sweep_of(folder, "[[cases]]\nx = 1\n[[cases]]\nx = 2\nfail = true")
    assert main(["sweep", "sweep.toml", "--quiet"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "evenhand: trial x=2, fail=True: failed: ArithmeticError: no square of 2\n"
    assert squares(folder) == [(1, 1, "done"), (2, None, "failed")]
    assert "own_task.py" in read_results(folder / "sweep").to_rows()[1]["trace"]
    (folder / "mended").touch()
    assert main(["sweep", "sweep.toml", "--quiet"]) == 0
    assert squares(folder) == [(1, 1, "done"), (2, 4, "done")]
    assert calls(folder) == [1, 2, 2]


def test_a_sweep_may_grow(folder):
    sweep_of(folder, "grid.x = [1]")
    assert main(["sweep", "sweep.toml", "-q"]) == 0
    sweep_of(folder, "grid.x = [2, 1]")
    assert main(["sweep", "sweep.toml", "-q"]) == 0
    assert squares(folder) == [(2, 4, "done"), (1, 1, "done")]
    assert calls(folder) == [1, 2]


def test_killed_by_kill_9_it_goes_on_and_leaves_nothing_running(folder):
    sweep_of(folder, "grid.x = [1, 2, 3]\nfixed.wait = 0.3\n")
    with (folder / "said").open("w") as said:
        quick = subprocess.Popen(COMMAND, cwd=folder, stderr=said, stdout=subprocess.DEVNULL)
    until(lambda: list((folder / "sweep" / "trials").glob("*.json")))
    os.kill(quick.pid, signal.SIGKILL)
    quick.wait()
    done = len(list((folder / "sweep" / "trials").glob("*.json")))
    workers = [int(file.name.partition("-")[2]) for file in (folder / "calls").iterdir()]
    until(lambda: not any(map(alive, workers)))
    until(lambda: not guards(folder))
    assert "Traceback" not in (folder / "said").read_text(), "the guards go in silence"
    before = len(calls(folder))
    assert 1 <= done < 3
    assert main(COMMAND[3:]) == 0
    assert squares(folder) == [(1, 1, "done"), (2, 4, "done"), (3, 9, "done")]
    assert len(calls(folder)) == before + 3 - done, "what was done is not run again"


def test_ctrl_c_ends_cleanly_and_says_how_to_go_on(folder):
    sweep_of(folder, "[[cases]]\nx = 1\n[[cases]]\nx = 2\nwait = 600\n[[cases]]\nx = 3\n")
    process = subprocess.Popen(COMMAND, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    until(lambda: len(list((folder / "sweep" / "trials").glob("*.json"))) == 2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    *_, how, last = said.splitlines()
    assert how == "evenhand: 2 of 3 trials are done and kept in sweep; the same command runs the rest"
    assert last == "evenhand: stopped by Ctrl-C"
    assert squares(folder) == [(1, 1, "done"), (3, 9, "done")], "the table has what there is"
    assert not any(alive(int(file.name.partition("-")[2])) for file in (folder / "calls").iterdir())


def test_sigterm_ends_as_cleanly_though_it_comes_twice(folder):
    """The program `timeout` sends it to the process, and again to its group."""
    sweep_of(folder, "[[cases]]\nx = 1\n[[cases]]\nx = 2\nwait = 600\n[[cases]]\nx = 3\n")
    process = subprocess.Popen(COMMAND, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    until(lambda: len(list((folder / "sweep" / "trials").glob("*.json"))) == 2)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 143
    assert said.splitlines()[-2:] == [
        "evenhand: 2 of 3 trials are done and kept in sweep; the same command runs the rest",
        "evenhand: stopped by SIGTERM",
    ]
    assert squares(folder) == [(1, 1, "done"), (3, 9, "done")]
    assert not any(alive(int(file.name.partition("-")[2])) for file in (folder / "calls").iterdir())


def test_of_two_sweeps_in_one_folder_one_is_done(folder):
    """The other says in one line who has the folder, and runs nothing; when the first has ended, it is free."""
    sweep_of(folder, "grid.x = [1, 2]\nfixed.wait = 2.0\n")
    pipe = subprocess.PIPE
    both = [subprocess.Popen(COMMAND, cwd=folder, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    told = [process.communicate(timeout=60) for process in both]
    done, refused = sorted(range(2), key=lambda which: both[which].returncode)
    assert [both[done].returncode, both[refused].returncode] == [0, 2]
    assert told[refused][0] == ""
    who = rf"process {both[done].pid} on .+"
    assert re.fullmatch(rf"evenhand: sweep: is in use by {who}; wait for it to end, .+\n", told[refused][1])
    assert squares(folder) == [(1, 1, "done"), (2, 4, "done")]
    assert calls(folder) == [1, 2]
    assert main(COMMAND[3:]) == 0
    assert calls(folder) == [1, 2], "what was done is not run again"


def test_results_of_another_version_are_reported(folder, capsys):
    sweep_of(folder, "grid.x = [1, 2]")
    assert main(["sweep", "sweep.toml", "-q"]) == 0
    for file in (folder / "sweep" / "trials").iterdir():
        file.write_text(json.dumps(json.loads(file.read_text()) | {"version": "0.0.1"}))
    sweep_of(folder, "grid.x = [1, 2, 3]")
    assert main(["sweep", "sweep.toml", "-q"]) == 0
    assert capsys.readouterr().err == (
        f"evenhand: 2 trials were made by evenhand 0.0.1, this is {__version__}; a new folder makes them again\n"
    )


def test_results_of_a_function_that_has_changed_are_reported(folder, capsys):
    sweep_of(folder, "grid.x = [1]")
    assert main(["sweep", "sweep.toml", "-q"]) == 0
    (folder / "own_task.py").write_text(OWN.replace("x * x", "x * x * x"))
    sweep_of(folder, "grid.x = [1, 2]")
    assert main(["sweep", "sweep.toml", "-q"]) == 0
    assert squares(folder) == [(1, 1, "done"), (2, 8, "done")]
    assert capsys.readouterr().err == (
        "evenhand: 1 trial was made by own_task:run before its module was changed; a new folder makes it again\n"
    )


def test_a_table_is_looked_for_beside_the_sweeps_file(folder, capsys, monkeypatch):
    (folder / "studies").mkdir()
    (folder / "studies" / "costs.csv").write_text(",s,t\na,1,3\nb,2,1\n")
    text = 'task = "assign"\n[fixed]\ndata = "costs.csv"\nepsilon = 0.0\n'
    (folder / "studies" / "sweep.toml").write_text(text)
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert main(["sweep", "studies/sweep.toml", "-q"]) == 0
    [row] = read_results(folder / "sweep").to_rows()
    assert (row["data"], row["cost"]) == ("costs.csv", 2.0)
    (folder / "costs.csv").write_text(",s,t\na,1,3\nb,2,1\n")
    said = refused(capsys, "sweep", "studies/sweep.toml")
    assert "costs.csv: could be" in said
    assert "give the whole path" in said


def test_a_hang_ends_when_time_is_up(folder, capsys):
    sweep_of(folder, "timeout = 600\n[fixed]\nx = 1\nwait = 600\n")
    assert main(["sweep", "sweep.toml", "--timeout", "1"]) == 1
    assert "trial x=1, wait=600: timed_out: not done after 1 seconds" in capsys.readouterr().err
    assert squares(folder) == [(1, None, "timed_out")]


def refused(capsys, *words):
    code = main([str(word) for word in words])
    said = capsys.readouterr()
    assert (code, said.out, len(said.err.splitlines())) == (2, "", 1)
    return said.err


def test_a_folder_of_another_sweep_or_of_something_else_is_refused(folder, capsys):
    sweep_of(folder, "grid.x = [1]")
    main(["sweep", "sweep.toml", "-q"])
    sweep_of(folder, "grid.x = [3]")
    said = refused(capsys, "sweep", "sweep.toml")
    assert (
        said == "evenhand: sweep: belongs to another sweep (1 of its trials are not in this one); give another folder\n"
    )
    assert squares(folder) == [(1, 1, "done")], "what is there is left alone"
    assert "calls: is neither empty nor the folder of a sweep; give a new folder" in refused(
        capsys, "sweep", "sweep.toml", "--out", "calls"
    )
    assert "sweep.toml: cannot be used as a folder of results" in refused(
        capsys, "sweep", "sweep.toml", "--out", "sweep.toml"
    )


def test_a_folder_of_another_version_is_refused(folder, capsys):
    sweep_of(folder, "grid.x = [1]")
    main(["sweep", "sweep.toml", "-q"])
    owner = folder / "sweep" / "sweep.json"
    owner.write_text(json.dumps(json.loads(owner.read_text()) | {"schema": 0}))
    assert "begun by another version of evenhand (version 0, this one knows 1)" in refused(
        capsys, "sweep", "sweep.toml"
    )


@pytest.mark.parametrize("lost", ["schema", "trials"])
def test_a_damaged_description_of_the_folder_is_named(folder, capsys, lost):
    sweep_of(folder, "grid.x = [1]")
    main(["sweep", "sweep.toml", "-q"])
    owner = folder / "sweep" / "sweep.json"
    owner.write_text(json.dumps({key: value for key, value in json.loads(owner.read_text()).items() if key != lost}))
    assert "sweep.json: is damaged, without version or trials; give a new folder" in refused(
        capsys, "sweep", "sweep.toml"
    )


def test_words_that_make_no_sense_are_refused_before_anything_is_made(folder, capsys):
    sweep_of(folder, "grid.x = [1]")
    assert "absent.toml: there is no such file" in refused(capsys, "sweep", "absent.toml")
    assert "--engine 'spark' is not known; use local or ray" in refused(
        capsys, "sweep", "sweep.toml", "--engine", "spark"
    )
    assert "workers is 0; at least 1 is needed" in refused(capsys, "sweep", "sweep.toml", "--workers", "0")
    assert "timeout is -1.0" in refused(capsys, "sweep", "sweep.toml", "--timeout", "-1")
    assert not (folder / "sweep").exists()
    assert calls(folder) == []
