"""Read and write coordinate files (``fairta``), in which distances between sources and targets are the costs.

This is the format of the instances published with the paper on dispersion control: a title line, the two counts, a
heading and the coordinates of the sources (agents), a heading and the coordinates of the targets (tasks), and ``EOF``.
Costs are Euclidean distances rounded to four decimals.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.tables.cost_table import CostTable, shown
from evenhand.tables.default_names import DefaultNames
from evenhand.tables.files import decode
from evenhand.tables.numbers import to_number

TITLE = "numSource numTargets"
_HEADLINES = ("Source Coordinates", "Target Coordinates")
_COUNTS = re.compile(r"([0-9]{1,9})\s+([0-9]{1,9})")


def parse_coordinates(data: bytes, source: str) -> CostTable:
    """Return the table of distances between the sources and targets in `data`.

    Parameters
    ----------
    data
        Contents of the file.
    source
        Name of the file, for messages.

    Raises
    ------
    InputError
        For the first error in the file; the message names line and value.
    """
    lines = [line.strip() for line in decode(data, source).splitlines()]
    if not any(lines):
        raise InputError(f"{source}: the file is empty; it must begin with {TITLE!r}")
    _expect(lines, 0, TITLE, source)
    counts = _COUNTS.fullmatch(_line(lines, 1))
    if counts is None or 0 in (sources := int(counts[1]), targets := int(counts[2])):
        raise InputError(f"{source}, line 2: {shown(_line(lines, 1))} must be two counts, of sources and of targets")
    _expect(lines, 2, _HEADLINES[0], source)
    agent_xy = _points(lines, 3, sources, "source", source)
    _expect(lines, 3 + sources, _HEADLINES[1], source)
    task_xy = _points(lines, 4 + sources, targets, "target", source)
    _check_end(lines, 4 + sources + targets, targets, source)
    values = distances(agent_xy, task_xy)
    if not np.isfinite(values).all():
        raise InputError(f"{source}: some coordinates are so far apart that their distance is not a finite number")
    names = DefaultNames("agent", sources), DefaultNames("task", targets)
    return CostTable(values, *names, agent_xy, task_xy, source, (False, False))


def distances(agent_xy: NDArray[np.float64], task_xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Euclidean distances (n, m) between points (n, 2) and (m, 2), rounded to four decimals."""
    steps = agent_xy[:, None, :] - task_xy[None, :, :]
    with np.errstate(over="ignore"):
        lengths: NDArray[np.float64] = np.hypot(steps[..., 0], steps[..., 1])
        # Rounding multiplies by 10,000, which overflows beyond 1e300, where there are no decimals to round anyway.
        return np.where(lengths < 1e300, np.round(lengths, 4), lengths)


def format_coordinates(agent_xy: NDArray[np.float64], task_xy: NDArray[np.float64]) -> str:
    """Return the text of a coordinate file."""
    parts = [TITLE, f"{len(agent_xy)} {len(task_xy)}"]
    for headline, points in zip(_HEADLINES, (agent_xy, task_xy), strict=True):
        parts.append(headline)
        parts.extend(f"{float(x)!r} {float(y)!r}" for x, y in points)
    return "\n".join([*parts, "EOF", ""])


def _line(lines: list[str], index: int) -> str:
    return lines[index] if index < len(lines) else ""


def _expect(lines: list[str], index: int, words: str, source: str) -> None:
    if _line(lines, index).split() != words.split():
        found = shown(_line(lines, index)) if index < len(lines) else "the end of the file"
        raise InputError(f"{source}, line {index + 1}: {found} instead of {words!r}")


def _points(lines: list[str], start: int, count: int, kind: str, source: str) -> NDArray[np.float64]:
    # The count comes from the file, so memory is only allocated for lines that exist.
    block = lines[start : start + count]
    if "EOF" in block:
        block = block[: block.index("EOF")]
    points = [_point(line, start + offset + 1, source) for offset, line in enumerate(block)]
    if len(points) < count:
        raise InputError(f"{source}, line {start + len(points)}: the file ends after {len(points)} of {count} {kind}s")
    return np.array(points, dtype=np.float64)


def _point(line: str, number: int, source: str) -> tuple[float, float]:
    parts = line.split()
    try:
        x, y = (to_number(part) for part in parts)
    except ValueError:
        x = y = float("nan")
    if not np.isfinite([x, y]).all():
        raise InputError(f"{source}, line {number}: {shown(line)} must be two finite numbers, x and y")
    return x, y


def _check_end(lines: list[str], index: int, targets: int, source: str) -> None:
    for number, line in enumerate(lines[index:], start=index + 1):
        if line == "EOF":
            return
        if line:
            raise InputError(f"{source}, line {number}: {shown(line)} after the last of {targets} targets; write 'EOF'")
