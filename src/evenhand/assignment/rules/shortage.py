"""Too few agents for tasks that exclude each other: the proof, as multipliers, and the words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evenhand.assignment.rules.exclusive_tasks import too_few_agents
from evenhand.assignment.rules.ruled_certificate import RowMultipliers, RuledCertificate
from evenhand.assignment.rules.ruled_problem import RuledProblem

_LISTED = 6
"""Upper limit on the names in a list."""


def certificate_of_shortage(problem: RuledProblem, units: Sequence[int], agents: Sequence[int]) -> RuledCertificate:
    """Return the certificate that units which exclude each other need more agents than these, who alone may do them.

    With a multiplier of 1 for each of the agents in a clique of all the units, and costs of zero, each unit costs what
    it needs, so that the bound is the number of agents needed minus the number that there are, which is positive.
    """
    n = len(problem.agents)
    exclusive = np.zeros((len(problem.exclusive), n))
    clique = next(k for k, those in enumerate(problem.exclusive) if set(units) <= set(those))
    exclusive[clique, list(agents)] = 1.0
    rules = []
    for row in problem.rows:
        limits = np.zeros(n if row.fairness is None else 0)
        rules.append(RowMultipliers(np.zeros(0), np.zeros((0, len(row.counted))), limits, limits))
    return RuledCertificate("infeasible", tuple(rules), exclusive)


def shortage_in_words(problem: RuledProblem) -> str:
    """Return which tasks at one time, or in conflict, need more agents than may do them; empty if none are found."""
    short = too_few_agents(problem.exclusive, problem.allowed, problem.needs)
    if short is None:
        return ""
    units, agents = short
    need = int(problem.needs[units].sum())
    who = _listed([problem.agents[agent] for agent in agents])
    there = f"only {len(agents)} may ({who})" if agents else "nobody may"
    verb = "exclude each other and need" if len(units) > 1 else "needs"
    return f"{tasks_in_words(problem, units)} {verb} {need} different agents; {there}"


def tasks_in_words(problem: RuledProblem, units: Sequence[int]) -> str:
    """Return the names of units, by the first task of each, and the moment at which all are under way, if it is known.

    For example ``tasks Abbot and Barlow at 10:15``.
    """
    tasks = [int(np.flatnonzero(problem.unit_of == unit)[0]) for unit in units]
    visits = [] if problem.visits is None else [problem.visits[task] for task in tasks]
    moments = [visit for visit in visits if visit is not None]
    when = ""
    if len(moments) == len(tasks):
        last = max(moments, key=lambda visit: visit.start)
        if all(visit.free > last.start for visit in moments):
            when = f" at {last.shown[0]}"
    return f"task{'s' if len(tasks) > 1 else ''} {_listed([problem.tasks[task] for task in tasks])}{when}"


def _listed(names: Sequence[str]) -> str:
    if len(names) > _LISTED:
        return f"{', '.join(names[:_LISTED])} and {len(names) - _LISTED} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
