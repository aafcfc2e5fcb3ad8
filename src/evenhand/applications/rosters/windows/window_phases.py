"""What a row does before and after a window of days, in the phases of :mod:`..columns.cheapest_row`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.columns.cheapest_row import RowRules
from evenhand.numba_decorators import entry


@entry
def phase_after(rules: RowRules, groups: NDArray[np.int64], first_phase: int) -> int:
    """Return the phase after days with the given groups of shifts, shape (d,), -1 for a day off."""
    rests, runs, classes = len(rules.rest_ends), len(rules.run_ends), rules.follow.shape[0]
    phase = first_phase
    for group in groups:
        if group < 0:
            phase = min(phase + 1, rests - 1) if phase < rests else 0
        else:
            run = 0 if phase < rests else min((phase - rests) // classes + 1, runs - 1)
            phase = rests + run * classes + rules.class_of[group]
    return phase


@entry
def join_costs(rules: RowRules, groups: NDArray[np.int64], first_day: int, costs: NDArray[np.float64]) -> None:
    """Compute what the days after a window cost after each phase at its end, up to what is the same for all phases.

    A phase matters until the first of these days that changes from work to rest, or back: from then on, all are alike.

    Parameters
    ----------
    rules
        The rules.
    groups
        Groups of shifts of the days after the window, shape (d,), -1 for a day off.
    first_day
        The first of these days.
    costs
        Cost after each phase, shape (P,); it is filled.
    """
    rests, runs, classes = len(rules.rest_ends), len(rules.run_ends), rules.follow.shape[0]
    matter = 1
    while matter < len(groups) and (groups[matter] < 0) == (groups[0] < 0):
        matter += 1
    for start in range(len(costs)):
        phase, cost = start, 0.0
        for after, group in enumerate(groups[: matter + 1]):
            run = 0 if phase < rests else (phase - rests) // classes
            if group < 0:
                if phase >= rests:
                    open_run = rules.open_run >= 0 and run == first_day + after - 1 + rules.open_run
                    cost += 0.0 if open_run else rules.run_ends[run]
                    phase = 0
                else:
                    phase = min(phase + 1, rests - 1)
            elif phase < rests:
                cost += rules.rest_ends[phase]
                phase = rests + rules.class_of[group]
            else:
                cost += rules.run_goes_on[run] + rules.follow[(phase - rests) % classes, group]
                phase = rests + min(run + 1, runs - 1) * classes + rules.class_of[group]
        costs[start] = cost
