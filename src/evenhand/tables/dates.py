"""Read dates and weekdays as people and spreadsheets write them; what can be read in two ways is refused."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from fractions import Fraction

from evenhand.tables.clock import parse_clock, plain
from evenhand.tables.cost_table import shown

_ISO = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})\.?|([12][0-9]{3})([0-9]{2})([0-9]{2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})")
_EITHER = re.compile(r"([0-9]{1,2})([-/])([0-9]{1,2})\2([0-9]{4})")
_TWO_DIGITS = re.compile(r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{2}")
_AHEAD = re.compile(r"([^\W\d_]+)\.?,?\s+(?=[0-9])")
_RIGHT = "is not a date; write a date such as 2026-03-02"
_IN_FRONT = re.compile(
    r"(?:[^\W\d_]+\.?,?\s+)?(?:[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}\.?|[0-9]{1,2}([-/.])[0-9]{1,2}\2[0-9]{2,4})"
)

WEEKDAYS = {
    "English": "monday mon mo|tuesday tue tues tu|wednesday wed we|thursday thu thur thurs th|friday fri fr"
    "|saturday sat sa|sunday sun su",
    "German": "montag mo|dienstag di|mittwoch mi|donnerstag do|freitag fr|samstag sa sonnabend|sonntag so",
    "French": "lundi lun lu|mardi mar ma|mercredi mer me|jeudi jeu je|vendredi ven ve|samedi sam sa|dimanche dim di",
    "Spanish": "lunes lun lu|martes mar ma|miércoles mié miercoles mie mi|jueves jue ju|viernes vie vi"
    "|sábado sáb sabado sab sa|domingo dom do",
    "Italian": "lunedì lunedi lun|martedì martedi mar|mercoledì mercoledi mer|giovedì giovedi gio"
    "|venerdì venerdi ven|sabato sab|domenica dom",
    "Dutch": "maandag ma|dinsdag di|woensdag wo|donderdag do|vrijdag vr|zaterdag za|zondag zo",
    "Portuguese": "segunda seg segunda-feira|terça ter terça-feira|quarta qua quarta-feira|quinta qui quinta-feira"
    "|sexta sex sexta-feira|sábado sáb sabado sab|domingo dom",
    "Swedish": "måndag mån|tisdag tis|onsdag ons|torsdag tor tors|fredag fre|lördag lör|söndag sön",
    "Danish": "mandag man|tirsdag tirs tir|onsdag ons|torsdag tors tor|fredag fre|lørdag lør|søndag søn",
    "Polish": "poniedziałek pon pn|wtorek wt|środa śr|czwartek czw|piątek pt|sobota sob|niedziela ndz nd",
}
"""Names of the days from Monday on, by language; a bar stands between days."""

SHORT_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""How pages write the days, from Monday on."""

_NAMES = {
    language: {plain(name): day for day, names in enumerate(listed.split("|")) for name in names.split()}
    for language, listed in WEEKDAYS.items()
}


def day_order(texts: Iterable[str]) -> str:
    """Return the order of day and month that some of the dates prove: ``day``, ``month`` (comes first), or empty.

    ``25/03/2026`` proves that the day comes first in all dates of its column.

    Raises
    ------
    ValueError
        If some prove one order, and some the other.
    """
    proven: dict[str, str] = {}
    for text in texts:
        for order, place in (("day", 0), ("month", 1)):
            if _proves(text, place):
                proven.setdefault(order, text)
    if len(proven) == 2:
        raise ValueError(
            f"has the day first in {shown(proven['day'])} and the month in {shown(proven['month'])}; write all dates "
            "as 2026-03-02"
        )
    return next(iter(proven), "")


def _proves(text: str, place: int) -> bool:
    found = _EITHER.match(_AHEAD.sub("", plain(text)))
    return found is not None and int((found[1], found[3])[place]) > 12


