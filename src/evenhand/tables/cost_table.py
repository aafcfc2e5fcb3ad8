"""The table of costs, with the names of agents and tasks."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.tables.default_names import DefaultNames

# Control characters, line separators and unpaired surrogates, which would break one-line messages and UTF-8 files.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CostTable:
    """Costs (or burdens) of assigning each task to each agent, with names.

    Attributes
    ----------
    values
        Shape (n, m), agents x tasks, in double (or single) precision; ``inf`` marks a forbidden pair.
    agents
        Names of the agents, length n, distinct and not empty.
    tasks
        Names of the tasks, length m, distinct and not empty.
    agent_xy, task_xy
        Coordinates, shapes (n, 2) and (m, 2), in the same unit; None if the source has none.
    source
        Origin of the table, for messages: a path or a word.
    named
        Whether the names of the agents, and those of the tasks, came with the data. If not, they were made up
        (``agent-1``, ``task-1``, ...), and tables can be compared by position only.
    burdens
        Shape (n, m): what each task adds to an agent's load, if the file has a column of burdens; otherwise None.
    notes
        Sentences on anything in the file that is more than names and plain numbers, and how it was read.

    Raises
    ------
    InputError
        If shapes and names do not fit, or a name is empty, repeated, or has control characters. The range of the costs
        (not negative, not NaN, ...) is checked where a problem is built from them.

    Examples
    --------
    >>> import numpy as np
    >>> from evenhand.tables import CostTable
    >>> CostTable(np.array([[1.0, 2.0], [3.0, np.inf]]), ("Ann", "Bo"), ("t1", "t2"))
    CostTable(2 agents x 2 tasks, from memory)
    """

    values: NDArray[np.float64]
    agents: Sequence[str]
    tasks: Sequence[str]
    agent_xy: NDArray[np.float64] | None = None
    task_xy: NDArray[np.float64] | None = None
    source: str = "memory"
    named: tuple[bool, bool] = (True, True)
    burdens: NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.agents), len(self.tasks))
        if self.values.ndim != 2 or self.values.size == 0:
            raise InputError(f"{self.source}: shape {self.values.shape}; a table needs numbers, agents x tasks")
        if self.values.shape != shape:
            raise InputError(f"{self.source}: shape {self.values.shape} does not fit {shape[0]} x {shape[1]} names")
        check_names(self.agents, "agent", self.source)
        check_names(self.tasks, "task", self.source)
        if self.burdens is not None and self.burdens.shape != shape:
            raise InputError(f"{self.source}: burdens of shape {self.burdens.shape} do not fit costs of {shape}")
        for label, points, count in (("agent_xy", self.agent_xy, shape[0]), ("task_xy", self.task_xy, shape[1])):
            if points is not None and points.shape != (count, 2):
                raise InputError(f"{self.source}: {label} has shape {points.shape}, it must be ({count}, 2)")

    def __repr__(self) -> str:
        return f"CostTable({len(self.agents)} agents x {len(self.tasks)} tasks, from {self.source})"

    def transposed(self) -> CostTable:
        """Return the table with agents and tasks exchanged."""
        values = np.ascontiguousarray(self.values.T)
        burdens = None if self.burdens is None else np.ascontiguousarray(self.burdens.T)
        return replace(
            self,
            values=values,
            agents=self.tasks,
            tasks=self.agents,
            agent_xy=self.task_xy,
            task_xy=self.agent_xy,
            named=self.named[::-1],
            burdens=burdens,
        )

    def without(self, agents: Collection[str], tasks: Collection[str]) -> CostTable:
        """Return the table without the agents and tasks with these names.

        Raises
        ------
        InputError
            If one of them is not in the table.
        """
        kept = []
        for kind, names, gone in (("agent", self.agents, agents), ("task", self.tasks, tasks)):
            missing = next((name for name in gone if name not in names), None)
            if missing is not None:
                raise InputError(f"{self.source}: there is no {kind} {shown(missing)} to leave out")
            left_out = frozenset(gone)
            kept.append([position for position, name in enumerate(names) if name not in left_out])
        if not (agents or tasks):
            return self
        rows, columns = kept
        return replace(
            self,
            values=np.ascontiguousarray(self.values[np.ix_(rows, columns)]),
            agents=tuple(self.agents[position] for position in rows),
            tasks=tuple(self.tasks[position] for position in columns),
            agent_xy=None if self.agent_xy is None else self.agent_xy[rows],
            task_xy=None if self.task_xy is None else self.task_xy[columns],
            # With some of them gone, positions no longer identify the others, so made-up names count as names now.
            named=(self.named[0] or bool(agents), self.named[1] or bool(tasks)),
            burdens=None if self.burdens is None else np.ascontiguousarray(self.burdens[np.ix_(rows, columns)]),
        )

    def with_tasks(self, added: CostTable) -> CostTable:
        """Return the table with the tasks of another one behind its own.

        Agents are matched by name if both tables name them, otherwise by position. If neither table names its tasks,
        numbering goes on.

        Raises
        ------
        InputError
            If the agents are not the same, a name occurs twice, or only one of the tables has burdens.
        """
        if len(added.agents) != len(self.agents):
            raise InputError(f"{added.source}: {len(added.agents)} agents for the table's {len(self.agents)}")
        order = list(range(len(self.agents)))
        if self.named[0] and added.named[0]:
            place = {name: position for position, name in enumerate(added.agents)}
            missing = next((name for name in self.agents if name not in place), None)
            if missing is not None:
                raise InputError(f"{added.source}: there is no agent {shown(missing)}, who is in {self.source}")
            order = [place[name] for name in self.agents]
        if (self.burdens is None) != (added.burdens is None):
            lacking = self if self.burdens is None else added
            raise InputError(f"{lacking.source}: has no burdens, and the tasks beside it have; give both the same")
        going_on = DefaultNames("task", len(self.tasks) + len(added.tasks))
        names = added.tasks if added.named[1] else going_on[len(self.tasks) :]
        both = None
        if self.burdens is not None and added.burdens is not None:
            both = np.concatenate([self.burdens, added.burdens[order]], axis=1)
        known = self.task_xy is not None and added.task_xy is not None
        return replace(
            self,
            values=np.concatenate([self.values, added.values[order]], axis=1),
            tasks=(*self.tasks, *names) if self.named[1] or added.named[1] else going_on,
            task_xy=np.concatenate([self.task_xy, added.task_xy]) if known else None,
            named=(self.named[0], self.named[1] or added.named[1]),
            burdens=both,
        )


def check_same_names(costs: CostTable, burdens: CostTable) -> None:
    """Raise an InputError unless both tables list the same agents and tasks in the same order.

    If one of them has no names, agents or tasks are identified by position.
    """
    kinds = (("agent", costs.agents, burdens.agents), ("task", costs.tasks, burdens.tasks))
    for (kind, ours, theirs), named, also in zip(kinds, costs.named, burdens.named, strict=True):
        if ours == theirs:
            continue
        if set(ours) == set(theirs):
            raise InputError(f"burdens list the {kind}s in another order than the costs; put both in the same order")
        if not (named and also):
            continue
        place = next(k for k, pair in enumerate(zip(ours, theirs, strict=True)) if pair[0] != pair[1])
        raise InputError(
            f"{kind} {place + 1} is {shown(ours[place])} in the costs and {shown(theirs[place])} in the burdens; "
            "give both the same names"
        )


def check_names(names: Sequence[str], kind: str, source: str) -> None:
    """Raise an InputError if a name is empty, repeated or not printable on one line.

    Parameters
    ----------
    names
        Names of the agents or tasks.
    kind
        ``agent`` or ``task``, for the message.
    source
        Where the names are from, for the message.
    """
    if isinstance(names, DefaultNames):
        return
    if all(map(str.strip, names)) and len(set(names)) == len(names) and not _UNPRINTABLE.search("".join(names)):
        return
    seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if not name.strip():
            raise InputError(f"{source}: {kind} {position} has no name; every {kind} needs one")
        if _UNPRINTABLE.search(name):
            raise InputError(
                f"{source}: the name of {kind} {position}, {shown(name)}, has control characters; use letters"
            )
        first = seen.setdefault(name, position)
        if first != position:
            raise InputError(
                f"{source}: {kind}s {first} and {position} are both called {shown(name)}; names must differ"
            )


def shown(value: object) -> str:
    """Return `value` quoted for a one-line message, shortened if it is long."""
    text = repr(str(value))
    return text if len(text) <= 50 else f"{text[:40]}...{text[-1]} ({len(str(value))} characters)"
