"""Rosters that are changed a few rows at a time keep their cost, their rules and their fairness."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from small_rosters import SMALL

from evenhand.applications.rosters import check_roster, parse_shift_benchmark, solve, solve_roster
from evenhand.applications.rosters.columns.tallies import TooManyTalliesError
from evenhand.applications.rosters.fair_counts import fair_counts
from evenhand.applications.rosters.model_search import Clock
from evenhand.applications.rosters.neighbourhoods import part_models
from evenhand.applications.rosters.neighbourhoods.draft import Draft
from evenhand.applications.rosters.neighbourhoods.even_roster import even_roster
from evenhand.applications.rosters.neighbourhoods.first_roster import first_roster
from evenhand.applications.rosters.neighbourhoods.ruin_and_recreate import anneal, draw_up
from evenhand.fairness import CVAtMost, GiniAtMost, MaxOverMean

pytest.importorskip("highspy")

FAIR = {"late": CVAtMost(0.5), "weekends": MaxOverMean(1.2), "granted": GiniAtMost(0.6)}


def steps(count: int) -> Callable[[], float]:
    """Return a function that says that time is over after so many calls."""
    left = iter(range(count))
    return lambda: 1.0 if next(left, None) is None else 0.5


def test_a_draft_costs_what_the_checker_says_after_many_changes() -> None:
    """Cost, loads and unfairness are updated, never counted anew: they must not drift."""
    problem = parse_shift_benchmark(SMALL)
    fair = fair_counts(problem, FAIR)
    draft, rng = Draft(problem, fair), np.random.default_rng(3)
    assert draw_up(draft, rng)
    for _ in range(60):
        person = int(rng.integers(len(problem.people)))
        draft.take(person)
        draft.take(person)  # nothing changes where nothing is in
        row = draft.best_row(person, rng.random(draft.there.shape) * 20.0)
        assert row is not None
        draft.put(person, row)
    checked = check_roster(problem, draft.plan())
    assert not checked.violations
    assert draft.cost == pytest.approx(checked.cost)
    loads = fair.values(draft.plan())
    for one in draft.unfair:
        assert one.loads == pytest.approx(loads[one.count])
        assert (one.value() == 0.0) == (fair.unfair(one.count, loads[one.count]) == ())


def test_annealing_ends_with_the_optimum_of_a_tiny_problem() -> None:
    """HiGHS proves the same cost."""
    problem = parse_shift_benchmark(SMALL)
    draft, rng = Draft(problem, fair_counts(problem, None)), np.random.default_rng(0)
    draw_up(draft, rng)
    found = anneal(draft, rng, steps(300))
    assert check_roster(problem, found[-1]).cost == pytest.approx(solve(problem).cost)


def test_the_first_roster_is_legal_and_fair() -> None:
    """It is legal, too, by the checker."""
    problem = parse_shift_benchmark(SMALL)
    fair = fair_counts(problem, {"late": MaxOverMean(1.0)})
    plan = first_roster(problem, fair, Clock.of(60.0), seed=1)
    assert plan is not None
    assert fair.accept(plan)
    assert not check_roster(problem, plan).violations


def test_models_of_parts_take_over_where_counts_have_too_many_combinations(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is that of the usual search."""
    problem = parse_shift_benchmark(SMALL)
    usual = solve(problem, {"late": MaxOverMean(1.0)})

    def refuse(*_: object, **__: object) -> None:
        raise TooManyTalliesError

    monkeypatch.setattr(solve_roster, "ColumnSearch", refuse)
    assert solve(problem, {"late": MaxOverMean(1.0)}).cost == pytest.approx(usual.cost)


def test_a_part_never_makes_a_roster_dearer_or_unfair() -> None:
    """Each part begins with the roster that is known."""
    problem = parse_shift_benchmark(SMALL)
    fair = fair_counts(problem, {"late": CVAtMost(0.6)})
    plan = first_roster(problem, fair, Clock.of(60.0), seed=2)
    assert plan is not None
    parts = part_models.PartModels(problem, fair, plan, np.random.default_rng(0))
    before = parts.cost
    parts.run(Clock.of(0.5))
    assert parts.cost <= before
    assert fair.accept(parts.plan)
    assert check_roster(problem, parts.plan).cost == pytest.approx(parts.cost)
    assert not check_roster(problem, parts.plan).violations


def test_a_price_on_the_spread_of_counts_leads_to_a_fair_roster() -> None:
    """Nothing is cheaper than the proven optimum, and a roster that was unfair becomes fair."""
    problem = parse_shift_benchmark(SMALL)
    fair = fair_counts(problem, {"late": MaxOverMean(1.0), "minutes": CVAtMost(0.2)})
    unfair = solve(problem).plan
    assert unfair is not None
    plan = even_roster(problem, fair, Clock.of(60.0), gap=0.0, seed=0, near=unfair)
    assert plan is not None
    assert fair.accept(plan)
    checked = check_roster(problem, plan)
    assert not checked.violations
    optimum = solve(problem, {"late": MaxOverMean(1.0), "minutes": CVAtMost(0.2)}).cost
    assert optimum is not None
    assert checked.cost >= optimum - 1e-6
