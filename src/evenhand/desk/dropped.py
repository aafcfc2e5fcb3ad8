"""What a file that was dropped on the desk is, and the desk with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.desk.command import DISTANCES, name_of
from evenhand.desk.dropped_file import PLAIN, Dropped, in_words
from evenhand.desk.places import Places, has_places, read_places
from evenhand.desk.plan import Desk
from evenhand.errors import InputError
from evenhand.tables import CostTable, header_roles, read_table
from evenhand.tables.coordinates import distances
from evenhand.tables.cost_table import shown
from evenhand.tables.matching import matched
from evenhand.tables.named import read_values
from evenhand.tables.task_values import lists_tasks, read_task_values

COSTS, BURDENS, FURTHER = "costs", "burdens", "further"
ENTITLEMENTS, INITIAL_LOADS = "entitlements", "initial_loads"
AGENT_PLACES, TASK_PLACES = "agent_places", "task_places"
ROLES = {
    COSTS: "Costs: a row for each agent, a column for each task",
    BURDENS: "What is shared, such as hours: a table like the costs",
    ENTITLEMENTS: "Shares: a name and a number for each agent, such as 0.5 for half time",
    INITIAL_LOADS: "Work from before: a name and a number for each agent",
    FURTHER: "Something else to be shared fairly, such as nights: a table like the costs, or tasks with a number each",
    AGENT_PLACES: "Places of the agents: name, x, y",
    TASK_PLACES: "Places of the tasks: name, x, y",
}
"""What a dropped file may be, in the order in which several are taken, and how the page says so."""

MOST_PAIRS = 500_000
"""Upper limit on a table in pairs; larger ones are for the command line."""

_HINTS = {
    COSTS: r"cost|kost|price|preis|km|kilomet|distan|travel|fahr|strecke|entfern|mile",
    BURDENS: r"hour|stunden|burden|minute|time|workload|effort|shared",
    FURTHER: r"night|nacht|nächte|naechte|week.?end|wochenend|holiday|feiertag|duty|dienst|heavy|schwer",
    ENTITLEMENTS: r"entitle|share|anteil|fte|part.?time|percent",
    INITIAL_LOADS: r"initial|carried|before|last|previous",
}
"""Parts of file names that say what a file is, where its form leaves several possibilities."""


def possible_roles(dropped: Dropped, desk: Desk | None) -> list[str]:
    """Return what a file can be: one role if that is certain, several if the user has to be asked.

    Its form decides first (names with one number, names with x and y, or a table), then the names that it has in
    common with the table on the desk, then a word in its name.
    """
    columns, head = dropped.head()
    first = [cell.strip().casefold() for cell in head[0]] if head else []
    if columns == 3 and has_places(first):
        return _whose_places(dropped, desk)
    if desk is None:
        if columns == 2:
            return _hinted(dropped.name, [COSTS, ENTITLEMENTS, INITIAL_LOADS])
        # A first table is the costs, unless its name says hours.
        tables = [COSTS, BURDENS]
        return tables if _hinted(dropped.name, tables) == [BURDENS] else [COSTS]
    if columns == 2 and _lists_tasks(dropped, desk):
        return [FURTHER]
    if columns == 2 and not {"task", "cost"} & set(first):
        return _hinted(dropped.name, [ENTITLEMENTS, INITIAL_LOADS, COSTS])
    return _hinted(dropped.name, [COSTS, BURDENS, FURTHER])


def _lists_tasks(dropped: Dropped, desk: Desk) -> bool:
    with dropped.file() as path:
        return lists_tasks(path, set(desk.costs.tasks))


def _whose_places(dropped: Dropped, desk: Desk | None) -> list[str]:
    roles = [AGENT_PLACES, TASK_PLACES]
    if desk is not None:
        names = set(places(dropped).names)
        fitting = [
            role for role, ours in zip(roles, (desk.costs.agents, desk.costs.tasks), strict=True) if names <= set(ours)
        ]
        roles = fitting if len(fitting) == 1 else roles
    if len(roles) > 1:
        words = {
            AGENT_PLACES: r"agent|team|home|staff|nurse|source|depot",
            TASK_PLACES: r"task|visit|job|target|client|patient",
        }
        roles = [role for role in roles if re.search(words[role], dropped.name.casefold())] or roles
    return roles if len(roles) == 1 else [AGENT_PLACES, TASK_PLACES]


def hints(name: str) -> list[str]:
    """Return the roles of which a file's name has a word."""
    return [role for role, words in _HINTS.items() if re.search(words, Path(name).stem.casefold())]


