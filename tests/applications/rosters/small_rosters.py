"""Tiny problems of which a test can enumerate all rosters."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from evenhand.applications.rosters import RosterProblem, check_roster
from evenhand.applications.rosters.counts import Plan

SMALL = """\
SECTION_HORIZON
7
SECTION_SHIFTS
E,480,
L,480,E
SECTION_STAFF
A,E=7|L=7,1920,960,3,2,1,1
B,E=7|L=7,1920,960,3,2,2,1
C,E=0|L=7,1920,960,4,1,1,1
SECTION_DAYS_OFF
A,0
SECTION_SHIFT_ON_REQUESTS
B,0,E,3
SECTION_SHIFT_OFF_REQUESTS
C,3,L,2
SECTION_COVER
0,E,1,10,1
0,L,1,10,1
3,L,2,7,1
5,E,1,10,1
6,L,1,10,1
"""


def legal_rows(problem: RosterProblem, index: int) -> list[tuple[str | None, ...]]:
    """Return all legal rows of one person, by the checker alone."""
    names = [None, *(shift.name for shift in problem.shifts)]
    free: list[tuple[str | None, ...]] = [(None,) * problem.days] * len(problem.people)
    found = []
    for row in itertools.product(names, repeat=problem.days):
        plan = [*free[:index], row, *free[index + 1 :]]
        person = problem.people[index].name
        if not any(one.person == person for one in check_roster(problem, plan).violations):
            found.append(row)
    return found


def every_plan(problem: RosterProblem) -> Iterator[Plan]:
    """Yield every plan with a legal row for each person."""
    yield from itertools.product(*(legal_rows(problem, index) for index in range(len(problem.people))))
