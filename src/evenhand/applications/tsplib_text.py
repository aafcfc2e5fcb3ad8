"""Parser of TSPLIB files; error messages name the line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.tsplib_distances import RULES
from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.numbers import to_number

FORMATS = (
    "FULL_MATRIX", "UPPER_ROW", "LOWER_ROW", "UPPER_DIAG_ROW", "LOWER_DIAG_ROW",
    "UPPER_COL", "LOWER_COL", "UPPER_DIAG_COL", "LOWER_DIAG_COL",
)  # fmt: skip
"""Orders in which EXPLICIT distances may be listed."""
ONE_WAY = (
    "salesmen need distances that are the same both ways; if they may be taken so, write the mean of both directions"
)
LARGEST = 1e9
"""Upper limit on coordinates and distances, beyond which rounding to integers has no meaning."""

_KEYS = ("NAME", "TYPE", "COMMENT", "DIMENSION", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT")
_IGNORED_KEYS = ("EDGE_DATA_FORMAT", "NODE_COORD_TYPE", "DISPLAY_DATA_TYPE")
_SECTIONS = ("NODE_COORD_SECTION", "DISPLAY_DATA_SECTION", "EDGE_WEIGHT_SECTION", "DEPOT_SECTION")
_OTHERS = re.compile(
    "CAPACITY|DEMAND|DISTANCE|SERVICE_TIME|TIME_WINDOW|VEHICLES|SALESMEN|PICKUP|BACKHAUL|PRIZE|FIXED_EDGES|CTSP_SET"
)
"""Beginnings of keys and sections of other problems, with constraints that tours would violate."""
_KEY = re.compile("[A-Z][A-Z0-9_]*")

_Word = tuple[str, int]
"""A word and its line number."""


@dataclass(frozen=True, slots=True)
class Specification:
    """The contents of a TSPLIB file.

    Attributes
    ----------
    weight_type
        Value of EDGE_WEIGHT_TYPE.
    names
        Numbers of the nodes, as in the file, length n.
    points
        Coordinates, shape (n, 2), with axes in the file's order; those for display if there are no others. None if
        there are none.
    matrix
        Distances, shape (n, n), if the file lists them, otherwise None; the diagonal is not used.
    depot
        Position of the depot; None if the file names none.
    """

    weight_type: str
    names: tuple[str, ...]
    points: Array | None
    matrix: Array | None
    depot: int | None


@dataclass(slots=True)
class _Parts:
    """The parts of a file: values of keys, and words of sections, each with its line number."""

    source: str
    keys: dict[str, _Word] = field(default_factory=dict)
    sections: dict[str, tuple[int, list[_Word]]] = field(default_factory=dict)
    unknown: dict[str, _Word] = field(default_factory=dict)

    def fault(self, line: int, message: str) -> InputError:
        return InputError(f"{self.source}, line {line}: {message}")

    def value(self, key: str) -> _Word:
        if key not in self.keys:
            raise InputError(f"{self.source}: no {key}; every TSPLIB file of this kind has one")
        return self.keys[key]


def parse_text(text: str, source: str, *, most: int) -> Specification:
    """Return the contents of `text`, which may have at most `most` nodes.

    Raises
    ------
    InputError
        If the text cannot be read; one line names `source`, line and value, and what would be right.
    """
    parts = _take_apart(text, source)
    _check_problem(parts)
    count = _dimension(parts, most)
    kind, line = parts.value("EDGE_WEIGHT_TYPE")
    if kind not in ("EXPLICIT", *RULES):
        raise parts.fault(line, f"EDGE_WEIGHT_TYPE {shown(kind)} is not known; use {', '.join(RULES)} or EXPLICIT")
    matrix = _matrix(parts, count) if kind == "EXPLICIT" else None
    if kind != "EXPLICIT" and "NODE_COORD_SECTION" not in parts.sections:
        raise InputError(f"{source}: no NODE_COORD_SECTION; {kind} needs the coordinates of {count} nodes")
    section = next((name for name in _SECTIONS[:2] if name in parts.sections), None)
    default = tuple(str(node) for node in range(1, count + 1))
    names, points = (default, None) if section is None else _points(parts, section, count, kind)
    return Specification(kind, names, points, matrix, _depot(parts, names))


def _take_apart(text: str, source: str) -> _Parts:
    parts = _Parts(source)
    words: list[_Word] | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if not stripped:
            continue
        key, colon, value = (part.strip() for part in stripped.partition(":"))
        if key == "EOF" and not value:
            break
        section = key.endswith("_SECTION")
        if _KEY.fullmatch(key) and (section or colon) and key not in (*_KEYS, *_IGNORED_KEYS, *_SECTIONS):
            parts.unknown.setdefault(key, (stripped, number))
            words = []
        elif section:
            words = _open_section(parts, key, value, number)
        elif key in _KEYS or key in _IGNORED_KEYS:
            if not colon:
                raise parts.fault(number, f"{shown(stripped)} has no colon; write '{key} : value'")
            if key in parts.keys and key != "COMMENT":
                raise parts.fault(number, f"{key} stands here a second time, after line {parts.keys[key][1]}")
            parts.keys[key], words = (value, number), None
        elif words is None:
            raise parts.fault(
                number, f"{shown(stripped)} is no key of TSPLIB ({', '.join(_KEYS)}) and stands in no section"
            )
        else:
            words.extend((word, number) for word in stripped.split())
    return parts


def _open_section(parts: _Parts, name: str, rest: str, line: int) -> list[_Word]:
    if rest:
        raise parts.fault(line, f"{shown(rest)} after {name}; its numbers begin on the next line")
    if name in parts.sections:
        raise parts.fault(line, f"{name} stands here a second time, after line {parts.sections[name][0]}")
    parts.sections[name] = (line, [])
    return parts.sections[name][1]


def _check_problem(parts: _Parts) -> None:
    """Raise `InputError` if the file has constraints or a type of problem that tours would not respect."""
    if any(map(_OTHERS.match, parts.unknown)):
        raise parts.fault(
            min(line for _, line in parts.unknown.values()),
            f"{', '.join(parts.unknown)} would not be respected: salesmen share nodes by the length of tours alone; "
            f"leave out what is of another problem",
        )
    for key, (text, line) in parts.unknown.items():
        if key.endswith("_SECTION"):
            raise parts.fault(line, f"{shown(key)} is not supported; known are {', '.join(_SECTIONS)}")
        raise parts.fault(line, f"{shown(text)} is no key of TSPLIB ({', '.join(_KEYS)})")
    kind, line = parts.keys.get("TYPE", ("TSP", 0))
    # Some files add the author after the type, as in "TSP (M.~Hofmeister)".
    word = kind.split(" ")[0]
    if word == "ATSP":
        raise parts.fault(line, f"TYPE 'ATSP' has distances that differ by direction, and {ONE_WAY}, with TYPE : TSP")
    if "VRP" in word:
        raise parts.fault(
            line,
            f"TYPE {shown(kind)} is of vehicle routing, which is not respected: its capacities, demands or windows",
        )
    if word != "TSP":
        raise parts.fault(line, f"TYPE {shown(kind)} is not supported; it must be TSP")
    plane, line = parts.keys.get("NODE_COORD_TYPE", ("TWOD_COORDS", 0))
    if plane not in ("TWOD_COORDS", "NO_COORDS"):
        raise parts.fault(line, f"NODE_COORD_TYPE {shown(plane)} is not supported; it must be TWOD_COORDS or NO_COORDS")
    weights, _ = parts.keys.get("EDGE_WEIGHT_TYPE", ("EXPLICIT", 0))
    if weights != "EXPLICIT" and "EDGE_WEIGHT_SECTION" in parts.sections:
        raise parts.fault(
            parts.sections["EDGE_WEIGHT_SECTION"][0],
            f"EDGE_WEIGHT_SECTION lists distances, but EDGE_WEIGHT_TYPE is {shown(weights)}, not EXPLICIT",
        )


def _dimension(parts: _Parts, most: int) -> int:
    value, line = parts.value("DIMENSION")
    if not (value.isascii() and value.isdecimal() and len(value) <= 9 and 2 <= int(value) <= most):
        raise parts.fault(line, f"DIMENSION {shown(value)} must be a whole number from 2 to {most}")
    return int(value)


def _points(parts: _Parts, section: str, count: int, kind: str) -> tuple[tuple[str, ...], Array]:
    """Return the numbers of the nodes, and their coordinates, in the file's order."""
    _, words = parts.sections[section]
    _check_count(parts, section, 3 * count, f"{count} nodes with a number and two coordinates each")
    names: dict[str, int] = {}
    for word, line in words[::3]:
        number = _whole(parts, word, line, "the number of a node")
        if number in names:
            raise parts.fault(line, f"node {number} stands here a second time, after line {names[number]}")
        names[number] = line
    points = np.array([[_number(parts, *x), _number(parts, *y)] for x, y in zip(words[1::3], words[2::3], strict=True)])
    if kind == "GEO" and section == "NODE_COORD_SECTION":
        for at, limit, what in ((0, 90, "latitude"), (1, 180, "longitude")):
            beyond = np.flatnonzero(np.abs(points[:, at]) > limit)
            if beyond.size:
                word, line = words[3 * int(beyond[0]) + 1 + at]
                raise parts.fault(line, f"{what} {shown(word)} must be from -{limit} to {limit}")
    return tuple(names), points


