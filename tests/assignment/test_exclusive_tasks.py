"""Cliques of tasks that exclude each other hold every conflict and no other, and shortages of agents are found."""

import itertools

import numpy as np
import pytest

from evenhand.assignment.rules.exclusive_tasks import (
    broken,
    cliques_in_time,
    covering_cliques,
    joined,
    merged,
    too_few_agents,
)
from evenhand.errors import InputError
from evenhand.tables.visit_times import times_of


def names(count):
    """Return as many names of tasks."""
    return tuple(f"t{k}" for k in range(count))


def pairs_in(cliques):
    """Return all pairs within cliques."""
    return {pair for clique in cliques for pair in itertools.combinations(clique, 2)}


def maximal_cliques(count, pairs):
    """Return the maximal cliques of at least two tasks, by enumeration of all sets of tasks."""
    found = [
        set(tasks)
        for size in range(2, count + 1)
        for tasks in itertools.combinations(range(count), size)
        if all(pair in pairs for pair in itertools.combinations(tasks, 2))
    ]
    return sorted(tuple(sorted(one)) for one in found if not any(one < other for other in found))


@pytest.mark.parametrize("seed", range(60))
def test_cliques_in_time_are_all_maximal_cliques(seed):
    """Overlaps are compared pair by pair with the definition; starts that meet the end of a pause do not overlap."""
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 9))
    start = random.integers(0, 8, count)
    times = [
        (int(s), int(s + d), int(p))
        for s, d, p in zip(start, *random.integers([[1], [0]], [[4], [3]], (2, count)), strict=True)
    ]
    times = [None if random.random() < 0.1 else time for time in times]
    overlapping = {
        (a, b)
        for a, b in itertools.combinations(range(count), 2)
        if times[a] and times[b] and not (sum(times[a][1:]) <= times[b][0] or sum(times[b][1:]) <= times[a][0])
    }
    assert list(cliques_in_time(times_of(times, names(count)))) == maximal_cliques(count, overlapping)


@pytest.mark.parametrize("seed", range(60))
def test_a_cover_has_every_conflict_and_no_other(seed):
    """Each clique of the cover is maximal, so that its rows are as strong as can be."""
    random = np.random.default_rng(seed)
    count = int(random.integers(2, 9))
    pairs = {pair for pair in itertools.combinations(range(count), 2) if random.random() < 0.5}
    cliques = covering_cliques(pairs)
    assert pairs_in(cliques) == pairs
    assert set(cliques) <= set(maximal_cliques(count, pairs))


def test_joined_cliques_leave_out_those_inside_others():
    """The conflicts of both kinds remain."""
    assert joined(((0, 1, 2), (3, 4)), ((1, 2), (4, 5))) == ((0, 1, 2), (3, 4), (4, 5))


def test_tasks_that_stay_together_exclude_what_any_of_them_excludes():
    """Units 0 = {0, 3}, 1 = {1}, 2 = {2}: tasks 0 and 1 and tasks 2 and 3 exclude each other."""
    assert merged(((0, 1), (2, 3)), [0, 1, 2, 0], names(4)) == ((0, 1), (0, 2))


def test_a_group_with_an_overlap_of_its_own_is_refused():
    """Nobody can do two visits at one time."""
    with pytest.raises(InputError, match="tasks t0 and t2 stay together, but exclude each other"):
        merged(((0, 1, 2),), [0, 1, 0], names(3))


def test_the_first_overlap_of_a_plan_is_found():
    """The agent and both tasks are named, also where a task has two agents."""
    cliques = ((0, 1), (1, 2))
    assert broken(cliques, np.array([0, 1, 0])) is None
    assert broken(cliques, np.array([0, 1, 1])) == (1, 1, 2)
    assert broken(cliques, np.array([[0, 1], [2, -1], [1, 2]])) == (2, 1, 2)
    assert broken(cliques, np.array([[0, 1], [2, -1], [0, 1]])) is None


@pytest.mark.parametrize("seed", range(200))
def test_a_shortage_of_agents_is_found_exactly_where_tasks_of_a_clique_cannot_have_different_ones(seed):
    """Enumeration of all ways to give the tasks of the clique different agents."""
    random = np.random.default_rng(seed)
    n, m = int(random.integers(2, 5)), int(random.integers(2, 5))
    allowed = random.random((n, m)) < 0.5
    needs = random.integers(1, 3, m) if seed % 2 else np.ones(m, int)
    clique = tuple(range(m))
    choices = [
        [set(agents) for agents in itertools.combinations(np.flatnonzero(allowed[:, j]).tolist(), needs[j])]
        for j in range(m)
    ]
    possible = any(sum(map(len, way)) == len(set().union(*way)) for way in itertools.product(*choices))
    short = too_few_agents((clique,), allowed, needs)
    assert (short is None) == possible
    if short is not None:
        tasks, agents = short
        assert needs[tasks].sum() > len(agents)
        assert agents == np.flatnonzero(allowed[:, tasks].any(axis=1)).tolist()
        for task in tasks:
            rest = [other for other in tasks if other != task]
            assert not rest or needs[rest].sum() <= allowed[:, rest].any(axis=1).sum()
