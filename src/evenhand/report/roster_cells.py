"""What a roster's cells look like: a letter and a colour for each shift, the same in pictures and on pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evenhand.applications.rosters import RosterProblem, Shift
from evenhand.applications.rosters.shift_rows import clock_text

_DAY = ("#ffe39a", "#bfe5c6", "#bcdff3", "#ead4ef", "#e6dfc8")
_LATE = ("#f2a65e", "#e58d8d", "#c9a36b")
_NIGHT = ("#27436f", "#56428a", "#1f5d5b")
"""Fills by kind: pale by day, darker when late, dark at night, so that they differ in grey, too."""
_INK = {"day": "#40350d", "late": "#3a1d00", "night": "#ffffff"}


@dataclass(frozen=True, slots=True)
class ShiftStyle:
    """How a shift is drawn.

    Attributes
    ----------
    code
        One or two letters, unique in the roster.
    fill, ink
        Colours of the cell and of the letters in it.
    hours
        Start and end, such as ``06:00–14:00``; empty if they are not known.
    """

    code: str
    fill: str
    ink: str
    hours: str


def shift_styles(problem: RosterProblem) -> dict[str, ShiftStyle]:
    """Return the style of each shift by name."""
    codes = shift_codes([shift.name for shift in problem.shifts])
    used = {"day": 0, "late": 0, "night": 0}
    found = {}
    for shift in problem.shifts:
        kind = next((kind for kind in ("night", "late") if kind in shift.kinds), "day")
        fills = {"day": _DAY, "late": _LATE, "night": _NIGHT}[kind]
        found[shift.name] = ShiftStyle(codes[shift.name], fills[used[kind] % len(fills)], _INK[kind], _hours_of(shift))
        used[kind] += 1
    return found


def _hours_of(shift: Shift) -> str:
    """Return start and end of a shift; empty if they are not known."""
    return "" if shift.start is None or shift.end is None else f"{clock_text(shift.start)}–{clock_text(shift.end)}"


def shift_codes(names: Sequence[str]) -> dict[str, str]:
    """Return one or two characters for each name: its first letter or its first two where these are unique.

    Otherwise a letter and a number.

    Examples
    --------
    >>> shift_codes(["Early", "Late", "Night"])
    {'Early': 'E', 'Late': 'L', 'Night': 'N'}
    >>> shift_codes(["Day 06:00", "Day 08:00", "Nacht"])
    {'Day 06:00': 'D1', 'Day 08:00': 'D2', 'Nacht': 'N'}
    """
    bare = {name: "".join(char for char in name if char.isalnum()) or name for name in names}
    found: dict[str, str] = {}
    for name in names:
        for length in (1, 2):
            start = bare[name][:length].upper()
            if not any(bare[other][:length].upper() == start for other in names if other != name):
                found[name] = start[:1] + start[1:].lower()
                break
    numbers: dict[str, int] = {}
    for name in names:
        if name in found:
            continue
        letter = bare[name][:1].upper()
        while True:
            numbers[letter] = numbers.get(letter, 0) + 1
            code = f"{letter}{numbers[letter]}"
            if code not in found.values():
                break
        found[name] = code
    return {name: found[name] for name in names}
