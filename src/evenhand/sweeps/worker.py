"""The process that runs one trial: ``python -m evenhand.sweeps.worker JOB ANSWER``."""

from __future__ import annotations

import ctypes
import json
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from evenhand.sweeps.stale import source_of
from evenhand.sweeps.tasks import function_of
from evenhand.tables.documents import parse_json

PR_SET_PDEATHSIG = 1
"""Option of Linux's prctl: a signal for this process when its parent dies."""


def main(asked: Path, answer: Path) -> None:
    """Run the job in the file `asked` and write its outcome to `answer`, atomically."""
    _die_with_the_guard()
    job = json.loads(asked.read_text("utf-8"))
    sys.path += [entry for entry in job["path"] if entry not in sys.path]
    beside = answer.with_name("unfinished")
    source = source_of(job["task"])  # before the task runs, because the file may be edited meanwhile
    beside.write_text(json.dumps(_outcome(job) | {"source": source}), "utf-8")
    beside.replace(answer)


def _die_with_the_guard() -> None:
    """Ask Linux to kill this process when the guard dies, since a killed guard cannot do it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _outcome(job: dict[str, Any]) -> dict[str, Any]:
    try:
        result = function_of(job["task"])(job["config"])
        return {"status": "done", "result": _plain(result, job["task"]), "trace": ""}
    except BaseException as error:  # including SystemExit: the sweep continues
        # Leave out the first frame, which is this function.
        inner = error.__traceback__.tb_next if error.__traceback__ else None
        lines = traceback.format_exception(type(error), error, inner)
        if isinstance(error, SystemExit):
            lines[-1] = f"SystemExit: the task called sys.exit({error.code!r})\n"
        return {"status": "failed", "result": {}, "trace": "".join(lines)}


def _plain(result: object, task: str) -> dict[str, Any]:
    """Return a task's result as JSON values; numbers and arrays of NumPy and JAX become Python numbers and lists."""
    if not isinstance(result, dict):
        raise TypeError(f"task {task} returned {type(result).__name__}; it must return a dict of JSON values")
    # Parsed with the same strictness as when it is read again, so that nothing unreadable is stored.
    plain: dict[str, Any] = parse_json(json.dumps(result, default=_as_python), f"the result of {task}", python=True)
    return plain


def _as_python(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not a JSON value; return numbers, strings, lists and dicts")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
