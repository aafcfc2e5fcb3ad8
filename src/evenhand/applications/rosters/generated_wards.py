"""Generated wards: the four tables of a hospital ward for a few weeks, which size and seed determine."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from evenhand.number_checks import check_seed, checked_whole
from evenhand.tables import write_rows

FIRST_DATE = datetime.date(2026, 3, 2)
"""First day of every generated roster, a Monday."""
_NAMES = ("Ada", "Ben", "Carla", "Deniz", "Emil", "Fatima", "Goran", "Hana", "Inès", "Jörg", "Kim", "Lea")
_CONTRACTS = (38.5, 38.5, 30, 38.5, 19.25, 38.5, 38.5, 30, 38.5, 19.25, 38.5, 19.25)
"""Hours per week of the first twelve people, then from the start again; they add up to 406."""
_HOURS = (("Early", "06:00", "14:00", 30), ("Late", "13:30", "21:30", 30), ("Night", "21:15", "06:15", 45))
_NIGHT_SKILL = "night"
_LEAST = 0.7
"""Least hours as a part of the contract's."""
_CARRIED = ("nights carried", "weekends carried")

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Ward:
    """The tables of a ward, each with its header as the first row.

    Attributes
    ----------
    shifts, people, wishes, absences
        Rows of cells.
    """

    shifts: tuple[Row, ...]
    people: tuple[Row, ...]
    wishes: tuple[Row, ...]
    absences: tuple[Row, ...]


def generate_ward(people: int = 12, days: int = 14, seed: int = 0) -> Ward:
    """Return the tables of a ward with early, late and night shifts, part-timers, wishes and holidays.

    The cover grows with the people: about nine tenths of their contract hours, absences aside.

    Parameters
    ----------
    people
        Number of people, at least 6.
    days
        Number of days, at least 7.
    seed
        Seed of the random numbers, 0 or more.

    Raises
    ------
    InputError
        If a number is out of range.
    """
    checked_whole("people", people, 6, 500)
    checked_whole("days", days, 7, 366)
    check_seed(seed)
    random = np.random.default_rng(seed)
    names = [_NAMES[k % 12] + (f" {k // 12 + 1}" if k >= 12 else "") for k in range(people)]
    return Ward(
        (("date", "kind", "start", "end", "break (min)", "skill", "least", "preferred"), *_shifts(people, days)),
        (
            ("name", "contract hours", "skills", "least hours", "longest run", "weekends", *_CARRIED),
            *_people(names, days, random),
        ),
        (("name", "date", "kind", "want", "weight"), *_wishes(names, days, random)),
        (("name", "from", "to"), *_absences(names, days, random)),
    )


def write_ward(folder: str | PathLike[str], ward: Ward) -> list[Path]:
    """Write a ward's tables as ``shifts.csv``, ``people.csv``, ``wishes.csv`` and ``absences.csv``; return the paths.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    tables = {"shifts": ward.shifts, "people": ward.people, "wishes": ward.wishes, "absences": ward.absences}
    return [write_rows(Path(folder) / f"{name}.csv", rows) for name, rows in tables.items()]


def _date(day: int) -> str:
    return (FIRST_DATE + datetime.timedelta(days=day)).isoformat()


def _shifts(people: int, days: int) -> list[Row]:
    rows: list[Row] = []
    for day in range(days):
        weekend = day % 7 >= 5
        for kind, start, end, pause in _HOURS:
            usual = {"Early": 0.25, "Late": 0.25, "Night": 1 / 12}[kind] * people
            preferred = max(1, round(usual * (2 / 3 if weekend and kind != "Night" else 1)))
            least = max(1, preferred - 1)
            skill = _NIGHT_SKILL if kind == "Night" else ""
            rows.append((_date(day), kind, start, end, pause, skill, least, preferred))
    return rows


def _people(names: Sequence[str], days: int, random: np.random.Generator) -> list[Row]:
    weekends = 1 + days // 14
    rows: list[Row] = []
    for k, name in enumerate(names):
        skills = "" if k % 6 == 4 else _NIGHT_SKILL
        nights = int(random.integers(0, 4)) if skills else 0
        contract = _CONTRACTS[k % 12]
        least = int(_LEAST * contract * days / 7)
        rows.append((name, contract, skills, least, 5, weekends, nights, int(random.integers(0, 3))))
    return rows


def _wishes(names: Sequence[str], days: int, random: np.random.Generator) -> list[Row]:
    """Return four wishes of each person; two are for days off at the second weekend, as everybody wishes."""
    last = min(days, 14)
    rows: list[Row] = []
    for name in names:
        popular = random.choice(np.arange(last - 3, last), size=2, replace=False).tolist()
        others = random.choice(np.delete(np.arange(days), np.arange(last - 3, last)), size=2, replace=False).tolist()
        for day in sorted([*popular, *others]):
            kind = "off" if day in popular else ("off", "Early", "Early", "Late")[int(random.integers(0, 4))]
            want = "no" if kind == "Late" else "yes"
            rows.append((name, _date(day), kind, want, int(random.integers(1, 6))))
    return rows


def _absences(names: Sequence[str], days: int, random: np.random.Generator) -> list[Row]:
    rows: list[Row] = []
    for k in sorted(random.choice(len(names), size=max(1, len(names) // 6), replace=False).tolist()):
        length = min(int(random.integers(2, 6)), days)
        first = int(random.integers(0, days - length + 1))
        rows.append((names[k], _date(first), _date(first + length - 1)))
    return rows
