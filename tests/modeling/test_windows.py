"""Windows around objectives of any sign and size, against enumeration."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from evenhand.fairness import CVAtMost
from evenhand.modeling import LinearModel, solve_fair_milp
from evenhand.modeling.rounds import Rounds
from evenhand.modeling.windows import WindowRounds

FAIRNESS = CVAtMost(0.15)


def tasks(seed, shift):
    """Return ten tasks for two agents, costs moved by `shift` each, and the least cost of a fair assignment."""
    rng = np.random.default_rng(seed)
    costs, burdens = rng.uniform(1, 9, (2, 10)).round(2) + shift, rng.uniform(1, 9, (2, 10)).round(2)
    each = np.array(list(itertools.product((0, 1), repeat=10)))
    totals = costs[each, np.arange(10)].sum(axis=1)
    loads = np.stack([np.where(each == agent, burdens[agent], 0.0).sum(axis=1) for agent in (0, 1)], axis=1)
    best = float(totals[FAIRNESS.contains(loads)].min())
    model = LinearModel(costs.ravel(), np.hstack([np.eye(10), np.eye(10)]), 1, 1, upper=1, integer=True)
    return model, np.kron(np.eye(2), np.ones(10)) * burdens.ravel(), best


@pytest.mark.parametrize("gap", [1e-9, 1e-3, 0.05])
@pytest.mark.parametrize("shift", [0.0, -5.0, -50.0])
@pytest.mark.parametrize("solver", ["highs", "scip", "gurobi"])
def test_minima_of_any_sign_are_found_within_the_gap(solver, shift, gap) -> None:
    for seed in range(4):
        model, loads, best = tasks(seed, shift)
        answer = solve_fair_milp(model, loads, FAIRNESS, solver=solver, gap=gap)
        assert answer.status == "optimal"
        assert answer.bound - 1e-6 <= best <= answer.objective + 1e-6
        assert answer.objective - answer.bound <= gap * abs(answer.objective) + 1e-6


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_an_objective_of_nothing_takes_few_rounds(solver) -> None:
    """The offset brings the least cost to 0, where a window in parts of the objective would be no window."""
    for seed in range(4):
        model, loads, best = tasks(seed, 0.0)
        moved = LinearModel(model.costs, model.matrix, 1, 1, 0, 1, True, offset=-best)
        plain = solve_fair_milp(model, loads, FAIRNESS, solver=solver)
        answer = solve_fair_milp(moved, loads, FAIRNESS, solver=solver)
        assert answer.objective == pytest.approx(0.0, abs=1e-6)
        assert answer.rounds <= plain.rounds + 15


@pytest.mark.parametrize("base", [-100.0, 100.0])
@pytest.mark.parametrize("maximises", [False, True])
def test_what_is_aimed_at_closes_the_gap(base, maximises) -> None:
    """A solution exactly as good as the target ends the search."""
    aimed = []

    class Master:
        def __init__(self) -> None:
            self.maximises, self.has_integers, self.judges = maximises, True, False

        objective = staticmethod(lambda: base)
        reduced_costs = staticmethod(lambda: np.full(4, 1e6))
        aim = staticmethod(aimed.append)
        fix = release = staticmethod(lambda *_: None)
        separate = staticmethod(lambda **_: False)
        bound = staticmethod(lambda: base)

        def solve(self, **_):
            self.objective = lambda: aimed[0]
            return "optimal"

        loads = values = staticmethod(lambda: np.ones(2))

    class Fair:
        made = 0
        inner = staticmethod(lambda *_: None)
        satisfied = staticmethod(lambda *_: True)

    rounds = WindowRounds(Master(), Fair(), gap=0.01, time_limit=None)
    rounds.raise_bound(base)
    assert rounds.search() == "optimal"
    assert rounds.closed
    assert len(aimed) == 1, "the windows, too, go on where the target does not close the gap"


def test_a_search_ends_although_its_last_solve_was_only_paused() -> None:
    """The time is over between two slices: what is left is no slice, and the search was caught in turning round."""
    solved = []

    class Master:
        maximises, has_integers, judges = False, True, False
        objective = bound = staticmethod(lambda: np.nan)
        values = loads = staticmethod(lambda: np.ones(2))
        release = start_from = staticmethod(lambda *_: None)
        separate = staticmethod(lambda **_: False)

        def found(self):
            assert len(solved) < 50, "it goes on after its end"
            return []

        def solve(self, *, time_limit, **_):
            solved.append(time_limit)
            time.sleep(time_limit)
            return "time_limit"

    class Fair:
        made = 0
        satisfied = staticmethod(lambda *_: False)

    class Slices(Rounds):
        slice = staticmethod(lambda: 0.05)

        def look(self) -> None:
            """Take longer than is left."""
            solved.append(0.0)
            time.sleep(0.1)

    assert Slices(Master(), Fair(), gap=0.01, time_limit=0.12).settle() == "time_limit"
