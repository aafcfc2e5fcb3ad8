"""From trials to estimates: the interquartile mean over seeds, with its interval, at each place of a figure."""

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
"""With fewer runs of each an interval by bootstrap is hardly more than their range, so the runs are shown instead."""

LACKING = "without a number"
RUNS = "runs"


def estimates(rows: Rows, choice: Choice, y: str) -> list[dict[str, Any]]:
    """Return a row for each place: the settings, the mean of `y` with its interval, of how many, and how many lack one.

    Trials that differ in the seed alone are runs of one task; they are redrawn within it. The mean is the interquartile
    mean; of fewer than LEAST runs it is the plain one, without an interval. A place of trials without any finite number
    has a row, too: nothing is drawn there, and no line leads across it.
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
    told = {**place, MEAN: None, "low": None, "high": None, "trials": len(known)}
    told[LACKING] = sum(map(len, strata)) - len(known)
    if not known:
        return told
    if max(map(len, found)) < LEAST:
        return told | {MEAN: float(np.mean(known)), RUNS: known}
    interval = interquartile_estimate(found)
    return told | {MEAN: interval.value, "low": interval.low, "high": interval.high}
