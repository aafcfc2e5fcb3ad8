"""Annealing along chains keeps exclusions, locked pairs and the number of agents; the row dual bounds every plan."""

import itertools

import numpy as np
import pytest

from evenhand.assignment.kernels import chain_moves, row_dual
from evenhand.assignment.rules.build_ruled_problem import build_ruled_problem
from evenhand.assignment.rules.row_system import RowSystem
from evenhand.assignment.rules.rule import Limits


def small_problem(seed):
    """Return a problem of 4 agents and 9 tasks, some of which need two agents, with conflicts and a locked pair."""
    random = np.random.default_rng(seed)
    costs = random.uniform(1, 9, (4, 9))
    costs[random.random((4, 9)) < 0.1] = np.inf
    costs[:2] = np.minimum(costs[:2], 9.5)  # two agents can do everything
    pairs = [pair for pair in itertools.combinations(range(9), 2) if random.random() < 0.15]
    needs = np.where(random.random(9) < 0.3, 2, 1)
    limits = [Limits("tasks", least=1, most=6)]
    return build_ruled_problem(costs, limits, needs=needs, exclusive=tuple(pairs), locked={0: 0})


@pytest.mark.parametrize("seed", range(20))
def test_moves_along_chains_break_nothing(seed):
    """From a plan without conflicts, hot annealing reaches only plans without conflicts."""
    problem = small_problem(seed)
    system = RowSystem(problem)
    root, state = system.root, np.array([seed + 1], np.uint64)
    has = root.locked.copy()
    for task, agents in enumerate(problem.plan_of_least(problem.costs)):
        has[task, agents[agents >= 0]] = True
    conflicts = {pair for clique in problem.exclusive for pair in itertools.combinations(clique, 2)}
    cost = np.where(root.open | root.locked, system.cost, np.inf)
    left = chain_moves.resolve_conflicts(cost, system.conflicts, root.locked, has, 2000, state)
    assert left == sum(int((has[a] & has[b]).sum()) for a, b in conflicts)
    if left:
        pytest.skip("no plan without conflicts was found")
    choices = np.flatnonzero(root.open)
    tables = row_dual.Tables(cost, system.burden, system.needs)
    best, price = has.copy(), np.ones(len(system.rows.least))
    before = has.copy()
    least = chain_moves.anneal_chains(
        tables, system.rows, price, system.conflicts, choices, root.locked, has, best, 5.0, 4.0, 500, state
    )
    assert (has != before).any(), "at such a temperature something moves"
    for plan in (has, best):
        assert not any((plan[a] & plan[b]).any() for a, b in conflicts)
        assert (plan.sum(axis=1) == problem.needs).all()
        assert plan[0, 0]
        assert np.isfinite(system.cost[plan]).all()
    if np.isfinite(least):
        assert system.cost[best].sum() == pytest.approx(least)
        assert ((best.sum(axis=0) >= 1) & (best.sum(axis=0) <= 6)).all()


@pytest.mark.parametrize("seed", range(10))
def test_the_row_dual_comes_to_the_optimum_of_the_linear_program(seed):
    """HiGHS solves the same relaxation, with a row for each conflict and limit; no bound exceeds it."""
    highspy = pytest.importorskip("highspy")
    problem = small_problem(seed)
    n, m = problem.costs.shape
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    x = {
        (agent, task): model.addVariable(float((agent, task) == (0, 0)), 1, problem.costs[agent, task])
        for agent, task in np.ndindex(n, m)
        if np.isfinite(problem.costs[agent, task])
    }
    for task in range(m):
        model.addConstr(sum(x[agent, task] for agent in range(n) if (agent, task) in x) == int(problem.needs[task]))
    for agent in range(n):
        mine = [x[agent, task] for task in range(m) if (agent, task) in x]
        model.addConstr(sum(mine) >= 1)
        model.addConstr(sum(mine) <= 6)
        for a, b in (pair for clique in problem.exclusive for pair in itertools.combinations(clique, 2)):
            if (agent, a) in x and (agent, b) in x:
                model.addConstr(x[agent, a] + x[agent, b] <= 1)
    model.run()
    system = RowSystem(problem)
    root = system.root
    for a, b in problem.exclusive:  # what excludes the locked task is closed before, as in the search
        if a == 0:
            root.open[b, 0] = False
    found = system.relax(root, None, 200, 40, np.inf)
    if model.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        assert found.bound > problem.needs.sum() * 9.5 / system.cost_scale
        return
    least = model.getObjectiveValue()
    assert found.bound * system.cost_scale <= least * (1 + 1e-9)
    assert found.bound * system.cost_scale >= least * (1 - 1e-3)
