"""Show that no plan keeps some rules by going through the loads of all plans, unit by unit, in exact arithmetic."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evenhand.assignment.recount import TOLERANCE
from evenhand.assignment.rules.ruled_problem import Row, RuledProblem

MOST_STEPS, MOST_ENDS, MOST_BURDENS = 200_000, 5_000, 100_000
"""Upper limits on the steps from one partial plan's loads to the next, on the loads of whole plans, and on the numbers
in the tables: a second or two of Python."""

_State = tuple[tuple[int, ...], frozenset[tuple[int, int]]]
"""Loads of each rule and agent in a row, and the pairs of clique and agent that are used and still matter."""


def exhausted(problem: RuledProblem, numbers: Sequence[int]) -> int | None:
    """Return how many steps were taken if no plan keeps the rules; None if some may, or if there are too many steps.

    Partial plans with the same loads, and with the same agents taken in sets of tasks that exclude each other, have the
    same continuations, so that one of each is enough. Agents beyond their most are not continued, nor those who can no
    longer reach their least. Limits and rules are kept within the relative tolerance of every plan, and an undecided
    rule counts as kept: nothing is called impossible that a verified plan might do.

    Parameters
    ----------
    problem
        The checked problem; its costs do not matter, apart from forbidden pairs.
    numbers
        Positions of the rules that are to be kept.
    """
    if problem.costs.size * max(len(numbers), 1) > MOST_BURDENS:
        return None
    rows = [_Exact.of(problem.rows[number]) for number in numbers]
    n, units = len(problem.agents), range(problem.costs.shape[1])
    inside = [[k for k, clique in enumerate(problem.exclusive) if unit in clique] for unit in units]
    matters = [
        unit
        for unit in units
        if inside[unit] or any(row.burden[agent][unit] for row in rows for agent in _able(problem, unit))
    ]
    rest = _largest_rest(problem, rows, matters)
    most = tuple(value for row in rows for value in row.most)
    least = tuple(value for row in rows for value in row.least)
    states: set[_State] = {(tuple(value for row in rows for value in row.carried), frozenset())}
    steps = 0
    for place, unit in enumerate(matters):
        later = {k for other in matters[place + 1 :] for k in inside[other]}
        reached: set[_State] = set()
        choices = list(_choices(problem, unit))
        for loads, used in states:
            for agents in choices:
                steps += 1
                if steps > MOST_STEPS:
                    return None
                taken = {(k, agent) for k in inside[unit] for agent in agents}
                if taken & used:
                    continue
                new = list(loads)
                for r, row in enumerate(rows):
                    for agent in agents:
                        new[r * n + agent] += row.burden[agent][unit]
                ends = zip(new, most, least, rest[place + 1], strict=True)
                if all(load <= high and load + more >= low for load, high, low, more in ends):
                    reached.add((tuple(new), frozenset(pair for pair in used | taken if pair[0] in later)))
        states = reached
    ends_of = {loads for loads, _ in states}
    if len(ends_of) > MOST_ENDS:
        return None
    for loads in ends_of:
        if all(row.may_be_kept(loads[r * n : (r + 1) * n]) for r, row in enumerate(rows)):
            return None
    return steps


@dataclass(frozen=True)
class _Exact:
    """A rule in whole numbers: burdens, loads and limits in units of the smallest power of two that any of them needs.

    Attributes
    ----------
    row
        The rule.
    scale
        Number of these units in 1.
    burden
        Burden of each agent and unit, lists of n and u.
    carried, least, most
        Loads carried before, and the limits, tolerance included, length n.
    """

    row: Row
    scale: int
    burden: list[list[int]]
    carried: list[int]
    least: list[float]
    most: list[float]

    @classmethod
    def of(cls, row: Row) -> _Exact:
        values = [Fraction(float(value)) for value in (*row.burden.ravel(), *row.carried)]
        scale = max((value.denominator for value in values), default=1)
        whole = [int(value * scale) for value in values]
        n, u = row.burden.shape
        return cls(
            row,
            scale,
            [whole[agent * u : (agent + 1) * u] for agent in range(n)],
            whole[n * u :],
            [math.ceil(Fraction(x) * (1 - TOLERANCE) * scale) if math.isfinite(x) else x for x in row.least.tolist()],
            [math.floor(Fraction(x) * (1 + TOLERANCE) * scale) if math.isfinite(x) else x for x in row.most.tolist()],
        )

    def may_be_kept(self, loads: Sequence[int]) -> bool:
        """Return whether the loads of a whole plan keep the rule, or whether that is undecided."""
        if self.row.fairness is None:
            return True  # limits are watched on the way
        counted = [Fraction(loads[agent], self.scale) for agent in self.row.counted.tolist()]
        return self.row.fairness.exact_contains(counted, TOLERANCE) is not False


def _able(problem: RuledProblem, unit: int) -> list[int]:
    """Return the agents who may do a unit, ascending."""
    return [int(agent) for agent in problem.allowed[:, unit].nonzero()[0]]


def _choices(problem: RuledProblem, unit: int) -> Iterator[tuple[int, ...]]:
    """Yield each set of agents that may do a unit together, locked ones among them."""
    locked = set(problem.agents_locked_to.get(unit, ()))
    free = [agent for agent in _able(problem, unit) if agent not in locked]
    for others in itertools.combinations(free, int(problem.needs[unit]) - len(locked)):
        yield (*locked, *others)


def _largest_rest(problem: RuledProblem, rows: Sequence[_Exact], units: Sequence[int]) -> list[tuple[int, ...]]:
    """Return how much each load can still grow from each place in the list of units on, and nothing at its end."""
    rest = [tuple(0 for _ in rows for _ in problem.agents)]
    for unit in reversed(units):
        able = set(_able(problem, unit))
        grown = (
            row.burden[agent][unit] if agent in able else 0 for row in rows for agent in range(len(problem.agents))
        )
        rest.append(tuple(more + one for more, one in zip(rest[-1], grown, strict=True)))
    return rest[::-1]
