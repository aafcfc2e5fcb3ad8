"""A folder is one process's at a time, whoever comes first, and free again once that process has ended, however."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from evenhand.errors import InputError
from evenhand.tables.exclusive import LOCK, exclusive
from evenhand.tables.write import write_text

HOLDS = """
import sys, time
from pathlib import Path
from evenhand.tables.exclusive import exclusive

with exclusive(Path(sys.argv[1])):
    print("taken", flush=True)
    sys.stdin.read()
"""
COUNTS = """
import sys
from pathlib import Path
from evenhand.errors import InputError
from evenhand.tables.exclusive import exclusive

folder, won = Path(sys.argv[1]), 0
while won < 200:
    try:
        with exclusive(folder):
            count = folder / "count"
            count.write_text(str(int(count.read_text()) + 1))
            won += 1
    except InputError:
        pass
"""
WRITES = """
import sys
from evenhand.tables.write import write_text

for _ in range(50):
    write_text(sys.argv[1], sys.argv[2] * 200_000)
"""


def started(code, *words):
    """Start Python on some code."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], stdin=pipe, stdout=pipe, text=True, env=environment
    )


def test_the_second_is_told_who_has_the_folder(tmp_path):
    """In one line: folder, process and host; when the first ends, the folder is free and as it was."""
    first = started(HOLDS, tmp_path / "run")
    assert first.stdout.readline() == "taken\n"
    told = rf"run: is in use by process {first.pid} on .+; wait for it to end"
    with pytest.raises(InputError, match=told), exclusive(tmp_path / "run"):
        pass
    first.communicate("")
    assert first.returncode == 0
    with exclusive(tmp_path / "run"):
        pass
    assert list((tmp_path / "run").iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_a_killed_process_leaves_no_lock(tmp_path):
    """The file stays, the lock does not."""
    first = started(HOLDS, tmp_path)
    first.stdout.readline()
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert (tmp_path / LOCK).exists()
    with exclusive(tmp_path):
        pass


def test_two_processes_that_race_take_turns(tmp_path):
    """Each adds 200 times to a number in a file: none is lost, though the lock is taken and removed all the time."""
    (tmp_path / "count").write_text("0")
    racers = [started(COUNTS, tmp_path) for _ in range(2)]
    for racer in racers:
        racer.communicate(timeout=60)
        assert racer.returncode == 0
    assert (tmp_path / "count").read_text() == "400"


def test_two_threads_do_not_share_a_folder_either(tmp_path):
    """What holds for processes holds for threads."""
    refused = []

    def enter():
        try:
            with exclusive(tmp_path):
                pass
        except InputError as error:
            refused.append(str(error))

    with exclusive(tmp_path):
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
    assert len(refused) == 1
    assert f"process {os.getpid()} on" in refused[0]


def test_a_folder_that_cannot_be_is_named(tmp_path):
    """A file in its place."""
    (tmp_path / "file").write_text("")
    told = r"file: cannot be used as a folder of results"
    with pytest.raises(InputError, match=told), exclusive(tmp_path / "file"):
        pass


def test_two_writers_of_one_file_leave_one_of_their_texts_whole(tmp_path):
    """Reports and tables are written beside and renamed: whoever is last wins, nothing is mixed or left behind."""
    writers = [started(WRITES, tmp_path / "page.html", letter) for letter in "ab"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        if (tmp_path / "page.html").exists():
            seen.add((tmp_path / "page.html").read_text())
    assert seen <= {"a" * 200_000, "b" * 200_000}
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0]
    write_text(tmp_path / "page.html", "c")
    assert (tmp_path / "page.html").read_text() == "c"
