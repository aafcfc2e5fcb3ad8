r"""Decide whether fairness bounds a model that its rows alone leave unbounded.

A feasible model is unbounded if and only if its recession cone, the directions along which rows and bounds stay
satisfied, contains an improving direction. The cone of fair loads is its own recession cone, so that the loads of such
a direction must be fair. An improving direction of the rows with unfair loads is therefore cut off like any point,
until no improving direction is left (the model is bounded), or one is fair. Cuts pass through the origin, so that those
of directions are valid for the model as they are.
"""

from __future__ import annotations

import time

import numpy as np

from evenhand.arrays import Array
from evenhand.modeling.highs_model import add_rows, highs_of
from evenhand.modeling.highs_run import run_through
from evenhand.modeling.joint import Joint
from evenhand.modeling.linear import LinearModel, Program
from evenhand.modeling.master import Master

UNBOUNDED = ("unbounded", "infeasible_or_unbounded")
"""Statuses after which directions are examined."""

IMPROVING = 1e-7
"""Least improvement that counts, relative to the largest cost, along a direction with largest entry 1."""

FEASIBILITY = 1e-9
"""Feasibility tolerance, the same as for the model itself."""

ROUNDS = 1000
"""Upper limit on the directions that are cut off; after that, the question stays undecided."""


def cut_directions(master: Master, joint: Joint, time_limit: float = np.inf) -> bool | None:
    """Cut off the improving directions of a model whose loads are unfair.

    Returns
    -------
    bool or None
        True if a fair improving direction is left, False if none is, None if that is undecided.
    """
    program = master.program()
    if program is None:
        return None
    improves, rows = improving_directions(program, joint, time_limit)
    if len(rows):
        master.add(rows)
    return improves


def improving_directions(program: Program, joint: Joint, time_limit: float) -> tuple[bool | None, Array]:
    """Look for a fair improving direction; return the answer, as :func:`cut_directions` does, and the cuts made."""
    deadline = time.perf_counter() + time_limit
    highs = highs_of(recession(program.model))
    for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        highs.setOptionValue(name, FEASIBILITY)
    columns = np.concatenate([program.loads, program.auxiliaries])
    made = [np.empty((0, len(columns)))]
    improves = None
    for _ in range(ROUNDS):
        highs.setOptionValue("time_limit", highs.getRunTime() + max(deadline - time.perf_counter(), 0.0))
        if run_through(highs) != "optimal":
            break
        if highs.getInfo().objective_function_value > -IMPROVING:
            improves = False
            break
        direction = np.asarray(highs.getSolution().col_value)
        loads = np.maximum(direction[program.loads], 0.0)
        if joint.satisfied(loads):
            improves = True
            break
        # Cuts do not depend on the scale: loads that are small beside the other variables are scaled up.
        size = float(loads.max())
        rows = joint.cuts(loads / size, direction[program.auxiliaries] / size)
        if not len(rows):
            break  # The cuts exist already: only the solver's tolerance keeps the direction outside the cone.
        made.append(rows)
        add_rows(highs, rows, columns)
    return improves, np.vstack(made)


def recession(model: LinearModel) -> LinearModel:
    """Return the continuous program over the model's recession directions, with entries and costs of at most 1.

    Finite sides of rows and bounds become 0, and open sides stay open, but for the limit of 1 on entries.
    """

    def closed(bound: Array, opened: float) -> Array:
        return np.where(np.isfinite(bound), 0.0, opened)

    return LinearModel(
        model.costs / (float(np.abs(model.costs).max(initial=0.0)) or 1.0),
        model.matrix,
        closed(model.row_lower, -np.inf),
        closed(model.row_upper, np.inf),
        closed(model.lower, -1.0),
        closed(model.upper, 1.0),
    )
