"""Draw one result of a sweep against one setting."""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.report.formats import count
from evenhand.report.panels.columns import distinct, label, named, word
from evenhand.report.panels.curves import curve_panels
from evenhand.report.panels.drawing import Panel, Rows, Words
from evenhand.report.panels.figure import Figure, data
from evenhand.report.panels.intervals import intervals
from evenhand.report.panels.points import generic_look, long_points
from evenhand.report.sweeps.choice import Choice, number_of, on_an_axis
from evenhand.statistics import interquartile_estimate

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


_MOST_HOLES = 10
"""Upper limit on the places without a number that the page lists."""


def result_figure(rows: Rows, choice: Choice, y: str, name: str) -> Figure:
    """Return the figure of the result `y` with its data; rows are the finished trials."""
    places = estimates(rows, choice, y)
    panels = result_panels(rows, choice, y)
    # In the figure's table and CSV file, the list of runs is written as text.
    listed = [{**place, RUNS: " ".join(f"{value:.6g}" for value in place.get(RUNS, ()))} for place in places]
    idle = {name for name, there in ((RUNS, few(places)), (LACKING, any(p[LACKING] for p in places))) if not there}
    listed = [{name: value for name, value in place.items() if name not in idle} for place in listed]
    title = f"{label(y)} against {label(choice.x)}"
    return Figure(name, title, panels, caption(places, choice), data(name, title, listed))


def result_panels(rows: Rows, choice: Choice, y: str) -> list[Panel]:
    """Return the panels of the result `y`."""
    places = estimates(rows, choice, y)
    return _curves(places, choice, y) if on_an_axis(rows, choice.x) else _points(places, choice, y)


def few(places: Rows) -> bool:
    """Return whether single runs are shown somewhere in place of an interval."""
    return any(RUNS in place and place["trials"] > 1 for place in places)


def _holes(places: Rows, choice: Choice) -> str:
    """Return in one line where finished trials have no finite number; empty if all have one."""
    lacking = [place for place in places if place[LACKING]]
    parts = [
        f"{', '.join(named(key, place[key]) for key in (choice.x, *choice.by))}: no number in {place[LACKING]} of "
        f"{count(place[LACKING] + place['trials'], 'trial')}"
        for place in lacking[:_MOST_HOLES]
    ]
    more = f"; and at {count(len(lacking) - _MOST_HOLES, 'more place')}" if len(lacking) > _MOST_HOLES else ""
    return f" {'; '.join(parts)}{more}." if parts else ""


def caption(places: Rows, choice: Choice) -> str:
    """Return a caption that says what a point and its interval mean."""
    least, most = (pick((place["trials"] for place in places if place["trials"]), default=0) for pick in (min, max))
    rests = count(most, "trial") if least == most else f"{least} to {count(most, 'trial')}"
    if most <= 1:
        return f"Each point is one trial{_apart(choice)}.{_holes(places, choice)}"
    measured = any(place["low"] is not None for place in places)
    said = f"Each point is the {'interquartile mean' if measured else 'mean'} of {rests}"
    if measured:
        said += ", with a 95 % interval by bootstrap over the seeds"
        said += f" within each value of {_listed(choice.pooled)}" if choice.pooled else ""
    elif choice.pooled:
        said += f" that differ in {_listed(choice.pooled)}"
    remark = ""
    if few(places):
        where = "Where there are fewer" if measured else "With fewer"
        mean = "the point is the plain mean, and the single trials" if measured else "the single trials"
        remark = f" {where} than {LEAST} seeds an interval would only be their range: {mean} are shown, small."
    return f"{said}{_apart(choice)}.{remark}{_holes(places, choice)}"


def _apart(choice: Choice) -> str:
    if not choice.by:
        return ""
    series = f"; series differ in {label(choice.by[0])}"
    return series + (f", panels in {label(choice.by[1])}" if len(choice.by) > 1 else "")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(label(name) for name in names)


def _curves(places: Rows, choice: Choice, y: str) -> list[Panel]:
    # Names in the legend; a dash for a setting that some trials do not have.
    named_places = [
        {**place, **{f"_{k}": named(key, place[key]) for k, key in enumerate(choice.by)}, "x": place[choice.x]}
        for place in places
        if place[choice.x] is not None
    ]
    series, panel = (f"_{k}" if k < len(choice.by) else None for k in range(2))
    runs = [{**place, MEAN: value} for place in named_places for value in place.get(RUNS, ())] if few(places) else []
    # A place without a number gets a point without a value, at which the line is interrupted.
    holes = [{**place, MEAN: 0.0} for place in named_places if place[MEAN] is None]
    points, single, empty = (
        long_points(rows, "x", MEAN, panel=panel, series=series) for rows in (named_places, runs, holes)
    )
    look = generic_look([*points, *single], label(choice.x), label(y), y)
    drawn = {point.panel for point in points}
    breaks = [dataclasses.replace(point, y=None) for point in empty if point.panel in drawn]
    return curve_panels([*points, *breaks], look, single=single)


def _points(places: Rows, choice: Choice, y: str) -> list[Panel]:
    rows = [
        {
            "method": ", ".join([word(place[choice.x]), *(named(key, place[key]) for key in choice.by[:1])]),
            "measure": named(choice.by[1], place[choice.by[1]]) if len(choice.by) > 1 else label(y),
            "mean": place[MEAN],
            "low": place["low"],
            "high": place["high"],
            "runs": place.get(RUNS, ()) if few(places) else (),
        }
        for place in places
    ]
    return intervals(rows, Words(x=label(y)))
