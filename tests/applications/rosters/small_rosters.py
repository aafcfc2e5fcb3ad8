"""Tiny problems of which a test can enumerate all rosters."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters import RosterProblem, check_roster
from evenhand.arrays import Array

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


def every_plan(problem: RosterProblem) -> tuple[list[list[tuple[str | None, ...]]], NDArray[np.intp], Array]:
    """Return all legal plans with their costs.

    Returns
    -------
    rows
        For each person, all legal rows.
    plans
        For each plan, the position of each person's row, shape (q, n).
    costs
        Cost of each plan, shape (q,); infinite if hard cover is violated.
    """
    rows = [legal_rows(problem, index) for index in range(len(problem.people))]
    plans = np.indices([len(one) for one in rows]).reshape(len(rows), -1).T
    nobody = replace(problem, cover=())
    costs = np.zeros(len(plans))
    free: list[tuple[str | None, ...]] = [(None,) * problem.days] * len(rows)
    nothing = check_roster(nobody, free).cost
    for index, one in enumerate(rows):
        of_row = [check_roster(nobody, [*free[:index], row, *free[index + 1 :]]).cost - nothing for row in one]
        costs += np.array(of_row)[plans[:, index]]
    for need in problem.cover:
        works = [np.array([row[need.day] == need.shift for row in one]) for one in rows]
        there = sum(has[plans[:, index]].astype(int) for index, has in enumerate(works))
        costs += need.under_cost * np.maximum(0, need.preferred - there)
        costs += need.over_cost * np.maximum(0, there - need.preferred)
        short = np.maximum(0, need.least - there)
        costs += np.where(short > 0, problem.prices.get("least_cover", np.inf) * np.maximum(short, 1), 0.0)
        if need.most is not None:
            costs[there > need.most] = np.inf
    return rows, plans, costs + nothing
