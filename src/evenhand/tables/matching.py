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
        if len(ours) != len(theirs):
            raise InputError(
                f"{burdens.source}: {len(theirs)} {kind}s, but {costs.source} has {len(ours)}; both need the same"
            )
        if not (costs.named[k] and burdens.named[k]):
            order.append(np.arange(len(ours)))
            continue
        place = {name: position for position, name in enumerate(theirs)}
        missing = next((name for name in ours if name not in place), None)
        if missing is not None:
            raise InputError(f"{burdens.source}: no {kind} {shown(missing)}, as in {costs.source}; both need the same")
        order.append(np.array([place[name] for name in ours]))
    values = np.ascontiguousarray(burdens.values[np.ix_(*order)])
    return replace(costs, values=values, source=burdens.source)