def _hinted(name: str, roles: list[str]) -> list[str]:
    """Return the one role of which the file's name has a word, or all."""
    said = [role for role in roles if role in hints(name)]
    return said if len(said) == 1 else roles


def laid(
    desk: Desk | None, dropped: Dropped, role: str, waiting: dict[str, Places], assignment: Any = None
) -> tuple[Desk | None, list[str]]:
    """Return the desk with a file on it, and sentences on how the file was read.

    Parameters
    ----------
    desk
        The desk before; None without a table.
    dropped
        The file.
    role
        One of :data:`ROLES`.
    waiting
        Places for which there is no table yet; with agents' and tasks' places, the costs are the distances between
        them, as in coordinate files. Changed in place.
    assignment
        Agent of each task in the plan that is shown, shape (m,): a further burden is first shared as in it.

    Raises
    ------
    InputError
        If the file is not what its role says, or does not fit the table on the desk.
    """
    if role not in ROLES:
        raise InputError(f"role {role!r} is unknown; it is one of {', '.join(ROLES)}")
    if role in (AGENT_PLACES, TASK_PLACES):
        return _placed(desk, dropped, role, waiting)
    if role == COSTS:
        table = _table(dropped)
        burdens = None if table.burdens is None else replace(table, values=table.burdens, burdens=None)
        return Desk(replace(table, burdens=None), burdens, mended=_mended(dropped)), list(table.notes)
    if desk is None:
        raise InputError(f"{dropped.name}: it is about the agents and tasks of a table of costs; drop that table first")
    if role == BURDENS:
        table = _table(dropped, desk)
        mended = (*desk.mended, *_mended(dropped))
        return replace(desk, burdens=matched(table, desk.costs), mended=mended), list(table.notes)
    if role == FURTHER:
        table, said = _further(dropped, desk)
        desk = replace(desk, mended=(*desk.mended, *_mended(dropped)))
        return desk.with_further(name_of(dropped.name, {one.name for one in desk.further}), table, assignment), said
    values, notes = _of_agents(dropped, desk.costs.agents, role)
    if role == ENTITLEMENTS:
        return replace(desk, entitlements=values), notes
    return replace(desk, initial_loads=values), notes


def turned_round(desk: Desk | None, dropped: Dropped) -> list[dict[str, Any]]:
    """Return the offer to read a table of costs the other way round if it has more agents than tasks."""
    if desk is None or len(desk.costs.agents) <= len(desk.costs.tasks) or dropped.reading.tasks_as != "columns":
        return []
    return [in_words({"tasks_as": "rows"})]


def _mended(dropped: Dropped) -> tuple[str, ...]:
    """Return the name of a file that is not read as it is, so that a command needs the table as it is on the desk."""
    return () if dropped.reading == PLAIN else (dropped.name,)


def _table(dropped: Dropped, desk: Desk | None = None) -> CostTable:
    """Read a table; turned round if its rows are called like the tasks on the desk, and its columns like the agents."""
    with dropped.file() as path:
        table = read_table(path, reading=dropped.reading)
    if table.values.size > MOST_PAIRS:
        raise InputError(
            f"{shown(dropped.name)} has {table.values.size:,} pairs; above {MOST_PAIRS:,} use evenhand assign"
        )
    table = replace(table, source=dropped.name)
    if desk is not None and all(table.named) and all(desk.costs.named):
        names = (set(desk.costs.agents), set(desk.costs.tasks))
        if names == (set(table.tasks), set(table.agents)) and names[0] != names[1]:
            table = table.transposed()
            return replace(table, notes=(*table.notes, f"{dropped.name}: its rows are the tasks"))
    return table


