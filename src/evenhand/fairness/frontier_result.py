"""The price of fairness over a range of levels: one result class for all engines."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.fairness.dispersion import dispersion
from evenhand.fairness.protocol import Fairness
from evenhand.fairness.relative import relative_gap, relative_price
from evenhand.frames import Tabular


class Solved(Protocol):
    """The attributes that a frontier needs of a solution of any engine."""

    @property
    def status(self) -> str:
        """``optimal``, ``infeasible``, ``time_limit``, or another status of the engine."""

    @property
    def objective(self) -> float | None:
        """Objective of the solution; None if there is none."""

    @property
    def bound(self) -> float | None:
        """Proven bound on the best objective; None if there is none."""

    @property
    def loads(self) -> NDArray[np.float64] | None:
        """Loads of the solution, shape (n,); None if there is none."""

    @property
    def seconds(self) -> float:
        """Wall-clock time."""

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C stopped the solve."""


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """One level of fairness, and its cost.

    Attributes
    ----------
    parameter
        The level asked for (epsilon, or another member's parameter).
    status
        ``optimal``, ``time_limit`` or ``infeasible``.
    cost, bound, gap
        Objective of the best solution, the proven bound on it (an upper bound if more is better), and the gap between
        them relative to the objective's size. None if there is none.
    loads
        Load of each agent, length n; empty if there is no solution.
    cv, jain, max_over_mean
        Dispersion of the loads, over entitlements if there are any, as the members of these names measure it. None if
        there is no solution.
    largest_load
        The largest load, in the unit of the burdens; None if there is no solution.
    price
        Price of fairness: by how much the objective is worse than without fairness, relative to that (0.03 is 3 %).
        None if there is no solution, or if the best objective without fairness is 0 and this one is not.
    seconds
        Wall-clock time of this point.
    """

    parameter: float
    status: str
    cost: float | None
    bound: float | None
    gap: float | None
    loads: tuple[float, ...]
    cv: float | None
    jain: float | None
    largest_load: float | None
    price: float | None
    seconds: float
    max_over_mean: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Frontier(Tabular):
    """Cost against fairness for one measure.

    Attributes
    ----------
    measure
        Name of the fairness member (``epsilon``, ``gini``, ...).
    p
        Order of the (epsilon, p) family; None for other members.
    agents
        Names of the agents, length n.
    base_cost
        Objective of the best solution without fairness; a proven bound if that was not solved to optimality.
    points
        Points in increasing order of strictness.
    entitlements
        Entitlement of each agent, length n; None if all are equal.
    maximise
        Whether more is better.
    """

    measure: str
    p: float | None
    agents: tuple[str, ...]
    base_cost: float
    points: tuple[FrontierPoint, ...]
    entitlements: tuple[float, ...] | None = None
    maximise: bool = False

    def __iter__(self) -> Iterator[FrontierPoint]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        order = "" if self.p is None else f", p={self.p:g}"
        return f"Frontier({self.measure}{order}, {len(self)} points, base cost {self.base_cost:.6g})"

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per point."""
        names = [name for name in FrontierPoint.__slots__ if name != "loads"]
        return [{name: getattr(point, name) for name in names} for point in self.points]

    def to_dict(self) -> dict[str, Any]:
        """Return the frontier as JSON values."""
        return {
            "measure": self.measure,
            "p": "inf" if self.p == float("inf") else self.p,
            "agents": list(self.agents),
            "entitlements": None if self.entitlements is None else list(self.entitlements),
            "maximise": self.maximise,
            "base_cost": self.base_cost,
            "points": [
                {**row, "loads": list(point.loads)} for row, point in zip(self.to_rows(), self.points, strict=True)
            ],
        }


def trace(
    solve: Callable[[Fairness], Solved],
    fairnesses: Sequence[Fairness],
    base_cost: float,
    agents: Sequence[str],
    *,
    maximise: bool = False,
) -> Frontier:
    """Solve for each of `fairnesses` in turn, and return the frontier, with prices relative to `base_cost`.

    Parameters
    ----------
    solve
        Function that solves under one member.
    fairnesses
        The same member at several parameters, from loose to strict; see :func:`check_family`.
    base_cost
        Cost without fairness.
    agents
        Names of the agents, length n.
    maximise
        Whether more is better; a price is then the fraction that is lost.
    """
    points: list[FrontierPoint] = []
    for fairness in fairnesses:
        answer = solve(fairness)
        points.append(_point(fairness, answer, base_cost, maximise))
        if answer.interrupted:
            break
    first = fairnesses[0]
    return Frontier(
        first.name,
        getattr(first, "p", None),
        tuple(agents),
        base_cost,
        tuple(points),
        entitlements=first.entitlements,
        maximise=maximise,
    )


def check_family(fairnesses: Iterable[Fairness], n: int) -> None:
    """Check that `fairnesses` are the same member at several parameters, from loose to strict.

    Raises
    ------
    InputError
        If they are not; the message names the first member that differs, or is out of order.
    """
    members = list(fairnesses)
    if not members:
        raise InputError("frontier: no level given; give at least one")
    first = members[0]
    loosest, strictest = first.parameter_range(n)
    for fairness, following in zip(members, [*members[1:], None], strict=True):
        if (
            type(fairness) is not type(first)
            or fairness.to_dict() != first.with_parameter(fairness.parameter).to_dict()
        ):
            raise InputError(f"frontier: {fairness} is not {first} at another parameter; give one member at several")
        if following is not None and (following.parameter - fairness.parameter) * (strictest - loosest) < 0:
            raise InputError(
                f"frontier: {fairness} is stricter than {following} after it; order them from loose to strict"
            )


def _point(fairness: Fairness, answer: Solved, base: float, maximise: bool) -> FrontierPoint:
    cost, bound = answer.objective, answer.bound
    if bound is not None and math.isinf(bound):
        bound = None
    found = None if answer.loads is None else dispersion(answer.loads, fairness)
    loads = () if answer.loads is None else tuple(max(load, 0.0) for load in answer.loads.tolist())
    return FrontierPoint(
        parameter=fairness.parameter,
        status=answer.status,
        cost=cost,
        bound=bound,
        gap=None if cost is None or bound is None else relative_gap(cost, bound, maximise=maximise),
        loads=loads,
        cv=None if found is None else found.cv,
        jain=None if found is None else found.jain,
        largest_load=max(loads, default=None),
        price=None if cost is None else relative_price(cost, base, maximise=maximise),
        seconds=answer.seconds,
        max_over_mean=None if found is None else found.max_over_mean,
    )
