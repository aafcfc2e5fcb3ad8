"""What `assign` returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

import evenhand
from evenhand.fairness import bounds
from evenhand.fairness.dispersion import Dispersion, dispersion
from evenhand.fairness.relative import relative_price
from evenhand.frames import Tabular

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness


@dataclass(frozen=True, slots=True)
class Certificate:
    """Multipliers and points that prove a lower bound without trust in the solver.

    The vector v = sum_k multipliers[k] * fairness.cut(points[k]) lies in the dual cone of the fairness cone, so that
    v . x >= 0 for every fair x and sum_j min_i (c[i, j] - v[i] b[i, j]) - v . x0 bounds the cost from below.

    Attributes
    ----------
    kind
        ``bound``: the vector proves a bound on the cost. ``infeasible``: with c = 0 it proves a positive bound, hence
        that no
        assignment, not even a fractional one, is fair.
    multipliers
        Shape (k,), non-negative; unit: cost per burden.
    points
        Shape (k, n), non-negative loads at which the cuts are made.
    """

    kind: str
    multipliers: NDArray[np.float64]
    points: NDArray[np.float64]

    def to_dict(self) -> dict[str, Any]:
        """Return the certificate as JSON values (floats survive the round trip bit for bit)."""
        return {"kind": self.kind, "multipliers": self.multipliers.tolist(), "points": self.points.tolist()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Certificate:
        """Rebuild a certificate from :meth:`to_dict`."""
        return cls(
            str(data["kind"]),
            np.asarray(data["multipliers"], dtype=np.float64),
            np.asarray(data["points"], dtype=np.float64),
        )


@dataclass(frozen=True, slots=True)
class Attainable:
    """The fairest that is possible, bracketed with proof.

    Attributes
    ----------
    fairness
        Name of the member whose parameter is bracketed.
    reached
        The strictest parameter met by a known assignment.
    refuted
        A stricter parameter proven impossible; None where even equality is not refuted.
    possible
        `reached` as text to be typed in: rounded to the side that holds, and checked against the assignment.
    impossible
        Text of a parameter beyond which nothing is possible; None where `refuted` is.
    assignment
        An assignment that meets `reached`: agent of each task, length m.
    interrupted
        Whether Ctrl-C ended the bracketing.
    """

    fairness: str
    reached: float
    refuted: float | None
    assignment: NDArray[np.intp] | None = field(repr=False, default=None)
    interrupted: bool = False
    possible: str | None = None
    impossible: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the bracket as JSON values; `assignment` holds positions of agents, so that anyone can check it."""
        return {
            "fairness": self.fairness,
            "reached": self.reached,
            "refuted": self.refuted,
            "assignment": None if self.assignment is None else self.assignment.tolist(),
            "possible": self.possible,
            "impossible": self.impossible,
        }


