"""Read clock times and durations as people and spreadsheets write them; what can be read in two ways is refused.

Every function raises a ``ValueError`` with what is wrong with the text and what would be right, to be put behind the
text in a message that says where it stands.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from evenhand.tables.number_tokens import duration_in_hours

MINUTES = {"s": Fraction(1, 60), "min": Fraction(1), "h": Fraction(60), "d": Fraction(1440)}
"""Minutes in each unit of durations."""

_HALF = r"(?:\s*(a\.?\s?m\.?|p\.?\s?m\.?))?"
_SECONDS = r"(?::([0-5][0-9](?:\.[0-9]+)?))?"
_COLON = re.compile(rf"([0-9]{{1,2}}):([0-5][0-9]){_SECONDS}{_HALF}(?:\s*(?:uhr|h))?")
_LETTER = re.compile(r"([0-9]{1,2})\s?[hu]\s?([0-5][0-9])(?:\s?min)?|([0-9]{1,2})\s?(?:h|u|uhr|uur)")
_BARE_HOUR = re.compile(r"([0-9]{1,2})\s*(a\.?\s?m\.?|p\.?\s?m\.?)")
_POINT = re.compile(rf"([0-9]{{1,2}})\.([0-5][0-9])(?:\s*(uhr|h)|{_HALF})")
_DIGITS = re.compile("([0-9]{2})([0-5][0-9])")
_ZONE = re.compile(r":[0-9.]+\s*(?:z|[+-][0-9]{2}:?[0-9]{2}|utc|gmt|mez|mesz|cet|cest|bst|e[sd]t|c[sd]t|p[sd]t)$")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+")
_OPEN = re.compile("[1-9][0-9]{0,2}[.,][0-9]{3}")
_LATEST = 48 * 60
_RIGHT = "is not a time; write a time such as 08:30"


def plain(text: str) -> str:
    """Return a text in lower case, in one form of each character, and with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def parse_clock(text: str, *, digits: bool = False) -> Fraction:
    """Return the minutes from midnight to a clock time.

    Read are ``8:30``, ``08:30:15``, ``8:30 pm``, ``8 am``, ``8h30``, ``8 Uhr``, ``8.30 Uhr`` and ``0830``, and hours
    up to 47 for the next day: ``25:30``. ``8.30``, which may be 8 hours and 18 minutes, is refused.

    Parameters
    ----------
    text
        What is written.
    digits
        Whether ``1430`` is a time, too, because others beside it begin with 0 (see :func:`writes_digits`).

    Raises
    ------
    ValueError
        If `text` is not a clock time, or can be read in two ways.

    Examples
    --------
    >>> [int(parse_clock(text)) for text in ("8:30", "8h30", "12:15 am", "0830", "25:30")]
    [510, 510, 15, 510, 1530]
    """
    text = plain(text)
    if found := _COLON.fullmatch(text):
        hour, minute, second, half = found[1], found[2], found[3], found[4]
    elif found := _LETTER.fullmatch(text):
        hour, minute, second, half = found[1] or found[3], found[2], None, None
    elif found := _BARE_HOUR.fullmatch(text):
        hour, minute, second, half = found[1], None, None, found[2]
    elif found := _POINT.fullmatch(text):
        hour, minute, second, half = found[1], found[2], None, found[4]
        if not (found[3] or half):
            raise ValueError(
                f"is not a time for sure: it could be {hour}:{minute} or {hour}.{minute} hours; write {hour}:{minute}"
            )
    elif (found := _DIGITS.fullmatch(text)) and (digits or text[0] == "0"):
        hour, minute, second, half = found[1], found[2], None, None
    elif found:
        raise ValueError(f"is not a time for sure: it could be a number; write {found[1]}:{found[2]}")
    elif _ZONE.search(text):
        raise ValueError("is with a time zone; give the times of one place, without it")
    else:
        raise ValueError(_RIGHT)
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError("is not a time; with am or pm the hour is from 1 to 12")
        hours = hours % 12 + 12 * half.startswith("p")
    minutes = 60 * hours + int(minute or 0) + Fraction(second or 0) / 60
    if minutes >= _LATEST:
        raise ValueError(f"{_RIGHT} (up to 47:59, which is on the next day)")
    return minutes


def writes_digits(text: str) -> bool:
    """Return whether a text is a clock time such as ``0830``: then ``1430`` beside it is one, too."""
    return text.strip()[:1] == "0" and _DIGITS.fullmatch(text.strip()) is not None


def parse_duration(text: str, unit: str = "") -> Fraction:
    """Return the minutes in a duration: ``45 min``, ``0:45``, ``1 h 30``, ``1,5 h``, or a number with a unit beside it.

    Parameters
    ----------
    text
        What is written; decimals follow a point or a comma.
    unit
        Unit of plain numbers, a key of :data:`MINUTES`; empty if none is known, and plain numbers are refused.

    Raises
    ------
    ValueError
        If `text` is not a duration, is negative, or can be read in two ways.

    Examples
    --------
    >>> int(parse_duration("0,25", "h")), int(parse_duration("1 h 30"))
    (15, 90)
    """
    text = plain(text)
    if _NUMBER.fullmatch(text):
        if not unit:
            raise ValueError("has no unit; write minutes or hours behind it: 15 min, 0.25 h, or 0:15")
        if _OPEN.fullmatch(text):
            mark = re.sub("[0-9]", "", text)
            raise ValueError(f"could be decimals or thousands; write it without the {_mark_in_words(mark)}")
        return MINUTES[unit] * Fraction(text.replace(",", "."))
    hours = duration_in_hours(text)
    if hours is None:
        raise ValueError(f"is not a duration; write {'15, ' if unit == 'min' else ''}15 min, 0.25 h, or 0:15")
    return Fraction(round(3_600_000 * hours), 60_000)


def _mark_in_words(mark: str) -> str:
    """Return the name of a point or comma."""
    return "comma" if mark == "," else "point"
