"""Rows planned within windows, compared with enumeration; rosters of many days by the checker."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

import numpy as np
import pytest
from small_rosters import SMALL
from test_row_space import DAYS, random_problem

from evenhand.applications.rosters import check_roster, parse_shift_benchmark, solve
from evenhand.applications.rosters.columns.row_space import Workspace
from evenhand.applications.rosters.fair_counts import fair_counts
from evenhand.applications.rosters.model_search import Clock
from evenhand.applications.rosters.windows.first_rows import draw_up_in_windows
from evenhand.applications.rosters.windows.price_bound import PriceBound
from evenhand.applications.rosters.windows.row_windows import RowWindows, Window, WindowTallies, window_cuts
from evenhand.applications.rosters.windows.search_windows import search_windows
from evenhand.applications.rosters.windows.window_draft import WindowDraft
from evenhand.fairness import CVAtMost, MaxOverMean


@pytest.mark.parametrize("seed", range(60))
def test_no_days_within_a_window_are_cheaper_than_those_found(seed: int) -> None:
    """All legal ways to change some days of a legal row are gone through."""
    problem = random_problem(seed)
    soft = {**problem.prices, "most_shifts": 1000.0} if "most_shifts" not in problem.prices else problem.prices
    [person] = problem.people
    problem = replace(problem, people=(replace(person, most_shifts={"early": DAYS, "late": DAYS}),), prices=soft)
    random = np.random.default_rng([seed, 2])
    work, off = random.integers(-20, 20, (DAYS, 2)).astype(float), random.integers(-20, 20, DAYS).astype(float)
    costs = {}
    for row in itertools.product((-1, 0, 1), repeat=DAYS):
        found = check_roster(problem, [[None if at < 0 else ("early", "late")[at] for at in row]])
        if not found.violations:
            price = sum(off[day] if at < 0 else work[day, at] for day, at in enumerate(row))
            costs[row] = price + found.cost
    cuts = window_cuts(problem)
    space = RowWindows(problem, problem.people[0], (), WindowTallies(), Workspace())
    for first, stop in itertools.combinations(cuts, 2):
        if not costs:
            break
        row = list(costs)[int(random.integers(len(costs)))]
        same = [other for other in costs if other[:first] == row[:first] and other[stop:] == row[stop:]]
        days = space.cheapest(np.array(row), Window(first, stop), work[first:stop], off[first:stop])
        assert days is not None
        assert costs[(*row[:first], *days.tolist(), *row[stop:])] == pytest.approx(min(costs[one] for one in same))


def test_a_limit_on_a_shift_is_kept_across_windows() -> None:
    """The row works it twice outside, so that the window has one left, however much it would gain."""
    problem = parse_shift_benchmark(SMALL)
    person = replace(problem.people[0], most_shifts={"E": 3, "L": 7}, days_off=frozenset(), longest_run=7)
    space = RowWindows(problem, person, (), WindowTallies(), Workspace())
    row = np.array([0, 0, -1, -1, -1, -1, -1])
    days = space.cheapest(row, Window(2, 5), np.array([[-9.0, -1.0]] * 3), np.zeros(3))
    assert days is not None
    assert np.count_nonzero(days == 0) == 1


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_by_prices_is_below_the_optimum_and_near_it(seed: int) -> None:
    """HiGHS proves the optimum; every round's bound is valid, so that the best one is, too."""
    problem = parse_shift_benchmark(SMALL)
    random = np.random.default_rng(seed)
    cover = tuple(replace(need, preferred=int(random.integers(0, 3)), least=0) for need in problem.cover)
    problem = replace(problem, cover=cover, prices={"most_weekends": 5.0} if seed == 2 else {})
    rounds = iter(np.linspace(0.0, 1.0, 200).tolist())
    prices = PriceBound(problem)
    prices.raise_by(lambda: next(rounds))
    optimum = solve(problem).cost
    assert optimum is not None
    assert 0.7 * optimum - 5.0 <= prices.bound <= optimum + 1e-6


def long_problem() -> str:
    """Return the small problem with nine weeks and a limit of few early shifts."""
    people = "\n".join(f"{name},E=12|L=63,17280,14400,5,2,2,5" for name in "ABCDE")
    cover = "\n".join(f"{day},{shift},1,10,1" for day in range(63) for shift in "EL")
    shifts = "SECTION_HORIZON\n63\nSECTION_SHIFTS\nE,480,\nL,480,E\n"
    return f"{shifts}SECTION_STAFF\n{people}\nSECTION_DAYS_OFF\nA,30,31\nSECTION_COVER\n{cover}\n"


def test_long_rosters_are_legal_and_fair_and_interrupted_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Ctrl-C leaves is the best roster so far."""
    problem = parse_shift_benchmark(long_problem())
    fair = fair_counts(problem, {"late": CVAtMost(0.3), "weekends": MaxOverMean(1.3)})
    draft = WindowDraft(problem, fair)
    assert draw_up_in_windows(draft, np.random.default_rng(0), lambda: False)
    assert not check_roster(problem, draft.plan()).violations
    calls = iter(range(200))
    usual = WindowDraft.best_days

    def best_days(self: WindowDraft, *given: object) -> object:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return usual(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(WindowDraft, "best_days", best_days)
    clock = Clock(time.perf_counter() + 600.0)
    plan = search_windows(problem, fair, clock, 600.0, hot=4.0, seed=0)
    assert clock.interrupted
    assert plan is not None
    assert fair.accept(plan)
    assert not check_roster(problem, plan).violations
    assert check_roster(problem, plan).cost <= draft.cost
