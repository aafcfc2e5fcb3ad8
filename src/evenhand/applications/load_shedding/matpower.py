"""Power networks from MATPOWER case files (version 2).

The reader uses number, type, Pd and Gs of `bus`; bus, status, Pmax and Pmin of `gen`; and from, to, r, x, rate A, tap,
shift, status and the optional angle limits of `branch`. A rating of 0 means no limit, and so do angle limits that are
both 0 or at least a whole turn. A negative demand is a power infeed that need not be used fully: it becomes a generator
from 0 up to that power. Statements that convert the units of columns are executed; see
:mod:`evenhand.applications.load_shedding.case_statements`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.load_shedding.case_expressions import Row
from evenhand.applications.load_shedding.case_statements import COLUMNS, LARGEST_POWER, run
from evenhand.applications.load_shedding.case_text import without_comments
from evenhand.applications.load_shedding.network import PowerNetwork
from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.files import read_bytes

ISOLATED, REFERENCE = 4, 3
"""Types of buses: out of service, and reference bus, with an angle of 0."""

IMPEDANCES = (1e-7, 1e5)
"""Range of a branch's absolute reactance, per unit. Values outside must be mistakes, which solvers could not handle."""


def read_case(path: str | PathLike[str]) -> PowerNetwork:
    """Read a MATPOWER case file.

    Raises
    ------
    InputError
        If the file cannot be read; the message names file and line, and what would be right.
    """
    return parse_case(read_bytes(path).decode("utf-8", errors="replace"), str(path))


def parse_case(text: str, source: str = "case") -> PowerNetwork:
    """Return the network that the text of a MATPOWER case file describes; errors are those of :func:`read_case`."""
    code = without_comments(text)
    _check_version(code, source)
    case = run(code, source)
    for name in COLUMNS:
        if name not in case.tables:
            raise InputError(f"{source}: has no mpc.{name} = [...]; give a MATPOWER case file of version 2")
    if "mpc.baseMVA" not in case.names:
        raise InputError(f"{source}: has no mpc.baseMVA")
    bus, gen, branch = (case.tables[name] for name in COLUMNS)
    _check_buses(bus, source)
    place = {int(row.numbers[0]): position for position, row in enumerate(bus)}
    buses = _array(bus)
    serving = buses[:, 1] != ISOLATED
    gen_at = _places(gen, 0, place, "generator", source)
    ends = [_places(branch, column, place, "branch", source) for column in (0, 1)]
    gens_on = (_column(gen, 7) > 0.0) & serving[gen_at]
    lines_on = (_column(branch, 10) > 0.0) & serving[ends[0]] & serving[ends[1]]
    _check_generators([row for row, on in zip(gen, gens_on, strict=True) if on], source)
    _check_branches([row for row, on in zip(branch, lines_on, strict=True) if on], source)
    gens, lines = _array(gen)[gens_on], _array(branch)[lines_on]
    fed_in = np.flatnonzero(serving & (buses[:, 2] < 0.0))
    references = np.flatnonzero(buses[:, 1] == REFERENCE)
    angles = np.array([_angles(row) for row in branch])[lines_on]
    return PowerNetwork(
        name=_name(code),
        base_mva=case.names["mpc.baseMVA"],
        buses=buses[:, 0].astype(np.intp),
        demand=np.where(serving, np.maximum(buses[:, 2], 0.0), 0.0),
        shunt=np.where(serving, buses[:, 4], 0.0),
        reference=int(references[0]) if references.size else 0,
        generator_bus=np.concatenate([gen_at[gens_on], fed_in]),
        generator_least=np.concatenate([gens[:, 9], np.zeros(len(fed_in))]),
        generator_most=np.concatenate([gens[:, 8], -buses[fed_in, 2]]),
        branch_from=ends[0][lines_on],
        branch_to=ends[1][lines_on],
        resistance=lines[:, 2],
        reactance=lines[:, 3],
        tap=np.where(lines[:, 8] == 0.0, 1.0, lines[:, 8]),
        shift=np.deg2rad(lines[:, 9]),
        rating=np.where(lines[:, 5] == 0.0, np.inf, lines[:, 5]),
        angle_least=np.deg2rad(angles[:, 0]),
        angle_most=np.deg2rad(angles[:, 1]),
        branch_number=np.flatnonzero(lines_on) + 1,
    )


