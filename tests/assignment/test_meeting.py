"""Lists of combinations, and pairs of them, against brute force over all subsets and all pairs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from evenhand.assignment.kernels import meeting
from evenhand.assignment.kernels.meeting import DIMENSIONS, Combinations, Steps
from evenhand.assignment.kernels.unfairness_penalty import Rule, penalty_of


def random_steps(rng: np.random.Generator, steps: int, k: int = 3) -> Steps:
    """Draw steps of fewer tasks than steps, the least reduced cost first."""
    reduced = np.sort(rng.uniform(0.1, 1.0, steps))
    task = rng.integers(0, max(2, steps // 2), steps)
    return Steps(reduced, task, rng.normal(0.0, 1.0, steps), rng.normal(0.0, 1.0, (steps, k)))


def listed_from(steps: Steps, budget: float, room: int = 5000) -> tuple[Combinations, int]:
    into = meeting.room_for(room, steps.load.shape[1])
    return into, meeting.list_cheapest(steps, budget, into)


def members_of(into: Combinations, entry: int) -> tuple[int, ...]:
    found = []
    while entry > 0:
        found.append(int(into.last[entry]))
        entry = int(into.before[entry])
    return tuple(sorted(found))


def all_subsets(steps: Steps, budget: float) -> set[tuple[int, ...]]:
    """Return all sets of steps of different tasks within the budget."""
    count = len(steps.reduced)
    return {
        chosen
        for size in range(count + 1)
        for chosen in itertools.combinations(range(count), size)
        if len(set(steps.task[list(chosen)])) == size and sum(steps.reduced[q] for q in chosen) <= budget
    }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("room", [5000, 60])
def test_the_cheapest_combinations_are_listed_and_no_others(seed: int, room: int) -> None:
    """With room all within the budget; without, all up to some smaller sum."""
    steps = random_steps(np.random.default_rng(seed), 10)
    into, count = listed_from(steps, 1.7, room)
    found = [members_of(into, q) for q in range(count)]
    within = all_subsets(steps, 1.7)
    dearest = into.reduced[:count].max()
    assert len(set(found)) == count <= room
    assert set(found) == (within if len(within) <= room else all_subsets(steps, dearest + 1e-12))
    assert room == 5000 or count > 1
    for q, chosen in enumerate(found):
        assert into.reduced[q] == pytest.approx(steps.reduced[list(chosen)].sum())
        assert into.cost[q] == pytest.approx(steps.cost[list(chosen)].sum())
        np.testing.assert_allclose(into.load[q], steps.load[list(chosen)].sum(axis=0), atol=1e-12)


def test_more_free_combinations_than_room_leave_the_empty_one() -> None:
    """Ten steps for nothing make 1024 combinations; with room for 60 no sum at all can be listed whole."""
    steps = Steps(np.zeros(10), np.arange(10), np.ones(10), np.ones((10, 2)))
    into, count = listed_from(steps, 1.0, room=60)
    assert count == 1
    assert members_of(into, 0) == ()
    assert into.cost[0] == 0.0
    assert not into.load[0].any()


def test_tiny_sums_are_listed_beside_a_large_budget() -> None:
    """Where nearly everything costs nearly nothing, the list is still filled by half or so."""
    steps = random_steps(np.random.default_rng(1), 14)
    _, count = listed_from(steps._replace(reduced=1e-9 * steps.reduced), 1.0, room=300)
    assert 100 < count <= 300


def meet(seed: int, widths: float, below: float, patience: int):
    """Return the best pair that the kernel finds, and (merit, feasible) of all pairs by brute force."""
    rng = np.random.default_rng(seed)
    n, agents = 5, np.array([0, 2, 3])
    base = rng.uniform(3.0, 4.0, n)
    rows = np.zeros((DIMENSIONS, n))
    rows[:2] = rng.uniform(-0.3, 1.0, (2, n))
    rows[:2] -= rows[:2] @ base[:, None] / base.sum() - 0.1 / base.sum()
    share = np.full(n, 1.0 / n)
    order = (2.0, 3.0, 10.0, 2.5)[seed % 4]
    rule = Rule(rng.uniform(-1, 1, (4, n)), np.ones(4), np.full(4, 0.1), order, 1.02, share, np.ones(n), 5.0, 0.01)
    one, count = listed_from(random_steps(rng, 8), 2.0)
    two, count_two = listed_from(random_steps(rng, 8), 2.0)
    for listed, size in ((one, count), (two, count_two)):
        meeting.write_activities(rows[:, agents], size, listed)
    grid = meeting.make_grid(np.full(DIMENSIONS, widths), count_two, two)
    found = meeting.best_pair(rule, agents, base, rows @ base, one, count, two, grid, below, patience)
    known = {}
    for q, other in itertools.product(range(count), range(count_two)):
        loads = base.copy()
        loads[agents] += one.load[q] + two.load[other]
        if (rows @ loads).min() >= 0.0:
            known[q, other] = one.cost[q] + two.cost[other] + penalty_of(rule, loads)
    return found, known


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("widths", [np.inf, 1e3])
def test_the_best_of_all_pairs_is_found_on_a_wide_grid(seed: int, widths: float) -> None:
    (merit, q, other), known = meet(seed, widths, np.inf, 10**12)
    assert len(known) > 50
    assert merit == pytest.approx(min(known.values()), rel=1e-9)
    assert known[q, other] == pytest.approx(merit, rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("widths", "patience"), [(0.05, 10**12), (0.3, 2000), (np.inf, 100)])
def test_what_a_narrow_or_hasty_search_finds_is_feasible_and_better(seed: int, widths: float, patience: int) -> None:
    """And where it finds nothing, it says so, and returns the merit that was to be beaten."""
    _, known = meet(seed, np.inf, np.inf, 10**12)
    for below in (np.inf, float(np.median(list(known.values()))), min(known.values())):
        (merit, q, other), _ = meet(seed, widths, below, patience)
        if q < 0:
            assert (merit, other) == (below, -1)
        else:
            assert merit < below
            assert known[q, other] == pytest.approx(merit, rel=1e-9)
