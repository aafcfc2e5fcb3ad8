"""Take cells apart that hold a beginning and an end: ``08:00-09:30``, ``7-15``, ``02.03.2026 - 06.03.2026``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from evenhand.tables.dates import parse_date, parse_moment

Row = tuple[int, list[str]]
"""Line number and cells."""

_BETWEEN = re.compile(r"\.{2,3}|[-–—…]| (?:bis|to|until|till|a|à|au|tot|al) ")
_HOUR = re.compile(r"([0-9]|1[0-9]|2[0-4])(?:\s?(?:h|uhr))?", re.IGNORECASE)
_DAY_OF = re.compile(r"([0-9]{1,2})\.(?:\s?([0-9]{1,2})\.)?")
_FULL_DAY = re.compile(r"[0-9]{1,2}\.\s?([0-9]{1,2}\.)\s?([0-9]{4})")


def with_ends(
    rows: Sequence[Row], is_title: Callable[[str], bool], split: Callable[[str], tuple[str, str] | None]
) -> list[Row]:
    """Return the rows, the first of them a header, with a column of ends if some column holds beginnings with ends.

    Parameters
    ----------
    rows
        Header and rows below it.
    is_title
        Whether a header may be that of such a column.
    split
        Function that takes a cell apart, and returns None if it cannot: then the column is none.

    Returns
    -------
    list of (int, list of str)
        The rows; such a column is called ``start``, and one called ``end`` stands behind the others.
    """
    if not rows:
        return []
    width = max(len(cells) for _, cells in rows)
    (line, header), *below = [(at, [*cells, *[""] * (width - len(cells))]) for at, cells in rows]
    for k, title in enumerate(header):
        parts = [split(cells[k]) if cells[k] else ("", "") for _, cells in below]
        if is_title(title) and any(part is not None and part[0] != part[1] for part in parts) and all(parts):
            spread = [(at, cells, part or ("", "")) for (at, cells), part in zip(below, parts, strict=True)]
            return [
                (line, [*header[:k], "start", *header[k + 1 :], "end"]),
                *((at, [*cells[:k], first, *cells[k + 1 :], last]) for at, cells, (first, last) in spread),
            ]
    return list(rows)


def split_times(cell: str) -> tuple[str, str] | None:
    """Return start and end of a cell with two times.

    Examples
    --------
    >>> split_times("22:00–06:00"), split_times("8-9"), split_times("2026-03-02")
    (('22:00', '06:00'), None, None)
    """
    return _split(cell, lambda text: text if is_moment(text) else "")


def split_hours(cell: str) -> tuple[str, str] | None:
    """Return start and end of a cell with two times, of which whole hours may stand alone.

    Examples
    --------
    >>> split_hours("7-15"), split_hours("7 bis 15:30 Uhr")
    (('7:00', '15:00'), ('7:00', '15:30 Uhr'))
    """
    return _split(cell, _hour)


def split_dates(cell: str) -> tuple[str, str] | None:
    """Return the first and the last date of a cell; one date is both.

    Examples
    --------
    >>> split_dates("02.03.2026 bis 06.03.2026"), split_dates("2.-6.3.2026"), split_dates("2026-03-02")
    (('02.03.2026', '06.03.2026'), ('2.3.2026', '6.3.2026'), ('2026-03-02', '2026-03-02'))
    """
    if _date(cell):
        return cell, cell
    for mark in _BETWEEN.finditer(cell):
        first, last = _DAY_OF.fullmatch(cell[: mark.start()].strip()), cell[mark.end() :].strip()
        whole = _FULL_DAY.fullmatch(last)
        if first and whole:
            return f"{first[1]}.{first[2] + '.' if first[2] else whole[1]}{whole[2]}", last
    return _split(cell, _date)


def _split(cell: str, read: Callable[[str], str]) -> tuple[str, str] | None:
    marks = _BETWEEN.finditer(cell)
    both = [(read(cell[: mark.start()].strip()), read(cell[mark.end() :].strip())) for mark in marks]
    found = [pair for pair in both if all(pair)]
    return found[0] if len(found) == 1 else None


def _hour(text: str) -> str:
    """Return a text that is a time, a whole hour as one; empty for others."""
    if hour := _HOUR.fullmatch(text):
        return f"{hour[1]}:00"
    return text if is_moment(text) else ""


def is_moment(text: str) -> bool:
    """Return whether a text is a clock time, or a date with or without one."""
    try:
        parse_moment(text, order="day", digits=True)
    except ValueError:
        return False
    return True


def _date(text: str) -> str:
    try:
        parse_date(text, "day")
    except ValueError:
        return ""
    return text
