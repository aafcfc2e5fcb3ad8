"""Answers to tables of candidates, verified from the list alone: as strict as on the full table, and never laxer."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.assignment.test_candidates import AGENTS, LISTED, full, listed

import evenhand
from evenhand.assignment.candidate_case import read_candidate_case
from evenhand.assignment.case import read_case
from evenhand.assignment.exact import exact_sums
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness
from evenhand.tables import CandidateTable, candidate_table

MEMBER = EpsilonFairness(0.95, p=math.inf)


@pytest.fixture(autouse=True)
def nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every table of candidates be too large for a full table, and look at them in several blocks."""
    monkeypatch.setattr(candidate_table, "MOST_CELLS", 0)
    monkeypatch.setattr(candidate_table, "DENSE", 2.0)
    monkeypatch.setattr("evenhand.assignment.candidate_case._BLOCK", 700)


def given() -> tuple[CandidateTable, dict[str, Any]]:
    """Return a table with burdens, and what goes with it."""
    starts, chosen, costs = listed(21, tasks=3_000)
    hours = np.random.default_rng(22).uniform(0.5, 1.5, len(costs))
    table = CandidateTable.of_arrays(starts, chosen, costs, burdens=hours)
    locked = {task: int(chosen[task * LISTED + 1]) for task in range(40)}
    return table, {"initial_loads": [10.0, *[0.0] * (AGENTS - 1)], "locked": locked}


def test_an_honest_answer_is_verified() -> None:
    """The plan and its gap are proven, from the answer itself and from its JSON."""
    table, rest = given()
    answer = evenhand.assign(table, MEMBER, gap=5e-3, **rest)
    for stated in (answer, answer.to_dict()):
        verdict = evenhand.verify(table, stated, fairness=MEMBER, max_gap=5e-3, **rest)
        assert verdict, verdict.reasons
        assert verdict.cost == answer.cost
        assert verdict.certified_gap == pytest.approx(answer.certified_gap, rel=1e-6)


def forged(answer: Any) -> list[tuple[Any, str]]:
    """Return answers that lie, and a word of the reason why each is refused."""
    moved = answer.assignment.copy()
    moved[1_000] = (moved[1_000] + 1) % AGENTS
    loads = answer.loads.copy()
    loads[3] *= 1.001
    dearer = replace(answer.certificate, multipliers=-answer.certificate.multipliers)
    return [
        (replace(answer, assignment=moved), "task-1001"),
        (replace(answer, assignment=np.roll(answer.assignment, 1)), "is with agent"),
        (replace(answer, loads=loads), "the stated load of agent agent-4"),
        (replace(answer, cost=answer.cost * 0.999), "the stated cost is"),
        (replace(answer, certificate=dearer), "negative"),
    ]


def test_no_forged_answer_is_verified() -> None:
    """A plan with a wrong pair, wrong loads, a wrong cost or a wrong certificate is refused, and the reason named."""
    table, rest = given()
    answer = evenhand.assign(table, MEMBER, gap=5e-3, **rest)
    for lie, word in forged(answer):
        verdict = evenhand.verify(table, lie, fairness=MEMBER, max_gap=5e-3, **rest)
        assert not verdict
        assert any(word in reason for reason in verdict.reasons), (word, verdict.reasons)
    best = replace(answer, bound=answer.cost, certified_gap=0.0)
    assert not evenhand.verify(table, best, fairness=MEMBER, max_gap=0.0, **rest)


def test_sums_and_bounds_are_those_of_the_full_table() -> None:
    """Cost, loads and reach are the same fractions; the bound is below the exact one, by rounding alone."""
    table, rest = given()
    starts, chosen, costs = table.starts, table.agent_of, table.costs
    small = read_case(full((starts, chosen, costs)), burdens=full((starts, chosen, table.burdens)), **rest)
    large = read_candidate_case(table, **rest)
    plan = chosen[starts[:-1] + np.random.default_rng(3).integers(0, LISTED, 3_000)].astype(np.intp)
    assert large.sums(plan) == small.sums(plan)
    assert large.misplaced(plan) == small.misplaced(plan)
    assert large.least() == small.least()
    assert large.reach() == small.reach()
    dual = [Fraction(float(v)) / 7 for v in np.random.default_rng(4).normal(size=AGENTS)]
    for with_costs in (True, False):
        exact, rounded = (case.bound(dual, costs=with_costs) for case in (small, large))
        assert 0 <= exact - rounded <= abs(exact) * Fraction(1, 10**12)


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_sums_are_exact(scale: float) -> None:
    """Sums of numbers of very different sizes and signs are those of Python's fractions."""
    random = np.random.default_rng(5)
    values: NDArray[np.float64] = random.normal(size=2_000) * scale * 10.0 ** random.integers(-90, 90, 2_000)
    owner = random.integers(0, 3, 2_000)
    expected = [sum(map(Fraction, values[owner == who].tolist()), Fraction(0)) for who in range(4)]
    assert exact_sums(values, owner, 4) == expected


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (([0, 2, 3], [0, 0, 1], [1.0, 1.0, 1.0]), "costs, entry 1: the pair is listed already"),
        (([0, 2, 3], [0, 1, 1], [1.0, math.nan, 1.0]), "costs, entry 1: the cost is no number"),
        (([0, 2, 3], [0, 1, 1], [1.0, 1.0, -1.0]), "costs, entry 2: what is shared must be 0 or more"),
        (([0, 2, 2], [0, 1], [1.0, 1.0]), "costs: task task-2 has no candidate"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(rows: tuple[list[Any], ...], message: str) -> None:
    """`verify` reads the table for itself, and names the place of a mistake."""
    answer = evenhand.assign([[1.0, 1.0], [1.0, 1.0]], EpsilonFairness(0.5))
    with pytest.raises(InputError) as caught:
        evenhand.verify(CandidateTable.of_arrays(*rows), answer)
    assert str(caught.value).startswith(message)