def _matrix(parts: _Parts, count: int) -> Array:
    order, line = parts.value("EDGE_WEIGHT_FORMAT")
    if order not in FORMATS:
        raise parts.fault(line, f"EDGE_WEIGHT_FORMAT {shown(order)} is not known; use one of {', '.join(FORMATS)}")
    if "EDGE_WEIGHT_SECTION" not in parts.sections:
        raise InputError(f"{parts.source}: no EDGE_WEIGHT_SECTION; EXPLICIT needs the distances of {count} nodes")
    rows, columns = places(order, count)
    _check_count(parts, "EDGE_WEIGHT_SECTION", len(rows), f"{order} of {count} nodes")
    words = parts.sections["EDGE_WEIGHT_SECTION"][1]
    values = [_number(parts, word, line) for word, line in words]
    matrix = np.zeros((count, count))
    matrix[rows, columns] = values
    if order != "FULL_MATRIX":
        matrix[columns, rows] = values
    for (word, line), value, row, column in zip(words, values, rows, columns, strict=True):
        if value < 0.0 and row != column:
            raise parts.fault(line, f"distance {shown(word)} is negative")
        if value != matrix[column, row]:
            raise parts.fault(
                line, f"{word} from {row + 1} to {column + 1}, but {matrix[column, row]:g} back; {ONE_WAY}"
            )
    return matrix


