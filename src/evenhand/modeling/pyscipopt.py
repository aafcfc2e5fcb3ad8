"""Fairness in PySCIPOpt models: a constraint handler that separates cuts in SCIP's own tree.

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
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.modeling.audit import audit
from evenhand.modeling.forms import Polyhedron, form_of
from evenhand.modeling.library_imports import require
from evenhand.modeling.linear import LazyRows
from evenhand.modeling.loads import check_loads, check_ranges, names_of, require_model, require_present, unit_of
from evenhand.modeling.master import parameters
from evenhand.modeling.model_arrays import Arrays
from evenhand.modeling.outer_approximation import TOLERANCE, Separator, check_limits
from evenhand.modeling.rounds import Progress
from evenhand.modeling.scip_directions import optimised, program_of, settle_directions
from evenhand.modeling.scip_model import bounds_of, load_variable, row_of
from evenhand.modeling.solution import FairSolution

FEASIBILITY = 1e-9
"""Feasibility tolerance for SCIP: with its default of 1e-6, cuts near the cone could not be distinguished."""

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
"""Enforcement priority of handlers: lower than integrality, so that they judge integral points. Separation still sees
every relaxation."""

UNSEEN = ("misc/allowstrongdualreds", "misc/allowweakdualreds")
"""Dual reductions, which are invalid here: they assume that the model has no rows other than those that SCIP sees."""


WALL_CLOCK = 2
"""SCIP's parameter value for wall-clock time, which time limits mean here."""


class FairCone:
    """A fairness constraint in a SCIP model, which holds in every later ``model.optimize()``.

    Attributes
    ----------
    fairness
        The member.
    separator
        Its cuts; None if the member is added as rows.
    variables
        Variables whose values a solution contains, in this order; None for all of ``model.getVars()``, which SCIP sorts
        by type.
    """

    def __init__(
        self, model: Any, loads: Sequence[Any], fairness: Fairness, *, cuts: str, tolerance: float = TOLERANCE
    ) -> None:
        self._model, self.fairness, self.removed = model, fairness, False
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
        """Optimise within a gap and a time limit, and return the solution; SCIP's parameters are restored afterwards.

        Parameters
        ----------
        gap
            Relative gap that must be proven.
        time_limit
            Seconds; None for no limit.
        progress
            Ignored, and present only because other libraries have it; SCIP prints its own progress
            (``model.hideOutput(False)``).
        others
            Other fairness constraints of the same model. They hold in any case, and the solution then contains their
            loads too.
        target
            Objective at which the search stops: the first solution as good as this has status ``optimal``, with the
            bound proven so far.

        Returns
        -------
        FairSolution
            The solution, with ``values`` in the order of ``variables``.

        Raises
        ------
        InputError
            If a constraint was removed.
        """
        del progress
        check_limits(gap, time_limit)
        start = time.perf_counter()
        cones = [self, *others]
        require_present(cones)
        limits: dict[str, Any] = {"limits/gap": gap}
        if time_limit is not None:
            # SCIP's clock goes on when an interrupted solve is resumed.
            limits |= {"timing/clocktype": WALL_CLOCK, "limits/time": self._model.getSolvingTime() + time_limit}
        if target is not None:
            limits["limits/primal"] = target
        cut = [(cone.separator, cone._loads, cone._parts) for cone in cones if cone.separator is not None]
        with parameters(self._model, limits):
            try:
                status = settle_directions(self._model, cut, time_limit)
            except KeyboardInterrupt:
                return _without_loads("time_limit", cones, start, interrupted=True)
            if status is not None:
                return _without_loads(status, cones, start)
            if not optimised(self._model):
                return _without_loads("numerical_trouble", cones, start)
            return self._solution(cones, start)

    def _solution(self, cones: Sequence[FairCone], start: float) -> FairSolution:
        model = self._model
        status = STATUSES.get(model.getStatus(), "time_limit")
        if status == "unbounded":
            # SCIP does not separate directions: its status is proven only if all members are rows.
            known = all(cone.separator is None for cone in cones)
            return _without_loads(status if known else "unbounded_relaxation", cones, start)
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
        """Remove the constraint from a model in its problem stage; after a solve, call ``model.freeTransform()`` first.

        The variables of the loads stay in the model, unrestricted.

        Raises
        ------
        InputError
            If the model is solved.
        """
        if self._model.getStage() != require("pyscipopt").SCIP_STAGE.PROBLEM:
            raise InputError("model is solved already; call model.freeTransform() before the rule is removed")
        if self._handler is not None:
            self._handler.removed = True
        for row in self._rows:
            self._model.delCons(row)
        for load in self._loads:
            self._model.chgVarLb(load, None)
        self._rows, self.removed = [], True

    def _state(self, form: Polyhedron) -> None:
        """Add a linear member as rows and auxiliary variables."""
        columns = [*self._loads, *(self._model.addVar(lb=0.0) for _ in range(form.auxiliaries.shape[1]))]
        for places, coefficients, upper in form.terms():
            self._add_row(coefficients, [columns[place] for place in places], upper)

    def _include(self, separator: Separator) -> None:
        """Add the constraint handler, its first cuts, and the settings that it needs."""
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
    model: Any, loads: Any, fairness: Fairness, *, cuts: str = "supporting", tolerance: float = TOLERANCE
) -> FairCone:
    """Bound the dispersion of `loads` in a PySCIPOpt model.

    Linear members are added as rows. Other members become a constraint handler, which separates relaxations before
    branching, and judges and cuts off integral candidates. SCIP's feasibility tolerance is set to 1e-9, and reductions
    that assume all rows to be visible (dual reductions, symmetry) are switched off.

    Parameters
    ----------
    model
        A ``pyscipopt.Model`` in its problem stage, continuous or integer.
    loads
        Affine expressions of the model, variables or numbers, one per agent. The constraint also keeps them
        non-negative.
    fairness
        A member of :mod:`evenhand.fairness`.
    cuts
        Family of cuts: ``supporting``, ``gradient`` or ``disaggregated``.
    tolerance
        Relative excess of the measure over its bound that is tolerated.

    Returns
    -------
    FairCone
        The constraint; its ``solve()`` returns the same result as that of other libraries.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.
    MissingExtraError
        If PySCIPOpt is missing.
    """
    scip = require("pyscipopt")
    require_model(model, scip.Model, "a pyscipopt.Model")
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
    require_model(model, require("pyscipopt").Model, "a pyscipopt.Model")
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


def _without_loads(status: str, cones: Sequence[FairCone], start: float, *, interrupted: bool = False) -> FairSolution:
    """Return a result without a solution, with this status."""
    made = sum(cone.separator.made for cone in cones if cone.separator is not None)
    seconds = time.perf_counter() - start
    return FairSolution(status, None, None, None, cuts=made, seconds=seconds, interrupted=interrupted)


def include(model: Any, handler: Any) -> None:
    """Include a handler of rows that SCIP does not see, and switch off reductions that are invalid with such rows."""
    from evenhand.modeling.scip_handler import left_at_exit

    model.includeConshdlr(
        handler,
        f"{handler.name} {model.getNVars()}",  # unique, because each constraint adds variables first
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
