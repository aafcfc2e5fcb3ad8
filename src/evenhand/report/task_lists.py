"""The lists of a plan: the tasks of each agent, to hand out, and the agents of each task."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evenhand.report import timetable
from evenhand.report.formats import count, quantity
from evenhand.report.template import Exact, Table, exact

if TYPE_CHECKING:
    from evenhand.assignment.assignment_result import Assignment
    from evenhand.assignment.rules.ruled_assignment import RuledAssignment
    from evenhand.tables.visit_times import Visit

Shown = dict[str, Any]

PROMISED = " (promised)"
"""What follows the name of whoever has a locked task."""

MOST_ROWS = 5000
"""Upper limit on the tasks listed on the page; of more, the most expensive ones are listed."""


def agents_of_each(answer: Assignment | RuledAssignment) -> list[tuple[int, ...]]:
    """Return the positions of the agents of each task; nobody without a plan."""
    if answer.assignment is None:
        return [()] * len(answer.tasks)
    return [tuple(int(agent) for agent in np.atleast_1d(row) if agent >= 0) for row in answer.assignment]


def tasks_of_each(who: Sequence[Sequence[int]], n: int) -> list[list[int]]:
    """Return the positions of the tasks of each of `n` agents."""
    own: list[list[int]] = [[] for _ in range(n)]
    for task, agents in enumerate(who):
        for agent in agents:
            own[agent].append(task)
    return own


def handouts(
    answer: Assignment | RuledAssignment,
    said: Mapping[str, str],
    asides: Sequence[Exact] = (),
    promised: Collection[int] = (),
    times: Sequence[Visit | None] | None = None,
) -> list[Shown]:
    """Return a list of tasks for each agent, to hand out, by day and time; none if there are too many for a page.

    Parameters
    ----------
    answer
        The answer, whose names are shown as they are.
    said
        What is said of each agent beside the number of its tasks, by name.
    asides
        What stands behind each task, length m; nothing if empty.
    promised
        Positions of the tasks that are locked.
    times
        When each task is done, length m; None without times.
    """
    m = len(answer.tasks)
    if answer.assignment is None or m > MOST_ROWS:
        return []
    slots = timetable.slots_of(times, m)
    begins = [None if visit is None else visit.start for visit in times or [None] * m]
    handed = []
    for agent, own in zip(answer.agents, tasks_of_each(agents_of_each(answer), len(answer.agents)), strict=True):
        days: dict[str, list[tuple[str, str, Exact | str, str]]] = {}
        for task in timetable.in_order(slots, own, begins):
            slot = slots[task]
            day = ("at any time" if times is not None else "") if slot is None else slot.day
            hours, after = ("", "") if slot is None else (slot.hours, slot.after)
            name = answer.tasks[task] + (PROMISED if task in promised else "")
            days.setdefault(day, []).append((hours, name, asides[task] if asides else "", after))
        number = count(len(own), "task")
        summary = f"{number}, {said[agent]}" if said.get(agent) else number
        handed.append({"agent": agent, "said": summary, "days": list(days.items())})
    return handed


def timetable_section(answer: Assignment | RuledAssignment, times: Sequence[Visit | None] | None) -> Shown | None:
    """Return the section that draws who is under way when, if tasks have times and these fit on a page."""
    m = len(answer.tasks)
    if answer.assignment is None or times is None or m > MOST_ROWS:
        return None
    slots = timetable.slots_of(times, m)
    figures = timetable.day_figures(answer.agents, answer.tasks, agents_of_each(answer), slots)
    if not figures:
        return None
    days = len({slot.day for slot in slots if slot is not None})
    note = "Each bar is a task, from its begin to its end; the line behind it is the pause or the way to the next one."
    finding = "" if len(figures) == days else f"Drawn are {len(figures)} of {count(days, 'day')}."
    return {"finding": finding, "figures": figures, "note": note}


def task_list(
    answer: Assignment | RuledAssignment,
    columns: Sequence[tuple[str, NDArray[np.float64]]],
    promised: Collection[int] = (),
    times: Sequence[Visit | None] | None = None,
) -> Shown | None:
    """Return the section that lists the tasks with their agents.

    Parameters
    ----------
    answer
        The answer.
    columns
        Headers and numbers, shape (m,) each; the first ones are the costs.
    promised
        Positions of the tasks that are locked.
    times
        When each task is done, length m; None without times.
    """
    if answer.assignment is None:
        return None
    m, paid = len(answer.tasks), columns[0][1]
    chosen = np.arange(m) if m <= MOST_ROWS else np.sort(np.argsort(-paid, kind="stable")[:MOST_ROWS])
    who, slots = agents_of_each(answer), timetable.slots_of(times, m)
    when = [] if times is None else ["When"]
    cells = [
        (
            answer.tasks[j],
            ", ".join(answer.agents[agent] for agent in who[j]) + (PROMISED if j in promised else ""),
            *(_when(slots[j]) for _ in when),
            *(exact(numbers[j], quantity) for _, numbers in columns),
        )
        for j in chosen
    ]
    note = ""
    if m > MOST_ROWS:
        listed = f"Listed are the dearest {count(MOST_ROWS, 'task')} of {count(m, 'task')}"
        note = f"{listed}; the JSON of the answer has them all."
    headers = ("Task", "Agent", *when, *(header for header, _ in columns))
    table = Table("Agent and cost of each task", headers, cells, text_columns=2 + len(when))
    return {"note": note, "table": table}


def _when(slot: timetable.Slot | None) -> str:
    return "at any time" if slot is None else f"{slot.day} {slot.hours}".strip()
