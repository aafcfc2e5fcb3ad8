"""Charts of trained teams: each agent's work, the course of training, and the trade-off between time and fairness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evenhand.report import page_libraries, palette
from evenhand.report.teams.records import RELIABLE, TeamRecord, curve_rows, learning_rows, least_steps, workload_rows

if TYPE_CHECKING:
    from evenhand.hospital.planner import TradeOff
    from evenhand.learning.multiplier_curve import Point

LEARNED = {"success": "success", "jain": "Jain’s index", "multiplier": "multiplier λ"}
"""Titles of the learning curves' axes, by the name of the quantity."""
PLANNER, LOTTERIES = "exact plans", "each multiplier"
"""Names in the trade-off's legend: the planner's bound, and the team at each multiplier of its lottery."""
_COLOURS = (palette.COLOURS[1], palette.COLOURS[0], palette.COLOURS[2], palette.COLOURS[4])
_DASHES = ([5, 3], [1, 0], [2, 2], [9, 3, 2, 3])
"""Colours, and dashes of curves, given to the teams in the order of the records."""
_BAR = 24
"""Height of an agent's bar, pixels."""
_COLUMNS = {"expr": "containerSize()[0] < 520 ? 2 : 4"}
"""Columns of the trade-off's legend, fewer in a narrow window (Vega expression)."""


def workload_chart(records: Sequence[TeamRecord]) -> Any:
    """Draw the mean work of each agent as bars, one for each team.

    Returns
    -------
    altair.LayerChart
        The chart, with the agents from top to bottom in the order of the scenario.

    Raises
    ------
    MissingExtraError
        If Altair is not installed.
    """
    alt = page_libraries.altair()
    rows, names = workload_rows(records), [record.name for record in records]
    base = alt.Chart(alt.InlineData(values=rows))
    agent = alt.Y("agent:N", sort=None, title=None, axis=alt.Axis(labelFontSize=13))
    team = alt.YOffset("team:N", sort=names)
    reach = 1.04 * max((row["work"] for row in rows), default=1.0) or 1.0
    work = alt.X(
        "work:Q",
        title="mean work in an episode",
        scale=alt.Scale(domain=[0, reach], nice=False),
        axis=alt.Axis(tickCount=5, labelFlush=True),
    )
    tooltip = [
        alt.Tooltip("agent:N"),
        alt.Tooltip("team:N"),
        alt.Tooltip("work:Q", title="mean work", format=".2f"),
        alt.Tooltip("part:Q", title="of all work", format=".0%"),
    ]
    bars = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.9}).encode(
        y=agent, yOffset=team, x=work, color=_colour(alt, names), tooltip=tooltip
    )
    notes = base.mark_text(align="left", dx=10, style="note").encode(
        y=agent, yOffset=team, x=alt.value("width"), text=alt.Text("part:Q", format=".0%")
    )
    height = _BAR * len(names) * len(records[0].agents) + 14 * len(records[0].agents)
    chart = alt.layer(bars, notes).properties(width="container", height=height)
    return palette.finished(chart, f"Bars: mean work of each agent in an episode, for the teams {', '.join(names)}.")


def learning_chart(records: Sequence[TeamRecord], what: str, tau: float | None = None) -> Any:
    """Draw a learning curve for each run.

    Parameters
    ----------
    records
        The teams; teams of the same run share a curve.
    what
        What the curve shows, a key of :data:`LEARNED`.
    tau
        Threshold, drawn as a level line.

    Returns
    -------
    altair.LayerChart
        The chart, over millions of environment steps.

    Raises
    ------
    MissingExtraError
        If Altair is not installed.
    """
    alt = page_libraries.altair()
    rows = [row for row in learning_rows(records) if row[what] is not None]
    names = list(dict.fromkeys(row["team"] for row in rows))
    base = alt.Chart(alt.InlineData(values=rows))
    top = 1.05 * max((row[what] for row in rows), default=0.0) if what == "multiplier" else 1.0
    scale = alt.Scale(domain=[0, top or 1.0])
    x = alt.X("steps:Q", title="million steps", axis=alt.Axis(tickCount=4, grid=False))
    y = alt.Y(what, type="quantitative", title=LEARNED[what], scale=scale, axis=alt.Axis(tickCount=5))
    tooltip = [
        alt.Tooltip("team:N"),
        alt.Tooltip("steps:Q", title="million steps", format=".2f"),
        alt.Tooltip(what, type="quantitative", title=LEARNED[what], format=".3f"),
    ]
    place = [record.name for record in records]
    lines = base.mark_line(strokeWidth=2, clip=True).encode(
        x=x, y=y, color=_colour(alt, place, shown=names), strokeDash=_dash(alt, place, shown=names), tooltip=tooltip
    )
    layers = [lines]
    if tau is not None:
        level = alt.Chart(alt.InlineData(values=[{"level": tau, "word": f"asked: {tau:g}"}]))
        at = alt.Y("level:Q", scale=scale)
        layers.append(level.mark_rule(style="bound", strokeDash=[2, 3]).encode(y=at))
        word = level.mark_text(style="note", align="left", baseline="bottom", dy=-4)
        layers.append(word.encode(y=at, x=alt.value(0), text="word:N"))
    chart = alt.layer(*layers).properties(width="container", height=200)
    return palette.finished(
        chart, f"Curves: {LEARNED[what]} against environment steps of training, for {', '.join(names)}."
    )


