"""What a solve with a fairness constraint returns, whichever library did it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evenhand.fairness.dispersion import dispersion
from evenhand.fairness.relative import relative_gap

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from evenhand.modeling.audit import Audit

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class FairSolution:
    """A solved model with bounded dispersion.

    Attributes
    ----------
    status
        ``optimal`` (within the gap asked for), ``infeasible``, ``unbounded`` (proven: fair solutions exist, and a fair
        direction that improves them for ever), ``unbounded_relaxation`` (with the cuts so far and without integrality;
        the model itself may be bounded, or infeasible: bound its variables),
        ``infeasible_or_unbounded``, ``numerical_trouble`` (the solver gave up, or its answer is not fair) or
        ``time_limit`` (a clock, Ctrl-C or another limit of the solver); the best so far is here, if any.
    objective
        Objective of the best solution, in the model's own sense; None where there is none.
    bound
        Proven bound on the best objective; None where there is none.
    loads
        Loads of the best solution, shape (n,), those of all constraints one after the other; None where there is none.
    values
        Values of the model's variables, in the model's order, where the library has one.
    rules
        For each fairness constraint of the model, in the order of its loads, how fair these are.
    cuts, rounds
        Cuts made, and relaxations solved for them (0 where the solver cuts in its own tree).
    seconds
        Time taken.
    interrupted
        Whether Ctrl-C ended it.
    shadow_price
        What the objective gains for each unit by which the parameter of fairness rises, where the model is continuous
        and the solver tells duals; None elsewhere.
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
        """Relative gap, ``|objective - bound| / |objective|``; None where either is missing.

        1 where the objective is 0 and the bound is not (see :func:`evenhand.fairness.relative.relative_gap`).
        """
        if self.objective is None or self.bound is None:
            return None
        return relative_gap(self.objective, self.bound, maximise=self.bound > self.objective)

    @property
    def level(self) -> float | None:
        """The strictest parameter that the loads meet; None without a rule, or with several: see `rules`."""
        return self.rules[0].level if len(self.rules) == 1 else None

    @property
    def cv(self) -> float | None:
        """Coefficient of variation of the loads, as the rule compares them; None with several: see `rules`."""
        return self._measured("cv")

    @property
    def jain(self) -> float | None:
        """Jain's index of the loads, as the rule compares them; None with several: see `rules`."""
        return self._measured("jain")

    def _measured(self, name: str) -> float | None:
        if self.loads is None or len(self.rules) > 1:
            return None
        return float(getattr(self.rules[0] if self.rules else dispersion(self.loads), name))

    def __repr__(self) -> str:
        if self.objective is None:
            return f"FairSolution({self.status})"
        gap = "" if self.gap is None else f", gap {self.gap:.1e}"
        cvs = [rule.cv for rule in self.rules] if len(self.rules) > 1 else [self.cv]
        told = ", ".join(f"{cv:.3f}" for cv in cvs if cv is not None)
        return f"FairSolution({self.status}, objective {self.objective:.6g}{gap}, cv {told})"

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
