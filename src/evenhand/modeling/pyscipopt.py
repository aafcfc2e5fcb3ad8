"""Fairness in PySCIPOpt models: a constraint handler that cuts in SCIP's own tree.

>>> import pyscipopt
>>> from evenhand import EpsilonFairness
>>> from evenhand.modeling.pyscipopt import fair
>>> model = pyscipopt.Model()
>>> model.hideOutput()
>>> hours = [model.addVar(vtype="I", obj=price) for price in (1, 2, 4)]
>>> _ = model.addCons(pyscipopt.quicksum(hours) == 12)
>>> cone = fair(model, hours, EpsilonFairness(0.9, p=2))
>>> model.optimize()
>>> model.getStatus(), [round(model.getVal(load)) for load in hours]
('optimal', [5, 4, 3])
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.errors import InputError
from evenhand.modeling.arrays import Arrays
from evenhand.modeling.audit import audit
from evenhand.modeling.forms import Polyhedron, form_of
from evenhand.modeling.libraries import require
from evenhand.modeling.loads import check_loads, check_ranges, names_of, unit_of
from evenhand.modeling.outer_approximation import TOLERANCE, Separator, check_limits
from evenhand.modeling.scip_directions import optimised, program_of, settle_directions
from evenhand.modeling.scip_loads import bounds_of, load_variable, row_of
from evenhand.modeling.solution import FairSolution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from evenhand.fairness import Fairness
    from evenhand.modeling.rounds import Progress
    from evenhand.modeling.separate import LazyRows

FEASIBILITY = 1e-9
"""SCIP's tolerance of rows: cuts near the cone differ by little more than its own 1e-6 lets pass."""

STATUSES = {
    "optimal": "optimal",
    "gaplimit": "optimal",
    "primallimit": "optimal",
    "infeasible": "infeasible",
    "unbounded": "unbounded",
    "inforunbd": "infeasible_or_unbounded",
    "unknown": "numerical_trouble",
}

PRIORITY = -10
"""Below integrality, so that integral points are judged; each relaxation is separated all the same."""

UNSEEN = ("misc/allowstrongdualreds", "misc/allowweakdualreds")
"""Reductions that argue from the rows SCIP sees, which are not all there are."""


WALL_CLOCK = 2
"""SCIP's name for the clock that time limits mean here."""


