"""The cells of a route's tables: measures with the units of their headers, windows, and yes or no."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from evenhand.applications.office_rows import OfficeRow
from evenhand.applications.routes.route_roles import NO, YES
from evenhand.applications.routes.routing_problem import UNLIMITED
from evenhand.applications.routes.user_units import OFFICE
from evenhand.errors import InputError
from evenhand.tables.clock import parse_clock
from evenhand.tables.header_words import words_of

LENGTHS = {"km": OFFICE.distance, "m": 1.0}
"""Metres in each unit of a header."""

TIMES = {"h": OFFICE.duration, "min": 60.0, "s": 1.0}
"""Seconds in each unit of a header."""

LARGEST = 1e9
"""Upper limit on the numbers of a cell."""

DAY = 24 * 3600
"""Seconds of a day."""

_BETWEEN = re.compile(r"\s*(?:-|\u2013|\u2014|\bto\b|\buntil\b|\bbis\b|\btot\b|\balle\b|\ba\b|\bà\b)\s*", re.IGNORECASE)
_HOUR = re.compile("[0-9]{1,2}")


def measure(row: OfficeRow, role: str, units: Mapping[str, float], default: float, *, finite: bool = True) -> float:
    """Return a number of at least 0 in the problem's unit, or `default` (of the first unit) for an empty cell.

    Parameters
    ----------
    row, role
        The cell.
    units
        Units that the header may name, in the problem's; the first one is meant by a header without a unit.
    default
        What an empty cell stands for.
    finite
        Whether the cell must not say infinity.
    """
    unit = row.table.columns.unit.get(role) or next(iter(units))
    if unit not in units:
        known = ", ".join(units)
        raise InputError(f"{row.table.source}: column {row.table.header(role)!r} is in {unit}; it must be in {known}")
    value = row.number(role, default, finite=finite, kinds=("number", "duration") if unit == "h" else ("number",))
    if LARGEST < value < math.inf:
        raise row.fault(role, f"must be at most {LARGEST:,.0f}")
    return value * units[unit]


def load(row: OfficeRow, role: str) -> int:
    """Return a load in thousandths, which hold its decimals."""
    value = measure(row, role, {"": OFFICE.load}, 0.0)
    if abs(round(value) - value) > 1e-6 * max(1.0, value / LARGEST):
        raise row.fault(role, "has more than three decimals; use a larger unit")
    return round(value)


def whole_seconds(row: OfficeRow) -> int:
    """Return the duration of a visit in seconds."""
    minutes = row.pause("service")
    if minutes > LARGEST / 60:
        raise row.fault("service", "is too long for a visit")
    return round(60 * minutes)


def span(row: OfficeRow) -> tuple[int, int]:
    """Return a window or shift in seconds after midnight; one that ends before it begins ends on the next day."""
    if row.text("window"):
        role, start, end = "window", *_both(row)
    else:
        role, start = "to", round(60 * row.moment("from")[1]) if row.text("from") else 0
        if not row.text("to"):
            return start, UNLIMITED
        end = round(60 * row.moment("to")[1])
    if end == start:
        raise row.fault(role, "is the time at which it begins, too; write a later time")
    return start, end if end > start else end + DAY


def _both(row: OfficeRow) -> tuple[int, int]:
    """Return begin and end of a window in one cell, such as ``08:00-12:00`` or ``8-12``."""
    parts = _BETWEEN.split(row.text("window"))
    try:
        if len(parts) != 2:
            raise ValueError
        start, end = (
            round(60 * parse_clock(f"{part}:00" if _HOUR.fullmatch(part.strip()) else part)) for part in parts
        )
    except ValueError:
        raise row.fault("window", "is no window; write begin and end, such as 08:00-12:00") from None
    return start, end


def must_drive(row: OfficeRow) -> bool:
    """Return what a cell says for yes or no."""
    drives = row.text("must drive").casefold()
    if drives not in YES | NO:
        raise row.fault("must drive", "must be yes or no")
    return drives in YES


def check_load_units(demand: str, capacity: str, known: frozenset[str], where: str) -> None:
    """Raise an error if the headers of demand and capacity name different units."""
    first, second = (set(words_of(header)) & known for header in (demand, capacity))
    if first and second and first != second:
        raise InputError(f"{where}: {capacity!r} and {demand!r} of the stops have different units; write both in one")
