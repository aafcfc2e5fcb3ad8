"""Requests that only have a price, such as keeping an earlier plan, cost but are not counted as anybody's wishes."""

from __future__ import annotations

from evenhand.applications.rosters import Person, Request, RosterProblem, Shift, check_roster
from evenhand.applications.rosters.counts import counts_of, entitlements_of

PROBLEM = RosterProblem(
    2,
    (Shift("E", 480),),
    (Person("Ada", {"E": 2}, 0, 960, 2), Person("Ben", {"E": 2}, 0, 960, 2)),
    requests=(Request("Ada", 0, "E", True, 2.0), Request("Ada", 1, "E", True, 5.0, counted=False)),
)


def test_only_wishes_are_counted() -> None:
    assert counts_of(PROBLEM, (("E", "E"), (None, None)))["granted"].tolist() == [1, 0]
    assert entitlements_of(PROBLEM, "granted").tolist() == [1, 0]


def test_both_kinds_cost() -> None:
    assert check_roster(PROBLEM, ((None, None), (None, None))).cost == 7
