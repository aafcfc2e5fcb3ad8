"""The tallies of the dynamic programme for rows: all combinations of the counts on which limits or costs depend."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.roster_parts import Person
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.arrays import Array

MOST_TALLIES = 60_000
"""Upper limit on the tallies of one person: with more, each row would take seconds."""


class TooManyTalliesError(Exception):
    """The counts of a person have too many combinations for the dynamic programme."""


@dataclass(frozen=True, slots=True)
class Tallies:
    """All combinations of counts that a row can reach.

    Attributes
    ----------
    weekends, minutes
        Weekends and minutes worked, shape (T,).
    counts
        By name of a count of shifts, how many of them were worked, each of shape (T,).
    cost
        Cost of ending a row with each tally, shape (T,); infinite where a limit forbids it.
    """

    weekends: Array
    minutes: Array
    counts: dict[str, Array]
    cost: Array


class TallySteps(NamedTuple):
    """What a shift of each group adds to the tallies.

    Attributes
    ----------
    names
        Names of the counts of shifts that tallies tell apart, in order.
    of_group
        For each group of shifts, its minutes, and 1 for each count that has it.
    """

    names: tuple[str, ...]
    of_group: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Outside:
    """What a row has on the days that its dynamic programme leaves out.

    Attributes
    ----------
    minutes, weekends
        Minutes and weekends worked there.
    counts
        By name of a count of shifts, how many were worked there.
    """

    minutes: float = 0.0
    weekends: float = 0.0
    counts: Mapping[str, float] = field(default_factory=dict)


def tally_up(
    steps: TallySteps, most: tuple[float, ...], weekends: int, days: int
) -> tuple[Tallies, NDArray[np.int64], NDArray[np.int64]]:
    """Return the tallies, and where each group's shift leads from each, without and with a further weekend.

    Parameters
    ----------
    steps
        What shifts add.
    most
        Upper limits on the minutes and on each count of shifts.
    weekends
        Upper limit on the weekends that are counted.
    days
        Upper limit on the number of shifts.

    Raises
    ------
    TooManyTalliesError
        If there are more than :data:`MOST_TALLIES`.
    """
    none = (0.0,) * (1 + len(steps.names))
    number: dict[tuple[float, ...], int] = {none: 0}
    queue, depths = [none], [0]
    next_of: list[list[int]] = []
    for tally, depth in zip(queue, depths, strict=True):  # both grow while they are read
        line = []
        for step in steps.of_group:
            then = tuple(a + b for a, b in zip(tally, step, strict=True))
            if depth == days or any(a > b for a, b in zip(then, most, strict=True)):
                line.append(-1)
                continue
            if then not in number:
                number[then] = len(queue)
                queue.append(then)
                depths.append(depth + 1)
                if len(queue) * (weekends + 1) > MOST_TALLIES:
                    raise TooManyTalliesError
            line.append(number[then])
        next_of.append(line)
    groups, size = len(steps.of_group), len(queue)
    plain = np.array(next_of, dtype=np.int64).reshape(size, groups).T
    shift = np.arange(weekends + 1)[np.newaxis, :, np.newaxis] * size
    work = np.where(plain[:, np.newaxis, :] < 0, -1, plain[:, np.newaxis, :] + shift)
    weekend = np.where((work < 0) | (work + size >= size * (weekends + 1)), -1, work + size)
    values = np.tile(np.array(queue), (weekends + 1, 1)).T
    tallies = Tallies(
        weekends=np.repeat(np.arange(weekends + 1), size).astype(np.float64),
        minutes=values[0],
        counts=dict(zip(steps.names, values[1:], strict=True)),
        cost=np.zeros(size * (weekends + 1)),
    )
    flat = (groups, size * (weekends + 1))
    return tallies, work.reshape(flat), weekend.reshape(flat)


def end_costs(problem: RosterProblem, person: Person, tallies: Tallies, outside: Outside | None = None) -> Array:
    """Return what each tally costs at the end because of limits, shape (T,), with what the row has `outside`."""
    outside = Outside() if outside is None else outside
    minutes, weekends = tallies.minutes + outside.minutes, tallies.weekends + outside.weekends
    excess = {
        "least_minutes": person.least_minutes - minutes,
        "most_minutes": minutes - person.most_minutes,
        "most_weekends": weekends - person.most_weekends,
    }
    cost = np.zeros(len(minutes))
    for rule, above in excess.items():
        wrong = above > 1e-9
        cost[wrong] += problem.prices.get(rule, math.inf) * above[wrong]
    if "most_shifts" in problem.prices:
        for name, counted in tallies.counts.items():
            if name in {shift.name for shift in problem.shifts}:
                counted = counted + outside.counts.get(name, 0.0)
                cost += problem.prices["most_shifts"] * np.maximum(counted - person.most_shifts.get(name, 0), 0)
    return cost
