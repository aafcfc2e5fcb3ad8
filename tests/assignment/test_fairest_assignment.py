"""As fair as possible: against every assignment of small tables, with a budget and without."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import evenhand
from evenhand.assignment import attainable, fairest
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.solve_assignment import solve
from evenhand.errors import InputError
from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    HooverAtMost,
    JainAtLeast,
    LeastOverMean,
    MaxOverMean,
    RangeAtMost,
    TopShareAtMost,
)

MEMBERS = (
    EpsilonFairness(0),
    EpsilonFairness(0, p=np.inf),
    CVAtMost(9),
    JainAtLeast(0),
    MaxOverMean(9),
    LeastOverMean(0),
    GiniAtMost(1),
    HooverAtMost(1),
    RangeAtMost(99),
    TopShareAtMost(2, 1),
)
TABLE = np.array([[1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 5.0]])


@pytest.mark.parametrize("max_price", [None, 0.1, 0.3])
@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: f"{member.name}-{getattr(member, 'p', '')}")
def test_nothing_that_the_budget_buys_is_fairer_or_cheaper(member: evenhand.Fairness, max_price: float | None) -> None:
    """Every assignment of 3 x 7 tables, of real and of whole numbers, is compared."""
    for seed in (0, 1):
        random = np.random.default_rng([seed, len(member.name)])
        costs = random.integers(1, 9, (3, 7)).astype(float) if seed else random.random((3, 7))
        hours = random.random((3, 7)) if seed else costs
        every = np.array(list(itertools.product(range(3), repeat=7)))
        loads = np.stack([(hours[every, np.arange(7)] * (every == i)).sum(axis=1) for i in range(3)], axis=1)
        paid = costs[every, np.arange(7)].sum(axis=1)
        loosest, strictest = member.parameter_range(3)
        sign = np.sign(strictest - loosest)
        levels = sign * member.level(loads)
        affordable = paid <= paid.min() * (1 + (np.inf if max_price is None else max_price)) * (1 + 1e-12)
        best = levels[affordable].max()

        answer = evenhand.assign(costs, member, burdens=hours, fairest=True, max_price=max_price, gap=0)
        found = answer.attainable
        assert found is not None
        assert best - sign * found.reached <= 2e-6 * abs(strictest - loosest)
        assert found.refuted is None or sign * found.refuted > best - 1e-12
        fair = np.asarray(answer.fairness.contains(loads, 1e-12))
        assert answer.cost == pytest.approx(paid[fair & affordable].min(), rel=1e-9)
        verdict = evenhand.verify(costs, json.loads(json.dumps(answer.to_dict())), burdens=hours)
        assert verdict.verified, verdict.reasons


def test_profits_have_a_price_too() -> None:
    """Ann brings 9, 8, 7, 6 and Bo 6, 7, 5, 1, an hour each: all by Ann 30; two each 27, which is 10 % less."""
    profits, hours = [[9, 8, 7, 6], [6, 7, 5, 1]], [[1] * 4] * 2
    even = evenhand.assign(profits, burdens=hours, maximise=True, fairest=True, max_price=0.1)
    assert (even.cost, even.loads.tolist()) == (27, [2, 2])
    assert even.attainable.budget == pytest.approx(27)
    cheap = evenhand.assign(profits, burdens=hours, maximise=True, fairest=True, max_price=0.05)
    assert (cheap.cost, cheap.loads.tolist()) == (29, [3, 1])


def test_the_measure_given_is_the_least_that_is_asked() -> None:
    """The loads 6, 5 cost 11, 10 % more than the cheapest; a floor that they do not meet leaves 6, 6 for 12."""
    assert evenhand.assign(TABLE, EpsilonFairness(0.9), fairest=True, max_price=0.1).cost == 11
    with pytest.raises(
        InputError, match=r"EpsilonFairness\(0.99.*\) costs at least 20 % more .* 10 % does not allow it"
    ):
        evenhand.assign(TABLE, EpsilonFairness(0.99), fairest=True, max_price=0.1)


def test_a_floor_that_is_impossible_is_refused_as_ever() -> None:
    answer = evenhand.assign([[3.0, 1.0], [3.0, 1.0]], MaxOverMean(1.2), fairest=True)
    assert answer.status == "infeasible"
    assert answer.attainable is not None
    assert answer.attainable.reached == 1.5


def test_a_price_that_cannot_be_is_refused() -> None:
    for price in (-0.1, float("nan"), "much"):
        with pytest.raises(InputError, match=r"max_price is .*; it must be 0 or more"):
            evenhand.assign(TABLE, fairest=True, max_price=price)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="ask for that one too"):
        evenhand.assign(TABLE, MaxOverMean(2), max_price=0.1)
    with pytest.raises(InputError, match="fairness is None"):
        evenhand.assign(TABLE)


def test_a_forged_bracket_is_found_out() -> None:
    random = np.random.default_rng(3)
    costs = np.linalg.norm(random.random((5, 1, 2)) - random.random((1, 80, 2)), axis=2)
    answer = evenhand.assign(costs, MaxOverMean(4), fairest=True, max_price=0.02)
    honest = answer.attainable
    assert honest is not None
    assert honest.certified is not None
    assert honest.budget is not None
    assert evenhand.verify(costs, answer).verified
    forged = (
        ({"budget": 0.99 * answer.cost}, "goes beyond the budget"),
        ({"certified": honest.reached, "refuted": honest.reached}, "no stricter than what it reaches"),
        ({"certified": 0.5 * (honest.reached + honest.refuted)}, "looser than what it refutes"),
        ({"certificate": None}, "certified without a certificate"),
        ({"budget": 1.2 * honest.budget}, "does not prove"),
        ({"reached": 2.0}, "looser than the level of the answer"),
    )
    for change, reason in forged:
        verdict = evenhand.verify(costs, replace(answer, attainable=replace(honest, **change)))
        assert not verdict.verified
        assert any(reason in said for said in verdict.reasons), (change, verdict.reasons)


@pytest.mark.parametrize("seed", range(3))
def test_what_the_fairest_of_all_costs_buys_it(seed: int) -> None:
    """A budget that the fairest plan known keeps to is no reason for a less fair one."""
    costs = np.random.default_rng(seed).integers(10, 90, (3, 16)).astype(float)
    free = evenhand.assign(costs, fairest=True)
    assert free.price is not None
    assert free.attainable is not None
    bought = evenhand.assign(costs, fairest=True, max_price=1.01 * free.price)
    assert bought.attainable is not None
    assert bought.attainable.reached >= free.attainable.reached - 1e-9
    assert bought.price <= 1.01 * free.price


@pytest.mark.parametrize("when", range(5))
def test_no_search_goes_on_after_ctrl_c(monkeypatch: pytest.MonkeyPatch, when: int) -> None:
    """Whichever of its searches Ctrl-C stops, those that follow have no time: one of them did not look."""
    calls: list[bool] = []

    def stopped(problem: Any, fairness: Any, *, clock: Clock, **rest: Any) -> Any:
        calls.append(clock.expired)
        answer, warmth = solve(problem, fairness, clock=clock, **rest)
        return (replace(answer, interrupted=True) if len(calls) == when + 1 else answer), warmth

    monkeypatch.setattr(fairest, "solve", stopped)
    monkeypatch.setattr(attainable, "solve", stopped)
    costs = np.random.default_rng(5).random((4, 40)) + 0.1
    answer = evenhand.assign(costs, evenhand.EpsilonFairness(0.5), fairest=True, max_price=0.5)
    assert len(calls) > when
    assert answer.interrupted
    assert answer.assignment is not None
    assert all(calls[when + 1 :])
