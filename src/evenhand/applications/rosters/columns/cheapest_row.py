r"""The cheapest legal row of one person, given a cost of each day's work: a dynamic programme over days.

The state after a day is a *phase* and a *tally*. The phase says how long the person has rested, or how long they have
worked in a row and which class their last shift has; classes differ in the shifts that may not follow. The tally
numbers all combinations of the counts that matter: weekends, minutes, and shifts that a person may work only so often.
Shifts that are alike to both form a *group*, of which each day offers the cheapest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import entry

NO_WEEKEND, FIRST_OF_WEEKEND, SECOND_OF_WEEKEND = 0, 1, 2
"""What a day is to the weekends: work on a second day counts only after a day off, for otherwise the first counted."""


class RowRules(NamedTuple):
    """What a row must keep, as arrays; infinite costs forbid.

    Attributes
    ----------
    follow
        Cost of a shift of group g after one of class c, shape (C, G).
    class_of
        Class of each group, shape (G,).
    rest_ends
        Cost of a rest that ends after t + 1 days, shape (R,); the last entry is for longer ones, too.
    run_ends
        Cost of a run of work that ends after r + 1 days, shape (L,).
    run_goes_on
        Cost of working one more day after r + 1 days in a row, shape (L,); the last entry is for longer ones, too.
    open_run
        Days of work in a row up to the day before the first, if nothing is known of when that run began. A run that
        includes the first day then ends at no cost.
    weekend_of
        Part of each day in weekends, shape (D,).
    after_work
        Tally after a shift of group g on a day that begins no weekend, shape (G, T); -1 if a count is full.
    after_weekend
        The same for a day that begins one.
    weekend_cost
        Cost of each weekend worked.
    """

    follow: NDArray[np.float64]
    class_of: NDArray[np.int64]
    rest_ends: NDArray[np.float64]
    run_ends: NDArray[np.float64]
    run_goes_on: NDArray[np.float64]
    open_run: int
    weekend_of: NDArray[np.int64]
    after_work: NDArray[np.int64]
    after_weekend: NDArray[np.int64]
    weekend_cost: float


@entry
def fill_days(
    rules: RowRules, work: NDArray[np.float64], off: NDArray[np.float64], first_phase: int, table: NDArray[np.float64],
    came_from: NDArray[np.int32],
) -> None:  # fmt: skip
    """Compute the least cost of reaching each state after the last day, and how it is reached.

    Parameters
    ----------
    rules
        The rules.
    work
        Cost of working a shift of each group on each day, shape (D, G); infinite where it is not possible.
    off
        Cost of each day off, shape (D,).
    first_phase
        Phase before the first day; the tally is 0.
    table
        Least costs, shape (2, P, T), where the phases are R of rest, and L x C of work; the answer is in
        ``table[D % 2]``.
    came_from
        For each day, phase and tally, shape (D, P, T): the state before and the group worked, as
        ``(phase * T + tally) * (G + 1) + group + 1``; group -1 is a day off. -1 for states that are not reached.
    """
    days, groups = work.shape
    rests, runs, classes = len(rules.rest_ends), len(rules.run_ends), rules.follow.shape[0]
    phases, tallies = table.shape[1], table.shape[2]
    table[0, :, :] = np.inf
    table[0, first_phase, 0] = 0.0
    for day in range(days):
        now, then = table[day % 2], table[(day + 1) % 2]
        back = came_from[day]
        for phase in range(phases):
            for tally in range(tallies):
                then[phase, tally] = np.inf
                back[phase, tally] = -1
        weekend = rules.weekend_of[day]
        for phase in range(phases):
            at_rest = phase < rests
            run = 0 if at_rest else (phase - rests) // classes  # days in a row, less one
            last = 0 if at_rest else (phase - rests) % classes
            if at_rest:
                resting, end = min(phase + 1, rests - 1), 0.0
                new_run, go_on = 0, rules.rest_ends[phase]
            else:
                resting = 0
                end = 0.0 if rules.open_run >= 0 and run == day - 1 + rules.open_run else rules.run_ends[run]
                new_run, go_on = min(run + 1, runs - 1), rules.run_goes_on[run]
            begins = weekend == FIRST_OF_WEEKEND or (weekend == SECOND_OF_WEEKEND and at_rest)
            move = rules.after_weekend if begins else rules.after_work
            if begins:
                go_on += rules.weekend_cost
            for tally in range(tallies):
                cost = now[phase, tally]
                if cost == np.inf:
                    continue
                state = (phase * tallies + tally) * (groups + 1)
                value = cost + end + off[day]
                if value < then[resting, tally]:
                    then[resting, tally] = value
                    back[resting, tally] = state
                if go_on == np.inf:
                    continue
                for group in range(groups):
                    value = cost + go_on + work[day, group]
                    if not at_rest:
                        value += rules.follow[last, group]
                    after = move[group, tally]
                    if value == np.inf or after < 0:
                        continue
                    target = rests + new_run * classes + rules.class_of[group]
                    if value < then[target, after]:
                        then[target, after] = value
                        back[target, after] = state + group + 1


@entry
def trace_back(came_from: NDArray[np.int32], groups: int, phase: int, tally: int, row: NDArray[np.int64]) -> None:
    """Write the groups of the cheapest row that ends in a state into `row`, shape (D,); -1 is a day off."""
    tallies = came_from.shape[2]
    for day in range(len(came_from) - 1, -1, -1):
        link = came_from[day, phase, tally]
        row[day] = link % (groups + 1) - 1
        state = link // (groups + 1)
        phase, tally = state // tallies, state % tallies
