"""A trial, and its outcome."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from evenhand.errors import InputError

_TRACEBACK = re.compile(r"Traceback|  \+ Exception Group Traceback")
_CAUSE = "its process "
"""Beginning of the line that the guard adds to the output of a process that died."""


def in_one_line(trace: str) -> str:
    r"""Return the type and the first line of the message of a traceback's error, or the guard's line.

    Examples
    --------
    >>> in_one_line("Traceback (most recent call last):\n  File ...\nValueError: no such key\n  it has a, b\n")
    'ValueError: no such key'
    """
    lines = trace.rstrip().splitlines()
    if not lines or lines[-1].startswith(_CAUSE):
        return lines[-1] if lines else ""
    begun = max((place for place, line in enumerate(lines) if _TRACEBACK.match(line)), default=-1)
    # The message is below the frames, which are indented. Exception groups have a margin.
    below = [line.removeprefix("  | ") for line in lines[begun + 1 :]]
    first = next((place for place, line in enumerate(below) if line[:1].strip()), len(below) - 1)
    said = below[first].strip() if below else lines[-1]
    if not said.endswith(":"):
        return said
    more = next((line.strip() for line in below[first + 1 :] if line.strip()), "")
    return f"{said} {more}".strip()


Status = Literal["done", "failed", "timed_out"]


@dataclass(frozen=True)
class Trial:
    """One call of a task.

    Attributes
    ----------
    task
        Name of a built-in task in :data:`~evenhand.sweeps.tasks.TASKS`, or ``module:function``.
    config
        Configuration that the function is called with, as JSON values.

    Raises
    ------
    InputError
        If the configuration contains anything but JSON values.

    Examples
    --------
    >>> Trial("assign", {"epsilon": 0.9, "p": 2}).digest == Trial("assign", {"p": 2, "epsilon": 0.9}).digest
    True
    """

    task: str
    config: Mapping[str, Any]

    def __post_init__(self) -> None:
        try:
            json.dumps(self.config, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InputError(f"configuration of {self.task}: {error}; give JSON values (inf as text)") from None

    @cached_property
    def digest(self) -> str:
        """Twenty hexadecimal digits that identify the trial, independent of the order of its keys."""
        asked = json.dumps({"task": self.task, "config": self.config}, sort_keys=True)
        return hashlib.sha256(asked.encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Outcome:
    """The outcome of a trial.

    Attributes
    ----------
    trial
        The trial.
    status
        ``done``, ``failed`` (an error, or its process died) or ``timed_out``.
    result
        What the task returned; empty unless done.
    trace
        Traceback of the error, or how the process ended; empty if done.
    seconds, processor_seconds
        Wall-clock time and processor time (of all cores) of the trial's process, including the start of Python.
    machine
        The machine it ran on, as :func:`~evenhand.sweeps.machine.describe` describes it.
    version
        Version of evenhand.
    source
        Hash of the file that contains a user's task; empty for built-in tasks, and if it is unknown.
    """

    trial: Trial
    status: Status
    result: dict[str, Any] = field(repr=False)
    trace: str = field(repr=False)
    seconds: float
    processor_seconds: float
    machine: dict[str, Any] = field(repr=False)
    version: str
    source: str = field(default="", repr=False)

    @property
    def why(self) -> str:
        """The error's type and the first line of its message; empty if done."""
        return in_one_line(self.trace)
