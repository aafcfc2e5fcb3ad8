"""Start measured processes, possibly with another Python, and exchange lines with them; write results."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any, Self

from benchmarks.table import CONSOLE

ROOT = Path(__file__).parent.parent


class Worker:
    """A measured process.

    Parameters
    ----------
    python
        Runs it.
    module
        What it runs: it answers as :mod:`benchmarks.orders` does.
    job
        Its first line.
    environment
        Variables it gets besides ours.
    """

    def __init__(
        self, python: str, module: str, job: dict[str, Any], environment: dict[str, str] | None = None
    ) -> None:
        self._process = subprocess.Popen(
            [python, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "TQDM_DISABLE": "1", **(environment or {})},
        )
        self.say(job)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def kill(self) -> None:
        """Make the process end, whoever waits for it."""
        self._process.kill()

    def end(self) -> None:
        """End the process and let go of it."""
        self.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):  # what was still to be written has no reader any more
                    stream.close()

    def say(self, line: dict[str, Any]) -> None:
        """Send a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Wait for a line; SystemExit where the process ends instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a measured process ended with exit code {self._process.wait()}")
        heard: dict[str, Any] = json.loads(line)
        return heard


def missing(python: str | None, module: str, how: str) -> str | None:
    """Return why what needs `module` is not measured, or None where it can be; `how` tells how to give the Python."""
    if python is None:
        return f"no Python that has it was given ({how})"
    try:
        found = subprocess.run([python, "-c", f"import {module}"], capture_output=True, text=True, check=False)
    except OSError as error:
        return f"{python}: {error.strerror}"
    return None if found.returncode == 0 else f"{python}: {found.stderr.strip().splitlines()[-1]}"


def write(result: dict[str, Any], stem: str, path: Path | None) -> None:
    """Write a result, each row in a line; by default under its date."""
    name = f"{stem}-{result['machine']['date'][:19].replace(':', '')}.json"
    path = path or Path(__file__).parent / "results" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = {key for key, value in result.items() if isinstance(value, list)}
    about = json.dumps({key: value for key, value in result.items() if key not in tables}, indent=1)
    rows = (f' "{key}": [\n' + ",\n".join(map(json.dumps, result[key])) + "\n]" for key in result if key in tables)
    path.write_text(",\n".join([about[:-2], *rows]) + "\n}\n", "utf-8")
    CONSOLE.print(f"written to {path}", soft_wrap=True)
