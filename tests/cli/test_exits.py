"""One door for exits: the code is the command's own, whatever happens to what it prints or what it calls."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys

import pytest
from tests.cli.cases import COSTS

from evenhand import JainAtLeast, assign
from evenhand.cli import exits
from evenhand.cli.door import TRACEBACK, leave
from evenhand.cli.streams import surviving_streams
from evenhand.errors import InputError

EVENHAND = f"{sys.executable} -m evenhand"


def shell(command, folder):
    """Run a command line of bash's and return exit code, output and errors; {evenhand} stands for ours."""
    done = subprocess.run(
        ["bash", "-c", command.replace("{evenhand}", EVENHAND)], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "costs.csv").write_text(COSTS)
    (tmp_path / "refused.json").write_text("{}")
    return tmp_path


@pytest.mark.parametrize(
    "fate",
    [
        "> /dev/full",
        pytest.param(">&-", marks=pytest.mark.slow),
        "2>&-",
        pytest.param(">&- 2>&- <&-", marks=pytest.mark.slow),
        "> /dev/full 2> /dev/full",
        pytest.param("| head -c 0", marks=pytest.mark.slow),
    ],
)
def test_measured_inequality_is_an_answer_whatever_happens_to_what_is_printed(folder, fate):
    command = "{evenhand} measure 3 4 5 " + fate + "; exit ${PIPESTATUS[0]}"
    code, _, errors = shell(command, folder)
    assert code == 0
    assert errors.count("\n") == ("/dev/full" in fate and "2>" not in fate)
    assert "No space left" in errors or not errors


@pytest.mark.parametrize("fate", ["> /dev/full", ">&-", "| head -c 0"])
def test_a_verdict_against_an_answer_survives(folder, fate):
    # A solver's plan for these costs with another agent than it says: not verified, whatever is read of that.
    answer = assign([[1.0, 2.0, 3.0, 4.0, 2.5], [2.0, 3.0, 4.0, 5.0, 3.0]], JainAtLeast(0.9)).to_dict()
    answer["loads"][0] += 1.0
    (folder / "forged.json").write_text(json.dumps(answer))
    code, _, _ = shell(f"{{evenhand}} verify costs.csv forged.json {fate}; exit ${{PIPESTATUS[0]}}", folder)
    assert code == exits.NOT_VERIFIED


def test_a_file_of_ours_never_gets_the_number_of_a_closed_stream(folder):
    assert shell("{evenhand} generate --agents 2 --tasks 3 -o new.csv >&- 2>&-", folder)[0] == 0
    lines = (folder / "new.csv").read_text().splitlines()
    assert [line.count(",") for line in lines] == [3, 3, 3]


@pytest.mark.parametrize("ends", ["sys.exit()", "sys.exit(0)", "raise SystemExit('done')"])
def test_a_module_that_ends_the_process_while_it_is_imported(evenhand, tmp_path, monkeypatch, ends):
    monkeypatch.syspath_prepend(tmp_path)
    name = f"ends_{abs(hash(ends))}"
    (tmp_path / f"{name}.py").write_text(f"import sys\n{ends}\n")
    (tmp_path / "sweep.toml").write_text(f'task = "{name}:run"\nseeds = 2\n')
    ran = evenhand("sweep", "sweep.toml")
    assert ran.code == exits.BAD_INPUT
    assert f"module {name} cannot be imported: it calls sys.exit(" in ran.err
    assert ran.err.count("\n") == 1


def raising(error):
    def command():
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("costs.csv: odd"), exits.BAD_INPUT, "costs.csv: odd"),
        (MemoryError(), exits.BAD_INPUT, "not enough memory"),
        (OSError(12, "Cannot allocate memory"), exits.BAD_INPUT, "not enough memory"),
        (ImportError("x.so: failed to map segment from shared object"), exits.BAD_INPUT, "not enough memory"),
        (OSError(36, "File name too long", "x" * 5000), exits.BAD_INPUT, "xxx: File name too long"),
        (KeyboardInterrupt(), exits.INTERRUPTED, "stopped by Ctrl-C"),
        (SystemExit(0), exits.INTERNAL, "sys.exit(0)"),
        (SystemExit(None), exits.INTERNAL, "sys.exit(None)"),
        (SystemExit(1), exits.INTERNAL, "sys.exit(1)"),
        (ZeroDivisionError("float division"), exits.INTERNAL, "ZeroDivisionError: float division"),
        (ValueError("x" * 300_000), exits.INTERNAL, "ValueError: xxx"),
        (KeyError("two\nlines\u202e"), exits.INTERNAL, "KeyError"),
        (GeneratorExit(), exits.INTERNAL, "GeneratorExit"),
        (RecursionError("too deep"), exits.INTERNAL, "RecursionError: too deep"),
    ],
)
def test_every_error_is_one_short_line_and_a_code_of_its_own(capsys, error, code, said):
    assert leave(raising(error)) == code
    err = capsys.readouterr().err
    assert said in err
    assert err.startswith("evenhand: ")
    assert err.count("\n") == 1
    assert len(err) < 1100
    assert err[:-1].isprintable()


