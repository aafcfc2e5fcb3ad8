"""Estimate the interquartile mean over seeds, with its interval, for each combination of settings in a figure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evenhand.report.panels.columns import distinct
from evenhand.report.sweeps.choice import Choice
from evenhand.report.sweeps.result_numbers import number_of
from evenhand.statistics import interquartile_estimate

Rows = Sequence[Mapping[str, Any]]

MEAN = "iqm"
LEAST = 5
"""Number of runs from which a bootstrap interval is shown; with fewer it is hardly more than the range of the runs."""

LACKING = "without a number"
RUNS = "runs"


def estimates(rows: Rows, choice: Choice, y: str) -> list[dict[str, Any]]:
    """Return a row for each combination of the settings in a figure, with the mean of `y` over its trials.

    Trials that differ by the seed only are runs of one task, and the bootstrap resamples within tasks. The mean is the
    interquartile mean with its interval or, with fewer than LEAST runs per task, the plain mean without an interval.
    Each row also has the number of trials, and of trials without a finite number. A combination in which no trial has a
    finite number has a row as well, where lines are interrupted.
    """
    keys = (choice.x, *choice.by)
    places: dict[tuple[Any, ...], dict[tuple[Any, ...], list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        value = number_of(row.get(y))
        place = tuple(row.get(key) for key in keys)
        places[place][tuple(row.get(key) for key in choice.pooled)].append(value)
    ranks = {key: {value: k for k, value in enumerate(distinct(rows, key))} for key in keys}
    ordered = sorted(places, key=lambda place: [ranks[k].get(v, -1) for k, v in zip(keys, place, strict=True)])
    return [_estimate(dict(zip(keys, place, strict=True)), list(places[place].values())) for place in ordered]


def _estimate(place: dict[str, Any], strata: list[list[float]]) -> dict[str, Any]:
    found = [[value for value in scores if not math.isnan(value)] for scores in strata]
    known = [value for scores in found for value in scores]
    row = {**place, MEAN: None, "low": None, "high": None, "trials": len(known)}
    row[LACKING] = sum(map(len, strata)) - len(known)
    if not known:
        return row
    if max(map(len, found)) < LEAST:
        return row | {MEAN: float(np.mean(known)), RUNS: known}
    interval = interquartile_estimate(found)
    return row | {MEAN: interval.value, "low": interval.low, "high": interval.high}