@dataclass(frozen=True, slots=True, repr=False)
class Assignment(Tabular):
    """An assignment with its proof.

    Attributes
    ----------
    status
        ``optimal``: the search proved the gap asked for. ``infeasible``: proven, never guessed. ``time_limit``: a
        clock or
        Ctrl-C stopped the search; the best found so far is here, if any.
    assignment
        Agent of each task, length m; None where there is none.
    loads
        What each agent carries, length n, initial loads included; unit of the burdens. None where there is no
        assignment.
    cost
        Sum of the costs of the assignment (locked tasks included), or of the profits with `maximise`; None where there
        is none.
    lower_bound
        No fair assignment is cheaper: what search and relaxation prove together. ``inf`` where infeasible. With
        `maximise` it is the other way round: no fair assignment brings more (``-inf`` where infeasible).
    gap
        How far cost and bound are apart, relative to the size of the cost: abs(cost - lower_bound) / abs(cost). 0 where
        they meet, 1 where the cost is 0 and the bound is not; None where there is no assignment.
    certified_gap
        The same with the certificate's bound alone, which needs no trust in the search; None where there is no
        assignment.
    fairness
        The member of the family that was asked for.
    certificate
        Proof of a lower bound, or of infeasibility; None where infeasibility rests on the search alone.
    seconds
        Wall-clock time of the whole call, reading the tables included.
    agents, tasks
        Names, lengths n and m.
    named
        Whether the table named its agents, and its tasks; names that were made up for it (``agent-1``) name nobody.
    attainable
        The fairest that is possible, given with an infeasible answer.
    interrupted
        Whether Ctrl-C stopped the search.
    maximise
        Whether the table holds profits: more is better, and `cost` is what the assignment brings.
    made_with
        Whether burdens that differ from the costs, loads carried before and locked tasks were given: whoever checks the
        answer must give them too. None where it is not known.
    base_cost
        Cost of the cheapest assignment without fairness, locked tasks as they are (with `maximise`: what the best
        brings); None where it is not known.
    """

    status: str
    assignment: NDArray[np.intp] | None
    loads: NDArray[np.float64] | None
    cost: float | None
    lower_bound: float
    gap: float | None
    certified_gap: float | None
    fairness: Fairness
    certificate: Certificate | None
    seconds: float
    agents: tuple[str, ...]
    tasks: tuple[str, ...]
    named: tuple[bool, bool] = (True, True)
    attainable: Attainable | None = None
    interrupted: bool = False
    maximise: bool = False
    base_cost: float | None = None
    made_with: dict[str, bool] | None = None

    def __repr__(self) -> str:
        if self.cost is None:
            return f"Assignment({self.status}, no assignment, {self.seconds:.3g} s)"
        what = "profit" if self.maximise else "cost"
        return f"Assignment({self.status}, {what} {self.cost:.6g}, gap {self.gap:.2g}, {self.seconds:.3g} s)"

    @property
    def price(self) -> float | None:
        """Price of fairness: what the cost exceeds `base_cost` by, relative to its size (0.03 is 3 %).

        With `maximise` it is the part of the profit that fairness gives up. None where there is no assignment, or where
        the cheapest costs nothing and this one something.
        """
        if self.cost is None or self.base_cost is None:
            return None
        return relative_price(self.cost, self.base_cost, maximise=self.maximise)

    @property
    def dispersion(self) -> Dispersion | None:
        """Every measure of the loads, over entitlements where there are any: what the member of that name bounds."""
        return None if self.loads is None else dispersion(self.loads, self.fairness)

    @property
    def cv(self) -> float | None:
        """Coefficient of variation (population) of the loads, over entitlements where there are any."""
        return None if self.loads is None else dispersion(self.loads, self.fairness).cv

    @property
    def jain(self) -> float | None:
        """Jain's index of the loads, over entitlements where there are any."""
        return None if self.loads is None else dispersion(self.loads, self.fairness).jain

    @property
    def level(self) -> float | None:
        """The strictest parameter of the asked-for member that the loads meet."""
        return None if self.loads is None else float(self.fairness.level(self.loads))

    @property
    def cv_bound(self) -> float | None:
        """What the asked-for fairness alone guarantees about the CV; None where it guarantees nothing known."""
        return bounds.guaranteed_cv(self.fairness, len(self.agents))

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON values; `assignment` holds positions in `agents`, in the order of `tasks`."""
        order = getattr(self.fairness, "p", None)
        return {
            "status": self.status,
            "maximise": self.maximise,
            "cost": self.cost,
            "base_cost": self.base_cost,
            "price": self.price,
            "lower_bound": None if np.isinf(self.lower_bound) else self.lower_bound,
            "gap": self.gap,
            "certified_gap": self.certified_gap,
            "loads": None if self.loads is None else self.loads.tolist(),
            "assignment": None if self.assignment is None else self.assignment.tolist(),
            "agents": list(self.agents),
            "tasks": list(self.tasks),
            "made_with": self.made_with,
            "named": dict(zip(("agents", "tasks"), self.named, strict=True)),
            "fairness": self.fairness.to_dict(),
            "epsilon": getattr(self.fairness, "epsilon", None),
            "p": "inf" if order == float("inf") else order,
            "level": self.level,
            "cv": self.cv,
            "jain": self.jain,
            "cv_bound": self.cv_bound,
            "certificate": None if self.certificate is None else self.certificate.to_dict(),
            "attainable": None if self.attainable is None else self.attainable.to_dict(),
            "seconds": self.seconds,
            "version": evenhand.__version__,
        }

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per task (task, agent)."""
        if self.assignment is None:
            return []
        return [
            {"task": task, "agent": self.agents[agent]} for task, agent in zip(self.tasks, self.assignment, strict=True)
        ]
