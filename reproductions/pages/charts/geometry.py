"""Feasible sets as areas: how they shrink as the level and the order grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.report import page_libraries, palette
from evenhand.report.panels import series
from evenhand.report.panels.columns import distinct, named, needed, number
from evenhand.report.panels.drawing import described

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evenhand.report.panels.drawing import Panel, Rows, Words

_ROOM = 0.04
_FLAT, _TALL = 0.3, 1.0
_WIDTHS = (14, 11, 8, 5, 3)


def geometry(rows: Rows, words: Words) -> list[Panel]:
    """Draw feasible sets as outlines of points ``x, y``, in the order of the rows.

    A panel for each ``dimension``. Outlines differ in ``p`` where there is one ``epsilon`` only, else in ``epsilon``,
    with a panel for each ``p``. Of two dimensions, where the simplex is a line, the sets are pieces of it.
    """
    needed(rows, ("x",), "geometry")
    needed(rows, ("y",), "geometry")
    drawn = [row for row in rows if number(row.get("x")) is not None and number(row.get("y")) is not None]
    by_order = len(distinct(drawn, "epsilon")) <= 1
    outlines = "p" if by_order else "epsilon"
    panels = []
    for size in distinct(drawn, "dimension") or [None]:
        same = [row for row in drawn if row.get("dimension") == size]
        ends = _ends(same)
        for order in [None] if by_order else distinct(same, "p") or [None]:
            group = [row for row in same if order is None or row.get("p") == order]
            parts = [f"{size} agents"] if size is not None else []
            parts += [named("p", order)] if order is not None else []
            told = [{**row, "outline": named(outlines, row.get(outlines))} for row in group]
            names = [named(outlines, value) for value in distinct(drawn, outlines)] or [told[0]["outline"]]
            panels.append(_panel(told, names, ", ".join(parts), ends))
    return panels


def _ends(rows: Rows) -> tuple[list[float], list[float]]:
    """Return both axes, of equal units; a flat figure gets some height."""
    across, up = ([float(row[name]) for row in rows] for name in ("x", "y"))
    width = max(across) - min(across) or 1.0
    height = max(max(up) - min(up), _FLAT * width / 2)
    middle, room = (max(up) + min(up)) / 2, _ROOM * width
    return (
        [min(across) - room, max(across) + room],
        [middle - height / 2 - room, middle + height / 2 + room],
    )


def _panel(rows: Rows, names: Sequence[str], title: str, ends: tuple[list[float], list[float]]) -> Panel:
    alt = page_libraries.altair()
    colour, dash = series.colour(alt, names), series.dash(alt, names)
    x, y = (
        channel(field, type="quantitative", axis=None, scale=alt.Scale(domain=end, nice=False, zero=False))
        for channel, field, end in ((alt.X, "x", ends[0]), (alt.Y, "y", ends[1]))
    )
    flat = _is_flat(rows)
    layers: list[Any] = []
    shown = [name for name in names if any(row["outline"] == name for row in rows)]
    for place, name in enumerate(shown):
        outline = [row for row in rows if row["outline"] == name]
        closed = outline if flat else [*outline, outline[0]]
        base = alt.Chart(
            alt.InlineData(values=[{"x": r["x"], "y": r["y"], "series": name, "k": k} for k, r in enumerate(closed)])
        )
        # Pieces of one line lie upon each other: the smaller ones are thinner.
        width = _WIDTHS[min(place, len(_WIDTHS) - 1)] if flat else 2
        mark = base.mark_line(strokeWidth=width, interpolate="linear", strokeCap="butt")
        if not flat:
            mark = base.mark_line(strokeWidth=width, interpolate="linear", fill=_fill(names, name), fillOpacity=0.12)
        order = alt.Order("k", type="quantitative")
        dashed = {} if flat else {"strokeDash": dash}
        layers.append(mark.encode(x=x, y=y, order=order, color=colour, **dashed))
    aspect = (ends[1][1] - ends[1][0]) / (ends[0][1] - ends[0][0])
    said = f"Outlines: loads that are fair enough, for {', '.join(shown)}."
    height = round(300 * aspect)
    return described(alt.layer(*layers), title, said, height=height, aspect=min(aspect, _TALL))


def _fill(names: Sequence[str], name: str) -> str:
    return palette.colours(len(names))[list(names).index(name)]


def _is_flat(rows: Rows) -> bool:
    """Return whether all points lie on one line."""
    (x0, y0), *rest = [(float(row["x"]), float(row["y"])) for row in rows]
    far = max(rest, key=lambda at: abs(at[0] - x0) + abs(at[1] - y0), default=(x0, y0))
    reach = abs(far[0] - x0) + abs(far[1] - y0)
    areas = [abs((far[0] - x0) * (y - y0) - (far[1] - y0) * (x - x0)) for x, y in rest]
    return max(areas, default=0.0) <= 1e-9 * max(reach, 1e-300) ** 2
