"""Charts of the applications' answers."""

from __future__ import annotations

from typing import Any

from evenhand.applications.generalised_assignment import GeneralisedAssignment
from evenhand.applications.load_shedding import LoadShedding
from evenhand.applications.salesmen import Tours
from evenhand.errors import InputError
from evenhand.report import page_libraries, palette
from evenhand.visible import shown_name

_BAR_HEIGHT = 26
"""Height of a bar with the space below it, pixels."""


def shedding_chart(answer: LoadShedding) -> Any:
    """Draw each load's demand (pale bars) and the power it sheds (dark bars) in MW, and the mean of the latter.

    Raises
    ------
    InputError
        If the answer has no solution.
    MissingExtraError
        If Altair is not installed.
    """
    if answer.shed is None:
        raise InputError(f"the answer is {answer.status}; there is nothing to draw")
    rows = [
        {"name": shown_name(f"bus {row['bus']}"), "most": row["demand"], "taken": row["shed"]}
        for row in answer.to_rows()
    ]
    return _within(
        rows,
        axis="MW demanded (pale) and shed (dark)",
        title=f"{answer.total_shed:.4g} MW shed, Jain's index {answer.jain:.2f}",
        description=f"Bars: demand and power shed of {len(rows)} loads.",
    )


def capacity_chart(answer: GeneralisedAssignment) -> Any:
    """Draw each agent's capacity (pale bars) and how much of it is used (dark bars), and the mean of the latter.

    Raises
    ------
    InputError
        If the answer has no solution.
    MissingExtraError
        If Altair is not installed.
    """
    if answer.used is None:
        raise InputError(f"the answer is {answer.status}; there is nothing to draw")
    rows = [
        {"name": shown_name(str(row["agent"])), "most": row["capacity"], "taken": row["used"]}
        for row in answer.to_rows()
    ]
    return _within(
        rows,
        axis="capacity (pale) and what is used of it (dark)",
        title=f"{'Profit' if answer.maximise else 'Cost'} {answer.cost:,.6g}, Jain's index of loads {answer.jain:.2f}",
        description=f"Bars: capacity and use of {len(rows)} agents.",
    )


def tours_chart(answer: Tours) -> Any:
    """Draw a map of the tours, one colour per salesman, with the depot as a black square.

    Raises
    ------
    InputError
        If the answer has no tours, or the instance no coordinates.
    MissingExtraError
        If Altair is not installed.
    """
    if answer.tours is None or answer.lengths is None:
        raise InputError(f"the answer is {answer.status}; there is nothing to draw")
    places = answer.towns.coordinates
    if places is None:
        raise InputError("the instance has distances but no coordinates; its tours cannot be drawn")
    alt = page_libraries.altair()
    names = [f"{k + 1}: {length:,.4g}" for k, length in enumerate(answer.lengths.tolist())]
    rows = [
        {"tour": name, "stop": stop, "x": float(places[node, 0]), "y": float(places[node, 1])}
        for name, tour in zip(names, answer.tours, strict=True)
        for stop, node in enumerate([*tour, *tour[:1]])
    ]
    low, high = places.min(axis=0), places.max(axis=0)
    margin = 0.05 * float((high - low).max())
    x, y = (
        encode(
            name,
            type="quantitative",
            axis=None,
            scale=alt.Scale(domain=[float(low[k] - margin), float(high[k] + margin)], nice=False, zero=False),
        )
        for k, (name, encode) in enumerate((("x", alt.X), ("y", alt.Y)))
    )
    colour = alt.Color(
        "tour:N", title="salesman: length", scale=alt.Scale(domain=names, range=palette.colours(len(names)))
    )
    base = alt.Chart(alt.InlineData(values=rows))
    lines = base.mark_line(strokeWidth=2).encode(x=x, y=y, order=alt.Order("stop:Q"), color=colour)
    dots = base.mark_point(filled=True, size=45, opacity=1).encode(x=x, y=y, color=colour)
    depot = {"x": float(places[answer.towns.depot, 0]), "y": float(places[answer.towns.depot, 1])}
    home = (
        alt.Chart(alt.InlineData(values=[depot]))
        .mark_point(filled=True, shape="square", size=170, color="black", opacity=1)
        .encode(x=x, y=y)
    )
    aspect = float((high[1] - low[1] + 2 * margin) / (high[0] - low[0] + 2 * margin))
    return (
        alt.layer(lines, dots, home)
        .properties(
            width="container",
            height=round(720 * aspect),
            usermeta={"aspect": aspect},
            title=f"{answer.cost:,.6g} in all, Jain's index {answer.jain:.2f}",
            description=f"Map: the tours of {len(names)} salesmen from one depot.",
        )
        .configure(**palette.light_theme())
    )


def _within(rows: list[dict[str, Any]], *, axis: str, title: str, description: str) -> Any:
    """Draw a dark bar inside a pale one for each row, and a line at the mean of the dark ones."""
    alt = page_libraries.altair()
    base = alt.Chart(alt.InlineData(values=rows))
    y = alt.Y("name:N", sort=None, title=None)
    most = base.mark_bar(opacity=0.25, color=palette.COLOURS[0]).encode(x=alt.X("most:Q", title=axis), y=y)
    taken = base.mark_bar(color=palette.COLOURS[1], height={"band": 0.5}).encode(
        x=alt.X("taken:Q"),
        y=y,
        tooltip=[alt.Tooltip("name:N"), alt.Tooltip("most:Q", format=",.4~f"), alt.Tooltip("taken:Q", format=",.4~f")],
    )
    mean = sum(row["taken"] for row in rows) / len(rows)
    rule = (
        alt.Chart(alt.InlineData(values=[{"mean": mean}]))
        .mark_rule(strokeDash=[4, 3], strokeWidth=1.5)
        .encode(x=alt.X("mean:Q"))
    )
    return (
        alt.layer(most, taken, rule)
        .properties(width="container", height=_BAR_HEIGHT * len(rows), title=title, description=description)
        .configure(**palette.light_theme())
    )
