"""Who got which wish."""

from __future__ import annotations

from tests.applications.rosters.small_answers import PLAN, small_answer

from evenhand.applications.rosters.wish_outcomes import wish_outcomes, wish_rows


def test_wishes_are_told_with_what_became_of_them() -> None:
    rows = wish_rows(small_answer().problem, PLAN)
    assert rows == [
        {
            "person": "Zoë",
            "day": 0,
            "date": "2026-03-27",
            "wished": "a day off",
            "weight": 2.0,
            "worked": "Night",
            "granted": False,
        },
        {
            "person": "Ben",
            "day": 1,
            "date": "2026-03-28",
            "wished": "a day off",
            "weight": 3.0,
            "worked": None,
            "granted": True,
        },
    ]


def test_granted_wishes_are_those_that_the_counts_count() -> None:
    answer = small_answer()
    granted = [one.request.person for one in wish_outcomes(answer.problem, PLAN) if one.granted]
    assert [granted.count(name) for name in ("Zoë", "Ben")] == answer.counts["granted"].tolist()
