"""Same input and seed, same answer, bit for bit: whatever ran before, in any process, at any speed."""

from __future__ import annotations

import functools
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np
import pytest

import evenhand
from evenhand.assignment import search
from evenhand.assignment.generated_instances import generate_plane

if TYPE_CHECKING:
    from collections.abc import Callable

    from evenhand.assignment import Assignment, Attainable


def _plane(n: int, m: int, fairness: evenhand.Fairness, gap: float) -> Assignment:
    return evenhand.assign(generate_plane(n, m, seed=2).costs, fairness, gap=gap, seed=3)


def _burdened() -> Assignment:
    random = np.random.default_rng(5)
    costs, burdens = random.integers(1, 9, (4, 30)).astype(float), random.uniform(0.5, 2.0, (4, 30))
    costs[random.random((4, 30)) < 0.2] = np.inf
    costs[0] = 8.0
    return evenhand.assign(costs, evenhand.JainAtLeast(0.99), burdens=burdens, initial_loads=[3, 0, 0, 1], gap=0.0)


def _infeasible() -> Assignment:
    """Answered with a bracket, from probes of so many nodes each."""
    return evenhand.assign(10.0 ** np.random.default_rng(6).uniform(0.0, 3.0, (4, 10)), evenhand.CVAtMost(0.03))


def _fairest() -> Attainable:
    return evenhand.max_epsilon(np.random.default_rng(7).uniform(1.0, 9.0, (4, 16)), 5)


CASES: dict[str, Callable[[], Assignment | Attainable]] = {
    "to a gap": lambda: _plane(6, 80, evenhand.EpsilonFairness(0.99, p=3), 1e-5),
    "with probes and local search": lambda: _plane(5, 60, evenhand.MaxOverMean(1.01), 1e-4),
    "to the optimum": lambda: _plane(4, 60, evenhand.GiniAtMost(0.01), 0.0),
    "with burdens": _burdened,
    "infeasible": _infeasible,
    "fairest": _fairest,
}


def fingerprint(case: str) -> list[str]:
    """Solve a case; return all that must not differ, floats to the last bit."""
    answer = CASES[case]()
    bracket = answer if isinstance(answer, evenhand.assignment.Attainable) else answer.attainable
    told = []
    if bracket is not answer:
        assert answer.status != "time_limit"
        told = [answer.status, repr(answer.cost), float(answer.bound).hex(), repr(answer.to_dict()["assignment"])]
        told += [repr(answer.loads), repr(answer.certificate)]
    if bracket is not None:
        told += [bracket.reached.hex(), repr(bracket.refuted), repr(bracket.assignment.tolist())]
    return told


usual = functools.cache(fingerprint)


def test_an_answer_depends_neither_on_the_process_nor_on_what_ran_before() -> None:
    """Here one after the other, each of them twice; in a fresh process in the reverse order."""
    here = [(usual(case), fingerprint(case)) for case in CASES]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        there = list(fresh.map(fingerprint, reversed(CASES)))[::-1]
    assert here == [(told, told) for told in there]


@pytest.mark.parametrize("patience", [0.0, 1e9])
@pytest.mark.parametrize("case", ["with probes and local search", "infeasible", "fairest"])
def test_an_answer_does_not_depend_on_the_pace(case: str, patience: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search looks at the clock every so many nodes; how many follows its pace, what it finds must not."""
    expected = usual(case)
    monkeypatch.setattr(search, "PATIENCE", patience)
    assert fingerprint(case) == expected
