r"""Generalised assignment: tasks of different size for agents of limited capacity, fairly used.

Agents i, tasks j, costs :math:`c_{ij}`, sizes :math:`a_{ij}` (what task j takes of agent i), capacities :math:`b_i`:

.. math::

   \min \sum_{ij} c_{ij} x_{ij} \quad \text{subject to} \quad \sum_i x_{ij} = 1, \quad
   \sum_j a_{ij} x_{ij} \le b_i, \quad x \in \{0, 1\}, \quad \Big(\sum_j h_{ij} x_{ij}\Big)_i \text{ fair}.

The load h is the capacity used, unless burdens of its own are given. With `relative`, fair is the part of each agent's
capacity that is used: the same member with the capacities as entitlements. Without capacities,
:func:`evenhand.assign` solves the problem faster, and with a certificate.

References
----------
D. G. Cattrysse and L. N. Van Wassenhove, A survey of algorithms for the generalized assignment problem, European
Journal of Operational Research 60, 1992.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.errors import InputError
from evenhand.fairness.measures import coefficient_of_variation, jain_index
from evenhand.modeling import Fairest, LinearModel, fairest, solve_fair_milp
from evenhand.modeling.libraries import sparse

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from evenhand.fairness import Fairness
    from evenhand.modeling.rounds import Progress

    Array = NDArray[np.float64]

KINDS = ("C", "D", "E")


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Costs, sizes, capacities and burdens, checked; arrays of shape (n, m) and (n,).

    Raises
    ------
    InputError
        Naming the value that cannot be used.
    """

    costs: Array
    sizes: Array
    capacities: Array
    burdens: Array

    @classmethod
    def of(cls, costs: ArrayLike, sizes: ArrayLike, capacities: ArrayLike, burdens: ArrayLike | None = None) -> Problem:
        """Return the problem; `burdens` are the sizes by default. A cost of infinity forbids a pair."""
        paid = np.asarray(costs, dtype=np.float64)
        if paid.ndim != 2 or len(paid) < 2 or not paid.size:
            raise InputError(f"costs have shape {paid.shape}; a row for each of two agents or more is needed")
        taken = _table("sizes", sizes, paid.shape)
        carried = taken if burdens is None else _table("burdens", burdens, paid.shape)
        limits = np.asarray(capacities, dtype=np.float64)
        if limits.shape != (len(paid),) or not np.all(limits >= 0.0):
            raise InputError(f"capacities must be {len(paid)} numbers of at least 0, one for each agent")
        if np.isnan(paid).any() or np.isneginf(paid).any():
            raise InputError("costs hold a nan or -inf; use inf to forbid a pair")
        alone = np.flatnonzero(~np.isfinite(paid).any(axis=0))
        if alone.size:
            raise InputError(f"costs forbid every agent for task {alone[0]}; each task needs one")
        return cls(paid, taken, limits, carried)


