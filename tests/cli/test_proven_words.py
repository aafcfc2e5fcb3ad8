"""What the commands of ``solve`` say about a total and its bound is true, also where the bound is far or zero."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from tests.applications.rosters.small_answers import small_answer

from evenhand import CVAtMost
from evenhand.applications.rosters.counts import people_compared
from evenhand.cli.solve import common
from evenhand.cli.solve.roster_shown import show_roster
from evenhand.errors import InputError


@pytest.mark.parametrize(
    ("cost", "bound", "maximise", "said"),
    [
        (201.0, 100.0, False, ", at most 101.00 % above the best"),
        (100.0, 201.0, True, ", at most 50.25 % above the best"),
        (3.0, 3.0 - 1e-12, False, ", at most 0 % above the best"),
        (3.0, 2.99997, False, ", at most 0.01 % above the best"),
        (4.0, 0.0, False, "; the proven bound is 0"),
        (4.0, -2.0, False, "; the proven bound is -2"),
        (-2.0, -4.0, False, ", at most 50.00 % above the best"),
        (4.0, None, False, ""),
        (None, 4.0, False, ""),
    ],
)
def test_the_distance_from_the_best_is_relative_to_the_bound(cost, bound, maximise, said) -> None:
    answer = SimpleNamespace(cost=cost, bound=bound, maximise=maximise)
    assert common.beyond_bound(answer, "above the best") == said


@pytest.mark.parametrize(("found", "price"), [(5.0, "40.00 %"), (6.0, "40.00 % at most"), (None, "40.00 % at most")])
def test_a_price_of_fairness_against_a_bound_is_at_most_that(capsys, found, price) -> None:
    members = {"nights": CVAtMost(9.0, entitlements=(1.0, 1.0))}
    show_roster(replace(small_answer(), fairness=members, base_cost=5.0, base_found=found))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert f"Price of fairness {price}" in lines


def test_a_roster_without_fairness_is_told_where_no_fair_one_is_found(capsys) -> None:
    answer = replace(small_answer(), status="time_limit", plan=None, cost=None, counts={}, base_found=6.0)
    show_roster(answer)
    said = " ".join(capsys.readouterr().out.split())
    assert "none found, none excluded" in said
    assert "Without fairness a roster of cost 6 is known: leave out --share and --fair" in said


def test_hours_that_are_too_few_for_all_places_are_told(capsys) -> None:
    answer = small_answer()
    people = tuple(replace(person, most_minutes=450.0) for person in answer.problem.people)
    cover = tuple(replace(need, preferred=3) for need in answer.problem.cover)
    show_roster(replace(answer, problem=replace(answer.problem, people=people, cover=cover)))
    said = " ".join(capsys.readouterr().out.split())
    assert "Too few hours all places take 45, and people may work 15 at most" in said


def test_wishes_that_nobody_has_cannot_be_shared() -> None:
    problem = replace(small_answer().problem, requests=())
    with pytest.raises(InputError, match="0 people have a wish, so that 'granted' compares nobody; give wishes"):
        people_compared(problem, "granted")
