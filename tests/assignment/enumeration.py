"""The cheapest fair assignment by trying them all: a second method for tiny instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

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

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

CHUNK = 1 << 18
"""Assignments whose loads are held at once."""


@dataclass(frozen=True)
class Tiny:
    """A problem small enough to enumerate; arrays as in `assign`, `locked` by positions."""

    costs: NDArray[np.float64]
    fairness: Fairness
    burdens: NDArray[np.float64] | None = None
    initial_loads: NDArray[np.float64] | None = None
    locked: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Enumeration:
    """The cheapest fair assignment (None and inf where there is none), and how many of how many are fair."""

    cost: float
    assignment: tuple[int, ...] | None
    fair: int
    total: int


def enumerate_all(problem: Tiny) -> Enumeration:
    """Try every assignment of `problem` that keeps to allowed and locked pairs."""
    choices = _choices(problem)
    total = int(np.prod([len(agents) for agents in choices], dtype=np.int64))
    best, best_number, fair = np.inf, None, 0
    for numbers, paid, loads in _everything(problem):
        accepted = np.asarray(problem.fairness.contains(loads))
        fair += int(accepted.sum())
        paid[~accepted] = np.inf
        cheapest = int(paid.argmin())
        if paid[cheapest] < best:
            best, best_number = float(paid[cheapest]), int(numbers[cheapest])
    if best_number is None:
        return Enumeration(np.inf, None, fair, total)
    agents = tuple(int(agent[0]) for agent in _digits(np.array([best_number]), choices))
    return Enumeration(best, agents, fair, total)


def fair_below(problem: Tiny, cost: Fraction) -> list[tuple[int, ...]]:
    """Return the assignments that cost less than `cost`, in exact sums, and whose exact loads are proven fair."""
    found = []
    for numbers, paid, loads in _everything(problem):
        near = np.asarray(problem.fairness.contains(loads)) & (paid <= float(cost) + 1e-9 * np.abs(paid))
        for number in numbers[near]:
            agents = tuple(int(agent[0]) for agent in _digits(np.array([number]), _choices(problem)))
            exact_cost, exact_loads = exactly(problem, agents)
            if exact_cost < cost and problem.fairness.exact_contains(exact_loads, Fraction(0)):
                found.append(agents)
    return found


def exactly(problem: Tiny, agents: Sequence[int]) -> tuple[Fraction, list[Fraction]]:
    """Return the exact cost and loads of an assignment."""
    burdens = problem.costs if problem.burdens is None else problem.burdens
    start = np.zeros(len(problem.costs)) if problem.initial_loads is None else problem.initial_loads
    loads = [Fraction(float(load)) for load in start]
    for j, agent in enumerate(agents):
        loads[agent] += Fraction(float(burdens[agent, j]))
    return sum((Fraction(float(problem.costs[i, j])) for j, i in enumerate(agents)), Fraction(0)), loads


def _choices(problem: Tiny) -> list[list[int]]:
    """Return the agents who may do each task."""
    n, m = np.shape(problem.costs)
    return [
        [problem.locked[j]] if j in problem.locked else [i for i in range(n) if np.isfinite(problem.costs[i, j])]
        for j in range(m)
    ]


def _everything(problem: Tiny) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]]:
    """Yield the numbers, costs and loads of all assignments, in chunks."""
    costs = np.asarray(problem.costs, dtype=np.float64)
    n = len(costs)
    burdens = costs if problem.burdens is None else np.asarray(problem.burdens, dtype=np.float64)
    start = np.zeros(n) if problem.initial_loads is None else np.asarray(problem.initial_loads, dtype=np.float64)
    choices = _choices(problem)
    total = int(np.prod([len(agents) for agents in choices], dtype=np.int64))
    for first in range(0, total, CHUNK):
        numbers = np.arange(first, min(first + CHUNK, total))
        paid, loads = np.zeros(len(numbers)), np.tile(start, (len(numbers), 1))
        for j, agent in enumerate(_digits(numbers, choices)):
            paid += costs[agent, j]
            loads[np.arange(len(numbers)), agent] += burdens[agent, j]
        yield numbers, paid, loads


def _digits(numbers: NDArray[np.intp], choices: list[list[int]]) -> list[NDArray[np.intp]]:
    """Return the agent of each task in the assignments with these `numbers`, read in mixed radix."""
    agents = []
    for options in choices:
        agents.append(np.asarray(options)[numbers % len(options)])
        numbers = numbers // len(options)
    return agents


def random_problem(rng: np.random.Generator, largest: int = 10) -> Tiny:
    """Draw a problem of 2 to 4 agents and at most `largest` tasks, with every feature that `assign` has."""
    n = int(rng.integers(2, 5))
    m = int(rng.integers(1, min(largest, 8 if n == 4 else largest) + 1))
    if n == 4 and m == 8 and rng.random() < 0.2:
        m = largest
    costs = _random_table(rng, n, m)
    burdens = _random_table(rng, n, m) if rng.random() < 0.4 else None
    if rng.random() < 0.15:
        costs[1] = costs[0]  # identical agents
        if burdens is not None:
            burdens[1] = burdens[0]
    locked = forbid_and_lock(rng, costs)
    finite = costs[np.isfinite(costs)]
    initial = None
    if rng.random() < 0.25:
        initial = np.round(rng.uniform(0, finite.max() * 2 + 1, n)) * (rng.random(n) < 0.7)
    entitlements = tuple(rng.choice([0.5, 1.0, 2.0, 3.0], n)) if rng.random() < 0.25 else None
    return Tiny(costs, random_member(rng, entitlements), burdens, initial, locked)


def forbid_and_lock(rng: np.random.Generator, costs: NDArray[np.float64]) -> dict[int, int]:
    """Forbid some pairs of a table in place, if drawn, and return the agents of the tasks that are locked, if any."""
    n, m = costs.shape
    if rng.random() < 0.3:
        forbidden = rng.random((n, m)) < 0.25
        forbidden[rng.integers(n, size=m), np.arange(m)] = False
        costs[forbidden] = np.inf
    locked = {}
    if rng.random() < 0.25:
        for j in rng.choice(m, size=min(m, int(rng.integers(1, 3))), replace=False):
            locked[int(j)] = int(rng.choice(np.flatnonzero(np.isfinite(costs[:, j]))))
    return locked


def _random_table(rng: np.random.Generator, n: int, m: int) -> NDArray[np.float64]:
    kind = rng.integers(5)
    if kind == 0:
        return np.round(rng.uniform(0, 100, (n, m)), 4)
    if kind == 1:
        return rng.integers(0, 5, (n, m)).astype(float)  # many ties and zeros
    if kind == 2:
        return np.broadcast_to(rng.integers(1, 20, m).astype(float), (n, m)).copy()  # agents alike
    if kind == 3:
        return np.round(np.hypot(*(rng.uniform(0, 80, (2, n, 1)) - rng.uniform(0, 80, (2, 1, m)))), 4)
    return rng.lognormal(0.0, 2.0, (n, m))  # a few tasks outweigh the rest


def random_member(rng: np.random.Generator, entitlements: tuple[float, ...] | None) -> Fairness:
    """Draw any member of the family, epsilon 0 and 1 included."""
    kind = int(rng.integers(10))
    if kind <= 1:
        epsilon = float(rng.choice([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0]))
        return EpsilonFairness(epsilon, p=float(rng.choice([2, 2.5, 3, 5, 10, np.inf])), entitlements=entitlements)
    if kind == 2:
        return CVAtMost(float(rng.choice([0.0, 0.05, 0.2, 0.6])), entitlements=entitlements)
    if kind == 3:
        return JainAtLeast(float(rng.choice([0.5, 0.8, 0.9, 0.99])), entitlements=entitlements)
    if kind == 4:
        return MaxOverMean(float(rng.choice([1.05, 1.2, 1.5, 2.0])), entitlements=entitlements)
    if kind == 5:
        return GiniAtMost(float(rng.choice([0.02, 0.1, 0.3])), entitlements=entitlements)
    if kind == 6:
        return HooverAtMost(float(rng.choice([0.02, 0.1, 0.3])), entitlements=entitlements)
    if kind == 7:
        return LeastOverMean(float(rng.choice([0.3, 0.7, 0.95])), entitlements=entitlements)
    if kind == 8:
        return TopShareAtMost(1, float(rng.choice([0.5, 0.6, 0.8])), entitlements=entitlements)
    return RangeAtMost(float(rng.choice([0.05, 0.3, 1.0])), entitlements=entitlements)
