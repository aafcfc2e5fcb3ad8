"""Trees that are asked again: a candidate offered twice, a model solved twice, two rules of one size."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from evenhand.fairness import CVAtMost, EpsilonFairness, JainAtLeast


def best(hours, costs, constant, fairness) -> float:
    """Return the least cost of a fair assignment, by trying all."""
    n, k = costs.shape
    found = np.inf
    for owners in itertools.product(range(n), repeat=k):
        loads = np.bincount(owners, hours, minlength=n) + constant
        if (loads >= 0).all() and fairness.contains(loads):
            found = min(found, float(costs[list(owners), range(k)].sum()))
    return found


@pytest.mark.parametrize("library", ["gurobipy", "pyscipopt"])
def test_an_unfair_candidate_is_refused_as_often_as_it_is_offered(library: str) -> None:
    """Each model is solved twice: a new tree knows nothing of the cuts of the old one."""
    pytest.importorskip(library)
    for seed in range(25):
        rng = np.random.default_rng(seed)
        hours, costs = rng.integers(1, 6, 6), rng.integers(1, 20, (3, 6))
        constant = int(rng.integers(-4, 1))
        fairness = (CVAtMost(0.2), JainAtLeast(0.95), EpsilonFairness(0.85, 3))[seed % 3]
        optimum = best(hours, costs, constant, fairness)
        solve = _model(library, hours, costs, constant, fairness)
        for _ in range(2):
            answer = solve()
            if np.isinf(optimum):
                assert answer.status == "infeasible"
                continue
            assert answer.objective == pytest.approx(optimum), (seed, answer)
            assert fairness.contains(np.maximum(answer.loads, 0.0), 1e-6)


def _model(library, hours, costs, constant, fairness):
    n, k = costs.shape
    if library == "gurobipy":
        import gurobipy

        from evenhand.modeling.gurobipy import fair

        model = gurobipy.Model(env=gurobipy.Env(params={"OutputFlag": 0}))
        x = [[model.addVar(vtype="B", obj=float(costs[i, j])) for j in range(k)] for i in range(n)]
        for j in range(k):
            model.addConstr(sum(x[i][j] for i in range(n)) == 1)
        again = model.reset
    else:
        import pyscipopt

        from evenhand.modeling.pyscipopt import fair

        model = pyscipopt.Model()
        model.hideOutput()
        x = [[model.addVar(vtype="B", obj=float(costs[i, j])) for j in range(k)] for i in range(n)]
        for j in range(k):
            model.addCons(sum(x[i][j] for i in range(n)) == 1)
        again = model.freeTransform
    loads = [sum(int(hours[j]) * x[i][j] for j in range(k)) + constant for i in range(n)]
    cone = fair(model, loads, fairness)

    def solve():
        again()
        return cone.solve(gap=1e-9)

    return solve


def test_two_rules_of_one_size_live_in_one_scip_model() -> None:
    import pyscipopt

    from evenhand.modeling.pyscipopt import fair

    model = pyscipopt.Model()
    model.hideOutput()
    days, nights = ([model.addVar(vtype="I", ub=8, obj=price) for price in prices] for prices in ((1, 2, 4), (4, 2, 1)))
    model.addCons(sum(days) == 12)
    model.addCons(sum(nights) == 9)
    fair(model, days, EpsilonFairness(0.9))
    fair(model, nights, JainAtLeast(0.9))
    model.optimize()
    assert model.getStatus() == "optimal"
    assert EpsilonFairness(0.9).contains([round(model.getVal(x)) for x in days])
    assert JainAtLeast(0.9).contains([round(model.getVal(x)) for x in nights])