def test_lack_of_memory_is_found_behind_the_error_that_hides_it(capsys):
    def command():
        try:
            raise OSError("libllvmlite.so: failed to map segment from shared object")
        except OSError:
            raise OSError("Could not find/load shared object file")  # noqa: B904 - as llvmlite does

    assert leave(command) == exits.BAD_INPUT
    assert "not enough memory" in capsys.readouterr().err


def test_the_traceback_is_there_on_request(capsys, monkeypatch):
    monkeypatch.setenv(TRACEBACK, "1")
    assert leave(raising(ZeroDivisionError("here"))) == exits.INTERNAL
    err = capsys.readouterr().err
    assert "Traceback (most recent call last)" in err
    assert err.endswith(f"; please report it; set {TRACEBACK}=1 to see where\n")


@pytest.mark.parametrize("code", [0, 1, 5, 143])
def test_the_command_s_code_is_the_door_s(code):
    assert leave(lambda: code) == code


def test_a_reader_who_has_gone_is_no_loss_and_a_full_disk_is_one(monkeypatch):
    for reason, write_to in ((None, os.pipe()), ("No space left on device", (None, os.open("/dev/full", os.O_WRONLY)))):
        if write_to[0] is not None:
            os.close(write_to[0])
        with os.fdopen(write_to[1], "w") as stream:
            monkeypatch.setattr("evenhand.cli.streams._OUTPUT", stream.fileno())
            monkeypatch.setattr(sys, "stdout", stream)
            monkeypatch.setattr(sys, "__stdout__", stream)
            with surviving_streams() as lost:
                print("x" * 100_000)
                print("and more")
            assert lost.reason == reason
            monkeypatch.undo()


def test_helps_say_what_70_means(evenhand):
    for command in ("assign", "verify", "sweep", "train", "evaluate", "report", "play"):
        assert "70 internal error" in " ".join(evenhand(command, "--help").out.split())


def _limited(megabytes, *words):
    """Run a command in a process whose address space has this limit."""
    command = f"ulimit -v {-(-megabytes * 1_000_000 // 1024)} && exec {EVENHAND} {shlex.join(words)}"
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=400, check=False)


@pytest.mark.parametrize(
    ("command", "needed", "megabytes"),
    [
        ("assign", "800", 300),
        pytest.param("assign", "800", 500, marks=pytest.mark.slow),
        ("assign", "800", 750),
        pytest.param("train", "3,000", 300, marks=pytest.mark.slow),
        ("train", "3,000", 500),
        pytest.param("train", "3,000", 750, marks=pytest.mark.slow),
    ],
)
def test_too_little_memory_is_said_before_libraries_end_the_process(command, needed, megabytes):
    """In 400 MB the compiled loops took a minute to load and ended in silence, in 600 MB they aborted."""
    ran = _limited(megabytes, command, "costs.csv")
    assert (ran.returncode, ran.stdout) == (exits.BAD_INPUT, "")
    limit = "the address space of this process is limited to"
    assert ran.stderr.startswith(f"evenhand: {command}: {limit} {megabytes} MB; {needed} MB are needed")
    assert ran.stderr.count("\n") == 1


@pytest.mark.slow
def test_the_memory_that_is_asked_for_is_enough(tmp_path):
    (tmp_path / "costs.csv").write_text("who,a,b,c\nAnn,1,2,3\nBo,3,2,1\n")
    ran = _limited(800, "assign", str(tmp_path / "costs.csv"), "--jain", "0.9", "--quiet")
    assert (ran.returncode, ran.stderr) == (0, "")
    run = str(tmp_path / "run")
    ran = _limited(3_000, "train", "--steps", "2e3", "--quiet", "--out", run)
    assert ran.returncode == 0, ran.stderr
