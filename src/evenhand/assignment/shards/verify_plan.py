"""Verify a plan in shards as `verify` does an answer in memory: shard by shard, and by none of the solver's code."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evenhand.assignment.case import Case, position, positions, read_initial_loads
from evenhand.assignment.certificate_dual import DualVectorError, dual_vector, tolerance_slack
from evenhand.assignment.exact import round_down
from evenhand.assignment.gaps import check_bound
from evenhand.assignment.question_to_verify import (
    Question,
    asked_in_full,
    describe,
    made_otherwise,
    mismatches,
    read_question,
)
from evenhand.assignment.recount import Findings, check_derived, check_loads, compare_sums, concluded
from evenhand.assignment.shards.engine import Engine, LocalEngine
from evenhand.assignment.shards.exact_passes import Counted, ExactPass
from evenhand.assignment.shards.open_shards import open_shards
from evenhand.assignment.shards.plan_parts import PlanParts
from evenhand.assignment.shards.sharded_assignment import ShardedAssignment
from evenhand.assignment.shards.source import LockedShards, ProfitShards, Source, firsts
from evenhand.assignment.stated_answer import Stated, read_stated
from evenhand.assignment.verdict import Verdict
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.number_checks import is_whole
from evenhand.tables.default_names import DefaultNames
from evenhand.tables.documents import read_json

_OWN = ("tasks", "shards", "format", "passes", "fingerprint")
"""Fields of a plan that an answer in memory does not have, or has in another form."""


def verify_plan(
    costs: Any,
    plan: ShardedAssignment | str | os.PathLike[str],
    *,
    fairness: Fairness | None = None,
    entitlements: ArrayLike | Mapping[str, float] | None = None,
    max_gap: float | None = None,
    maximise: bool | None = None,
    burdens: Any = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
    tasks_in_rows: bool = False,
    engine: Engine | None = None,
) -> Verdict:
    """Verify a plan that :func:`~evenhand.assignment.assign_shards` has written, trusting none of its numbers.

    Cost and loads are summed in exact rational arithmetic. The bound is computed from the certificate in floating
    point, with an upper limit on what each rounding may have added taken off.

    Parameters
    ----------
    costs, burdens, initial_loads, locked, tasks_in_rows
        The problem, as it was given to :func:`~evenhand.assignment.assign_shards`.
    plan
        The plan's folder, or the result that stands for it.
    fairness, entitlements, max_gap, maximise
        The question; see :func:`~evenhand.assignment.verify`.
    engine
        What works on the shards: by default, threads of this process.

    Returns
    -------
    Verdict
        True in a condition if everything that is asked, or else claimed, is proven.

    Raises
    ------
    InputError
        If a shard of the table or a part of the plan cannot be read; the message names it.
    """
    folder = plan.output if isinstance(plan, ShardedAssignment) else Path(plan)
    data = _read(folder)
    profits = data.get("maximise") is True
    source: Source = open_shards(costs, burdens, tasks_in_rows=tasks_in_rows)
    tasks = DefaultNames("task", sum(source.sizes))
    pairs = _pairs(locked, source)
    if profits:
        source = ProfitShards(source)
    if pairs:
        decided = np.array(sorted(pairs.items()), np.int64)
        source = LockedShards(source, decided[:, 0].copy(), decided[:, 1].copy())
    carried = read_initial_loads(initial_loads, source.agents)
    stated = _stated(data, folder, source, tasks)
    none = np.zeros((len(source.agents), 0))
    case = Case(
        source.agents,
        tasks,
        (True, False),
        none,
        none,
        carried,
        none > 0,
        none > 0,
        pairs,
        profits,
        burdens is not None,
    )
    question = read_question(case, fairness, entitlements, max_gap, maximise)
    parts = None
    if data["format"] is not None:
        parts = PlanParts(folder, data["format"], source, firsts(source.sizes))
    return _verdict(case, stated, question, source, parts, engine or LocalEngine())


def _read(folder: Path) -> dict[str, Any]:
    """Return what ``plan.json`` says; raise an InputError if it is missing or something else."""
    file = folder / "plan.json"
    if not file.exists():
        raise InputError(f"{file}: is missing; a folder without it is no plan, or an unfinished one")
    data = read_json(file)
    missing = next((name for name in _OWN if not isinstance(data, dict) or name not in data), None)
    if missing is not None:
        raise InputError(f"{file}: has no {missing!r}; it should be the plan.json that `evenhand assign` writes")
    if data["format"] not in (None, ".npy", ".parquet"):
        raise InputError(f"{file}: format is {data['format']!r}; it should be '.npy' or '.parquet'")
    return dict(data)


def _stated(data: dict[str, Any], folder: Path, source: Source, tasks: DefaultNames) -> Stated:
    """Return the claims of a plan, apart from its tasks."""
    if list(source.sizes) != data["shards"]:
        raise InputError(
            f"{folder / 'plan.json'}: the plan has {_in_words(data['shards'])}, the table {_in_words(source.sizes)}; "
            "give the tables that it was made from, in the same shards"
        )
    claims = {name: value for name, value in data.items() if name not in _OWN}
    # These two are words for plans alone; nothing in the check depends on them.
    status = {"gap_open": "time_limit", "unknown": "time_limit"}.get(str(data.get("status")), data.get("status"))
    claims |= {"assignment": None, "status": status}
    bound = claims.get("bound")
    if bound is None and status != "infeasible":
        raise InputError(f"{folder / 'plan.json'}: has no bound")
    return read_stated(claims, source.agents, tasks)


def _pairs(locked: Mapping[Any, Any] | None, source: Source) -> dict[int, int]:
    """Return the agent of each locked task, as positions."""
    if locked is not None and not hasattr(locked, "items"):
        raise InputError(f"locked is a {type(locked).__name__}; it should map positions of tasks to agents")
    where, tasks = positions(source.agents), sum(source.sizes)
    found = {}
    for task, agent in (locked or {}).items():
        if not is_whole(task) or not 0 <= task < tasks:
            raise InputError(f"locked: task {task!r} is no position of a task, from 0 to {tasks - 1}")
        found[int(task)] = position(agent, where, "agent")
    return found


def _in_words(sizes: Any) -> str:
    if not isinstance(sizes, list | tuple) or not all(isinstance(size, int) for size in sizes):
        return f"{str(sizes)[:60]} as shards"
    return f"{len(sizes)} shard{'s' * (len(sizes) > 1)} of {sum(sizes):,} tasks"


def _verdict(
    case: Case, stated: Stated, question: Question, source: Source, parts: PlanParts | None, engine: Engine
) -> Verdict:
    found = Findings()
    dual = _dual(case, stated, found)
    price = np.array([_upwards(entry) for entry in dual])
    work = ExactPass(source, parts, price, stated.status != "infeasible", -1 if case.maximise else 1)
    counted = list(engine.map(work, range(len(source.sizes))))
    case = replace(case, shares_burdens=any(one.apart for one in counted))
    asked = asked_in_full(case, stated, question)
    otherwise = made_otherwise(case, stated)
    if otherwise:
        return Verdict.refused(stated.status, asked, otherwise)
    found.reasons += mismatches(question, stated)
    if stated.agents is not None and tuple(stated.agents) != tuple(case.agents):
        found.reasons.append("the plan names other agents than the table, or in another order")
    found.reasons += [one.wrong for one in counted if one.wrong is not None][:1]
    bound: Fraction | None = sum((one.bound for one in counted), Fraction(0)) - sum(
        (Fraction(float(v)) * Fraction(float(x)) for v, x in zip(price, case.initial_loads, strict=True)), Fraction(0)
    )
    base = sum((one.base for one in counted), Fraction(0))
    if stated.status == "infeasible":
        bound = _check_infeasible(stated, bound or Fraction(0), base, found)
    elif stated.certificate is not None and bound:
        total = Fraction(math.fsum(one.carried for one in counted) + float(case.initial_loads.sum()))
        slack = tolerance_slack(stated.fairness, stated.certificate, dual, total)
        found.margins["tolerance"] = float(slack / abs(bound))
    _check_plan(case, stated, parts, counted, base, found)
    if bound is not None:
        bound = check_bound(case, stated, bound, None, question.max_gap, found)
    return concluded(case, stated, bound, found, asked)


def _dual(case: Case, stated: Stated, found: Findings) -> list[Fraction]:
    """Return the certificate's dual vector, length n; zeros if there is no usable certificate."""
    zero = [Fraction(0)] * len(case.agents)
    if stated.certificate is None:
        return zero
    if stated.certificate.kind == "infeasible" and stated.status != "infeasible":
        found.reasons.append(f"the certificate is of kind 'infeasible', the status is {stated.status!r}")
        return zero
    try:
        return dual_vector(stated.fairness, stated.certificate, len(case.agents))
    except DualVectorError as error:
        found.reasons.append(str(error))
        return zero


