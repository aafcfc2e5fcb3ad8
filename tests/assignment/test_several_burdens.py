"""The engine for several rules: against enumeration, a linear program, exact arithmetic, and by hand."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

import evenhand
from evenhand import Limits, Rule
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rules.build_ruled_problem import build_ruled_problem
from evenhand.assignment.rules.row_search import RowSearch
from evenhand.assignment.rules.solve_rules import solve_rules
from evenhand.errors import InputError

MEMBERS = {
    "EpsilonFairness": (0.0, 1.0),
    "JainAtLeast": (0.6, 1.0),
    "MaxOverMean": (1.0, 2.0),
    "LeastOverMean": (0.0, 1.0),
    "CVAtMost": (0.0, 0.8),
    "GiniAtMost": (0.0, 0.5),
    "HooverAtMost": (0.0, 0.5),
    "RangeAtMost": (0.0, 1.0),
}
ORDERS = (1.5, 2.0, 5.0, np.inf)


def member_of(random, n):
    """Return a random member; entitlements differ in some, and leave an agent out in others."""
    name = str(random.choice(list(MEMBERS)))
    shares, kind = None, random.random()
    if kind < 0.3:
        shares = tuple(random.uniform(0.3, 2.0, n).tolist())
    elif kind < 0.5 and n > 2:
        out = int(random.integers(n))
        shares = tuple(None if i == out else 1.0 for i in range(n))
    order = {"p": float(random.choice(ORDERS))} if name == "EpsilonFairness" else {}
    return getattr(evenhand, name)(float(random.uniform(*MEMBERS[name])), entitlements=shares, **order)


def rule_of(random, n, m):
    """Return a random rule or limits on a count, a row, a table, or nothing at all."""
    kind = random.random()
    if kind < 0.15:
        burden = "tasks"
    elif kind < 0.4:
        burden = random.integers(0, 5, m).astype(float)
    elif kind < 0.7:
        burden = np.round(random.uniform(0.0, 3.0, (n, m)), 2)
    else:
        burden = (random.random(m) < 0.4).astype(float) if kind < 0.97 else np.zeros(m)
    carried = None if random.random() < 0.6 else random.integers(0, 4, n).astype(float)
    if random.random() < 0.7:
        return Rule(burden, member_of(random, n), initial_loads=carried)
    least = [None if random.random() < 0.3 else float(random.integers(0, 3)) for _ in range(n)]
    most = [8.0 if random.random() < 0.3 else float(random.integers(3, 8)) for _ in range(n)]
    return Limits(burden, least=least, most=most, initial_loads=carried)


def drawn(seed):
    """Return a small checked problem; ties, equal tasks, negative costs, forbidden and locked pairs come up."""
    random = np.random.default_rng([seed, 2])
    n = int(random.integers(2, 5))
    m = int(random.integers(4, 7 if n == 4 else 9))
    costs = random.integers(-5, 15, (n, m)).astype(float)
    if random.random() < 0.3:
        costs = np.round(random.normal(0.0, 5.0, (n, m)), 3)
    if random.random() < 0.15:
        costs[:] = 3.0
    if random.random() < 0.2:
        costs[:, m // 2 :] = costs[:, : m - m // 2]
    if random.random() < 0.5:
        costs[random.random((n, m)) < 0.12] = np.inf
    if random.random() < 0.1:
        costs[random.integers(n)] = np.inf
    rules = [rule_of(random, n, m) for _ in range(int(random.integers(1, 4)))]
    needs = random.integers(1, 3, m).tolist() if random.random() < 0.3 else None
    task = int(random.integers(m))
    able = np.flatnonzero(np.isfinite(costs[:, task]))
    locked = {task: int(random.choice(able))} if random.random() < 0.25 and len(able) else None
    return build_ruled_problem(costs, rules, needs=needs, locked=locked)


def cheapest(problem):
    """Return the least cost of a plan that keeps all rules, by enumeration; inf if there is none."""
    n, m = problem.costs.shape
    cost, loads = np.zeros(1), [row.carried[np.newaxis] for row in problem.rows]
    for j in range(m):
        must = set(problem.agents_locked_to.get(j, []))
        groups = [
            list(group)
            for group in itertools.combinations(range(n), int(problem.needs[j]))
            if np.isfinite(problem.costs[list(group), j]).all() and must <= set(group)
        ]
        cost = np.concatenate([cost + problem.costs[group, j].sum() for group in groups] or [cost[:0]])
        for r, row in enumerate(problem.rows):
            added = np.zeros((len(groups), n))
            for k, group in enumerate(groups):
                added[k, group] = row.burden[group, j]
            loads[r] = np.concatenate([loads[r] + one for one in added] or [loads[r][:0]])
    for plan in np.argsort(cost, kind="stable"):
        if all(row.kept_by(those[plan]) for row, those in zip(problem.rows, loads, strict=True)):
            return float(cost[plan])
    return math.inf


def solved(problem, gap=0.0, seed=0, limit=30.0):
    return solve_rules(problem, gap=gap, clock=Clock(limit, None), seed=seed)


def exact_bound(problem, certificate):
    """Return what a certificate of tasks that need one agent proves, in exact arithmetic, from its definition."""
    n, m = problem.costs.shape
    price = [[Fraction(0)] * n for _ in problem.rows]
    total = Fraction(0)
    for r, (row, found) in enumerate(zip(problem.rows, certificate.rules, strict=True)):
        for multiplier, point in zip(found.multipliers.tolist(), found.points.tolist(), strict=True):
            assert multiplier >= 0.0
            cut = row.fairness.exact_cut([Fraction(value) for value in point])
            for k, agent in enumerate(row.counted.tolist()):
                price[r][agent] += Fraction(multiplier) * cut[k]
        for sign, limits, multipliers in ((1, row.least, found.least), (-1, row.most, found.most)):
            for agent, multiplier in enumerate(multipliers.tolist()):
                assert multiplier >= 0.0
                if multiplier:
                    price[r][agent] += sign * Fraction(multiplier)
                    total += sign * Fraction(multiplier) * Fraction(float(limits[agent]))
        total -= sum(price[r][i] * Fraction(float(row.carried[i])) for i in range(n))
    for j in range(m):
        total += min(
            Fraction(float(problem.costs[i, j]))
            - sum(price[r][i] * Fraction(float(row.burden[i, j])) for r, row in enumerate(problem.rows))
            for i in range(n)
            if problem.allowed[i, j]
        )
    return total


@pytest.mark.parametrize("block", range(8))
def test_the_cheapest_plan_and_infeasibility_are_those_of_enumeration(block):
    infeasible = 0
    for seed in range(20 * block, 20 * block + 20):
        try:
            problem = drawn(seed)
        except InputError:
            continue  # a task that no agent may do, or too few
        best = cheapest(problem)
        found = solved(problem)
        infeasible += best == math.inf
        assert found.status == ("infeasible" if best == math.inf else "optimal"), seed
        if found.plan is not None:
            assert problem.cost_of(found.plan) == pytest.approx(best, rel=1e-9, abs=1e-9), seed
            assert found.bound <= best + 1e-9 * abs(best), seed
            if problem.needs.max() == 1:
                exact = exact_bound(problem, found.certificate)
                assert found.certified_bound <= exact, seed
                # A certificate gives way by the tolerances of the rules, no more.
                assert exact <= Fraction(best) + Fraction(1, 10**6) * max(1, abs(Fraction(best))), seed
    assert 0 < infeasible < 20


def linear(seed, n=4, m=30):
    """Return costs, hours and nights of a problem whose rules are linear."""
    random = np.random.default_rng(seed)
    costs, hours = random.uniform(0.0, 10.0, (n, m)), random.uniform(0.5, 2.0, (n, m))
    return costs, hours, (random.random(m) < 0.3).astype(float)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("need", [1, 2])
def test_the_relaxation_reaches_the_linear_program(seed, need):
    optimize = pytest.importorskip("scipy.optimize")
    costs, hours, nights = linear(seed)
    n, m = costs.shape
    rules = [
        Rule(hours, evenhand.MaxOverMean(1.1)),
        Rule(nights, evenhand.MaxOverMean(1.2)),
        Limits("tasks", least=need * 7, most=need * 8 if seed % 2 else None),
    ]
    problem = build_ruled_problem(costs, rules, needs=[need] * m)
    burdens = [hours, np.tile(nights, (n, 1)), np.ones((n, m))]
    rows, rights = [], []
    for burden, cap in ((burdens[0], 1.1), (burdens[1], 1.2)):
        for i in range(n):
            row = -cap / n * burden.copy()
            row[i] += burden[i]
            rows.append(row.ravel())
            rights.append(0.0)
    for i in range(n):
        row = np.zeros((n, m))
        row[i] = 1.0
        rows += [-row.ravel()] + ([row.ravel()] if seed % 2 else [])
        rights += [-need * 7.0] + ([need * 8.0] if seed % 2 else [])
    ones = np.array([np.tile(np.eye(m)[j], n) for j in range(m)])
    program = optimize.linprog(
        costs.ravel(), np.array(rows), rights, ones, np.full(m, float(need)), bounds=(0, 1), method="highs"
    )
    search = RowSearch(problem, 1e-6, Clock(30.0, None), 0)
    found = None
    for _ in range(5):
        found = search.system.relax(search.system.root, found, 100, 6, math.inf)
    # Rules may be exceeded by 1e-9 of the mean, which the bound must respect.
    assert found.bound * search.system.cost_scale == pytest.approx(program.fun, rel=1e-6)


def test_loads_that_are_whole_close_the_gap_that_parts_leave():
    # Ten nights among three: caps of 1.2 times the mean are 4, so two have 3 and one has 4, whatever parts could be.
    costs = np.zeros((3, 10))
    costs[1:] = 1.0
    problem = build_ruled_problem(costs, [Rule("tasks", evenhand.MaxOverMean(1.3))])
    found = solved(problem)
    assert (found.status, problem.cost_of(found.plan), found.bound) == ("optimal", 6.0, pytest.approx(6.0, abs=1e-6))
    assert found.certified_bound == pytest.approx(10.0 - 13.0 / 3.0, abs=1e-6)


def test_limits_that_cannot_be_met_have_a_certificate():
    problem = build_ruled_problem(np.ones((3, 8)), [Limits("tasks", most=2, name="few")])
    found = solved(problem)
    assert (found.status, found.plan, found.certificate.kind) == ("infeasible", None, "infeasible")
    nothing = build_ruled_problem(np.ones((2, 4)), [Limits(np.zeros(4), least=1)])
    assert solved(nothing).certificate.kind == "infeasible"


def test_zero_burdens_are_fair_and_ask_nothing():
    costs = np.array([[1.0, 5.0, 2.0], [4.0, 3.0, 9.0]])
    problem = build_ruled_problem(costs, [Rule(np.zeros(3), evenhand.JainAtLeast(1.0))])
    found = solved(problem)
    assert problem.cost_of(found.plan) == 6.0
    assert found.bound == pytest.approx(6.0)


def test_two_hundred_and_fifty_tasks_under_three_rules_and_limits():
    random = np.random.default_rng(1)
    here, there = random.random((5, 2)), random.random((250, 2))
    costs = 100.0 * np.linalg.norm(here[:, np.newaxis] - there, axis=2)
    rules = [
        Rule(costs, evenhand.EpsilonFairness(0.9)),
        Rule(np.round(random.uniform(0.5, 2.0, 250), 2), evenhand.JainAtLeast(0.95)),
        Rule((random.random(250) < 0.2).astype(float), evenhand.MaxOverMean(1.3)),
        Limits("tasks", least=42, most=58),
    ]
    problem = build_ruled_problem(costs, rules)
    first, again = solved(problem, 1e-3, 3), solved(problem, 1e-3, 3)
    assert first.status == "optimal"
    cost = problem.cost_of(first.plan)
    assert cost - first.bound <= 1e-3 * cost
    assert all(row.kept_by(row.loads_of(first.plan)) for row in problem.rows)
    assert (first.plan == again.plan).all()
    assert (first.bound, first.nodes) == (again.bound, again.nodes)
    other = solved(problem, 1e-3, 4)
    assert other.bound <= cost * (1.0 + 1e-12)
    assert first.bound <= problem.cost_of(other.plan) * (1.0 + 1e-12)


def test_control_c_and_the_clock_keep_the_best_plan():
    random = np.random.default_rng(5)
    costs, nights = random.random((6, 80)), (random.random(80) < 0.3).astype(float)
    rules = [Rule(costs, evenhand.CVAtMost(0.01)), Rule(nights, evenhand.GiniAtMost(0.05))]
    problem = build_ruled_problem(costs, rules)

    def interrupt(progress):
        if progress.phase == "search" and progress.cost is not None:
            raise KeyboardInterrupt

    stopped = solve_rules(problem, gap=0.0, clock=Clock(60.0, interrupt, 0.0), seed=0)
    assert stopped.interrupted
    assert stopped.plan is not None
    assert stopped.status == "time_limit"
    assert stopped.bound <= problem.cost_of(stopped.plan)
    late = solved(problem, 0.0, limit=0.3)
    assert late.status == "time_limit"
    assert late.bound <= problem.cost_of(stopped.plan)
