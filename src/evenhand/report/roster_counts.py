"""Compute the numbers beside a roster: each person's counts, with their fair share and what the rule allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evenhand.applications.rosters import Roster
from evenhand.applications.rosters.counts import carried_of, people_compared, shifts_counted
from evenhand.errors import InputError
from evenhand.report.chart_rows import LoadRow, allowed_band, fair_shares, spoken_of
from evenhand.visible import shown_names

TITLES = {"minutes": "Hours", "nights": "Nights", "late": "Late", "weekends": "Weekends", "granted": "Wishes"}
"""Headings of the counts."""
PER_UNIT = {"minutes": 60.0}
"""How many of a count make one of what is shown: minutes are shown as hours."""


@dataclass(frozen=True, slots=True)
class ShownCount:
    """One count of everybody in a roster.

    Attributes
    ----------
    name, title
        Name and heading.
    values, carried
        What each person has in this roster, and had before, in the problem's order, as shown (hours for minutes).
    rows
        By position of a person, the load with share and band, for those whom the count compares.
    bounded
        Whether a rule bounds the count.
    """

    name: str
    title: str
    values: tuple[float, ...]
    carried: tuple[float, ...]
    rows: dict[int, LoadRow]
    bounded: bool

    @property
    def reach(self) -> float:
        """The end of the count's axis, which includes all loads and shares, and bands that are not much wider."""
        furthest = max([*self.values, *(max(row.load, row.share) for row in self.rows.values())], default=0.0)
        edge = max((row.high for row in self.rows.values()), default=0.0) if self.bounded else 0.0
        return max(furthest, min(edge, 1.4 * furthest)) or 1.0


def shown_counts(roster: Roster) -> list[ShownCount]:
    """Return the counts that mean something for a roster: hours always, others where anybody can have any."""
    problem = roster.problem
    there = {
        "minutes": True,
        "nights": bool(shifts_counted(problem, "nights")),
        "late": bool(shifts_counted(problem, "late")),
        "weekends": bool(problem.weekends()),
        "granted": bool(problem.wishes),
    }
    return [_shown_count(roster, count) for count, present in there.items() if present]


def _shown_count(roster: Roster, count: str) -> ShownCount:
    per = PER_UNIT.get(count, 1.0)
    values = np.asarray(roster.counts[count], dtype=np.float64) / per
    carried = carried_of(roster.problem, count) / per
    return ShownCount(
        count,
        TITLES[count],
        tuple(values.tolist()),
        tuple(carried.tolist()),
        _rows(roster, count, per),
        count in roster.fairness,
    )


def _rows(roster: Roster, count: str, per: float) -> dict[int, LoadRow]:
    try:
        compared = people_compared(roster.problem, count)
    except InputError:
        return {}  # fewer than two people can have any
    fairness = roster.measured(count).fairness
    loads = np.asarray(roster.loads_of(count), dtype=np.float64) / per
    shares = fair_shares(fairness, loads)
    bands = spoken_of(fairness, allowed_band(fairness, loads), float(loads.sum()))
    carried = carried_of(roster.problem, count) / per
    names = shown_names([person.name for person in roster.problem.people])
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.where(shares > 0, loads / shares - 1, 0.0)
    return {
        index: LoadRow(names[index], float(x), float(s), float(low), float(high), float(e), None, float(carried[index]))
        for index, x, s, (low, high), e in zip(compared, loads, shares, bands, excess, strict=True)
    }
