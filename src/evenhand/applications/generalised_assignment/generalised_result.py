"""The result of generalised assignment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.fairness import Fairness
from evenhand.fairness.fair_result import FairResult


@dataclass(frozen=True, slots=True, repr=False)
class GeneralisedAssignment(FairResult):
    """A generalised assignment with its cost, loads and bound.

    Attributes
    ----------
    status
        ``optimal`` (within the gap), ``infeasible`` or ``time_limit``.
    assignment
        Agent of each task, length m; None if there is none.
    cost, bound
        Cost of the assignment (its profit with `maximise`), and the proven bound on it.
    base_cost
        Proven bound on the cost without fairness, with which `price` compares.
    loads, used, capacities
        Load, used capacity and capacity of each agent, length n.
    fairness
        The fairness member asked for, with the capacities as entitlements if `relative` was; None for no fairness. `cv`
        and `jain` are of loads over these entitlements.
    agents, tasks
        Names, lengths n and m; None if there are none.
    seconds
        Wall-clock time of the fair solve.
    interrupted
        Whether Ctrl-C stopped the solve.
    maximise
        Whether the costs are profits, of which more is better.
    """

    status: str
    assignment: NDArray[np.intp] | None
    cost: float | None
    bound: float | None
    base_cost: float | None
    capacities: Array
    loads: Array | None = field(default=None)
    used: Array | None = field(default=None)
    fairness: Fairness | None = None
    agents: tuple[str, ...] | None = None
    tasks: tuple[str, ...] | None = None
    seconds: float = 0.0
    interrupted: bool = False
    maximise: bool = False

    @property
    def entitlements(self) -> tuple[float, ...] | None:
        """Entitlement of each agent; None if all are equal."""
        return None if self.fairness is None else self.fairness.entitlements

    def __repr__(self) -> str:
        if self.cost is None:
            return f"GeneralisedAssignment({self.status})"
        return f"GeneralisedAssignment({self.status}, cost {self.cost:.6g}, cv {self.cv:.3f})"

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per agent, with its name, or its position if there are no names."""
        if self.loads is None or self.used is None:
            return []
        names = range(len(self.capacities)) if self.agents is None else self.agents
        return [
            {"agent": name, "load": float(load), "used": float(used), "capacity": float(capacity)}
            for name, load, used, capacity in zip(names, self.loads, self.used, self.capacities, strict=True)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON values; `assignment` holds positions in `agents`, in the order of `tasks`."""
        return {
            "status": self.status,
            "maximise": self.maximise,
            "assignment": None if self.assignment is None else self.assignment.tolist(),
            "tasks": None if self.tasks is None else list(self.tasks),
            **self._shared_fields(),
            "agents": self.to_rows(),
            "interrupted": self.interrupted,
            "seconds": self.seconds,
        }
