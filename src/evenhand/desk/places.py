"""Read places: a file of names with x and y, in one unit, such as km."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.tables import header_roles
from evenhand.tables.cost_table import shown
from evenhand.tables.header_words import roles_of, seems_header
from evenhand.tables.numbers import to_number
from evenhand.tables.small_rows import small_rows

_POINT = {"name": header_roles.NAME, "x": header_roles.X, "y": header_roles.Y}
_DEGREES = {"longitude": header_roles.LONGITUDE, "latitude": header_roles.LATITUDE}


@dataclass(frozen=True, slots=True)
class Places:
    """Places of agents or of tasks: names, and points of shape (k, 2)."""

    names: tuple[str, ...]
    points: NDArray[np.float64]
    source: str


def has_places(header: Sequence[str]) -> bool:
    """Return whether two cells of a header are coordinates."""
    return any(
        all(any(seems_header([cell], {axis: pair[axis]}) for cell in header) for axis in pair)
        for pair in ({axis: _POINT[axis] for axis in ("x", "y")}, _DEGREES)
    )


def read_places(path: Path) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return names and points of shape (k, 2) in a file, whose header says which column holds what.

    Raises
    ------
    InputError
        If the header is not understood, names degrees, or a row is not a name and two numbers.
    """
    names: list[str] = []
    points: list[tuple[float, float]] = []
    found = small_rows(path)
    if not found.rows:
        raise InputError(f"{path}: the file is empty; give a header name,x,y and a line for each place")
    (line, header), *rows = found.rows
    where = f"{path}, line {line}"
    if roles_of(header, _DEGREES, where).place:
        raise InputError(
            f"{where}: latitude and longitude are angles, and distances are those of a plane; give x and y in km"
        )
    at = roles_of([header[0] or "name", *header[1:]], _POINT, where, needed=tuple(_POINT)).place
    for line, cells in rows:
        try:
            name, *point = (cells[at[role]] for role in _POINT)
            x, y = (value if isinstance(value, float) else to_number(str(value)) for value in point)
        except (ValueError, IndexError):
            x = y = np.nan
        if len(cells) != len(header) or not np.isfinite([x, y]).all():
            said = shown(",".join(map(str, cells)))
            raise InputError(f"{path}, line {line}: {said} must be a name and two finite numbers, x and y")
        if str(name) in names:
            raise InputError(f"{path}, line {line}: {shown(str(name))} is listed twice; give each one place")
        names.append(str(name))
        points.append((x, y))
    if not names:
        raise InputError(f"{path}: only a header; give a line with a name, x and y for each")
    return tuple(names), np.array(points, dtype=np.float64)
