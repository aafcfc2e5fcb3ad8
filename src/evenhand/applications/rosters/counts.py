"""What is counted of each person's work, and who is compared with whom by which entitlement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.arrays import Array
from evenhand.errors import InputError, choices

Plan = tuple[tuple[str | None, ...], ...]
"""For each person, for each day, the name of the shift; None for a day off."""

COUNTS: dict[str, str] = {
    "minutes": "minutes of work",
    "nights": "shifts of the kind night",
    "late": "shifts of the kind late",
    "weekends": "weekends with work on Saturday or Sunday",
    "granted": "requests that are granted",
}
"""The counts by name, with what they count."""

KINDS = {"nights": "night", "late": "late"}
"""The kind of shift of those counts that count shifts."""


def check_count(name: str) -> None:
    """Raise `InputError` unless there is a count of this name."""
    if name not in COUNTS:
        raise InputError(f"count {name!r} is not known; {choices(name, COUNTS, quoted=False)}")


def shifts_counted(problem: RosterProblem, count: str) -> frozenset[str]:
    """Return the names of the shifts that ``nights`` or ``late`` counts."""
    return frozenset(shift.name for shift in problem.shifts if KINDS[count] in shift.kinds)


def counts_of(problem: RosterProblem, plan: Sequence[Sequence[str | None]]) -> dict[str, Array]:
    """Return every count of every person in the problem's order, shape (n,) each, without what was carried."""
    minutes = {shift.name: float(shift.minutes) for shift in problem.shifts}
    counted = {count: shifts_counted(problem, count) for count in KINDS}
    position = {person.name: index for index, person in enumerate(problem.people)}
    found = {count: np.zeros(len(problem.people)) for count in COUNTS}
    for index, row in enumerate(plan):
        worked = [shift for shift in row if shift is not None]
        found["minutes"][index] = sum(minutes[shift] for shift in worked)
        for count, names in counted.items():
            found[count][index] = sum(shift in names for shift in worked)
        found["weekends"][index] = sum(any(row[day] is not None for day in days) for days in problem.weekends())
    for request in problem.wishes:
        index = position[request.person]
        found["granted"][index] += request.is_granted_by(plan[index][request.day])
    return found


def people_compared(problem: RosterProblem, count: str) -> tuple[int, ...]:
    """Return the positions of the people whom a count compares.

    These are all with an entitlement who can have any: for ``nights`` and ``late`` those who may work such a shift,
    for ``weekends`` those who may work one, for ``granted`` those with a request.

    Raises
    ------
    InputError
        If the count is unknown, or compares fewer than two people.
    """
    check_count(count)
    if count in KINDS:
        names = shifts_counted(problem, count)
        if not names:
            raise InputError(
                f"{problem.source}: no shift is of the kind {KINDS[count]!r}, so that {count!r} counts nothing; "
                f"give the kind to the shifts it should count"
            )
        able = [any(person.may_work(shift) for shift in names) for person in problem.people]
    elif count == "granted":
        asking = {request.person for request in problem.wishes}
        if len(asking) < 2:
            raise InputError(
                f"{problem.source}: {len(asking)} people have a wish, so that 'granted' compares nobody; give wishes"
            )
        able = [person.name in asking for person in problem.people]
    elif count == "weekends":
        able = [person.most_weekends > 0 for person in problem.people]
    else:
        able = [True] * len(problem.people)
    entitled = entitlements_of(problem, count)
    found = tuple(index for index, may in enumerate(able) if may and entitled[index] > 0)
    if len(found) < 2:
        raise InputError(
            f"{problem.source}: {count!r} compares {len(found)} people; at least two must be able to have any"
        )
    return found


def entitlements_of(problem: RosterProblem, count: str) -> Array:
    """Return what each person's count is in proportion to, shape (n,): the contract; for ``granted``, the requests."""
    if count != "granted":
        return np.array([person.entitlement for person in problem.people])
    asked = np.zeros(len(problem.people))
    position = {person.name: index for index, person in enumerate(problem.people)}
    for request in problem.wishes:
        asked[position[request.person]] += 1
    return asked


def carried_of(problem: RosterProblem, count: str) -> Array:
    """Return what each person carries of a count from earlier rosters, shape (n,)."""
    return np.array([float(person.carried.get(count, 0.0)) for person in problem.people])
