"""Solve models of rosters with HiGHS, within a clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.applications.rosters.check_roster import check_roster
from evenhand.applications.rosters.compact_model import CompactModel
from evenhand.applications.rosters.counts import Plan
from evenhand.modeling.highs_model import highs_of
from evenhand.modeling.highs_run import run, status_of
from evenhand.modeling.linear import LinearModel

Report = Callable[[float | None, float | None], None]
"""Function that is called with the best cost and the bound so far."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best plan of one search with its cost, and a proven lower bound; None for what is not known."""

    status: str
    plan: Plan | None = None
    cost: float | None = None
    bound: float | None = None


@dataclass(slots=True)
class Clock:
    """The time that is left, and whether Ctrl-C was pressed."""

    deadline: float
    interrupted: bool = False

    @classmethod
    def of(cls, time_limit: float | None) -> Clock:
        """Return a clock that starts now."""
        return cls(np.inf if time_limit is None else time.perf_counter() + time_limit)

    @property
    def left(self) -> float:
        """Seconds left, at least 0; 0 after Ctrl-C."""
        return 0.0 if self.interrupted else max(0.0, self.deadline - time.perf_counter())

    def part(self, share: float) -> Clock:
        """Return a clock for a part of what is left."""
        return Clock(time.perf_counter() + share * self.left, self.interrupted)


def solve_model(
    model: CompactModel,
    *,
    time_limit: float,
    gap: float,
    seed: int,
    start: Plan | None = None,
    report: Report | None = None,
    linear: LinearModel | None = None,
) -> Found:
    """Solve one model, or a `linear` one that begins with its variables; the bound is one for this model alone."""
    highspy_model = highs_of(model.linear() if linear is None else linear)
    highspy_model.setOptionValue("mip_rel_gap", gap)
    highspy_model.setOptionValue("random_seed", seed)
    if start is not None:
        columns, values = model.values_of(start)
        highspy_model.setSolution(len(columns), np.array(columns, dtype=np.int32), np.array(values))
    pressed = _subscribe(highspy_model, report)
    status = "interrupted" if run(highspy_model, time_limit) == "interrupted" or pressed else status_of(highspy_model)
    if status in ("infeasible", "infeasible_or_unbounded"):  # costs are bounded below
        return Found("infeasible")
    info = highspy_model.getInfo()
    bound = float(info.mip_dual_bound) if np.isfinite(info.mip_dual_bound) else None
    if info.primal_solution_status != 2:
        return Found(status, bound=bound)
    plan = model.plan_of(np.asarray(highspy_model.getSolution().col_value))
    return Found(status, plan, check_roster(model.problem, plan).cost, bound)


def _subscribe(highs: Any, report: Report | None) -> list[bool]:
    """Report improving solutions; return a list that is empty until a report raises KeyboardInterrupt."""
    pressed: list[bool] = []
    if report is None:
        return pressed

    def tell(event: Any) -> None:
        try:
            bound = event.data_out.mip_dual_bound
            report(event.data_out.objective_function_value, bound if np.isfinite(bound) else None)
        except KeyboardInterrupt:  # it would be lost in the solver
            pressed.append(True)

    def stop(event: Any) -> None:
        if pressed:
            event.interrupt()

    highs.cbMipImprovingSolution.subscribe(tell)
    highs.cbMipInterrupt.subscribe(stop)
    return pressed