class FairCone:
    """A fairness constraint in a SCIP model, which holds from now on for ``model.optimize()``.

    Attributes
    ----------
    fairness
        The member.
    separator
        Its cuts; None where the member is stated as rows.
    variables
        Those whose values a solution tells, in this order: all of ``model.getVars()`` where it is None. (SCIP sorts
        these by their type.)
    """

    def __init__(
        self, model: Any, loads: Sequence[Any], fairness: Fairness, *, cuts: str, tolerance: float = TOLERANCE
    ) -> None:
        self._model, self.fairness = model, fairness
        places: dict[int, int] = {}
        self._unit = unit_of([row_of(position, load, places) for position, load in enumerate(loads)])
        self._loads = [load_variable(model, load, self._unit) for load in loads]
        form = form_of(fairness, len(loads))
        self.separator: Separator | None = None
        self._parts: list[Any] = []
        self._rows: list[Any] = []
        self._handler: Any = None
        self.variables: Sequence[Any] | None = None
        if isinstance(form, Polyhedron):
            self._state(form)
        else:
            self.separator = Separator(fairness, len(loads), cuts, tolerance)
            self._include(self.separator)

    def solve(
        self,
        *,
        gap: float = 1e-4,
        time_limit: float | None = None,
        progress: Callable[[Progress], None] | None = None,
        others: Sequence[FairCone] = (),
        target: float | None = None,
    ) -> FairSolution:
        """Optimise within a gap and a time limit, and tell what was found; parameters are then put back.

        Parameters
        ----------
        gap
            Relative gap that must be proven.
        time_limit
            Seconds; None for no limit.
        progress
            Taken for the sake of the other libraries; SCIP shows its own progress (``model.hideOutput(False)``).
        others
            Further fairness constraints of the same model, which hold in any case; their loads are told, too.
        target
            Stop at the first solution as good as this, with status ``optimal`` and the bound proven by then.

        Returns
        -------
        FairSolution
            ``values`` in the order of ``variables``.
        """
        del progress
        check_limits(gap, time_limit)
        start = time.perf_counter()
        cones = [self, *others]
        limits: dict[str, Any] = {"limits/gap": gap}
        if time_limit is not None:
            # A solve that goes on where another was interrupted counts the time of both.
            limits |= {"timing/clocktype": WALL_CLOCK, "limits/time": self._model.getSolvingTime() + time_limit}
        if target is not None:
            limits["limits/primal"] = target
        cut = [(cone.separator, cone._loads, cone._parts) for cone in cones if cone.separator is not None]
        with _parameters(self._model, limits):
            try:
                status = settle_directions(self._model, cut, time_limit)
            except KeyboardInterrupt:
                return _told("time_limit", cones, start, interrupted=True)
            if status is not None:
                return _told(status, cones, start)
            if not optimised(self._model):
                return _told("numerical_trouble", cones, start)
            return self._solution(cones, start)

    def _solution(self, cones: Sequence[FairCone], start: float) -> FairSolution:
        model = self._model
        status = STATUSES.get(model.getStatus(), "time_limit")
        if status == "unbounded":
            # SCIP asks the cuts of no direction; only of what is stated as rows does it know all.
            known = all(cone.separator is None for cone in cones)
            return _told(status if known else "unbounded_relaxation", cones, start)
        bound = float(model.getDualbound())
        made = sum(cone.separator.made for cone in cones if cone.separator is not None)
        result: dict[str, Any] = {
            "status": status,
            "bound": None if model.isInfinity(abs(bound)) or status == "infeasible" else bound,
            "cuts": made,
            "seconds": time.perf_counter() - start,
            "interrupted": model.getStatus() == "userinterrupt",
        }
        if not model.getNSols():
            return FairSolution(objective=None, loads=None, **result)
        best = model.getBestSol()
        parts = [np.array([cone._unit * model.getSolVal(best, load) for load in cone._loads]) for cone in cones]
        return FairSolution(
            objective=float(model.getSolObjVal(best)),
            loads=np.concatenate(parts),
            values=np.array([model.getSolVal(best, variable) for variable in self.variables or model.getVars()]),
            rules=tuple(audit(own, cone.fairness) for cone, own in zip(cones, parts, strict=True)),
            **result,
        )

    def remove(self) -> None:
        """Take the rule out of a model in its problem stage; call ``model.freeTransform()`` after a solve.

        The variables of the loads stay, free of it.

        Raises
        ------
        InputError
            Where the model is solved.
        """
        if self._model.getStage() != require("pyscipopt").SCIP_STAGE.PROBLEM:
            raise InputError("model is solved already; call model.freeTransform() before the rule is removed")
        if self._handler is not None:
            self._handler.removed = True
        for row in self._rows:
            self._model.delCons(row)
        for load in self._loads:
            self._model.chgVarLb(load, None)
        self._rows = []

    def _state(self, form: Polyhedron) -> None:
        """State a linear member as rows and auxiliary variables."""
        columns = [*self._loads, *(self._model.addVar(lb=0.0) for _ in range(form.auxiliaries.shape[1]))]
        for places, coefficients, upper in form.terms():
            self._add_row(coefficients, [columns[place] for place in places], upper)

    def _include(self, separator: Separator) -> None:
        """Add the handler, its first cuts, and the settings it needs."""
        from evenhand.modeling.scip_handler import FairHandler

        self._parts = [self._model.addVar(lb=0.0) for _ in range(separator.auxiliaries)]
        variables = [*self._loads, *self._parts]
        self._add_rows(separator.equalities(), np.zeros(len(separator.equalities())), variables)
        initial = separator.initial()
        self._add_rows(initial, np.full(len(initial), np.inf), variables)
        self._handler = FairHandler(separator, variables)
        include(self._model, self._handler)

    def _add_rows(self, rows: Any, upper: Any, variables: Sequence[Any]) -> None:
        for row, limit in zip(rows.tolist(), upper.tolist(), strict=True):
            self._add_row(row, variables, limit)

    def _add_row(self, row: Sequence[float], variables: Sequence[Any], upper: float) -> None:
        quicksum = require("pyscipopt").quicksum
        total = quicksum(a * x for a, x in zip(row, variables, strict=True) if a != 0.0)
        self._rows.append(self._model.addCons(total == 0.0 if upper == 0.0 else total >= 0.0))