def trade_off_chart(
    points: Sequence[Point], records: Sequence[TeamRecord] = (), planner: TradeOff | None = None
) -> Any:
    """Draw the mean number of steps against the mean index, for each multiplier.

    Parameters
    ----------
    points
        The trade-off curve; only multipliers under which the team nearly always succeeds are drawn.
    records
        Teams to mark, under the same condition.
    planner
        Exact trade-off, drawn as a lower bound on the number of steps.

    Returns
    -------
    altair.LayerChart
        The line through the points joins those that no lottery between others beats.

    Raises
    ------
    MissingExtraError
        If Altair is not installed.
    """
    alt = page_libraries.altair()
    learned = [row for row in curve_rows(points) if row["success"] >= RELIABLE]
    marked = [_mark(record, planner) for record in records if record.evaluation.success.value >= RELIABLE]
    planned = [] if planner is None else _hull_rows(planner, [row["jain"] for row in (*learned, *marked)])
    x, y = _plane(alt, [*learned, *marked, *planned])
    kinds = ([LOTTERIES] if learned else []) + ([PLANNER] if planned else [])
    names = [row["team"] for row in marked]
    legend = alt.Legend(title=None, orient="top", symbolSize=90, symbolOpacity=1, columns=_COLUMNS)
    order = [record.name for record in records]
    fills = [_COLOURS[order.index(name) % len(_COLOURS)] for name in names]
    scale = alt.Scale(
        domain=[*names, *kinds],
        range=[*fills, *({LOTTERIES: palette.COLOURS[2], PLANNER: palette.COLOURS[4]}[kind] for kind in kinds)],
    )
    colour = alt.Color("kind:N", sort=None, scale=scale, legend=legend)
    layers = []
    if planned:
        # Broad and pale, so that it stays visible behind a team that reaches it.
        bound = _data(alt, planned, PLANNER).mark_line(
            strokeWidth=9, opacity=0.4, strokeCap="round", strokeJoin="round"
        )
        layers.append(bound.encode(x=x, y=y, color=colour))
    if learned:
        line = _data(alt, [row for row in learned if row["best"]], LOTTERIES).mark_line(strokeWidth=2)
        dots = _data(alt, learned, LOTTERIES).mark_point(filled=True, size=45, opacity=1)
        layers += [line.encode(x=x, y=y, color=colour), dots.encode(x=x, y=y, color=colour, tooltip=_seen(alt))]
    for row in marked:
        mark = _data(alt, [row], row["team"]).mark_point(filled=True, size=190, opacity=1, style="site")
        layers.append(mark.encode(x=x, y=y, color=colour, tooltip=_compared(alt)))
    chart = alt.layer(*layers).properties(width="container", height=340)
    return palette.finished(
        chart, "Points: mean steps of an episode against the mean Jain index, one for each multiplier."
    )


def _data(alt: Any, rows: Sequence[dict[str, Any]], kind: str) -> Any:
    return alt.Chart(alt.InlineData(values=[{**row, "kind": kind} for row in rows]))


def _mark(record: TeamRecord, planner: TradeOff | None) -> dict[str, Any]:
    found = record.evaluation
    return {
        "team": record.name,
        "jain": found.jain.value,
        "steps": found.episode_steps.value,
        "success": found.success.value,
        "least": least_steps(planner, found),
    }


def _hull_rows(planner: TradeOff, beside: Sequence[float]) -> list[dict[str, Any]]:
    """Return the planner's curve, extended horizontally to the left as far as the least fair team in the chart."""
    rows = [{"jain": jain, "steps": time} for jain, time in planner.hull]
    least = min(beside, default=1.0)
    if rows and least < rows[0]["jain"]:
        rows.insert(0, {"jain": least, "steps": rows[0]["steps"]})
    return rows


def _plane(alt: Any, rows: Sequence[dict[str, Any]]) -> tuple[Any, Any]:
    """Return both axes, with a margin around everything that is drawn."""
    across, up = ([row[name] for row in rows] or [0.0, 1.0] for name in ("jain", "steps"))
    room = max(0.5, 0.08 * (max(up) - min(up)))
    x_scale = alt.Scale(domain=[max(0.0, min(across) - 0.03), 1.0], nice=False)
    y_scale = alt.Scale(domain=[min(up) - room, max(up) + room], nice=False, zero=False)
    return (
        alt.X(
            "jain:Q",
            title="mean Jain index: fairer to the right",
            scale=x_scale,
            axis=alt.Axis(tickCount=6, grid=False),
        ),
        alt.Y("steps:Q", title="mean steps", scale=y_scale, axis=alt.Axis(tickCount=6)),
    )


def _seen(alt: Any) -> list[Any]:
    return [
        alt.Tooltip("multiplier:Q", title="multiplier", format=".3~f"),
        alt.Tooltip("jain:Q", title="Jain’s index", format=".3f"),
        alt.Tooltip("steps:Q", title="steps", format=".2f"),
        alt.Tooltip("success:Q", title="success", format=".1%"),
    ]


def _compared(alt: Any) -> list[Any]:
    least = alt.Tooltip("least:Q", title="least steps at that index", format=".2f")
    return [alt.Tooltip("team:N"), *_seen(alt)[1:], least]


def _colour(alt: Any, names: Sequence[str], shown: Sequence[str] | None = None) -> Any:
    """Return the teams' colours; a team has the same colour in all charts, whichever other teams are shown."""
    return _by_team(alt, alt.Color, names, shown, _COLOURS)


def _dash(alt: Any, names: Sequence[str], shown: Sequence[str]) -> Any:
    return _by_team(alt, alt.StrokeDash, names, shown, _DASHES)


def _by_team(alt: Any, channel: Any, names: Sequence[str], shown: Sequence[str] | None, values: Sequence[Any]) -> Any:
    kept = list(names if shown is None else shown)
    scale = alt.Scale(domain=kept, range=[values[list(names).index(name) % len(values)] for name in kept])
    legend = alt.Legend(title=None, orient="top", symbolSize=90, columns=4) if len(kept) > 1 else None
    return channel("team:N", sort=None, scale=scale, legend=legend)
