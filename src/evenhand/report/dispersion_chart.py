"""Draw the CV reached at each level of fairness, and the bounds that the level guarantees."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.fairness import Frontier, bounds
from evenhand.report import page_libraries, palette
from evenhand.report.chart_rows import price_rows, series_name

BOUNDS = {
    "published bound": bounds.published_cv_bound,
    "interpolated bound": bounds.interpolated_cv_bound,
    "sharp bound": bounds.sharp_cv_bound,
}
"""The three bounds on the CV by name, the weakest first."""

_STEPS = 101
"""Number of values of p-dispersion, evenly from 0 to 1, at which the bounds are computed."""
_DASHES = {"published bound": [2, 3], "interpolated bound": [8, 4], "sharp bound": [1, 0]}


def dispersion_chart(frontiers: Sequence[Frontier], n: int) -> Any:
    """Draw the CV of the loads against the level asked for, with the three bounds that the level implies.

    Parameters
    ----------
    frontiers
        Frontiers of the (epsilon, p) family, at least one; each gets its own panel.
    n
        Number of agents.

    Returns
    -------
    altair.LayerChart or altair.ConcatChart
        The chart. The CV can take any value below the sharp bound (shaded), and none above it.

    Raises
    ------
    InputError
        If there is no frontier, or if one is of another measure.
    MissingExtraError
        If Altair is not installed.
    """
    alt = page_libraries.altair()
    foreign = [frontier.measure for frontier in frontiers if frontier.p is None]
    if foreign or not frontiers:
        raise InputError(
            f"frontiers of {foreign or 'no measure'}: the bounds on the CV are those of the epsilon family"
        )
    charts = [_single(alt, frontier, n) for frontier in frontiers]
    if len(charts) == 1:
        chart = charts[0].properties(width="container")
    else:
        titled = [
            part.properties(width=320, title=series_name(frontier))
            for part, frontier in zip(charts, frontiers, strict=True)
        ]
        chart = alt.concat(*titled, columns=2)
    names = ", ".join(series_name(frontier) for frontier in frontiers)
    description = f"Curves: three bounds on the CV against the level of fairness, and the CV reached, {names}."
    return palette.finished(chart, description)


def bound_rows(p: float, n: int, epsilons: Sequence[float]) -> list[dict[str, Any]]:
    """Return rows of level, bound and CV for the three bounds at each of `epsilons`.

    At low levels the published bound exceeds sqrt(n - 1), the largest possible CV; it is not clipped.
    """
    return [
        {"level": float(epsilon), "bound": name, "cv": float(function(float(epsilon), p, n))}
        for name, function in BOUNDS.items()
        for epsilon in epsilons
    ]


def _single(alt: Any, frontier: Frontier, n: int) -> Any:
    assert frontier.p is not None
    curves = alt.Chart(alt.InlineData(values=bound_rows(frontier.p, n, list(np.linspace(0, 1, _STEPS)))))
    reached = [row for row in price_rows([frontier]) if row["cv"] is not None]
    x = alt.X(
        "level:Q",
        title="fairness level ε asked for",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(tickCount=5, grid=False),
    )
    top = 1.02 * math.sqrt(n - 1)
    y = alt.Y(
        "cv:Q",
        title="coefficient of variation",
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(tickCount=5),
    )
    legend = alt.Legend(title=None, orient="top", symbolSize=260, symbolStrokeWidth=2, columns=2)
    dash = alt.StrokeDash(
        "bound:N", sort=None, legend=legend, scale=alt.Scale(domain=list(_DASHES), range=list(_DASHES.values()))
    )
    shade = curves.transform_filter("datum.bound === 'sharp bound'").mark_area(style="possible", clip=True)
    lines = curves.mark_line(style="bound", strokeWidth=1.75, clip=True)
    tooltip = [
        alt.Tooltip("level:Q", title="level asked"),
        alt.Tooltip("cv:Q", title="CV reached", format=".4~f"),
        alt.Tooltip("jain:Q", title="Jain's index", format=".4~f"),
        alt.Tooltip("cost:Q", title="cost", format=",.4~f"),
    ]
    points = alt.Chart(alt.InlineData(values=reached)).mark_point(style="reached", filled=True, size=75, opacity=1)
    return alt.layer(
        shade.encode(x=x, y=y), lines.encode(x=x, y=y, strokeDash=dash), points.encode(x=x, y=y, tooltip=tooltip)
    ).properties(height=320)
