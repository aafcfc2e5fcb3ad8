"""Check a table of candidates once, so that all other code can trust its arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.assignment.build_problem import check_scales
from evenhand.assignment.kernels.candidates import NEGATIVE_COST, TWICE, WRONG_BURDEN, Pairs, first_mistake
from evenhand.assignment.named_agents import initial_loads_of, position_of
from evenhand.assignment.shards.candidates import CandidatesInMemory
from evenhand.errors import InputError
from evenhand.tables.candidate_table import CandidateTable

_SMALLEST = 1e-140
"""Lower limit on the largest cost and burden, whose squares must be floats; upper limits are its inverse."""


@dataclass(frozen=True, slots=True)
class CandidateProblem:
    """A checked problem.

    Attributes
    ----------
    table
        The pairs that may be used: neither forbidden nor ruled out by a locked task. Profits have the opposite sign.
    initial_loads
        Loads carried before, shape (n,).
    locked
        Agent of each task decided beforehand, by positions.
    maximise
        Whether the user's values are profits.
    shares_burdens
        Whether the burdens differ from the costs.
    """

    table: CandidateTable
    initial_loads: NDArray[np.float64]
    locked: dict[int, int]
    maximise: bool
    shares_burdens: bool

    @property
    def source(self) -> CandidatesInMemory:
        """The table in shards."""
        table = self.table
        burdens = table.costs if table.burdens is None else table.burdens
        pairs = Pairs(table.starts, table.agent_of, table.costs, burdens)
        return CandidatesInMemory(table.agents, pairs, table.burdens is None)

    @property
    def made_with(self) -> dict[str, bool]:
        """Whether the user gave burdens that differ from the costs, initial loads, and locked tasks."""
        return {
            "burdens": self.shares_burdens,
            "initial_loads": bool(self.initial_loads.any()),
            "locked": bool(self.locked),
        }

    def in_user_sign(self, value: float) -> float:
        """Return a cost, or a bound on one, with the sign of the user's table."""
        return 0.0 - value if self.maximise else value


def build_candidates(
    table: CandidateTable,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
    *,
    maximise: bool = False,
) -> CandidateProblem:
    """Check a table of candidates and arrange it for the solver; arguments as for `evenhand.assign`.

    Raises
    ------
    InputError
        If a value cannot be used; one line says where it stands in the source, and what would be right.
    """
    if len(table.agents) < 2:
        raise InputError(f"{table.source}: {len(table.agents)} agent; sharing needs at least 2 agents")
    check_pairs(table, maximise=maximise)
    if maximise:
        table = table.negated()
    table = _without_forbidden(table)
    idle = np.flatnonzero(np.diff(table.starts) == 0)
    if idle.size:
        raise InputError(
            f"{table.source}: task {table.tasks[int(idle[0])]!r} has no candidate; list at least one agent"
        )
    burdens = table.costs if table.burdens is None else table.burdens
    initial = initial_loads_of(initial_loads, table.agents)
    extremes = [max(abs(float(values.max())), abs(float(values.min()))) for values in (table.costs, burdens)]
    if max(extremes) > np.finfo(np.float64).max / len(burdens):
        raise InputError(f"{table.source}: values sum to more than a float can hold ({max(extremes):g}); rescale them")
    check_scales(extremes[0], extremes[1], initial)
    wide = next((size for size in extremes if size and not _SMALLEST < size < 1.0 / _SMALLEST), None)
    if wide is not None:
        raise InputError(f"{table.source}: the largest cost or burden is {wide:g}; rescale it to a size near 1")
    apart = table.burdens is not None and not np.array_equal(table.costs, -burdens if maximise else burdens)
    decided = _locked(locked, table)
    return CandidateProblem(_only(table, decided), initial, decided, maximise, apart)


def check_pairs(table: CandidateTable, *, maximise: bool = False) -> None:
    """Raise `InputError` for the first pair that cannot be used; the message says where it stands."""
    burdens = table.costs if table.burdens is None else table.burdens
    pairs = Pairs(table.starts, table.agent_of, table.costs, burdens)
    pair, kind = first_mistake(pairs, table.burdens is None, len(table.agents))
    if pair < 0:
        return
    what = "profit" if maximise else "cost"
    task, agent = table.tasks[table.task_of(pair)], table.agents[int(table.agent_of[pair])]
    if kind == TWICE:
        first = int(table.starts[table.task_of(pair)])
        first += int(np.argmax(table.agent_of[first:] == table.agent_of[pair]))
        raise InputError(
            f"{table.place(pair)}: agent {agent!r} and task {task!r} are in {table.place(first).rpartition(', ')[2]} "
            f"already; give each pair one {what}"
        )
    value, right = float(table.costs[pair]), "a number, or inf to forbid the pair"
    if kind == NEGATIVE_COST:
        right = f"a number >= 0, because the {what}s are also what is shared; give burdens of their own"
    if kind == WRONG_BURDEN:
        what, value, right = "burden", float(burdens[pair]), "a finite number >= 0"
    raise InputError(
        f"{table.place(pair)}: the {what} of task {task!r} for agent {agent!r} is {value:g}; expected {right}"
    )


def _without_forbidden(table: CandidateTable) -> CandidateTable:
    """Return the table without pairs of infinite cost."""
    kept = table.costs < np.inf
    return table if kept.all() else table.kept(kept)


def _locked(locked: Mapping[Any, Any] | None, table: CandidateTable) -> dict[int, int]:
    """Return the agent of each locked task, both as positions."""
    if locked is None:
        return {}
    if not hasattr(locked, "items"):
        raise InputError(f"locked is a {type(locked).__name__}; expected a mapping from tasks to agents")
    places = {name: place for place, name in enumerate(table.tasks)} if any(isinstance(t, str) for t in locked) else {}
    decided: dict[int, int] = {}
    for task_key, agent_key in locked.items():
        task = places[task_key] if task_key in places else position_of(task_key, table.tasks, "locked: task")
        agent = position_of(agent_key, table.agents, "locked: agent")
        if decided.setdefault(task, agent) != agent:
            both = f"{table.agents[decided[task]]!r} and {table.agents[agent]!r}"
            raise InputError(f"locked: task {table.tasks[task]!r} is decided for both {both}")
        if agent not in table.agent_of[table.starts[task] : table.starts[task + 1]]:
            raise InputError(
                f"locked: task {table.tasks[task]!r} is decided for agent {table.agents[agent]!r}, who is no candidate"
                " for it; unlock it or list the pair"
            )
    return decided


def _only(table: CandidateTable, decided: Mapping[int, int]) -> CandidateTable:
    """Return the table with only the decided pair of each locked task."""
    if not decided:
        return table
    kept = np.ones(len(table.costs), np.bool_)
    for task, agent in decided.items():
        pairs = slice(int(table.starts[task]), int(table.starts[task + 1]))
        kept[pairs] = table.agent_of[pairs] == agent
    return table.kept(kept)
