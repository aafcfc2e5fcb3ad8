"""The checked problem of a call under several rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from evenhand.assignment.rules.build_ruled_problem import build_ruled_problem
from evenhand.assignment.rules.exclusive_tasks import Cliques, cliques_in_time, with_conflicts
from evenhand.assignment.rules.rule import Limits, Rule
from evenhand.assignment.rules.ruled_problem import RuledProblem
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.tables import as_table
from evenhand.tables.conflicts import conflicts_of
from evenhand.tables.visit_times import Visit, times_of


def problem_of(
    costs: Any,
    rules: Sequence[Rule | Limits] | None,
    *,
    fairness: Fairness | None = None,
    burdens: Any = None,
    initial_loads: Any = None,
    needs: Any = None,
    together: Iterable[Sequence[str | int]] | None = None,
    times: Any = None,
    conflicts: Any = None,
    locked: Mapping[Any, Any] | None = None,
    maximise: bool = False,
) -> RuledProblem:
    """Check everything that a call under several rules gives; arguments as for :func:`evenhand.assignment.assign`.

    `fairness`, with `burdens` and `initial_loads`, is a rule before the others.

    Raises
    ------
    InputError
        If a value cannot be used.
    """
    table = as_table(costs, copy=False)
    listed: Any = rules
    if fairness is not None:
        own = table.burdens if burdens is None else burdens
        named = ("profits" if maximise else "costs") if own is None else "burdens"
        first = Rule(table if own is None else own, fairness, name=named, initial_loads=initial_loads)
        listed = [first, *(listed if isinstance(listed, list | tuple) else () if listed is None else (listed,))]
    else:
        for name, given in (("burdens", burdens), ("initial_loads", initial_loads)):
            if given is not None:
                raise InputError(f"{name} belong to a fairness beside the rules; give each Rule its own instead")
    visits = _visits(times, table.tasks)
    problem = build_ruled_problem(
        table,
        listed,
        needs=needs,
        together=() if together is None else together,
        exclusive=_exclusive(visits, conflicts, table.tasks),
        locked=locked,
        maximise=maximise,
    )
    return replace(problem, visits=visits)


def _visits(times: Any, tasks: Sequence[str]) -> list[Visit | None] | None:
    """Return when each task begins and ends; None if that is not given. Files are read already."""
    if times is None:
        return None
    read = isinstance(times, list) and all(visit is None or isinstance(visit, Visit) for visit in times)
    return times if read else times_of(times, tasks)


def _exclusive(visits: Sequence[Visit | None] | None, conflicts: Any, tasks: Sequence[str]) -> Cliques:
    """Return the cliques of tasks that exclude each other."""
    in_time = () if visits is None else cliques_in_time(visits)
    return with_conflicts(in_time, () if conflicts is None else conflicts_of(conflicts, tasks))
