"""The guard of a trial: a script that starts the worker, limits its time, and reports how it ended.

It reads a job from standard input, as one line of JSON, and starts the worker in a new process group. It kills the
whole group when the time is up, or when its standard input is closed, which the operating system does even if the
parent is killed. Then it prints the outcome as JSON. So a trial may crash, hang, be killed by the system or start
processes: nothing else is affected, and nothing is left running.

It imports the standard library only, so that it starts quickly and cannot fail for reasons that concern the trial.
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
"""Bytes at the end of a dead worker's output that are kept as its trace."""


def guard(job: dict[str, Any]) -> dict[str, Any]:
    """Run the worker on a job; return status, result, trace, seconds and processor seconds."""
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
        ended = _written(answer) or {"status": "failed", "result": {}, "trace": _cause(worker.returncode, printed)}
        if late and ended["status"] != "done":
            ended = {"status": "timed_out", "result": {}, "trace": f"not done after {job['timeout']:g} seconds"}
        return ended | {"seconds": time.monotonic() - begun, "processor_seconds": processor}


def _wait(worker: subprocess.Popen[bytes], timeout: float | None) -> tuple[bool, float]:
    """Wait for the worker to end, or kill it.

    Returns
    -------
    tuple
        Whether the time was up, and the processor seconds of the worker and its children.
    """
    late = threading.Event()

    def end() -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.pid, signal.SIGKILL)

    def give_up() -> None:
        late.set()
        end()

    def watch() -> None:
        os.read(0, 1)  # nothing more is written to standard input, so this returns when it is closed
        end()

    threading.Thread(target=watch, daemon=True).start()
    timer = threading.Timer(timeout or 0.0, give_up)
    timer.daemon = True
    if timeout is not None:
        timer.start()
    _, status, usage = os.wait4(worker.pid, 0)
    timer.cancel()
    worker.returncode = os.waitstatus_to_exitcode(status)
    end()  # kill any processes that the worker has left behind
    return late.is_set(), usage.ru_utime + usage.ru_stime


def _written(answer: Path) -> dict[str, Any] | None:
    try:
        outcome: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return outcome


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
    # Read unbuffered, so that the thread that watches standard input sees its end.
    asked = os.fdopen(os.dup(0), "rb", buffering=0).readline()
    if asked.endswith(b"\n"):  # an incomplete line means that the parent has died
        outcome = json.dumps(guard(json.loads(asked)))
        with contextlib.suppress(BrokenPipeError):  # the parent has died
            sys.stdout.write(outcome)
            sys.stdout.flush()
    os._exit(0)  # without waiting for the watching thread
