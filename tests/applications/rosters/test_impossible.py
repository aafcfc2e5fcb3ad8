"""What makes a problem impossible is named before the search: person, day and rule."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from small_rosters import SMALL

from evenhand.applications.rosters import Cover, Person, Request, RosterProblem, parse_shift_benchmark, solve
from evenhand.applications.rosters.impossible import refuse_impossible
from evenhand.errors import InputError

BASE = parse_shift_benchmark(SMALL, "ward.txt")


def with_cover(*cover: Cover) -> RosterProblem:
    """Return the problem with other cover."""
    return replace(BASE, cover=cover)


def with_requests(*requests: Request) -> RosterProblem:
    """Return the problem with other requests."""
    return replace(BASE, requests=requests)


def with_person(**changes: object) -> RosterProblem:
    """Return the problem with changes of its second person."""
    changed: Person = replace(BASE.people[1], **changes)  # type: ignore[arg-type]
    return replace(BASE, people=(BASE.people[0], changed, BASE.people[2]))


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (with_cover(Cover(2, "E", 3, least=3)), "day 2 (Wed), shift 'E': at least 3 people are needed, but only 2"),
        (with_cover(Cover(0, "E", 2, least=2)), "day 0 (Mon), shift 'E': at least 2 people are needed, but only 1"),
        (
            with_cover(Cover(0, "E", 1, least=1), Cover(0, "L", 2, least=2)),
            "day 0 (Mon): shifts 'E', 'L' need 3 people together, but only 2",
        ),
        (
            with_cover(*(Cover(day, "L", 2, least=2) for day in range(7))),
            "needs 112 hours, but people may work 96 in all",
        ),
        (
            with_requests(Request("B", 1, "E", True, math.inf), Request("B", 1, "L", True, math.inf)),
            "person 'B', day 1 (Tue): must work shift 'E' and must work shift 'L'; these contradict each other",
        ),
        (
            with_requests(Request("B", 1, "E", True, math.inf), Request("B", 1, None, False, math.inf)),
            "must work shift 'E' and must not work any shift",
        ),
        (with_requests(Request("A", 0, "E", True, math.inf)), "person 'A', day 0 (Mon): must work, and is absent"),
        (with_requests(Request("C", 1, "E", True, math.inf)), "must work shift 'E', but may not work it"),
        (
            with_person(least_minutes=1920, days_off=frozenset(range(5))),
            "no legal roster of 7 days; one of these must be relaxed: least minutes 1920 (32 hours); days off",
        ),
        (
            with_requests(*(Request("B", day, "E", True, math.inf) for day in range(4))),
            "person 'B' has no legal roster of 7 days; one of these must be relaxed: longest run 3",
        ),
    ],
)
def test_the_contradiction_is_named(problem: RosterProblem, message: str) -> None:
    """The message begins with the source and says who, when, and what would help."""
    with pytest.raises(InputError) as caught:
        solve(problem)
    assert message in str(caught.value)
    assert str(caught.value).startswith("ward.txt: ")


def test_rules_with_a_price_refuse_nothing() -> None:
    """What may be broken at a price is possible."""
    refuse_impossible(replace(with_cover(Cover(2, "E", 3, least=3)), prices={"least_cover": 5.0}))
    refuse_impossible(replace(with_person(least_minutes=1920, days_off=frozenset(range(5))), prices={"days_off": 1.0}))
    refuse_impossible(BASE)
