"""The keys and sections of a VRPLIB file, or of Solomon's format in the same shape; each row knows its line."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.numbers import to_number

KEYS = ("NAME", "TYPE", "COMMENT", "DIMENSION", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT", "VEHICLES")
"""Keys with one value that are read."""

SECTIONS = ("NODE_COORD", "EDGE_WEIGHT", "DEMAND", "TIME_WINDOW", "DEPOT", "VEHICLES_DEPOT")
"""Sections that are read."""

EITHER = ("CAPACITY", "SERVICE_TIME", "VEHICLES_MAX_DISTANCE", "VEHICLES_MAX_DURATION")
"""Names of one value for all, or of a section with a value for each."""

IGNORED = ("NODE_COORD_TYPE", "DISPLAY_DATA_TYPE", "EDGE_DATA_FORMAT")
"""Keys without a meaning for routes."""

COSTS = ("VEHICLES_FIXED_COST", "VEHICLES_UNIT_DISTANCE_COST")
"""Prices, as a key or a section: every plan stays feasible, and the shortest routes are sought, whatever they cost."""

LARGEST = 1e9
"""Upper limit on the numbers of a file."""

Row = tuple[int, list[str]]
"""Number of a line, from 1, and its words."""


@dataclass(slots=True)
class VrplibText:
    """The parts of a file, by their names without ``_SECTION``.

    Attributes
    ----------
    source
        Name of the file, for messages.
    keys
        Value of each key and the number of its line.
    sections
        Number of the line of each section's name, and its rows.
    """

    source: str
    keys: dict[str, tuple[str, int]] = field(default_factory=dict)
    sections: dict[str, tuple[int, list[Row]]] = field(default_factory=dict)

    def fault(self, line: int, message: str) -> InputError:
        """Return an error that names the file and the line."""
        return InputError(f"{self.source}, line {line}: {message}")

    def key(self, name: str, why: str) -> tuple[str, int]:
        """Return the value of a key that must be there, and its line; `why` it is needed is for the message."""
        if name not in self.keys:
            raise InputError(f"{self.source}: no {name}; {why}")
        return self.keys[name]

    def rows(self, name: str, why: str) -> list[Row]:
        """Return the rows of a section that must be there."""
        if name not in self.sections:
            raise InputError(f"{self.source}: no {name}_SECTION; {why}")
        return self.sections[name][1]

    def whole(self, word: str, line: int, what: str, least: int = 0, most: int = int(LARGEST)) -> int:
        """Return a whole number from `least` to `most`."""
        if not (word.isascii() and word.isdecimal() and len(word) <= 10 and least <= int(word) <= most):
            raise self.fault(line, f"{what} {shown(word)} must be a whole number from {least} to {most}")
        return int(word)

    def number(self, word: str, line: int, what: str, least: float = 0.0) -> float:
        """Return a number from `least` to :data:`LARGEST`."""
        try:
            value = to_number(word)
        except ValueError:
            value = np.nan
        if not least <= value <= LARGEST:
            raise self.fault(line, f"{what} {shown(word)} must be a number from {least:g} to {LARGEST:g}")
        return float(value)


def take_apart(text: str, source: str) -> VrplibText:
    """Return the parts of a file of either format.

    Raises
    ------
    InputError
        If the text is of neither format, or has a part that routes here would not respect.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), start=1)]
    lines = [(number, line) for number, line in lines if line]
    if any(line.upper() == "VEHICLE" for _, line in lines[:5]):
        return _solomon(lines, source)
    return _vrplib(lines, source)


def _vrplib(lines: list[tuple[int, str]], source: str) -> VrplibText:
    parts = VrplibText(source)
    rows: list[Row] | None = None
    for number, line in lines:
        head, colon, value = (part.strip() for part in line.partition(":"))
        name = head.upper()
        if name == "EOF":
            break
        if name.endswith("_SECTION"):
            name = name.removesuffix("_SECTION")
            _check_name(parts, name, (*SECTIONS, *EITHER, *COSTS), f"{name}_SECTION", number)
            parts.sections[name] = number, (rows := [])
        elif colon:
            _check_name(parts, name, (*KEYS, *EITHER, *COSTS, *IGNORED), name, number)
            parts.keys[name], rows = (value, number), None
        elif rows is None:
            raise parts.fault(
                number,
                f"{shown(line)} is no line such as 'CAPACITY : 100' and stands in no section; files of VRPLIB and of "
                "Solomon can be read",
            )
        else:
            rows.append((number, line.split()))
    if not parts.keys and not parts.sections:
        raise InputError(f"{source}: is empty; files of VRPLIB and of Solomon can be read")
    return parts


def _check_name(parts: VrplibText, name: str, known: tuple[str, ...], written: str, line: int) -> None:
    """Raise an error for a part that stands here twice, or that routes would silently not respect."""
    if name not in known:
        raise parts.fault(line, f"{shown(written)} would not be respected by routes here; known are {', '.join(known)}")
    before = [*([parts.keys[name][1]] if name in parts.keys else []), *(parts.sections.get(name, ())[:1])]
    if before and name != "COMMENT":
        raise parts.fault(line, f"{written} stands here a second time, after line {before[0]}")


def _solomon(lines: list[tuple[int, str]], source: str) -> VrplibText:
    """Return Solomon's table as the sections that say the same."""
    parts = VrplibText(source)
    table = [(number, line.split()) for number, line in lines if not line[0].isalpha()]
    if not table or len(table[0][1]) != 2:
        raise InputError(f"{source}: below VEHICLE, NUMBER and CAPACITY must stand two numbers")
    line, (count, capacity) = table[0][0], table[0][1]
    parts.keys = {
        "DIMENSION": (str(len(table) - 1), line),
        "VEHICLES": (count, line),
        "CAPACITY": (capacity, line),
        "EDGE_WEIGHT_TYPE": ("EUC_2D", line),
    }
    columns = {"NODE_COORD": (1, 2), "DEMAND": (3,), "TIME_WINDOW": (4, 5), "SERVICE_TIME": (6,)}
    for number, words in table[1:]:
        if len(words) != 7:
            raise parts.fault(
                number,
                f"{len(words)} numbers; a customer has seven: number, x, y, demand, ready time, due date, service time",
            )
    for name, places in columns.items():
        rows = [(number, [words[0], *(words[place] for place in places)]) for number, words in table[1:]]
        parts.sections[name] = line, rows
    parts.sections["DEPOT"] = line, [(number, words[:1]) for number, words in table[1:2]]
    return parts