def parse_date(text: str, order: str = "") -> datetime.date:
    """Return a date: ``2026-03-02``, ``2026/3/2``, ``20260302``, ``2.3.2026``, ``Mon 2026-03-02``.

    Parameters
    ----------
    text
        What is written. A weekday in front must be that of the date.
    order
        What comes first in ``02/03/2026``, ``day`` or ``month``, if other dates prove it (:func:`day_order`).

    Raises
    ------
    ValueError
        If `text` is not a date, or can be read in two ways; the message says what would be right.

    Examples
    --------
    >>> parse_date("2.3.2026") == parse_date("02/03/2026", "day") == parse_date("Mo, 02/03/2026")
    True
    """
    text = plain(text)
    ahead = _AHEAD.match(text)
    rest = text[ahead.end() :] if ahead else text
    if found := _ISO.fullmatch(rest):
        year, month, day = (found[1], found[3], found[4]) if found[1] else (found[5], found[6], found[7])
    elif found := _DAY_FIRST.fullmatch(rest):
        day, month, year = found[1], found[2], found[3]
    elif found := _EITHER.fullmatch(rest):
        first, second, year = found[1], found[3], found[4]
        order = order or _order_by_weekday(ahead[1] if ahead else "", int(first), int(second), int(year))
        if not order and int(first) != int(second) and max(int(first), int(second)) <= 12:
            raise ValueError(
                f"is not a date for sure: day or month may come first; write {year}-{int(second):02}-{int(first):02} "
                f"or {year}-{int(first):02}-{int(second):02}"
            )
        day_ahead = int(first) > 12 or (order != "month" and int(second) <= 12)
        day, month = (first, second) if day_ahead else (second, first)
    elif _TWO_DIGITS.fullmatch(rest):
        raise ValueError("is not a date for sure: write the year with four digits, as in 2026-03-02")
    else:
        raise ValueError(_RIGHT)
    try:
        date = datetime.date(int(year), int(month), int(day))
    except ValueError as error:
        raise ValueError(f"is no date: {error}") from None
    if ahead and date.weekday() not in _weekdays_called(ahead[1]):
        raise ValueError(f"is no date: {date.isoformat()} is a {date:%A}")
    return date


def _weekdays_called(name: str) -> set[int]:
    """Return the days of the week of this name in any language, from 0 for Monday."""
    return {days[name] for days in _NAMES.values() if name in days}


def _order_by_weekday(name: str, first: int, second: int, year: int) -> str:
    """Return which of day and month comes first, as far as the weekday in front of a date proves it; else empty."""
    fits = []
    for order, day, month in (("day", first, second), ("month", second, first)):
        try:
            if datetime.date(year, month, day).weekday() in _weekdays_called(name):
                fits.append(order)
        except ValueError:
            continue
    return fits[0] if len(fits) == 1 else ""


def parse_weekdays(texts: Iterable[str]) -> list[int]:
    """Return the days of the week that some texts name, from 0 for Monday to 6 for Sunday.

    All are read in one language: ``Di`` beside ``Mo`` is Dienstag, and beside ``Lu`` dimanche.

    Raises
    ------
    ValueError
        If there is no language in which all are days, or several in which they are different ones.

    Examples
    --------
    >>> parse_weekdays(["Mo", "Di", "Mittwoch"]), parse_weekdays(["Sun", "Sat"])
    ([0, 1, 2], [6, 5])
    """
    wanted = [plain(text).rstrip(".") for text in texts]
    read = {
        language: [days[text] for text in wanted]
        for language, days in _NAMES.items()
        if all(text in days for text in wanted)
    }
    if not read:
        unknown = next((text for text in wanted if not is_weekday(text)), wanted[0])
        raise ValueError(
            f"has {shown(unknown)}, which is not a weekday of the same language as the others; write Monday, Tuesday "
            "and so on, or dates"
        )
    one, *others = read.items()
    for language, days in others:
        unlike = next((k for k, day in enumerate(days) if day != one[1][k]), None)
        if unlike is not None:
            text = shown(wanted[unlike])
            raise ValueError(f"has {text}, which is a different day in {one[0]} and in {language}; write it in full")
    return one[1]


def is_weekday(text: str) -> bool:
    """Return whether a text names a day of the week in some language."""
    return any(plain(text).rstrip(".") in days for days in _NAMES.values())


def parse_moment(text: str, *, order: str = "", digits: bool = False) -> tuple[datetime.date | None, Fraction | None]:
    """Return date and minutes after midnight of a text; None for the part that it does not have.

    Read are ``2026-03-02 08:30``, ``2026-03-02T08:30``, ``2.3.2026, 8:30 pm``, and what :func:`parse_date` and
    :func:`~evenhand.tables.clock.parse_clock` read, whose keywords these are.

    Raises
    ------
    ValueError
        If neither can be read.
    """
    written = text.strip()
    ahead = _IN_FRONT.match(written)
    if ahead is None and not re.fullmatch("[12][0-9]{7}", written):
        return None, parse_clock(written, digits=digits)
    end = ahead.end() if ahead else len(written)
    date, rest = parse_date(written[:end], order), written[end:]
    if not rest:
        return date, None
    if rest[0] in "Tt ,":
        rest = rest[1:].lstrip()
    minutes = parse_clock(rest, digits=digits)
    if minutes > 1440:
        raise ValueError("is not a time; with a date the hour is at most 24; write the date of the next day")
    return date, minutes
