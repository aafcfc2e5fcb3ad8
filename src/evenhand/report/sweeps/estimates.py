"""From trials to estimates: the interquartile mean over seeds, with its interval, at each place of a figure."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from evenhand.report.reproduction.charts.columns import distinct
from evenhand.statistics import interquartile_estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evenhand.report.sweeps.choice import Choice

    Rows = Sequence[Mapping[str, Any]]

MEAN = "iqm"


def estimates(rows: Rows, choice: Choice, y: str) -> list[dict[str, Any]]:
    """Return a row for each place: the settings, the interquartile mean of `y` with its interval, and of how many.

    Trials that differ in the seed alone are runs of one task; they are redrawn within it. Trials without a result are
    left out.
    """
    keys = (choice.x, *choice.by)
    places: dict[tuple[Any, ...], dict[tuple[Any, ...], list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        value = row.get(y)
        if value is None or not math.isfinite(float(value)):
            continue
        place = tuple(row.get(key) for key in keys)
        places[place][tuple(row.get(key) for key in choice.pooled)].append(float(value))
    ranks = {key: {value: k for k, value in enumerate(distinct(rows, key))} for key in keys}
    ordered = sorted(places, key=lambda place: [ranks[k].get(v, -1) for k, v in zip(keys, place, strict=True)])
    return [_estimate(dict(zip(keys, place, strict=True)), list(places[place].values())) for place in ordered]


def _estimate(place: dict[str, Any], strata: list[list[float]]) -> dict[str, Any]:
    found = interquartile_estimate(strata)
    interval = found.to_dict()
    return {
        **place,
        MEAN: found.value,
        "low": interval["low"],
        "high": interval["high"],
        "trials": sum(map(len, strata)),
    }