def places(order: str, count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the row and the column of each distance, in the order of the file."""
    if order == "FULL_MATRIX":
        rows, columns = np.indices((count, count)).reshape(2, -1)
        return rows, columns
    off = 0 if "DIAG" in order else 1
    # In a symmetric matrix, one triangle listed by columns is the other triangle listed by rows.
    upper = order.startswith("UPPER") == order.endswith("ROW")
    return np.triu_indices(count, off) if upper else np.tril_indices(count, -off)


def _depot(parts: _Parts, names: tuple[str, ...]) -> int | None:
    """Return the position of the depot, the only number before -1; None if there is no such section."""
    if "DEPOT_SECTION" not in parts.sections:
        return None
    line, words = parts.sections["DEPOT_SECTION"]
    end = next((place for place, (word, _) in enumerate(words) if word == "-1"), len(words))
    if end + 1 < len(words):
        raise parts.fault(words[end + 1][1], f"{shown(words[end + 1][0])} follows the -1 that ends DEPOT_SECTION")
    found = [(_whole(parts, word, at, "the number of a node"), at) for word, at in words[:end]]
    if len(found) != 1:
        raise parts.fault(line, f"{len(found)} depots; all salesmen start from one, followed by -1")
    if found[0][0] not in names:
        raise parts.fault(found[0][1], f"depot {found[0][0]} is none of the nodes {names[0]} to {names[-1]}")
    return names.index(found[0][0])


def _check_count(parts: _Parts, section: str, needed: int, what: str) -> None:
    line, words = parts.sections[section]
    if len(words) == needed + 1 and words[-1][0] == "-1" and words[-1][1] != words[-2][1]:
        words.pop()  # a -1 on a separate line, as at the end of other sections
    if len(words) < needed:
        last = words[-1][1] if words else line
        raise parts.fault(last, f"{section} ends after {len(words)} of {needed} numbers ({what})")
    if len(words) > needed:
        word, at = words[needed]
        raise parts.fault(at, f"{shown(word)} after the last of {needed} numbers of {section} ({what})")


def _number(parts: _Parts, word: str, line: int) -> float:
    try:
        value = to_number(word)
    except ValueError:
        value = np.nan
    if not abs(value) <= LARGEST:
        raise parts.fault(line, f"{shown(word)} must be a number of at most {LARGEST:g}")
    return value


def _whole(parts: _Parts, word: str, line: int, what: str) -> str:
    if not (word.isascii() and word.isdecimal() and len(word) <= 18):
        raise parts.fault(line, f"{shown(word)} must be {what}, a whole number from 0")
    return str(int(word))
