"""A figure of a sweep: one result against one setting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.report.formats import count
from evenhand.report.reproduction.charts.columns import label, named, word
from evenhand.report.reproduction.charts.curves import curve_panels
from evenhand.report.reproduction.charts.drawing import Words
from evenhand.report.reproduction.charts.intervals import intervals
from evenhand.report.reproduction.charts.lines import generic_look, long_points
from evenhand.report.reproduction.figures import figure
from evenhand.report.sweeps.choice import on_an_axis
from evenhand.report.sweeps.estimates import MEAN, estimates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evenhand.report.reproduction.charts.drawing import Panel
    from evenhand.report.sweeps.choice import Choice

    Rows = Sequence[Mapping[str, Any]]


def result_figure(rows: Rows, choice: Choice, y: str, name: str) -> str:
    """Return the figure of the result `y`, with its data; rows are the trials that are done."""
    places = estimates(rows, choice, y)
    panels = _curves(places, choice, y) if on_an_axis(rows, choice.x) else _points(places, choice, y)
    return figure(name, f"{label(y)} against {label(choice.x)}", panels, caption(places, choice), places)


def caption(places: Rows, choice: Choice) -> str:
    """Return what a point and its interval are."""
    least, most = (pick((place["trials"] for place in places), default=0) for pick in (min, max))
    rests = count(most, "trial") if least == most else f"{least} to {count(most, 'trial')}"
    said = f"Each point is the interquartile mean of {rests}"
    if most == 1:
        return f"Each point is one trial{_apart(choice)}."
    if any(place["low"] is not None for place in places):
        said += ", with a 95 % interval by bootstrap over the seeds"
        said += f" within each value of {_listed(choice.pooled)}" if choice.pooled else ""
    elif choice.pooled:
        said += f" that differ in {_listed(choice.pooled)}; without several seeds of each there is no interval"
    return f"{said}{_apart(choice)}."


def _apart(choice: Choice) -> str:
    if not choice.by:
        return ""
    series = f"; series differ in {label(choice.by[0])}"
    return series + (f", panels in {label(choice.by[1])}" if len(choice.by) > 1 else "")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(label(name) for name in names)


def _curves(places: Rows, choice: Choice, y: str) -> list[Panel]:
    # Names that a chart shows: of a setting that some trials do not have, a dash.
    told = [
        {**place, **{f"_{k}": named(key, place[key]) for k, key in enumerate(choice.by)}, "x": place[choice.x]}
        for place in places
        if place[choice.x] is not None
    ]
    series, panel = (f"_{k}" if k < len(choice.by) else None for k in range(2))
    points = long_points(told, "x", MEAN, panel=panel, series=series)
    return curve_panels(points, generic_look(points, label(choice.x), label(y), y))


def _points(places: Rows, choice: Choice, y: str) -> list[Panel]:
    told = [
        {
            "method": ", ".join([word(place[choice.x]), *(named(key, place[key]) for key in choice.by[:1])]),
            "measure": named(choice.by[1], place[choice.by[1]]) if len(choice.by) > 1 else label(y),
            "mean": place[MEAN],
            "low": place["low"],
            "high": place["high"],
        }
        for place in places
    ]
    return intervals(told, Words(x=label(y)))
