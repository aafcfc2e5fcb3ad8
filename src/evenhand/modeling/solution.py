"""The result of a solve with fairness constraints, the same for all libraries."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from evenhand.arrays import Array
from evenhand.fairness import Fairness
from evenhand.fairness.dispersion import Dispersion, dispersion
from evenhand.fairness.fair_result import Measured
from evenhand.fairness.relative import relative_gap
from evenhand.modeling.audit import Audit


@dataclass(frozen=True, slots=True, repr=False)
class FairSolution(Measured):
    """The solution of a model with fairness constraints.

    Attributes
    ----------
    status
        ``optimal``: proven within the gap asked for. ``infeasible``. ``unbounded``: proven, because there are fair
        solutions and a fair direction that improves them without end. ``unbounded_relaxation``: the relaxation with the
        cuts so far is unbounded, and the model itself may be bounded, unbounded or infeasible (give its variables
        bounds). ``infeasible_or_unbounded``. ``numerical_trouble``: the solver failed, or its solution is not fair.
        ``time_limit``: the time limit, Ctrl-C or another limit of the solver stopped it, with the best solution so far,
        if any.
    objective
        Objective of the best solution, in the model's own sense; None if there is none.
    bound
        Proven bound on the best objective; None if there is none.
    loads
        Loads of the best solution, shape (n,), those of all constraints one after the other; None if there is none.
    values
        Values of the model's variables, in the model's order; None for a library without an order.
    rules
        For each fairness constraint of the model, a report on how fair its loads are.
    cuts, rounds
        Number of cuts, and number of solves between which they were added (0 if the solver cuts in its own tree).
    seconds
        Wall-clock time.
    interrupted
        Whether Ctrl-C stopped the solve.
    shadow_price
        Derivative of the optimal objective with respect to the fairness parameter, for continuous models if the solver
        provides duals; otherwise None.
    """

    status: str
    objective: float | None
    bound: float | None
    loads: Array | None
    values: Array | None = field(default=None)
    rules: tuple[Audit, ...] = ()
    cuts: int = 0
    rounds: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    shadow_price: float | None = None

    @property
    def gap(self) -> float | None:
        """Relative gap, ``|objective - bound| / |objective|``; None if either is missing.

        It is 1 if the objective is 0 and the bound is not; see :func:`evenhand.fairness.relative.relative_gap`.
        """
        if self.objective is None or self.bound is None:
            return None
        return relative_gap(self.objective, self.bound, maximise=self.bound > self.objective)

    @property
    def fairness(self) -> Fairness | None:
        """The fairness member asked for; None unless there is exactly one constraint (see `rules`)."""
        return self.rules[0].fairness if len(self.rules) == 1 else None

    @property
    def dispersion(self) -> Dispersion | None:
        """All measures of dispersion of the loads; None with several constraints, which have loads of their own."""
        return None if self.loads is None or len(self.rules) > 1 else dispersion(self.loads, self.fairness)

    def __repr__(self) -> str:
        if self.objective is None:
            return f"FairSolution({self.status})"
        gap = "" if self.gap is None else f", gap {self.gap:.1e}"
        cvs = [rule.cv for rule in self.rules] if len(self.rules) > 1 else [self.cv]
        written = ", ".join(f"{cv:.3f}" for cv in cvs if cv is not None)
        return f"FairSolution({self.status}, objective {self.objective:.6g}{gap}, cv {written})"

    def to_dict(self) -> dict[str, Any]:
        """Return the solution as JSON values."""
        return {
            "status": self.status,
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "loads": None if self.loads is None else self.loads.tolist(),
            "values": None if self.values is None else self.values.tolist(),
            "level": self.level,
            "cv": self.cv,
            "jain": self.jain,
            "rules": [rule.to_dict() for rule in self.rules],
            "cuts": self.cuts,
            "rounds": self.rounds,
            "seconds": self.seconds,
            "shadow_price": self.shadow_price,
            "interrupted": self.interrupted,
        }


def as_maximised(solution: FairSolution) -> FairSolution:
    """Return a solution of the model with the negated objective as a solution of the model that maximises."""
    return replace(
        solution,
        objective=None if solution.objective is None else -solution.objective,
        bound=None if solution.bound is None else -solution.bound,
        shadow_price=None if solution.shadow_price is None else -solution.shadow_price,
    )
