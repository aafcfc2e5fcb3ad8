"""Stands between whoever wants a trial run and the process that runs it; a script of the standard library alone.

It reads a job (JSON, one line) from its standard input and starts the worker in a process group of its own. It kills
the whole group when time is up, or when its standard input ends, as it does however the other side dies. Then it
prints what came of it as JSON. So a trial may crash, hang, be killed by the system or start processes of its own:
nothing else is hurt, and nothing is left running.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

WORKER = "evenhand.sweeps.worker"
SAID = 4000
"""How many of the last bytes a worker printed are kept where it left no trace of its own."""


def guard(job: dict[str, Any]) -> dict[str, Any]:
    """Run the worker on a job; returns status, result, trace and what time it took."""
    if job["core"] is not None:
        os.sched_setaffinity(0, {job["core"]})
    with tempfile.TemporaryDirectory(prefix="evenhand-") as folder:
        asked, answer, printed = (Path(folder) / name for name in ("job", "answer", "printed"))
        asked.write_text(json.dumps(job), "utf-8")
        begun = time.monotonic()
        with printed.open("wb") as out:
            worker = subprocess.Popen(
                [sys.executable, "-m", WORKER, str(asked), str(answer)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        late, processor = _wait(worker, job["timeout"])
        ended = _told(answer) or {"status": "failed", "result": {}, "trace": _cause(worker.returncode, printed)}
        if late and ended["status"] != "done":
            ended = {"status": "timed_out", "result": {}, "trace": f"not done after {job['timeout']:g} seconds"}
        return ended | {"seconds": time.monotonic() - begun, "processor_seconds": processor}


def _wait(worker: subprocess.Popen[bytes], timeout: float | None) -> tuple[bool, float]:
    """Wait for the worker, or end it; returns whether time was up, and processor seconds of it and its children."""
    late = threading.Event()

    def end() -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.pid, signal.SIGKILL)

    def give_up() -> None:
        late.set()
        end()

    def watch() -> None:
        os.read(0, 1)  # nothing is written any more, so this returns at the end of the file
        end()

    threading.Thread(target=watch, daemon=True).start()
    timer = threading.Timer(timeout or 0.0, give_up)
    timer.daemon = True
    if timeout is not None:
        timer.start()
    _, status, usage = os.wait4(worker.pid, 0)
    timer.cancel()
    worker.returncode = os.waitstatus_to_exitcode(status)
    end()  # processes of its own that it has left behind
    return late.is_set(), usage.ru_utime + usage.ru_stime


def _told(answer: Path) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return told


def _cause(code: int, printed: Path) -> str:
    said = printed.read_bytes()[-SAID:].decode("utf-8", "replace").strip()
    if code < 0:
        name = signal.Signals(-code).name
        why = "; the system does that when memory runs out" if name == "SIGKILL" else ""
        cause = f"its process was killed by {name}{why}"
    else:
        cause = f"its process ended with exit code {code} and left no result"
    return f"{said}\n{cause}" if said else cause


if __name__ == "__main__":
    # Read raw: what follows is for the thread that watches for the end.
    asked = os.fdopen(os.dup(0), "rb", buffering=0).readline()
    if asked.endswith(b"\n"):  # otherwise the other side has died already
        told = json.dumps(guard(json.loads(asked)))
        with contextlib.suppress(BrokenPipeError):  # nobody is left to be told
            sys.stdout.write(told)
            sys.stdout.flush()
    os._exit(0)  # without waiting for that thread
