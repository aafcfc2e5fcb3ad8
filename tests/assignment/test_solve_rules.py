"""Small problems with rules, limits, tasks of several agents, exclusions and locked tasks, against enumeration."""

import itertools

import numpy as np
import pytest

from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rules.build_ruled_problem import build_ruled_problem
from evenhand.assignment.rules.exclusive_tasks import cliques_in_time, covering_cliques, joined
from evenhand.assignment.rules.rule import Limits, Rule
from evenhand.assignment.rules.solve_rules import solve_rules
from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    JainAtLeast,
    LeastOverMean,
    MaxOverMean,
    RangeAtMost,
)
from evenhand.tables.visit_times import times_of


def random_problem(seed):
    """Return a checked problem of two or three agents and up to seven tasks; every kind of demand comes up."""
    random = np.random.default_rng(seed)
    n = int(random.integers(2, 4))
    m = int(random.integers(2, 7 if n == 3 else 8))
    costs = np.round(random.uniform(1, 10, (n, m)), 2) if seed % 3 else random.integers(1, 6, (n, m)).astype(float)
    costs[random.random((n, m)) < 0.12] = np.inf
    for task in np.flatnonzero(np.isinf(costs).all(axis=0)):
        costs[random.integers(n), task] = 3.0
    needs = np.ones(m, int)
    if seed % 4 == 1:
        needs = np.minimum(random.integers(1, 3, m), np.isfinite(costs).sum(axis=0))
    cliques = ()
    if seed % 5:
        times = [(int(start), int(start + length)) for start, length in random.integers((0, 1), (8, 4), (m, 2))]
        cliques = cliques_in_time(times_of(times, [f"t{k}" for k in range(m)]))
    if seed % 5 == 2:
        pairs = {pair for pair in itertools.combinations(range(m), 2) if random.random() < 0.25}
        cliques = joined(cliques, covering_cliques(pairs))
    locked = None
    if seed % 6 == 3:
        task = int(random.integers(m))
        locked = {task: int(random.choice(np.flatnonzero(np.isfinite(costs[:, task]))))}
    rules = [random_rule(random, n, m) for _ in range(int(random.integers(1, 4)))]
    return build_ruled_problem(costs, rules, needs=needs, exclusive=cliques, locked=locked)


def random_rule(random, n, m):
    """Return a rule of any member, or limits, on a table, a row or the count of tasks."""
    burden = np.round(random.uniform(0.2, 3, (n, m)), 2) if random.random() < 0.6 else random.integers(0, 2, m)
    burden = "tasks" if random.random() < 0.1 else burden
    carried = None if random.random() < 0.7 else random.integers(0, 3, n).astype(float)
    if random.random() < 0.3:
        least = float(random.integers(0, 3)) if random.random() < 0.6 else None
        return Limits(burden, least=least, most=float(random.integers(3, 8)), initial_loads=carried)
    members = [
        MaxOverMean(random.uniform(1.05, 1.8)),
        JainAtLeast(random.uniform(0.7, 0.99)),
        GiniAtMost(random.uniform(0.05, 0.3)),
        CVAtMost(random.uniform(0.1, 0.6)),
        LeastOverMean(random.uniform(0.2, 0.8)),
        EpsilonFairness(random.uniform(0.3, 0.95), 2),
        RangeAtMost(random.uniform(0.2, 1.2)),
    ]
    return Rule(burden, members[random.integers(len(members))], initial_loads=carried)


def least_by_enumeration(problem):
    """Return the least cost of all plans that keep everything; inf if there is none."""
    n, m = problem.costs.shape
    choices = [
        [
            agents
            for agents in itertools.combinations(range(n), int(problem.needs[task]))
            if np.isfinite(problem.costs[list(agents), task]).all()
            and all(agent in agents for agent, locked in problem.locked if locked == task)
        ]
        for task in range(m)
    ]
    conflicts = {pair for clique in problem.exclusive for pair in itertools.combinations(clique, 2)}
    least = np.inf
    for way in itertools.product(*choices):
        cost = sum(problem.costs[list(agents), task].sum() for task, agents in enumerate(way))
        if cost >= least or any(set(way[a]) & set(way[b]) for a, b in conflicts):
            continue
        plan = np.full((m, int(problem.needs.max())), -1)
        for task, agents in enumerate(way):
            plan[task, : len(agents)] = agents
        if all(row.kept_by(row.loads_of(plan)) for row in problem.rows):
            least = cost
    return least


def check_against_enumeration(seed):
    """Solve a random problem to a gap of 0 or 1e-4, and compare the answer with the least cost of all plans."""
    problem = random_problem(seed)
    gap = 0.0 if seed % 2 else 1e-4
    least = least_by_enumeration(problem)
    outcome = solve_rules(problem, gap=gap, clock=Clock(60, None), seed=0)
    if least == np.inf:
        assert (outcome.status, outcome.plan, outcome.bound) == ("infeasible", None, np.inf)
        return
    cost = problem.cost_of(outcome.plan)
    assert outcome.status == "optimal"
    assert least - 1e-9 <= cost <= least * (1 + gap + 1e-9)
    assert outcome.certified_bound <= least + 1e-9
    assert cost * (1 - gap) - 1e-9 <= outcome.bound <= least + 1e-9
    taken = [set(agents[agents >= 0].tolist()) for agents in outcome.plan]
    assert [len(agents) for agents in taken] == problem.needs.tolist()
    for clique in problem.exclusive:
        assert not any(taken[a] & taken[b] for a, b in itertools.combinations(clique, 2))


@pytest.mark.parametrize("first", range(0, 300, 25))
def test_small_problems_against_enumeration(first):
    """Costs, status, both bounds and all exclusions hold; about half of the problems are infeasible."""
    for seed in range(first, first + 25):
        check_against_enumeration(seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(300, 5300, 100))
def test_many_small_problems_against_enumeration(first):
    """The same for thousands of problems."""
    for seed in range(first, first + 100):
        check_against_enumeration(seed)


def test_a_shortage_at_one_time_is_named():
    """Three visits at ten need three of two agents; a fourth, later, has nothing to do with it."""
    cliques = cliques_in_time(times_of([("10:00", "11:00")] * 3 + [("11:00", "12:00")], list("abcd")))
    problem = build_ruled_problem(np.ones((2, 4)), [Rule("tasks", MaxOverMean(2.0))], exclusive=cliques)
    outcome = solve_rules(problem, gap=1e-3, clock=Clock(10, None), seed=0)
    assert (outcome.status, outcome.short) == ("infeasible", ((0, 1, 2), (0, 1)))
