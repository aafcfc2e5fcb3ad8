"""Decide whether fairness bounds a SCIP model that its rows leave unbounded, before SCIP solves it.

SCIP's constraint handlers judge points, but not directions. If a relaxation is unbounded, SCIP reports the model as
unbounded, or cuts off larger and larger points until its LP solver fails. See :mod:`evenhand.modeling.recession`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.modeling.joint import Joint
from evenhand.modeling.library_imports import require, sparse
from evenhand.modeling.linear import LinearModel, Program
from evenhand.modeling.outer_approximation import Separator
from evenhand.modeling.recession import improving_directions
from evenhand.modeling.scip_model import bounds_of

Cut = tuple[Separator, Sequence[Any], Sequence[Any]]

logger = logging.getLogger(__name__)

FAILED = "SCIP: error in LP solver!"
"""Message of the exception that PySCIPOpt raises if the LP solver fails; it has no class of its own."""


def optimised(model: Any) -> bool:
    """Optimise; return False if SCIP's LP solver failed, True if SCIP ended by itself or by a limit."""
    try:
        model.optimize()
    except Exception as error:
        if str(error) != FAILED:
            raise
        logger.warning("SCIP's LP solver failed; give the variables of the model bounds, of sizes near 1 if possible")
        return False
    return True


def settle_directions(model: Any, cuts: Sequence[Cut], time_limit: float | None) -> str | None:
    """Cut off the unfair improving directions of a model in its problem stage.

    Parameters
    ----------
    model
        A SCIP model.
    cuts
        For each member that needs cuts: its separator, the variables of its loads, and its auxiliary variables.
    time_limit
        Seconds; None for no limit.

    Returns
    -------
    str or None
        ``unbounded``, ``infeasible``, ``unbounded_relaxation`` or ``time_limit`` if the model need not be solved any
        more; None if it must be.
    """
    if not cuts or model.getStage() != require("pyscipopt").SCIP_STAGE.PROBLEM or not _open(model):
        return None
    joint = Joint([separator for separator, _, _ in cuts])
    loads = [load for _, own, _ in cuts for load in own]
    parts = [part for _, _, own in cuts for part in own]
    program = program_of(model, loads, parts)
    if program is None:
        return None
    start = time.perf_counter()
    improves, rows = improving_directions(program, joint, np.inf if time_limit is None else time_limit)
    total = require("pyscipopt").quicksum
    for row in rows.tolist():
        model.addCons(total(a * x for a, x in zip(row, [*loads, *parts], strict=True) if a != 0.0) >= 0.0)
    if improves is None and len(rows):
        # A direction is left that is unfair by less than tolerances can decide, and along which SCIP would fail.
        late = time_limit is not None and time.perf_counter() - start >= time_limit
        return "time_limit" if late else "unbounded_relaxation"
    return _beyond(model) if improves else None


def program_of(model: Any, loads: Sequence[Any], auxiliaries: Sequence[Any]) -> Program | None:
    """Return a SCIP model as arrays, to minimise, with the columns of these variables; None if it is not linear."""
    variables, rows = model.getVars(), model.getConss(False)
    if not all(row.isLinear() for row in rows):
        return None
    place = {variable.ptr(): column for column, variable in enumerate(variables)}
    entries: list[tuple[int, int, float]] = []
    for at, row in enumerate(rows):
        pairs = zip(model.getConsVars(row), model.getConsVals(row), strict=True)
        entries += [(at, place[variable.ptr()], value) for variable, value in pairs]
    places, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    shape = (len(rows), len(variables))
    arrays = LinearModel(
        _costs(model),
        sparse().csr_array((np.array(values, dtype=float), (places, columns)), shape=shape),
        _sides(model, [model.getLhs(row) for row in rows]),
        _sides(model, [model.getRhs(row) for row in rows]),
        *bounds_of(model, variables),
        [variable.vtype() != "CONTINUOUS" for variable in variables],
    )
    return Program(
        arrays, *(np.array([place[x.ptr()] for x in these], dtype=np.int32) for these in (loads, auxiliaries))
    )


def _open(model: Any) -> bool:
    """Return whether some variable can improve the objective without end, within its own bounds."""
    costs, (lower, upper) = _costs(model), bounds_of(model, model.getVars())
    return bool((np.isinf(upper[costs < 0.0]).any()) or np.isinf(lower[costs > 0.0]).any())


def _beyond(model: Any) -> str:
    """Return the status of a model with a fair improving direction: it is unbounded if it has any fair solution."""
    with _idle(model):
        if not optimised(model):
            return "unbounded_relaxation"
        if model.getNSols():
            return "unbounded"
        status = model.getStatus()
    if status == "userinterrupt":
        raise KeyboardInterrupt
    return {"infeasible": "infeasible", "timelimit": "time_limit"}.get(status, "unbounded_relaxation")


@contextmanager
def _idle(model: Any) -> Iterator[None]:
    """Return a context in which the objective is zero; the model is in its problem stage before and after."""
    objective, sense = model.getObjective() + model.getObjoffset(), model.getObjectiveSense()
    model.setObjective(0.0)
    try:
        yield
    finally:
        model.freeTransform()
        model.setObjective(objective, sense)


def _costs(model: Any) -> Array:
    sign = -1.0 if model.getObjectiveSense() == "maximize" else 1.0
    return sign * np.array([variable.getObj() for variable in model.getVars()])


def _sides(model: Any, sides: Sequence[float]) -> Array:
    """Return sides of rows as an array, with infinity in the place of SCIP's large number for it."""
    values = np.array(sides, dtype=float)
    return np.where(np.abs(values) >= model.infinity(), np.copysign(np.inf, values), values)
