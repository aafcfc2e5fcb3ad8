"""Ctrl-C while HiGHS runs, and runs that end without an answer."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import SimpleNamespace

import highspy
import numpy as np
import pytest

from evenhand.applications.generalised_assignment import solve as assign
from evenhand.fairness import CVAtMost
from evenhand.modeling import LinearModel, solve_fair_milp
from evenhand.modeling.highs_run import TROUBLE, run, status_of

LONG = 60.0
"""Seconds that the models here would take at least."""


def market_split(seed=0, rows=5, columns=40):
    """Return a model that takes branch and bound very long: equations with slack, as of Cornuejols and Dawande."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(0, 100, (rows, columns)).astype(float)
    matrix = np.hstack([weights, np.eye(rows), -np.eye(rows)])
    right = np.floor(weights.sum(axis=1) / 2)
    costs = np.concatenate([np.zeros(columns), np.ones(2 * rows)])
    upper = np.concatenate([np.ones(columns), np.full(2 * rows, np.inf)])
    integer = np.arange(len(costs)) < columns
    loads = np.zeros((2, len(costs)))
    loads[0, : columns // 2] = loads[1, columns // 2 : columns] = 1.0
    return LinearModel(costs, matrix, right, right, 0, upper, integer), loads


def test_ctrl_c_stops_highs_and_keeps_the_best() -> None:
    """It is pressed two seconds after the relaxation is solved: the search is under way then."""
    model, loads = market_split()
    pressed = []

    def press(_):
        if not pressed:
            pressed.append(threading.Timer(2.0, os.kill, (os.getpid(), signal.SIGINT)))
            pressed[0].start()

    start = time.perf_counter()
    answer = solve_fair_milp(model, loads, CVAtMost(0.3), gap=0.0, time_limit=LONG, progress=press)
    pressed[0].cancel()
    assert time.perf_counter() - start < LONG / 2
    assert answer.interrupted
    assert answer.status == "time_limit"
    assert answer.bound <= answer.objective
    assert model.matrix @ answer.values == pytest.approx(model.row_lower, abs=1e-6)
    assert CVAtMost(0.3).contains(answer.loads)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_in_the_cheapest_assignment_ends_all_of_it(monkeypatch) -> None:
    from evenhand.applications.generalised_assignment import solve as module

    asked = []

    def interrupted(model, loads, fairness, **limits):
        asked.append(fairness)
        answer = solve_fair_milp(model, loads, fairness, **limits)
        return type(answer)("time_limit", answer.objective, 1.0, answer.loads, answer.values, interrupted=True)

    monkeypatch.setitem(module.__globals__, "solve_fair_milp", interrupted)
    answer = assign([[1, 1], [2, 2]], [[1, 1], [1, 1]], [2, 2], CVAtMost(0.1))
    assert asked == [None]
    assert (answer.status, answer.interrupted, answer.cost) == ("time_limit", True, None)
    assert answer.base_cost == 1.0


def failing(*statuses):
    """Return what stands for a HiGHS model whose runs end with `statuses` in turn."""
    highs = SimpleNamespace(presolve="choose", seen=[])
    ignored = SimpleNamespace(subscribe=lambda _: None, unsubscribe=lambda _: None)
    highs.cbSimplexInterrupt = highs.cbIpmInterrupt = highs.cbMipInterrupt = ignored
    highs.run = lambda: highs.seen.append(highs.presolve)
    highs.getModelStatus = lambda: statuses[len(highs.seen) - 1]
    highs.getOptionValue = lambda _: (0, highs.presolve)
    highs.setOptionValue = lambda _, value: setattr(highs, "presolve", value)
    return highs


def test_a_failed_run_is_tried_without_presolve() -> None:
    states = highspy.HighsModelStatus
    highs = failing(states.kSolveError, states.kOptimal)
    assert run(highs) == "optimal"
    assert (highs.seen, highs.presolve) == (["choose", "off"], "choose")


@pytest.mark.parametrize("name", ["kSolveError", "kUnknown", "kPostsolveError", "kNotset", "kModelError"])
def test_what_gave_up_is_no_time_limit(name) -> None:
    state = getattr(highspy.HighsModelStatus, name)
    assert run(failing(state, state)) == TROUBLE


@pytest.mark.parametrize("name", ["kTimeLimit", "kIterationLimit", "kSolutionLimit"])
def test_limits_are_limits(name) -> None:
    highs = failing(getattr(highspy.HighsModelStatus, name))
    highs.run()
    assert status_of(highs) == "time_limit"
