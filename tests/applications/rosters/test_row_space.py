"""The cheapest row of a person, compared with enumeration of all rows."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import numpy as np
import pytest

from evenhand.applications.rosters import Person, RosterProblem, Shift, check_roster
from evenhand.applications.rosters.columns.row_space import RowSpace

DAYS = 6


def random_problem(seed: int) -> RosterProblem:
    """Return one person's random rules, some of them with a price, from any weekday, with or without a past."""
    random = np.random.default_rng(seed)

    def below(most: int) -> int:
        return int(random.integers(most))

    shifts = (
        Shift("early", 480),
        Shift("late", float(random.choice([480, 540])), cannot_precede=frozenset(["early"] if below(2) else [])),
    )
    past = tuple(random.choice([None, "early", "late"], size=below(4)).tolist())
    rules = ["sequence", "most_shifts", "least_minutes", "most_minutes", "longest_run", "shortest_run", "shortest_rest"]
    prices = {rule: float(1 + below(9)) for rule in [*rules, "most_weekends"] if below(3) == 0}
    longest = 1 + below(4)
    person = Person(
        "Ann",
        most_shifts={"early": below(DAYS + 1), "late": 1 + below(DAYS)},
        least_minutes=480.0 * below(3),
        most_minutes=480.0 * (2 + below(4)) + 30,
        longest_run=longest,
        shortest_run=1 + below(longest),
        shortest_rest=1 + below(3),
        most_weekends=below(3),
        last_days=past,
    )
    first = date(2026, 11, 23) + timedelta(days=below(7))
    return RosterProblem(DAYS, shifts, (person,), first_date=first, prices=prices)


@pytest.mark.parametrize("seed", range(40))
def test_no_row_is_cheaper_than_the_one_found(seed: int) -> None:
    problem = random_problem(seed)
    random = np.random.default_rng([seed, 1])
    work, off = random.integers(-20, 20, (DAYS, 2)).astype(float), random.integers(-20, 20, DAYS).astype(float)
    names = [shift.name for shift in problem.shifts]
    best = np.inf
    for row in itertools.product((-1, 0, 1), repeat=DAYS):
        price = sum(off[day] if at < 0 else work[day, at] for day, at in enumerate(row))
        found = check_roster(problem, [[None if at < 0 else names[at] for at in row]])
        if not found.violations:
            best = min(best, price + found.cost)
    cheapest = RowSpace(problem, problem.people[0]).cheapest(work, off)
    if cheapest is None:
        assert best == np.inf
        return
    assert cheapest.value == pytest.approx(best, abs=1e-9)
    found = check_roster(problem, [[None if at < 0 else names[at] for at in cheapest.shifts]])
    price = sum(off[day] if at < 0 else work[day, at] for day, at in enumerate(cheapest.shifts))
    assert not found.violations
    assert price + found.cost == pytest.approx(best, abs=1e-9)