def _further(dropped: Dropped, desk: Desk) -> tuple[CostTable, list[str]]:
    """Return a further burden in the order of the costs: of a table, or of tasks with a number each."""
    tasks = desk.costs.tasks
    if not _lists_tasks(dropped, desk):
        table = _table(dropped, desk)
        return replace(matched(table, desk.costs), agent_xy=None, task_xy=None), list(table.notes)
    with dropped.file() as path:
        values, notes = read_task_values(path, "burden", tasks, dropped.reading)
        missing = next((name for name in tasks if name not in values), None)
        if missing is not None:
            raise InputError(f"{path}: there is no number for task {shown(missing)}; give 0 if it does not count")
    rows = np.tile([values[name] for name in tasks], (len(desk.costs.agents), 1))
    return replace(desk.costs, values=rows, agent_xy=None, task_xy=None, source=dropped.name), list(notes)


def _of_agents(dropped: Dropped, agents: Sequence[str], role: str) -> tuple[tuple[float, ...], list[str]]:
    """Return a number for each agent; without rows for some, their share is 1 and their work from before 0."""
    with dropped.file() as path:
        called = header_roles.ENTITLEMENT if role == ENTITLEMENTS else header_roles.CARRIED
        triples, notes = read_values(path, "number", dropped.reading, agents, (header_roles.AGENT, called))
        values: dict[str, float] = {}
        for line, name, value in triples:
            if name not in agents:
                raise InputError(f"{path}, line {line}: {shown(name)} is no agent of the table of costs")
            if name in values:
                raise InputError(f"{path}, line {line}: agent {shown(name)} is listed twice; give each one number")
            least = "above 0" if role == ENTITLEMENTS else "at least 0"
            if not (np.isfinite(value) and (value > 0 if role == ENTITLEMENTS else value >= 0)):
                raise InputError(f"{path}, line {line}: {value:g} for {shown(name)}; it must be {least}")
            values[name] = value
        missing = [name for name in agents if name not in values]
        if missing and (role == INITIAL_LOADS or max(values.values(), default=1.0) > 1):
            raise InputError(f"{path}: no number for agent {shown(missing[0])}; give one for each agent")
    said = [f"{len(missing)} agents are not named and count as full time, 1"] if missing else []
    return tuple(values.get(name, 1.0) for name in agents), [*notes, *said]


def places(dropped: Dropped) -> Places:
    """Read a file of names with x and y."""
    with dropped.file() as path:
        names, points = read_places(path)
    return Places(names, points, dropped.name)


def _placed(
    desk: Desk | None, dropped: Dropped, role: str, waiting: dict[str, Places]
) -> tuple[Desk | None, list[str]]:
    found = places(dropped)
    if desk is not None:
        kind, names = ("agent", desk.costs.agents) if role == AGENT_PLACES else ("task", desk.costs.tasks)
        where = dict(zip(found.names, found.points, strict=True))
        missing = next((name for name in names if name not in where), None)
        if missing is not None or len(where) != len(names):
            whom = f"no place for {kind} {shown(missing)}" if missing is not None else f"more places than {kind}s"
            raise InputError(f"{dropped.name}: {whom}; it must name each {kind} of the table of costs once")
        points = np.array([where[name] for name in names])
        if role == AGENT_PLACES:
            return replace(desk, costs=replace(desk.costs, agent_xy=points)), []
        return replace(desk, costs=replace(desk.costs, task_xy=points)), []
    waiting[role] = found
    if len(waiting) < 2:
        other = "tasks" if role == AGENT_PLACES else "agents"
        return None, [
            f"{dropped.name}: {len(found.names)} places; drop the places of the {other}, or a table of costs, too"
        ]
    agents, tasks = waiting.pop(AGENT_PLACES), waiting.pop(TASK_PLACES)
    values = distances(agents.points, tasks.points)
    if values.size > MOST_PAIRS:
        raise InputError(f"{dropped.name}: {values.size:,} pairs; above {MOST_PAIRS:,} use evenhand assign")
    table = CostTable(values, agents.names, tasks.names, agents.points, tasks.points, DISTANCES)
    return Desk(table), ["costs are the distances between agents and tasks"]