@dataclass(frozen=True, slots=True, repr=False)
class GeneralisedAssignment:
    """Who does what.

    Attributes
    ----------
    status
        ``optimal`` (within the gap), ``infeasible`` or ``time_limit``.
    assignment
        Agent of each task, length m; None where there is none.
    cost, bound
        Cost of the assignment, and proven bound on the cheapest.
    cheapest
        Bound on the cheapest without fairness, the base of the price.
    loads, used, capacities
        Load, capacity used and capacity of each agent, length n.
    level
        The strictest parameter that the loads meet.
    seconds
        Time of the fair solve.
    interrupted
        Whether Ctrl-C ended it.
    """

    status: str
    assignment: NDArray[np.intp] | None
    cost: float | None
    bound: float | None
    cheapest: float | None
    capacities: Array
    loads: Array | None = field(default=None)
    used: Array | None = field(default=None)
    level: float | None = None
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def gap(self) -> float | None:
        """(cost - bound) / cost; None where either is missing."""
        if self.cost is None or self.bound is None:
            return None
        return max(0.0, self.cost - self.bound) / abs(self.cost) if self.cost != self.bound else 0.0

    @property
    def price(self) -> float | None:
        """Price of fairness: cost over the cheapest without it, minus 1; None where that costs nothing."""
        if self.cost is None or not self.cheapest:
            return None
        return max(0.0, (self.cost - self.cheapest) / abs(self.cheapest))

    @property
    def cv(self) -> float | None:
        """Coefficient of variation of the loads."""
        return None if self.loads is None else float(coefficient_of_variation(self.loads))

    @property
    def jain(self) -> float | None:
        """Jain's index of the loads."""
        return None if self.loads is None else float(jain_index(self.loads))

    def __repr__(self) -> str:
        if self.cost is None:
            return f"GeneralisedAssignment({self.status})"
        return f"GeneralisedAssignment({self.status}, cost {self.cost:.6g}, cv {self.cv:.3f})"

    def to_frame(self) -> list[dict[str, Any]]:
        """Return a row for each agent."""
        if self.loads is None or self.used is None:
            return []
        return [
            {"agent": i, "load": float(load), "used": float(used), "capacity": float(capacity)}
            for i, (load, used, capacity) in enumerate(zip(self.loads, self.used, self.capacities, strict=True))
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        return {
            "status": self.status,
            "assignment": None if self.assignment is None else self.assignment.tolist(),
            "cost": self.cost,
            "bound": self.bound,
            "gap": self.gap,
            "price": self.price,
            "cv": self.cv,
            "jain": self.jain,
            "level": self.level,
            "agents": self.to_frame(),
            "seconds": self.seconds,
        }


def solve(
    costs: ArrayLike,
    sizes: ArrayLike,
    capacities: ArrayLike,
    fairness: Fairness | None,
    *,
    burdens: ArrayLike | None = None,
    relative: bool = False,
    solver: str = "highs",
    gap: float = 1e-4,
    time_limit: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> GeneralisedAssignment:
    """Find the cheapest assignment within the capacities whose loads are fair.

    Parameters
    ----------
    costs
        Shape (n, m); infinity forbids a pair.
    sizes
        What each task takes of each agent's capacity, shape (n, m), 0 or more.
    capacities
        Of each agent, shape (n,), 0 or more.
    fairness
        A member of :mod:`evenhand.fairness`; None for the cheapest assignment alone.
    burdens
        What is to be shared fairly, shape (n, m), 0 or more; the sizes by default.
    relative
        Whether fairness is of loads over capacities.
    solver, gap, time_limit, progress
        As for :func:`~evenhand.modeling.solve_fair_milp`.

    Raises
    ------
    InputError
        Naming the value that cannot be used.

    Examples
    --------
    >>> from evenhand import JainAtLeast
    >>> costs, sizes = [[1, 1, 1, 1], [2, 2, 2, 2]], [[3, 2, 2, 1], [3, 2, 2, 1]]
    >>> solve(costs, sizes, [7, 9], None).cost                # the first takes all that fits
    5.0
    >>> answer = solve(costs, sizes, [7, 9], JainAtLeast(1.0))
    >>> answer.cost, answer.loads.tolist()
    (6.0, [4.0, 4.0])
    """
    problem = Problem.of(costs, sizes, capacities, burdens)
    model, loads = model_of(problem)
    member = None if fairness is None else _member(fairness, problem, relative=relative)
    limits: dict[str, Any] = {"solver": solver, "gap": gap, "time_limit": time_limit, "progress": progress}
    cheapest = solve_fair_milp(model, loads, None, **limits)
    answer = cheapest if member is None else solve_fair_milp(model, loads, member, **limits)
    about: dict[str, Any] = {
        "bound": answer.bound,
        "cheapest": cheapest.bound,
        "capacities": problem.capacities,
        "seconds": answer.seconds,
        "interrupted": answer.interrupted,
    }
    if answer.values is None:
        return GeneralisedAssignment(answer.status, None, None, **about)
    chosen = answer.values.reshape(problem.costs.shape).argmax(axis=0)
    each = np.arange(len(chosen))
    used, carried = (
        np.bincount(chosen, table[chosen, each], minlength=len(problem.capacities)).astype(np.float64)
        for table in (problem.sizes, problem.burdens)
    )
    return GeneralisedAssignment(
        answer.status,
        chosen,
        float(problem.costs[chosen, each].sum()),
        loads=carried,
        used=used,
        level=None if member is None else float(member.level(carried)),
        **about,
    )


def fairest_assignment(
    costs: ArrayLike,
    sizes: ArrayLike,
    capacities: ArrayLike,
    fairness: Fairness,
    *,
    burdens: ArrayLike | None = None,
    relative: bool = False,
    time_limit: float | None = None,
) -> Fairest:
    """Find the strictest parameter of `fairness` that the capacities allow; see :func:`solve`."""
    problem = Problem.of(costs, sizes, capacities, burdens)
    model, loads = model_of(problem)
    return fairest(model, loads, _member(fairness, problem, relative=relative), time_limit=time_limit)


def model_of(problem: Problem) -> tuple[LinearModel, Any]:
    """Return the model without fairness, over x agent by agent, and the rows of its loads."""
    n, m = problem.costs.shape
    stack, allowed = sparse(), np.isfinite(problem.costs)
    once = stack.hstack([stack.eye_array(m)] * n, format="csr")
    capacity, carried = (_by_agent(table) for table in (problem.sizes, problem.burdens))
    model = LinearModel(
        np.where(allowed, problem.costs, 0.0).ravel(),
        stack.vstack([once, capacity], format="csr"),
        np.concatenate([np.ones(m), np.full(n, -np.inf)]),
        np.concatenate([np.ones(m), problem.capacities]),
        upper=allowed.astype(np.float64).ravel(),
        integer=True,
    )
    return model, carried


def generate(agents: int, tasks: int, seed: int = 0, kind: str = "C") -> tuple[Array, Array, Array]:
    """Return costs, sizes and capacities of an instance of the literature's types, from easy to hard: C, D, E.

    Sizes are whole numbers from 5 to 25 (E: 1 - 10 ln u); costs from 10 to 50, or falling with size (D, E); capacities
    0.8 of the mean size of all tasks over the agents.
    """
    if kind not in KINDS:
        raise InputError(f"kind is {kind!r}; known are {', '.join(KINDS)}")
    if agents < 2 or tasks < 1:
        raise InputError(f"agents is {agents} and tasks is {tasks}; at least 2 and 1 are needed")
    rng = np.random.default_rng((seed, agents, tasks))
    shape = (agents, tasks)
    if kind == "E":
        sizes = np.ceil(1.0 - 10.0 * np.log(1.0 - rng.random(shape)))
        costs = np.round(1000.0 / sizes - 10.0 * rng.random(shape), 2)
    else:
        sizes = rng.integers(5, 26, shape).astype(np.float64)
        noise = rng.integers(-10, 11, shape)
        costs = rng.integers(10, 51, shape).astype(np.float64) if kind == "C" else 111.0 - sizes + noise
    capacities = np.floor(0.8 * sizes.sum(axis=1) / agents)
    return costs, sizes, np.maximum(capacities, sizes.max())


def _by_agent(table: Array) -> Any:
    """Return the matrix whose row i holds agent i's entries of `table`, over x agent by agent."""
    n, m = table.shape
    columns = np.arange(n * m)
    return sparse().csr_array((table.ravel(), (columns // m, columns)), shape=(n, n * m))


def _member(fairness: Fairness, problem: Problem, *, relative: bool) -> Fairness:
    if not relative:
        return fairness
    if fairness.entitlements is not None:
        raise InputError(f"{fairness} has entitlements already; relative=True takes the capacities for them")
    changed: Fairness = dataclasses.replace(  # type: ignore[type-var]
        fairness, entitlements=tuple(problem.capacities.tolist())
    )
    return changed


def _table(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Array:
    table = np.asarray(values, dtype=np.float64)
    if table.shape != shape:
        raise InputError(f"{name} have shape {table.shape}, the costs {shape}; they must be alike")
    bad = np.argwhere(~(np.isfinite(table) & (table >= 0.0)))
    if bad.size:
        i, j = bad[0]
        raise InputError(f"{name}[{i}, {j}] is {table[i, j]}; it must be a finite number of at least 0")
    return table
