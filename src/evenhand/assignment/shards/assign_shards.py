"""From a table in shards to a plan in shards: fair, certified, and never whole in memory."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.assignment.named_agents import check_fairness, initial_loads_of, position_of
from evenhand.assignment.progress_clock import Clock, OutOfTimeError, Progress
from evenhand.assignment.shards.engine import Engine, LocalEngine
from evenhand.assignment.shards.open_shards import open_shards
from evenhand.assignment.shards.plan_folder import PlanFolder, plan_folder
from evenhand.assignment.shards.shard_solver import Decision, Infeasible, ShardSolver, Table
from evenhand.assignment.shards.sharded_assignment import ShardedAssignment
from evenhand.assignment.shards.source import LockedShards, ProfitShards, Source, digest, firsts, task_names
from evenhand.assignment.solve_assignment import check_options, prepare
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.relative import relative_gap
from evenhand.version import __version__


def assign_shards(
    costs: Any,
    fairness: Fairness,
    output: str | os.PathLike[str],
    *,
    burdens: Any = None,
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
    progress: Callable[[Progress], None] | None = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
    maximise: bool = False,
    tasks_in_rows: bool = False,
    engine: Engine | None = None,
) -> ShardedAssignment:
    """Find a cheap assignment whose loads are fair, for a table larger than memory, and write it shard by shard.

    The table is read as a stream a few times. If the call is interrupted in any way, the same call goes on where it
    was stopped: finished passes and parts of the plan are kept.

    Parameters
    ----------
    costs
        A folder of ``.npy`` files, arrays of agents x tasks in single or double precision, taken in the natural order
        of their names; a folder of Parquet files, or one, with a row for each task and a column for each agent, and
        optionally a column ``task`` of names; a table in memory; or any
        :class:`~evenhand.assignment.shards.source.Source`, such as
        :class:`~evenhand.assignment.shards.computed_shards.DistanceShards`. ``inf`` forbids a pair.
    fairness
        Any member of :class:`~evenhand.fairness.Fairness`.
    output
        Folder for the plan: missing, empty, or with an unfinished plan of the same call.
    burdens
        Burdens in the same kind of shards, of the same sizes; the costs by default.
    gap
        Relative gap (cost - bound) / abs(cost) at which rounding may stop.
    time_limit
        Seconds; None for no limit.
    seed
        Seed of the sample. The same input and seed give the same plan on any engine.
    progress
        Function that is called every tenth of a second or so with a :class:`~evenhand.assignment.Progress`.
    initial_loads
        Load that each agent carries already, length n or by name.
    locked
        Tasks decided beforehand: a mapping from positions of tasks in the whole table, from 0, to agents.
    maximise
        Whether `costs` are profits, to be maximised.
    tasks_in_rows
        Whether the arrays in ``.npy`` files are tasks x agents.
    engine
        What works on the shards: by default, threads of this process.

    Returns
    -------
    ShardedAssignment
        Cost, loads, bound and certificate; the plan stands in `output`.

    Raises
    ------
    InputError
        If a value cannot be used, a shard is missing, truncated or unlike the others, or the plan cannot be written;
        one line names the file, and the row of the whole table.
    MissingExtraError
        If the shards are Parquet and pyarrow is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from evenhand import MaxOverMean
    >>> from evenhand.assignment import assign_shards
    >>> costs = np.random.default_rng(0).random((4, 1000))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     answer = assign_shards(costs, MaxOverMean(1.01), folder)
    >>> answer.status, answer.gap <= 1e-4
    ('optimal', True)
    """
    clock = Clock(time_limit, progress, maximise=maximise)
    source = open_shards(costs, burdens, tasks_in_rows=tasks_in_rows)
    _check_shape(source)
    fairness = check_fairness(fairness, source.agents)
    check_options(gap, time_limit, seed)
    initial = initial_loads_of(initial_loads, source.agents)
    fingerprint = source.fingerprint()
    if maximise:
        source = ProfitShards(source)
    if locked:
        source = _locked(source, locked)
    asked = (source.fingerprint(), repr(fairness), initial.tolist(), gap, seed, maximise, __version__)
    prepare(progress, clock)
    solver = ShardSolver(source, fairness, initial, gap=gap, seed=seed, engine=engine or LocalEngine(), clock=clock)
    with plan_folder(Path(output), source.agents, digest(*asked)) as folder:
        answer = _Call(solver, folder, source, fairness, initial, gap).answer(clock)
        answer = replace(answer, output=Path(output), fingerprint=fingerprint, maximise=maximise, seconds=clock.seconds)
        if maximise:
            answer = _as_profits(answer)
        if answer.status not in ("time_limit", "unknown"):
            folder.finish(answer.to_dict())
    return answer


@dataclass(frozen=True)
class _Call:
    """One call, with everything that its steps share."""

    solver: ShardSolver
    folder: PlanFolder
    source: Source
    fairness: Fairness
    initial: NDArray[np.float64]
    gap: float

    def answer(self, clock: Clock) -> ShardedAssignment:
        """Go on from what is known, and return the answer, apart from what the caller knows better."""
        table: Table | None = None
        try:
            table = self._table()
            decision = self.folder.decision() or self.solver.decide(table)
            if isinstance(decision, Infeasible):
                proof = decision.certificate
                status = "unknown" if proof is None else "infeasible"
                return self._without_plan(status, table, math.inf if proof is not None else table.base_cost, decision)
            self.folder.keep_decision(decision)
            return self._written(table, decision)
        except OutOfTimeError:
            return self._without_plan("time_limit", table, None if table is None else table.base_cost, None)

    def _table(self) -> Table:
        table = self.folder.table()
        if table is None:
            table = self.solver.survey()
            self.folder.keep_table(table)
        return table

    def _written(self, table: Table, decision: Decision) -> ShardedAssignment:
        """Write the parts of the plan that are missing, and add up all."""
        parts = self.folder.finished()
        begins = firsts(self.source.sizes)
        missing = [k for k in range(len(self.source.sizes)) if k not in parts]
        for k, written in zip(
            missing, self.solver.over(self.solver.last_pass(decision), "writing the plan", missing), strict=True
        ):
            self.folder.write(k, written, begins[k], task_names(self.source, k))
            parts[k] = (written.totals, written.bound)
        ordered = [parts[k] for k in range(len(self.source.sizes))]
        totals = np.array([one[0] for one in ordered]).reshape(-1, len(self.source.agents) + 1)
        sums = np.array([math.fsum(column) for column in totals.T.tolist()])
        loads, cost = self.initial + sums[:-1], float(sums[-1])
        if not self.fairness.contains(loads):
            raise InputError("the tables have changed while they were worked on, and the plan is unfair; begin again")
        certificate, certified = self.solver.bound(table, decision, np.array([one[1] for one in ordered]))
        # A plan that is fair within the tolerance may cost less than the bound on those that are exactly fair.
        bound = min(max(certified, decision.searched), cost)
        closed = cost - bound <= self.gap * abs(cost)
        return ShardedAssignment(
            status="optimal" if closed else "gap_open",
            output=Path(),
            loads=loads,
            cost=cost,
            bound=bound,
            certified_gap=relative_gap(cost, certified),
            fairness=self.fairness,
            certificate=certificate,
            seconds=0.0,
            agents=tuple(self.source.agents),
            sizes=self.source.sizes,
            format=self.folder.format,
            passes=self.solver.passes,
            fingerprint="",
            base_cost=table.base_cost,
            made_with=table.made_with,
        )

    def _without_plan(
        self, status: str, table: Table | None, bound: float | None, found: Infeasible | None
    ) -> ShardedAssignment:
        return ShardedAssignment(
            status=status,
            output=Path(),
            loads=None,
            cost=None,
            bound=bound,
            certified_gap=None,
            fairness=self.fairness,
            certificate=None if found is None else found.certificate,
            seconds=0.0,
            agents=tuple(self.source.agents),
            sizes=self.source.sizes,
            format=None,
            passes=self.solver.passes,
            fingerprint="",
            base_cost=None if table is None else table.base_cost,
            made_with=None if table is None else table.made_with,
        )


def _as_profits(answer: ShardedAssignment) -> ShardedAssignment:
    cost, bound, base = (
        None if value is None else 0.0 - value for value in (answer.cost, answer.bound, answer.base_cost)
    )
    return replace(answer, cost=cost, bound=bound, base_cost=base)


def _check_shape(source: Source) -> None:
    if len(source.agents) < 2:
        raise InputError(f"costs: {len(source.agents)} agent; sharing needs at least 2 agents")
    if not sum(source.sizes):
        raise InputError("costs: no task in any shard; give at least one")


def _locked(source: Source, locked: Mapping[Any, Any]) -> Source:
    """Return the table with some tasks decided beforehand."""
    if not hasattr(locked, "items"):
        raise InputError(f"locked is a {type(locked).__name__}; expected a mapping from tasks to agents")
    tasks: Sequence[int] = range(sum(source.sizes))
    pairs = sorted(
        (position_of(task, tasks, "locked: task"), position_of(agent, source.agents, "locked: agent"))
        for task, agent in locked.items()
    )
    return LockedShards(source, *np.array(pairs, np.int64).reshape(-1, 2).T.copy())
