"""Reader and writer of symmetric instances in the TSPLIB format (Reinelt, TSPLIB 95)."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from evenhand.applications.towns import MOST, Towns
from evenhand.applications.tsplib_distances import RULES, euclidean
from evenhand.applications.tsplib_text import Specification, parse_text
from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.tables import write_text
from evenhand.tables.files import read_text

DISTANCES = ("file", "euclidean")
"""Sources of the distances; see :func:`read_tsplib`."""
MEAN = "mean"
"""Name of the option that adds a depot at the mean of all coordinates."""


def read_tsplib(path: str | os.PathLike[str], *, distances: str = "file", depot: int | str | None = None) -> Towns:
    """Read a TSPLIB file.

    Parameters
    ----------
    path
        A file with NODE_COORD_SECTION and EUC_2D, CEIL_2D, GEO, ATT, MAN_2D or MAX_2D, or with an EXPLICIT matrix.
    distances
        ``file``: distances by the file's EDGE_WEIGHT_TYPE. ``euclidean``: Euclidean distances rounded to the nearest
        integer, whatever the type, as in the study of fair multiple salesmen (arXiv 2404.08157).
    depot
        Number of a node, as in the file; or ``mean``, which adds a node called ``depot`` at the mean of the
        coordinates. None for the file's DEPOT_SECTION, or if it has none, its first node.

    Raises
    ------
    InputError
        If the file cannot be read; one line names file, line and value, and what would be right.
    """
    source = str(path)
    return parse_tsplib(read_text(path), source, distances=distances, depot=depot)


def parse_tsplib(
    text: str, source: str = "memory", *, distances: str = "file", depot: int | str | None = None
) -> Towns:
    """Return the towns of a TSPLIB `text`; see :func:`read_tsplib`."""
    if distances not in DISTANCES:
        raise InputError(f"distances is {distances!r}; use one of {', '.join(DISTANCES)}")
    given = parse_text(text, source, most=MOST)
    names, points, at = given.names, given.points, _depot(given, depot, source)
    matrix = given.matrix
    if depot == MEAN:
        if points is None or (matrix is not None and distances == "file"):
            raise InputError(f"{source}: its distances are a matrix, which has no mean; give the number of a node")
        points = np.vstack([points, points.mean(axis=0)])
        names = (*names, "depot")
    if distances == "euclidean":
        if points is None:
            raise InputError(f"{source}: has no coordinates for euclidean distances; use distances 'file'")
        matrix = euclidean(points)
    elif matrix is None and points is not None:
        matrix = RULES[given.weight_type](points)
    assert matrix is not None
    np.fill_diagonal(matrix, 0.0)
    seen = points if points is None or given.weight_type != "GEO" else points[:, ::-1]
    return Towns(matrix, at, names, seen, source)


def format_tsplib(towns: Towns, name: str = "towns") -> str:
    """Return `towns` as TSPLIB text, from which :func:`parse_tsplib` restores them; nodes are numbered from 1.

    If the distances are the rounded Euclidean ones, only coordinates are written, otherwise the matrix. Integral
    distances are written as integers.
    """
    head = [f"NAME : {name}", "TYPE : TSP", f"COMMENT : {towns.source}", f"DIMENSION : {len(towns)}"]
    points = _points("NODE_COORD_SECTION", towns.coordinates)
    tail = ["DEPOT_SECTION", f"{towns.depot + 1}", "-1", "EOF", ""]
    if towns.coordinates is not None and _are_straight(towns):
        return "\n".join([*head, "EDGE_WEIGHT_TYPE : EUC_2D", *points, *tail])
    head += ["EDGE_WEIGHT_TYPE : EXPLICIT", "EDGE_WEIGHT_FORMAT : UPPER_ROW"]
    rows = [" ".join(map(_number, row[place + 1 :])) for place, row in enumerate(towns.distances[:-1].tolist())]
    if towns.coordinates is not None:
        head.append("DISPLAY_DATA_TYPE : TWOD_DISPLAY")
        points = _points("DISPLAY_DATA_SECTION", towns.coordinates)
    return "\n".join([*head, "EDGE_WEIGHT_SECTION", *rows, *points, *tail])


def write_tsplib(path: str | os.PathLike[str], towns: Towns) -> Path:
    """Write the text of :func:`format_tsplib` to a file, completely or not at all, and return the path.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    return write_text(path, format_tsplib(towns, Path(path).stem))


def _depot(given: Specification, depot: int | str | None, source: str) -> int:
    """Return the position of the depot; for ``mean``, that of the node to be added."""
    if depot is None:
        return given.depot or 0
    if depot == MEAN:
        return len(given.names)
    if str(depot) not in given.names:
        raise InputError(
            f"depot is {depot!r}; {source} has the nodes {given.names[0]} to {given.names[-1]}, and 'mean' adds one"
        )
    return given.names.index(str(depot))


def _are_straight(towns: Towns) -> bool:
    assert towns.coordinates is not None
    straight = euclidean(towns.coordinates)
    np.fill_diagonal(straight, 0.0)
    return bool((straight == towns.distances).all())


def _points(title: str, coordinates: Array | None) -> list[str]:
    if coordinates is None:
        return []
    return [title, *(f"{node} {_number(x)} {_number(y)}" for node, (x, y) in enumerate(coordinates.tolist(), start=1))]


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