def _array(rows: list[Row]) -> Array:
    """Return the rows as an array of those columns that every row has."""
    width = min(len(row.numbers) for row in rows)
    return np.array([row.numbers[:width] for row in rows])


def _column(rows: list[Row], column: int) -> Array:
    return np.array([row.numbers[column] for row in rows])


def _name(text: str) -> str:
    found = re.search(r"^\s*function\s+\w+\s*=\s*(\w+)", text, re.MULTILINE)
    return found.group(1) if found else "case"


def _check_version(text: str, source: str) -> None:
    found = re.search(r"\bmpc\.version\s*=\s*['\"]?([^'\";\s]*)", text)
    if found is not None and found.group(1) != "2":
        line = text.count("\n", 0, found.start(1)) + 1
        raise InputError(f"{source}, line {line}: mpc.version is {shown(found.group(1))}; version '2' is read")


def _check_buses(bus: list[Row], source: str) -> None:
    seen: dict[float, int] = {}
    for row in bus:
        number = row.numbers[0]
        where = f"{source}, line {row.line}"
        if not (abs(number) < 2**53 and number == int(number)):
            raise InputError(f"{where}: bus {number:g} is not a whole number")
        if number in seen:
            raise InputError(f"{where}: bus {number:g} was given on line {seen[number]} already")
        _require(row.numbers[2], "the demand Pd", _is_power, "a number of MW", where)
        _require(row.numbers[4], "the shunt conductance Gs", _is_power, "a number of MW", where)
        seen[number] = row.line


def _check_generators(gen: list[Row], source: str) -> None:
    for row in gen:
        most, least = row.numbers[8:10]
        where = f"{source}, line {row.line}"
        _require(most, "Pmax", lambda x: _is_power(x) or x == math.inf, "a number of MW, or Inf", where)
        _require(least, "Pmin", lambda x: _is_power(x) or x == -math.inf, "a number of MW, or -Inf", where)
        if least > most:
            raise InputError(f"{where}: the generator has Pmin {least:g} above Pmax {most:g}")


def _check_branches(branch: list[Row], source: str) -> None:
    low, high = IMPEDANCES
    for row in branch:
        start, end, r, x = row.numbers[:4]
        where = f"{source}, line {row.line}"
        if start == end:
            raise InputError(f"{where}: the branch joins bus {start:g} to itself")
        _require(r, "r", lambda r: abs(r) <= high, f"between {-high:g} and {high:g}", where)
        _require(x, "x", lambda x: low <= abs(x) <= high, f"{low:g} to {high:g} in size", where)
        _require(row.numbers[5], "rate A", lambda a: a >= 0.0, "0 (no limit) or more MW", where)
        _require(row.numbers[8], "the tap ratio", lambda t: t == 0.0 or 0.01 <= t <= 100.0, "0 or 0.01 to 100", where)
        _require(row.numbers[9], "the phase shift", lambda d: abs(d) <= 360.0, "at most 360 degrees", where)
        least, most = _angles(row)
        if not (least <= most and least < 360.0 and most > -360.0):
            raise InputError(f"{where}: the branch has angmin {least:g} and angmax {most:g}; angmin must be the lower")


def _is_power(value: float) -> bool:
    return abs(value) <= LARGEST_POWER


def _require(value: float, what: str, right: Callable[[float], bool], words: str, where: str) -> None:
    if not right(value):
        raise InputError(f"{where}: {what} is {value:g}; it must be {words}")


def _places(rows: list[Row], column: int, place: dict[int, int], what: str, source: str) -> NDArray[np.intp]:
    places = []
    for row in rows:
        number = row.numbers[column]
        known = place.get(int(number)) if math.isfinite(number) and number == int(number) else None
        if known is None:
            raise InputError(f"{source}, line {row.line}: the {what} names bus {number:g}, which mpc.bus does not have")
        places.append(known)
    return np.array(places, dtype=np.intp)


def _angles(row: Row) -> tuple[float, float]:
    """Return the angle limits in degrees, infinite if they are both 0, at least a whole turn, or not given."""
    if len(row.numbers) < 13 or row.numbers[11] == row.numbers[12] == 0.0:
        return -math.inf, math.inf
    least, most = row.numbers[11:13]
    return -math.inf if least <= -360.0 else least, math.inf if most >= 360.0 else most
