r"""Whether fair loads keep a model bounded where its rows alone do not.

A model with solutions is unbounded exactly where some direction of its recession cone improves it: one along which
rows and bounds stay met for ever. Loads that stay fair for ever have a direction of loads that is fair itself, since
the cone of fair loads is its own recession cone. So the improving direction of the rows is cut off where its loads are
unfair, as any point would be, until none is left (the model is bounded) or one is fair. Cuts pass through the origin:
those of a direction hold for the model as they stand.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from evenhand.modeling.highs_model import highs_of
from evenhand.modeling.highs_run import run
from evenhand.modeling.linear import LinearModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.modeling.joint import Joint

    Array = NDArray[np.float64]

UNBOUNDED = ("unbounded", "infeasible_or_unbounded")
"""Statuses after which directions are asked for."""

IMPROVING = 1e-7
"""Least improvement, relative to the largest cost, of a direction whose largest entry is 1."""

FEASIBILITY = 1e-9
"""Tolerance of rows, as for the model itself."""

ROUNDS = 1000
"""Most directions that are cut off before nothing is said."""


class Program(NamedTuple):
    """A model to minimise, and the columns of its loads and of their auxiliary variables."""

    model: LinearModel
    loads: NDArray[np.int32]
    auxiliaries: NDArray[np.int32]


class Directed(Protocol):
    """What is asked of a model whose directions are cut; see :class:`evenhand.modeling.master.Master`."""

    def program(self) -> Program | None:
        """Return the model with its loads and cuts, to minimise; None where it is not linear."""

    def add(self, rows: Array) -> None:
        """Add rows over (loads, auxiliaries) that must not be negative."""


def cut_directions(master: Directed, joint: Joint, time_limit: float = np.inf) -> bool | None:
    """Cut off the improving directions of a model whose loads are unfair.

    Returns
    -------
    bool or None
        True where a fair one is left, False where none is, None where that could not be told.
    """
    program = master.program()
    if program is None:
        return None
    improves, rows = improving_directions(program, joint, time_limit)
    if len(rows):
        master.add(rows)
    return improves


def improving_directions(program: Program, joint: Joint, time_limit: float) -> tuple[bool | None, Array]:
    """Look for a fair direction that improves a program; return what :func:`cut_directions` does, and cuts made."""
    from evenhand.modeling.highs_master import add_rows

    deadline = time.perf_counter() + time_limit
    highs = highs_of(recession(program.model))
    for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        highs.setOptionValue(name, FEASIBILITY)
    columns = np.concatenate([program.loads, program.auxiliaries])
    made = [np.empty((0, len(columns)))]
    improves = None
    for _ in range(ROUNDS):
        highs.setOptionValue("time_limit", highs.getRunTime() + max(deadline - time.perf_counter(), 0.0))
        status = run(highs)
        if status == "interrupted":
            raise KeyboardInterrupt
        if status != "optimal":
            break
        if highs.getInfo().objective_function_value > -IMPROVING:
            improves = False
            break
        direction = np.asarray(highs.getSolution().col_value)
        loads = np.maximum(direction[program.loads], 0.0)
        if joint.satisfied(loads):
            improves = True
            break
        # A cone asks for no size: of loads that grow slowly beside the rest, the cuts are those of larger ones.
        size = float(loads.max())
        rows = joint.cuts(loads / size, direction[program.auxiliaries] / size)
        if not len(rows):
            break  # They are made already: the solver's tolerance stands between the direction and the cone.
        made.append(rows)
        add_rows(highs, rows, columns)
    return improves, np.vstack(made)


def recession(model: LinearModel) -> LinearModel:
    """Return the continuous program over the model's directions with entries of at most 1, and costs of at most 1."""

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
