"""When each task is done: the hours of visits in words, and a chart of who is under way when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evenhand.report import page_libraries, palette
from evenhand.report.formats import count

if TYPE_CHECKING:
    from evenhand.tables.visit_times import Visit

MOST_DAYS, MOST_AGENTS, MOST_VISITS = 14, 60, 1000
"""Upper limits on the days that are drawn, and on agents and visits of a day."""
_ROW_HEIGHT = 30
_DAY = 86_400
# On a wide screen, names are written into bars: characters that the axis is wide, and fewest that are worth reading.
_CHARACTERS, _FEWEST = 95, 8
_ON_WIDE_SCREENS = {"expr": "containerSize()[0] < 640 ? 0 : 1"}


@dataclass(frozen=True, slots=True)
class Slot:
    """When a task is done.

    Attributes
    ----------
    day
        Day on which it begins, in words; empty if all tasks are on one.
    hours
        Begin and end, such as ``08:00–09:00``.
    after
        The pause that follows, such as ``then 15 min``; empty if there is none.
    start, end, free
        Begin, end, and end of the pause, in hours of that day; numbers as they were given.
    """

    day: str
    hours: str
    after: str
    start: float
    end: float
    free: float


def slots_of(times: Sequence[Visit | None] | None, m: int) -> list[Slot | None]:
    """Return when each of `m` tasks is done; None for tasks that can be done at any time."""
    return [None] * m if times is None else [None if visit is None else _slot(visit) for visit in times]


def _slot(visit: Visit) -> Slot:
    if not visit.clock:
        after = f"then {float(visit.pause):g}" if visit.pause else ""
        return Slot("", "–".join(visit.shown), after, float(visit.start), float(visit.end), float(visit.free))
    midnight = visit.start // _DAY * _DAY
    start, end, free = (float(moment - midnight) / 3600 for moment in (visit.start, visit.end, visit.free))
    after = f"then {float(visit.pause) / 60:g} min" if visit.pause else ""
    return Slot(visit.day, f"{clock(start)}–{clock(end)}", after, start, end, free)


def clock(hours: float) -> str:
    """Return hours of a day as a clock shows them; of the next day, this is said."""
    days, minutes = divmod(round(60 * hours), 24 * 60)
    if days and not minutes:
        return "24:00" if days == 1 else f"24:00 ({_later(days - 1)})"
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f" ({_later(days)})" if days else "")


def _later(days: int) -> str:
    return "next day" if days == 1 else f"{days} days later"


def in_order(slots: Sequence[Slot | None], tasks: Sequence[int], order: Sequence[Any]) -> list[int]:
    """Return tasks by time, those of any time last; `order` is the moment at which each begins, or None."""
    return sorted(tasks, key=lambda task: (slots[task] is None, order[task] if order[task] is not None else 0, task))


def day_figures(
    agents: Sequence[str], tasks: Sequence[str], who: Sequence[Sequence[int]], slots: Sequence[Slot | None]
) -> list[dict[str, Any]]:
    """Return a chart for each day: a row for each agent, a bar for each of its tasks, the pause behind it shaded."""
    timed = [(k, slot) for k, slot in enumerate(slots) if slot is not None and who[k]]
    days = list(dict.fromkeys(slot.day for _, slot in timed))
    figures = []
    for number, day in enumerate(days[:MOST_DAYS]):
        bars = [
            {
                "agent": agents[agent],
                "task": tasks[k],
                "hours": slot.hours,
                "start": slot.start,
                "end": slot.end,
                "free": slot.free,
            }
            for k, slot in timed
            if slot.day == day
            for agent in who[k]
        ]
        rows = list(dict.fromkeys(sorted(str(bar["agent"]) for bar in bars)))
        if len(rows) > MOST_AGENTS or len(bars) > MOST_VISITS:
            continue
        clocked = ":" in str(bars[0]["hours"])
        figures.append(
            {"name": f"timetable-{number + 1}", "title": day, "chart": _chart(bars, len(rows), clocked=clocked)}
        )
    return figures


def _chart(bars: Sequence[dict[str, Any]], rows: int, *, clocked: bool) -> Any:
    alt = page_libraries.altair()
    first, last = min(bar["start"] for bar in bars), max(bar["free"] for bar in bars)
    for bar in bars:
        bar["label"] = _label(bar["task"], int(_CHARACTERS * (bar["end"] - bar["start"]) / (last - first)))
    base = alt.Chart(alt.InlineData(values=list(bars)))
    axis = alt.Axis(labelFontSize=13, labelLimit={"expr": "containerSize()[0] < 520 ? 90 : 200"})
    agent = alt.Y("agent:N", title=None, axis=axis)
    said = (
        "(datum.value % 24 < 10 ? '0' : '') + floor(datum.value % 24) + ':' + format(round(datum.value % 1 * 60), '02')"
    )
    hours = alt.Axis(tickCount=8, labelExpr=said) if clocked else alt.Axis(tickCount=8)
    x = alt.X("start:Q", title=None, axis=hours, scale=alt.Scale(domain=[first, last], nice=False))
    tooltip = [alt.Tooltip("task:N"), alt.Tooltip("hours:N", title="from, to"), alt.Tooltip("agent:N")]
    under_way = base.mark_bar(style="band", height={"band": 0.78}, cornerRadius=2).encode(
        y=agent, x=x, x2="end", tooltip=tooltip
    )
    edge = base.mark_tick(style="load", thickness=3, aria=False, height={"band": 0.78}).encode(y=agent, x=x)
    after = base.transform_filter("datum.free > datum.end")
    pause = after.mark_bar(style="carried", height={"band": 0.12}, aria=False).encode(
        y=agent, x=alt.X("end:Q", title=None), x2="free"
    )
    label = base.mark_text(align="left", dx=6, style="note", aria=False, opacity=_ON_WIDE_SCREENS, clip=True).encode(
        y=agent, x=x, text="label:N"
    )
    chart = alt.layer(under_way, pause, edge, label).properties(width="container", height=_ROW_HEIGHT * rows)
    return palette.finished(chart, f"Bars: when each of {count(rows, 'agent')} is under way, and with which task.")


def _label(name: str, fits: int) -> str:
    """Return a name, or as much of it as fits; nothing if that is too little to read."""
    if len(name) <= fits:
        return name
    return f"{name[: fits - 1]}…" if fits >= _FEWEST else ""
