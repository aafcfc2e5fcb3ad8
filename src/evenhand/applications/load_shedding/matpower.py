"""Power networks from MATPOWER case files (version 2)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evenhand.errors import InputError

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

COLUMNS = {"bus": 13, "gen": 10, "branch": 11}
"""Least number of columns of each table, of which these are read:

bus: number, type, Pd, -, Gs; gen: bus, ..., status (8), Pmax (9), Pmin (10); branch: from, to, r, x, -, rate A, ...,
tap (9), shift (10), status (11), and angle limits (12, 13) where they are given.
"""

ISOLATED, REFERENCE = 4, 3
"""Types of buses: out of service, and the one whose angle is 0."""


@dataclass(frozen=True, slots=True, eq=False)
class PowerNetwork:
    """A network for direct-current approximations; powers in MW, angles in radians.

    Attributes
    ----------
    name
        Of the case.
    base_mva
        Power that 1 per unit stands for.
    buses
        Numbers of the buses, shape (b,); all else refers to their places in it.
    demand, shunt
        Active power demanded at each bus, and drawn by its shunt conductance, shape (b,).
    reference
        Place of the bus whose angle is 0.
    generator_bus, generator_least, generator_most
        Place and range of each generator in service, shape (g,).
    branch_from, branch_to
        Places of the ends of each branch in service, shape (e,).
    resistance, reactance, tap, shift
        Per unit, per unit, ratio (1 for lines) and radians of each branch, shape (e,).
    rating
        Most power each branch carries, infinite where unlimited, shape (e,).
    angle_least, angle_most
        Limits of the difference of angles across each branch, shape (e,).
    branch_number
        Place of each branch in the file, from 1, shape (e,).
    """

    name: str
    base_mva: float
    buses: NDArray[np.intp]
    demand: Array
    shunt: Array
    reference: int
    generator_bus: NDArray[np.intp]
    generator_least: Array
    generator_most: Array
    branch_from: NDArray[np.intp]
    branch_to: NDArray[np.intp]
    resistance: Array
    reactance: Array
    tap: Array
    shift: Array
    rating: Array
    angle_least: Array
    angle_most: Array
    branch_number: NDArray[np.intp]

    def __repr__(self) -> str:
        return (
            f"PowerNetwork({self.name}: {len(self.buses)} buses, {len(self.generator_bus)} generators, "
            f"{len(self.branch_from)} branches, {self.demand.sum():.6g} MW demanded)"
        )


def read_case(path: str | PathLike[str]) -> PowerNetwork:
    """Read a MATPOWER case file.

    Raises
    ------
    InputError
        Naming file, line and what would be right.
    """
    file = Path(path)
    try:
        text = file.read_text("utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from None
    return parse_case(text, str(file))


def parse_case(text: str, source: str = "case") -> PowerNetwork:
    """Return the network that the text of a MATPOWER case file describes; errors are those of :func:`read_case`."""
    tables = {name: _table(text, name, source) for name in COLUMNS}
    base = _base(text, source)
    bus, gen, branch = (tables[name] for name in COLUMNS)
    numbers = _bus_numbers(bus, source)
    place = {int(number): position for position, number in enumerate(numbers)}
    gen_at = _places(gen, 0, place, "generator", source)
    ends = [_places(branch, column, place, "branch", source) for column in (0, 1)]
    _check_series(branch, source)
    serving = np.array([row.numbers[1] != ISOLATED for row in bus])
    gens = _rows(gen)
    gens_on = (gens[:, 7] > 0.0) & serving[gen_at]
    lines = _rows(branch)
    lines_on = (lines[:, 10] > 0.0) & serving[ends[0]] & serving[ends[1]]
    least, most = _angles(lines)
    buses = _rows(bus)
    references = np.flatnonzero(buses[:, 1] == REFERENCE)
    return PowerNetwork(
        name=_name(text),
        base_mva=base,
        buses=numbers,
        demand=np.where(serving, buses[:, 2], 0.0),
        shunt=np.where(serving, buses[:, 4], 0.0),
        reference=int(references[0]) if references.size else 0,
        generator_bus=gen_at[gens_on],
        generator_least=gens[gens_on, 9],
        generator_most=gens[gens_on, 8],
        branch_from=ends[0][lines_on],
        branch_to=ends[1][lines_on],
        resistance=lines[lines_on, 2],
        reactance=lines[lines_on, 3],
        tap=np.where(lines[:, 8] == 0.0, 1.0, lines[:, 8])[lines_on],
        shift=np.deg2rad(lines[lines_on, 9]),
        rating=np.where(lines[:, 5] == 0.0, np.inf, lines[:, 5])[lines_on],
        angle_least=least[lines_on],
        angle_most=most[lines_on],
        branch_number=np.flatnonzero(lines_on) + 1,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    numbers: list[float]


def _table(text: str, name: str, source: str) -> list[_Row]:
    """Return the rows of a matrix with their lines."""
    start = re.search(rf"^[^%\n]*\bmpc\.{name}\s*=\s*\[", text, re.MULTILINE)
    if start is None:
        raise InputError(f"{source}: has no mpc.{name} = [...]; give a MATPOWER case file of version 2")
    first = text.count("\n", 0, start.end()) + 1
    rows = []
    for offset, line in enumerate(text[start.end() :].split("\n")):
        content, closing, _ = line.partition("%")[0].partition("]")
        rows += [_row(part, name, first + offset, source) for part in content.split(";") if part.strip(" \t\r,")]
        if closing:
            if not rows:
                raise InputError(f"{source}, line {first}: mpc.{name} is empty")
            return rows
    raise InputError(f"{source}, line {first}: mpc.{name} is not closed by a ]")


def _row(text: str, name: str, line: int, source: str) -> _Row:
    words = text.replace(",", " ").split()
    if len(words) < COLUMNS[name]:
        raise InputError(
            f"{source}, line {line}: a row of mpc.{name} has {len(words)} numbers; at least {COLUMNS[name]} are needed"
        )
    numbers = []
    for column, word in enumerate(words, 1):
        try:
            numbers.append(float(word))
        except ValueError:
            raise InputError(f"{source}, line {line}: {word!r} in column {column} is not a number") from None
    if any(math.isnan(number) for number in numbers):
        raise InputError(f"{source}, line {line}: a row of mpc.{name} holds a nan")
    return _Row(line, numbers)


def _rows(rows: list[_Row]) -> Array:
    """Return the columns that every row has, as an array."""
    width = min(len(row.numbers) for row in rows)
    return np.array([row.numbers[:width] for row in rows])


def _base(text: str, source: str) -> float:
    found = re.search(r"^[^%\n]*\bmpc\.baseMVA\s*=\s*([^;\s%]+)", text, re.MULTILINE)
    if found is None:
        raise InputError(f"{source}: has no mpc.baseMVA")
    try:
        base = float(found.group(1))
    except ValueError:
        base = math.nan
    if not (math.isfinite(base) and base > 0.0):
        raise InputError(f"{source}: mpc.baseMVA is {found.group(1)!r}; it must be a positive number")
    return base


def _name(text: str) -> str:
    found = re.search(r"^\s*function\s+\w+\s*=\s*(\w+)", text, re.MULTILINE)
    return found.group(1) if found else "case"


def _bus_numbers(bus: list[_Row], source: str) -> NDArray[np.intp]:
    seen: dict[float, int] = {}
    for row in bus:
        number, demand = row.numbers[0], row.numbers[2]
        if number != int(number) if math.isfinite(number) else True:
            raise InputError(f"{source}, line {row.line}: bus {number:g} is not a whole number")
        if number in seen:
            raise InputError(f"{source}, line {row.line}: bus {number:g} was given on line {seen[number]} already")
        if not (math.isfinite(demand) and math.isfinite(row.numbers[4])):
            raise InputError(f"{source}, line {row.line}: bus {number:g} has a demand or shunt that is not finite")
        if demand < 0.0:
            raise InputError(
                f"{source}, line {row.line}: bus {number:g} demands {demand:g} MW; write it as a generator"
            )
        seen[number] = row.line
    return np.array([int(row.numbers[0]) for row in bus])


def _places(rows: list[_Row], column: int, place: dict[int, int], what: str, source: str) -> NDArray[np.intp]:
    places = []
    for row in rows:
        number = row.numbers[column]
        known = place.get(int(number)) if math.isfinite(number) and number == int(number) else None
        if known is None:
            raise InputError(f"{source}, line {row.line}: the {what} names bus {number:g}, which mpc.bus does not have")
        places.append(known)
    return np.array(places, dtype=np.intp)


def _check_series(branch: list[_Row], source: str) -> None:
    for row in branch:
        r, x = row.numbers[2:4]
        if not (math.isfinite(r) and math.isfinite(x)) or x == 0.0:
            raise InputError(f"{source}, line {row.line}: the branch has r = {r:g}, x = {x:g}; x must not be 0")
        if not row.numbers[5] >= 0.0:
            raise InputError(
                f"{source}, line {row.line}: the branch has rate A {row.numbers[5]:g}; it must be 0 or more"
            )


def _angles(lines: Array) -> tuple[Array, Array]:
    """Return limits in radians, infinite where they are 0 or a whole turn or not given."""
    if lines.shape[1] < 13:
        free = np.full(len(lines), np.inf)
        return -free, free
    least, most = lines[:, 11], lines[:, 12]
    unset = (least == 0.0) & (most == 0.0)
    return (
        np.where(unset | (least <= -360.0), -np.inf, np.deg2rad(least)),
        np.where(unset | (most >= 360.0), np.inf, np.deg2rad(most)),
    )
