"""Tasks that exclude each other, as cliques: sets of tasks of which an agent can do at most one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.tables.visit_times import Visit

Cliques = tuple[tuple[int, ...], ...]
"""Cliques of tasks, by position, each ascending; any two tasks that exclude each other share one."""


def cliques_in_time(visits: Sequence[Visit | None]) -> Cliques:
    """Return the maximal cliques of tasks that overlap in time; visits that only touch do not.

    An agent who does one visit cannot begin another one before the end and the pause of the first. These half-open
    intervals make an interval graph, whose maximal cliques are the sets of visits under way at one moment: those just
    before an end that follows a start.
    """
    events = sorted(
        event
        for task, visit in enumerate(visits)
        if visit is not None
        for event in ((visit.start, 1, task), (visit.free, 0, task))
    )
    active: set[int] = set()
    cliques, grown = [], False
    for _, starts, task in events:
        if starts:
            active.add(task)
            grown = True
            continue
        if grown and len(active) > 1:
            cliques.append(tuple(sorted(active)))
        active.remove(task)
        grown = False
    return tuple(sorted(cliques))


def covering_cliques(pairs: Iterable[tuple[int, int]]) -> Cliques:
    """Return maximal cliques that together contain each of the conflicting `pairs`.

    Each pair that no clique contains yet is extended, task by task, by the one with the most conflicts that excludes
    all others so far. A cover by fewest cliques would be NP-hard to find.
    """
    neighbours: dict[int, set[int]] = {}
    for first, second in pairs:
        neighbours.setdefault(first, set()).add(second)
        neighbours.setdefault(second, set()).add(first)
    covered: set[tuple[int, int]] = set()
    cliques = set()
    for first in sorted(neighbours):
        for second in sorted(neighbours[first]):
            if second < first or (first, second) in covered:
                continue
            clique = [first, second]
            others = neighbours[first] & neighbours[second]
            while others:
                chosen = min(others, key=lambda task: (-len(neighbours[task] & others), task))
                clique.append(chosen)
                others = others & neighbours[chosen]
            clique.sort()
            covered.update((a, b) for k, a in enumerate(clique) for b in clique[k + 1 :])
            cliques.add(tuple(clique))
    return tuple(sorted(cliques))


def with_conflicts(cliques: Cliques, pairs: Iterable[tuple[int, int]]) -> Cliques:
    """Return cliques that contain all conflicts of both kinds: some of the pairs may join cliques to larger ones."""
    inside = {pair for clique in cliques for pair in itertools.combinations(clique, 2)}
    more = set(pairs) - inside
    return joined(cliques, covering_cliques(inside | more)) if more else cliques


def joined(first: Cliques, second: Cliques) -> Cliques:
    """Return the cliques of both kinds, without those that another one contains."""
    together = sorted({*first, *second}, key=lambda clique: (-len(clique), clique))
    holding: dict[int, list[set[int]]] = {}
    kept = []
    for clique in together:
        members = set(clique)
        if any(members <= other for other in holding.get(clique[0], [])):
            continue
        kept.append(clique)
        for task in clique:
            holding.setdefault(task, []).append(members)
    return tuple(sorted(kept))


def merged(cliques: Cliques, unit_of: Sequence[int], tasks: Sequence[str]) -> Cliques:
    """Return cliques of units, where tasks of one unit stay together: a unit excludes what any of its tasks excludes.

    Parameters
    ----------
    cliques
        Cliques of tasks.
    unit_of
        Unit of each task, length m; a task on its own is a unit, too.
    tasks
        Names of the tasks, for messages.

    Raises
    ------
    InputError
        If two tasks of a unit exclude each other; the message names them.
    """
    found = []
    for clique in cliques:
        first: dict[int, int] = {}
        for task in clique:
            other = first.setdefault(unit_of[task], task)
            if other != task:
                raise InputError(
                    f"tasks {tasks[other]} and {tasks[task]} stay together, but exclude each other: no agent can do "
                    "both; take one out of the group, or change its time"
                )
        found.append(tuple(sorted(first)))
    return joined(tuple(found), ())


def broken(cliques: Cliques, assignment: NDArray[np.intp]) -> tuple[int, int, int] | None:
    """Return the first agent who has two tasks that exclude each other, and these tasks; None if there is none.

    Parameters
    ----------
    cliques
        The cliques of tasks.
    assignment
        Agents of each task, shape (m,), or (m, k) if tasks need several, with -1 for none.
    """
    plan = np.asarray(assignment).reshape(len(assignment), -1)
    for clique in cliques:
        seen: dict[int, int] = {}
        for task in clique:
            for agent in plan[task].tolist():
                if agent < 0:
                    continue
                other = seen.setdefault(agent, task)
                if other != task:
                    return agent, other, task
    return None


def too_few_agents(
    cliques: Cliques, allowed: NDArray[np.bool_], needs: NDArray[np.integer[Any]] | None = None
) -> tuple[list[int], list[int]] | None:
    """Return tasks that exclude each other and together need more agents than may do any of them, and these agents.

    By Hall's theorem there is such a set in a clique exactly if its tasks cannot be matched with different agents. Only
    cliques are examined, so None does not yet mean that there is an assignment.

    Parameters
    ----------
    cliques
        The cliques of tasks.
    allowed
        Pairs that may be used, shape (n, m).
    needs
        Number of agents that each task needs, shape (m,); one by default.
    """
    count = np.ones(allowed.shape[1], np.int64) if needs is None else np.asarray(needs)
    able = allowed.sum(axis=0)
    for clique in cliques:
        slots = [task for task in clique for _ in range(int(count[task]))]
        if able[list(clique)].min() >= len(slots):
            continue  # each task finds a free agent, whoever has the others
        short = _unmatched(slots, allowed)
        if short is not None:
            tasks = _irreducible(short, allowed, count)
            return tasks, [int(agent) for agent in np.flatnonzero(allowed[:, tasks].any(axis=1))]
    return None


def _unmatched(slots: Sequence[int], allowed: NDArray[np.bool_]) -> list[int] | None:
    """Return tasks that have too few agents among them; None if the tasks of all `slots` get different agents.

    One slot after the other is matched along a shortest augmenting path. If there is none, all agents of the tasks that
    alternating paths reach are held by these tasks, and one of their slots is left.
    """
    held: dict[int, int] = {}
    owner: dict[int, int] = {}
    for slot in range(len(slots)):
        via: dict[int, int] = {}
        queue, free = [slot], -1
        for current in queue:
            for agent in np.flatnonzero(allowed[:, slots[current]]).tolist():
                if agent in via:
                    continue
                via[agent] = current
                if agent not in owner:
                    free = agent
                    break
                queue.append(owner[agent])
            if free >= 0:
                break
        if free < 0:
            return sorted({slots[current] for current in queue})
        while free >= 0:
            taker = via[free]
            owner[free], held[taker], free = taker, free, held.get(taker, -1)
    return None


def _irreducible(tasks: list[int], allowed: NDArray[np.bool_], needs: NDArray[np.integer[Any]]) -> list[int]:
    """Return the tasks without those that are not needed for there to be too few agents."""
    kept = list(tasks)
    for task in tasks:
        rest = [other for other in kept if other != task]
        if rest and needs[rest].sum() > np.count_nonzero(allowed[:, rest].any(axis=1)):
            kept = rest
    return kept