def fair(
    model: Any,
    loads: Any,
    fairness: Fairness,
    *,
    cuts: str = "supporting",
    tolerance: float = TOLERANCE,
) -> FairCone:
    """Bound the dispersion of `loads` in a PySCIPOpt model.

    Linear members are stated as rows. The others become a constraint handler: relaxations are cut before branching, and
    integral candidates are judged and cut off. SCIP's tolerance of rows is set to 1e-9, and reductions that argue from
    visible rows alone (dual reductions, symmetry) are switched off.

    Parameters
    ----------
    model
        A ``pyscipopt.Model`` in its problem stage, continuous or integer.
    loads
        Affine expressions of the model (or variables, numbers), one an agent; non-negativity is part of the constraint.
    fairness
        A member of :mod:`evenhand.fairness`.
    cuts
        Family of cuts: ``supporting``, ``gradient`` or ``disaggregated``.
    tolerance
        Relative excess of the measure over its bound that is let pass.

    Returns
    -------
    FairCone
        The constraint, with a ``solve()`` that reports like the other libraries' do.

    Raises
    ------
    InputError
        Naming the argument that cannot be used.
    MissingExtraError
        Where PySCIPOpt is missing.
    """
    scip = require("pyscipopt")
    if not isinstance(model, scip.Model):
        raise InputError(f"model is {type(model).__name__}; give a pyscipopt.Model")
    if model.getStage() != scip.SCIP_STAGE.PROBLEM:
        raise InputError("model is solved already; call model.freeTransform() before adding constraints")
    entries, fairness = check_loads(loads, fairness)
    known = {variable.ptr(): variable for variable in model.getVars()}
    places: dict[int, int] = {}
    rows = [row_of(position, load, places, known) for position, load in enumerate(entries)]
    check_ranges(rows, *bounds_of(model, [known[pointer] for pointer in places]))
    return FairCone(model, entries, fairness, cuts=cuts, tolerance=tolerance)


def arrays_of(model: Any, loads: Any, fairness: Fairness) -> Arrays:
    """Return a SCIP model and its loads as arrays."""
    scip = require("pyscipopt")
    if not isinstance(model, scip.Model):
        raise InputError(f"model is {type(model).__name__}; give a pyscipopt.Model")
    entries, fairness = check_loads(loads, fairness)
    known = {variable.ptr(): variable for variable in model.getVars()}
    places = {pointer: column for column, pointer in enumerate(known)}
    rows = [row_of(position, load, places, known) for position, load in enumerate(entries)]
    program = program_of(model, [], [])
    if program is None:
        raise InputError("model is not linear; only its own model.optimize() takes other constraints")
    maximise = model.getObjectiveSense() == "maximize"
    offset = (-1.0 if maximise else 1.0) * model.getObjoffset()
    linear = program.model.with_objective(program.model.costs, offset)
    return Arrays(linear, rows, fairness, names_of(loads), maximise=maximise)


def _told(status: str, cones: Sequence[FairCone], start: float, *, interrupted: bool = False) -> FairSolution:
    """Return what is known of a model without a solution that is worth telling."""
    made = sum(cone.separator.made for cone in cones if cone.separator is not None)
    seconds = time.perf_counter() - start
    return FairSolution(status, None, None, None, cuts=made, seconds=seconds, interrupted=interrupted)


@contextmanager
def _parameters(model: Any, values: dict[str, Any]) -> Iterator[None]:
    """Set parameters of a SCIP model for as long as a block runs."""
    before = {name: model.getParam(name) for name in values}
    try:
        for name, value in values.items():
            model.setParam(name, value)
        yield
    finally:
        for name, value in before.items():
            model.setParam(name, value)


def include(model: Any, handler: Any) -> None:
    """Include a handler of rows that SCIP does not see, and switch off what would argue without them."""
    from evenhand.modeling.scip_exit import left_at_exit

    model.includeConshdlr(
        handler,
        f"{handler.name} {model.getNVars()}",  # each constraint adds variables of its own first
        "rows made when violated",
        sepapriority=1,
        enfopriority=PRIORITY,
        chckpriority=PRIORITY,
        sepafreq=1,
        needscons=False,
    )
    left_at_exit.add(handler)
    for name in UNSEEN:
        model.setParam(name, False)
    model.setParam("misc/usesymmetry", 0)
    model.setParam("numerics/feastol", min(FEASIBILITY, model.getParam("numerics/feastol")))


def include_lazy(model: Any, variables: Sequence[Any], lazy: LazyRows) -> None:
    """Add a model's own lazy rows over `variables`."""
    from evenhand.modeling.scip_handler import LazyHandler

    include(model, LazyHandler(lazy, variables))
