"""Match a second table with the first, by the names of agents and tasks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evenhand.errors import InputError
from evenhand.tables.cost_table import CostTable, shown


def matched(burdens: CostTable, costs: CostTable) -> CostTable:
    """Return the burdens with agents and tasks in the order of the costs, matched by name.

    A table without names (an array) is assumed to be in that order.

    Raises
    ------
    InputError
        If a name in the costs is missing from the burdens, or if the numbers of agents or tasks differ.
    """
    order = []
    kinds = (("agent", costs.agents, burdens.agents), ("task", costs.tasks, burdens.tasks))
    for k, (kind, ours, theirs) in enumerate(kinds):
        named = costs.named[k] and burdens.named[k]
        if len(ours) != len(theirs):
            which = _differing(burdens, costs, k) if named else ""
            counts = f"{len(theirs)} {kind}s, but {costs.source} has {len(ours)}"
            raise InputError(f"{burdens.source}: {counts}{which}; both need the same")
        if not named:
            order.append(np.arange(len(ours)))
            continue
        place = {name: position for position, name in enumerate(theirs)}
        missing = next((name for name in ours if name not in place), None)
        if missing is not None:
            raise InputError(f"{burdens.source}: no {kind} {shown(missing)}, as in {costs.source}; both need the same")
        order.append(np.array([place[name] for name in ours]))
    values = np.ascontiguousarray(burdens.values[np.ix_(*order)])
    return replace(costs, values=values, source=burdens.source)


def _differing(burdens: CostTable, costs: CostTable, k: int) -> str:
    """Return which agents (`k` is 0) or tasks (1) only one of two tables has: the first, and how many more."""
    for one, other in ((costs, burdens), (burdens, costs)):
        there = set((other.agents, other.tasks)[k])
        alone = [name for name in (one.agents, one.tasks)[k] if name not in there]
        if alone:
            more = f" and {len(alone) - 1} more are" if len(alone) > 1 else " is"
            return f"; {shown(alone[0])}{more} missing in {other.source}"
    return ""
