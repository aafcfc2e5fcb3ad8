"""Random cases of equal and few-valued burdens, whose thresholds lie around what can be reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.fairness import EpsilonFairness, TopShareAtMost
from evenhand.fairness.registry import MEMBERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

EQUAL, QUARTERS, TWO_KINDS, DECIMALS, OWN = range(5)
"""Kinds of burdens: all equal; visits of whole quarters of an hour; two kinds of shifts; a few decimals; a few values
that each agent has of its own for a task."""


@dataclass(frozen=True)
class LatticeCase:
    """One case; arrays as in `assign`, `locked` by positions."""

    kind: int
    costs: NDArray[np.float64]
    burdens: NDArray[np.float64]
    fairness: Fairness
    initial_loads: NDArray[np.float64] | None = None
    locked: dict[int, int] = field(default_factory=dict)

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of `assign` beyond costs and fairness."""
        return {"burdens": self.burdens, "initial_loads": self.initial_loads, "locked": self.locked}

    @property
    def plain(self) -> bool:
        """Whether all tasks are alike and everybody may do everything, so that a closed form decides."""
        everything = self.kind == EQUAL and not self.locked and bool(np.isfinite(self.costs).all())
        return everything and self.initial_loads is None and self.fairness.entitlements is None


def lattice_case(number: int, most_agents: int = 12, most_tasks: int = 200) -> LatticeCase:
    """Draw the case of that number."""
    rng = np.random.default_rng([number, 17])
    n, m = int(rng.integers(2, most_agents + 1)), int(rng.integers(min(10, most_tasks // 2), most_tasks + 1))
    kind = int(rng.integers(5))
    burdens = _burdens(kind, n, m, rng)
    costs = (
        burdens.copy(),
        rng.integers(10, 100, (n, m)).astype(float),
        rng.uniform(1.0, 9.0, (n, m)),
        np.full((n, m), float(rng.integers(0, 2))),
    )[rng.integers(4)]
    if rng.random() < 0.2:
        forbidden = rng.random((n, m)) < rng.choice([0.1, 0.3])
        forbidden[rng.integers(n), forbidden.all(axis=0)] = False
        costs[forbidden & ~forbidden.all(axis=0)] = np.inf
    allowed = np.isfinite(costs)
    start, entitlements = None, None
    if rng.random() < 0.25:
        unit = float(burdens[burdens > 0].min()) * rng.choice([1.0, 0.5, 0.37])
        start = np.round(unit * rng.integers(0, 4, n), 2)
    if rng.random() < 0.25:
        entitlements = tuple(rng.choice(((0.5, 1.0), (0.6, 0.8, 1.0), (1.0, 2.0, 3.0))[rng.integers(3)], n).tolist())
    locked = {}
    if rng.random() < 0.2:
        tasks = rng.choice(m, int(rng.integers(1, 1 + m // 5)), replace=False)
        locked = {int(j): int(rng.choice(np.flatnonzero(allowed[:, j]))) for j in tasks}
    fairness = _member(n, entitlements, rng)
    loads = greedy_loads(burdens, allowed, start, locked, entitlements)
    return LatticeCase(kind, costs, burdens, _around(fairness, loads, rng), start, locked)


def greedy_loads(
    burdens: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    start: NDArray[np.float64] | None,
    locked: dict[int, int],
    entitlements: tuple[float, ...] | None,
) -> NDArray[np.float64]:
    """Return the loads after giving each task, the largest first, to whom it leaves with the least relative load."""
    n = len(burdens)
    loads = np.zeros(n) if start is None else start.copy()
    share = np.ones(n) if entitlements is None else np.array(entitlements)
    for j, agent in locked.items():
        loads[agent] += burdens[agent, j]
    for j in np.argsort(-burdens.max(axis=0), kind="stable").tolist():
        if j not in locked:
            after = np.where(allowed[:, j], (loads + burdens[:, j]) / share, np.inf)
            loads[int(after.argmin())] += burdens[int(after.argmin()), j]
    return loads


def _burdens(kind: int, n: int, m: int, rng: np.random.Generator) -> NDArray[np.float64]:
    if kind == EQUAL:
        return np.full((n, m), rng.choice([1.0, 8.0, 0.25, 0.1]))
    if kind == OWN:
        return rng.choice(((30.0, 60.0), (1.0, 2.0), (15.0, 30.0, 45.0, 60.0))[rng.integers(3)], (n, m))
    values = {
        QUARTERS: (15.0, 30.0, 45.0, 60.0),
        TWO_KINDS: ((30.0, 60.0), (8.0, 12.0), (4.0, 6.0))[rng.integers(3)],
        DECIMALS: ((0.25, 0.5, 0.75, 1.0, 1.5), (0.1, 0.2, 0.3), (1.0, 2.0, 3.0, 5.0, 8.0))[rng.integers(3)],
    }[kind]
    return np.tile(rng.choice(values, m), (n, 1))


def _member(n: int, entitlements: tuple[float, ...] | None, rng: np.random.Generator) -> Fairness:
    """Return a random member; its parameter is still to be set."""
    member = list(MEMBERS.values())[rng.integers(len(MEMBERS))]
    order = float(rng.choice([2.0, 3.0, 10.0, np.inf]))
    others = {EpsilonFairness: {"p": order}, TopShareAtMost: {"k": int(rng.integers(1, n))}}
    return member(**{member.parameter_name: 1.0, **others.get(member, {})}, entitlements=entitlements)


def _around(fairness: Fairness, loads: NDArray[np.float64], rng: np.random.Generator) -> Fairness:
    """Set the parameter at, just beside, or somewhere around the level of `loads`."""
    _, equality = fairness.parameter_range(len(loads))
    level = float(fairness.level(loads))
    near = (1.0, 1.0 + 1e-6, 1.0 - 1e-6, rng.uniform(0.3, 1.0), rng.uniform(1.0, 1.5))[rng.integers(5)]
    vacuous = fairness.parameter_range(len(loads))[0]
    low, high = min(vacuous, equality), max(vacuous, equality)
    return fairness.with_parameter(float(np.clip(equality + near * (level - equality), low, high)))
