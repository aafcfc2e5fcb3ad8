"""The picture of ``python -m docs.trade_off``: mean steps against the mean Jain index that is asked for."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.report import page_libraries, palette
from evenhand.report.answer_charts import save_chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evenhand.hospital.planner import TradeOff

IMAGES = Path(__file__).parent / "images"
PADDING = {"left": 12, "right": 28, "top": 6, "bottom": 6}
LOWEST = 1 / 3
"""Jain's index when one of three agents does everything: below it nothing is asked."""


def draw(curves: Sequence[TradeOff]) -> None:
    """Save a picture with a panel for each family of scenarios."""
    alt = page_libraries.altair()
    families = groupby(curves, key=lambda curve: curve.scenario.partition("/")[0])
    panels = [_panel(alt, family, list(members)) for family, members in families]
    chart = alt.concat(*panels, columns=2, spacing=36).resolve_scale(color="independent", strokeDash="independent")
    words = "Least mean number of steps to success against the mean Jain index asked for, by exact search."
    chart = chart.properties(background="white", padding=PADDING, description=words)
    save_chart(chart.configure(**palette.light_theme()), IMAGES / "trade-off.svg")


def labelled(curves: Sequence[TradeOff]) -> dict[str, tuple[tuple[float, float], ...]]:
    """Return the different hulls, each under the names of its teams: curves that coincide are drawn once."""
    teams: dict[tuple[tuple[float, float], ...], list[str]] = {}
    for curve in curves:
        teams.setdefault(curve.hull, []).append(curve.scenario.partition("/")[2])
    return {", ".join(names): hull for hull, names in teams.items()}


def _panel(alt: Any, family: str, curves: Sequence[TradeOff]) -> Any:
    hulls = labelled(curves)
    values = [row for teams, hull in hulls.items() for row in _rows(teams, hull)]
    plain = list(dict.fromkeys(_without_energy(teams) for teams in hulls))
    hues = [palette.COLOURS[plain.index(_without_energy(teams))] for teams in hulls]
    tired = [all(team.endswith("-energy") for team in teams.split(", ")) for teams in hulls]
    dashes = [palette.DASHES[int(energy)] for energy in tired]
    legend = alt.Legend(title=None, orient="bottom", columns=1, symbolType="stroke", symbolSize=260, labelLimit=330)
    colour = alt.Color("teams", type="nominal", sort=None, legend=legend, scale=_scale(alt, hulls, hues))
    dash = alt.StrokeDash("teams", type="nominal", sort=None, legend=legend, scale=_scale(alt, hulls, dashes))
    low, high = min(row["time"] for row in values), max(row["time"] for row in values)
    room = max(0.5, 0.08 * (high - low))
    across = alt.Scale(domain=[LOWEST, 1], nice=False)
    up = alt.Scale(domain=[low - room, high + room], nice=False, zero=False)
    x = alt.X("jain", type="quantitative", title="mean Jain index asked for", scale=across)
    y = alt.Y("time", type="quantitative", title="least mean steps to success", scale=up, axis=alt.Axis(tickCount=6))
    base = alt.Chart(alt.InlineData(values=values))
    lines = base.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, strokeDash=dash)
    points = base.transform_filter("datum.vertex").mark_point(filled=True, size=28, opacity=1)
    return (lines + points.encode(x=x, y=y, color=colour)).properties(title=family, width=330, height=240)


def _rows(teams: str, hull: tuple[tuple[float, float], ...]) -> list[dict[str, Any]]:
    """Return a curve as points: level with the quickest plans up to their index, then the vertices of the hull."""
    points = [(LOWEST, hull[0][1], False), *((jain, time, True) for jain, time in hull)]
    return [{"teams": teams, "jain": jain, "time": time, "vertex": vertex} for jain, time, vertex in points]


def _without_energy(teams: str) -> str:
    return ", ".join(dict.fromkeys(team.removesuffix("-energy") for team in teams.split(", ")))


def _scale(alt: Any, hulls: dict[str, Any], values: list[Any]) -> Any:
    return alt.Scale(domain=list(hulls), range=values)