def _upwards(value: Fraction) -> float:
    """Return the least float not below `value`: a larger price stays in the dual cone, because loads are >= 0."""
    return -round_down(-value)


def _check_infeasible(stated: Stated, depth: Fraction, base: Fraction, found: Findings) -> Fraction | None:
    """Check a claim of infeasibility; return None if it is proven, otherwise a lower bound on the cost."""
    if stated.certificate is None or stated.certificate.kind != "infeasible" or depth <= 0:
        found.unshown.append("infeasibility is not proven: the certificate's margin is not positive")
        found.search_only.append("the infeasibility rests on the search")
        return base
    found.proven.append(f"no assignment, not even a fractional one, is exactly fair: {describe(stated.fairness)}")
    return None


def _check_plan(
    case: Case, stated: Stated, parts: PlanParts | None, counted: list[Counted], base: Fraction, found: Findings
) -> None:
    """Check cost, loads and fairness of the plan, or that nothing is said of one that is not there."""
    if parts is None:
        if stated.cost is not None or stated.loads is not None:
            found.reasons.append("there is no plan, yet a cost or loads are stated")
        check_derived(case, stated, None, base, found)
        return
    if any(one.cost is None for one in counted):
        return
    found.cost = sum((one.cost for one in counted if one.cost is not None), Fraction(0))
    loads = [Fraction(float(load)) for load in case.initial_loads]
    for one in counted:
        loads = [load + more for load, more in zip(loads, one.loads or (), strict=True)]
    compare_sums(case, stated, loads, found)
    check_loads(case, stated, loads, base, found)
    if not found.reasons:
        worth = "and all bring" if case.maximise else "at a cost of"
        found.proven.insert(
            0, f"every task is with one agent who may do it, {worth} {float(case.in_user_sign(found.cost)):.10g}"
        )
