"""Summarise in one line why a trial has no result."""

from __future__ import annotations

import re

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
