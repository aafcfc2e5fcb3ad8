"""The checker finds each kind of violation, and counts costs as by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_rosters import SMALL

from evenhand.applications.rosters import Cover, Request, RosterProblem, check_roster, parse_shift_benchmark

FREE = "......."


def rows(*texts: str) -> list[tuple[str | None, ...]]:
    """Return rows of a plan from letters; a dot is a day off."""
    return [tuple(None if letter == "." else letter for letter in text) for text in texts]


def rules_of(problem: RosterProblem, *texts: str) -> list[tuple[str, str | None, float]]:
    """Return the hard violations of a plan: rule, person and amount."""
    return [(one.rule, one.person, one.amount) for one in check_roster(problem, rows(*texts)).violations]


LEGAL = (".EE.LL.", "EE..EE.", "L..L...")


def test_a_legal_plan_costs_what_its_requests_and_cover_say() -> None:
    """Days 0 and 5 are covered, day 3 lacks one late shift, day 6 its only one, and C works on a day not wished."""
    checked = check_roster(parse_shift_benchmark(SMALL), rows(*LEGAL))
    assert checked.violations == ()
    assert checked.cost == 7 + 10 + 2


@pytest.mark.parametrize(
    ("index", "row", "rule", "amount"),
    [
        (0, ".LE.LL.", "sequence", 1),
        (0, "EEE.LL.", "days_off", 1),
        (0, ".EEEE..", "longest_run", 1),
        (0, "..E.LL.", "shortest_run", 1),
        (1, "EE.EE..", "shortest_rest", 1),
        (1, "EE.....", "least_minutes", 0),
        (1, "E......", "least_minutes", 480),
        (1, "EEE.EEE", "most_minutes", 960),
        (2, "E..L...", "most_shifts", 1),
    ],
)
def test_each_rule_is_found(index: int, row: str, rule: str, amount: float) -> None:
    """One change of a legal plan violates one rule of that person, by that amount."""
    problem = parse_shift_benchmark(SMALL)
    plan = [*LEGAL[:index], row, *LEGAL[index + 1 :]]
    found = {broken: size for broken, person, size in rules_of(problem, *plan) if person == "ABC"[index]}
    assert found.get(rule, 0) == amount


def test_weekends_count_saturday_or_sunday_once() -> None:
    """Both days of one weekend are one weekend."""
    problem = parse_shift_benchmark(SMALL)
    none = replace(problem, people=tuple(replace(person, most_weekends=0) for person in problem.people))
    assert ("most_weekends", "C", 1.0) in rules_of(none, FREE, FREE, ".....LL")


def test_work_before_the_first_day_counts() -> None:
    """Two late days before make three with the first, and an early shift may not follow."""
    problem = parse_shift_benchmark(SMALL)
    people = tuple(replace(person, last_days=(None, "L", "L")) for person in problem.people)
    assert ("longest_run", "B", 1.0) in rules_of(replace(problem, people=people), FREE, "LL.....", FREE)[:9]
    assert ("sequence", "B", 1.0) in rules_of(replace(problem, people=people), FREE, "E......", FREE)


def test_a_rule_with_a_price_costs_and_is_no_violation() -> None:
    """The price is for each unit."""
    problem = replace(parse_shift_benchmark(SMALL), prices={"longest_run": 5.0})
    dear, cheap = (check_roster(problem, rows(first, *LEGAL[1:])) for first in (".EEEE..", ".EEE..."))
    assert [one.rule for one in dear.priced] == ["longest_run"]
    assert not dear.violations
    assert dear.cost - cheap.cost == 5.0


def test_hard_cover_and_requests_that_must_be_granted() -> None:
    """They are violations, and cost nothing."""
    problem = parse_shift_benchmark(SMALL)
    changed = replace(
        problem,
        cover=(*problem.cover, Cover(1, "E", 0, least=3), Cover(2, "E", 0, most=0)),
        requests=(*problem.requests, Request("A", 1, None, False, float("inf"))),
    )
    found = rules_of(changed, *LEGAL)
    assert found == [("least_cover", None, 1.0), ("most_cover", None, 1.0), ("request", "A", 1.0)]
