"""The linear rows of a problem with several rules, scaled for the compiled loops: cuts, limits and cliques."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.cut_pool import CutPool
from evenhand.assignment.groups import step_of
from evenhand.assignment.kernels import row_dual, row_interior
from evenhand.assignment.kernels.chain_moves import Conflicts
from evenhand.assignment.kernels.row_dual import CliqueRows, LoadRows, Point, Steps, Tables
from evenhand.assignment.rules.ruled_certificate import RowMultipliers, RuledCertificate
from evenhand.assignment.rules.ruled_problem import RuledProblem
from evenhand.fairness.protocol import RELATIVE_TOLERANCE


class _Multipliers(NamedTuple):
    """What a certificate gathers for one row; see :class:`RowMultipliers`."""

    multipliers: list[float]
    points: list[NDArray[np.float64]]
    least: NDArray[np.float64]
    most: NDArray[np.float64]


VIOLATED = 1e-6
"""Excess of a clique's parts over 1 from which on its rows are made."""

MOST_NEWTON, MOST_UNKNOWNS = 60, 1000
"""Upper limits on the iterations of the interior-point method, and on the rules times agents of its systems."""

WEIGHT_SMOOTHING, LEAST_WEIGHT, LARGEST_WEIGHT = 0.5, 1e-3, 1e3
"""Weight of the old primal weight in the logarithm of the new one at a restart, and its limits."""


class LoadLimit(NamedTuple):
    """A limit of a node of the search: sign times the scaled new load of an agent is at least `least`."""

    rule: int
    agent: int
    sign: float
    least: float


@dataclass(frozen=True, slots=True)
class Domain:
    """Which pairs are left at a node of the search.

    Attributes
    ----------
    open, locked
        Pairs that may still be used, and pairs of every plan below the node, shape (m, n); disjoint.
    limits
        What the node asks of loads.
    """

    open: NDArray[np.bool_]
    locked: NDArray[np.bool_]
    limits: tuple[LoadLimit, ...] = ()

    def copy(self) -> Domain:
        """Return a domain with arrays of its own."""
        return Domain(self.open.copy(), self.locked.copy(), self.limits)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What a run of the row dual has found.

    Attributes
    ----------
    bound
        Bound on the cost, scaled.
    mean
        Average of the last iterates: nearly feasible parts, and multipliers from which the next run starts.
    best
        Multipliers that prove the bound.
    """

    bound: float
    mean: Point
    best: Point


class RowSystem:
    """Rows that enclose the plans which keep all rules, made where they are violated.

    Parameters
    ----------
    problem
        The checked problem, whose units are the tasks here.
    """

    def __init__(self, problem: RuledProblem) -> None:
        self.problem = problem
        allowed = np.ascontiguousarray(problem.allowed.T)
        cost = np.where(allowed, problem.costs.T, np.inf)
        self.cost_scale = _spread(cost)
        self.cost = cost / self.cost_scale
        self.needs = problem.needs.astype(np.int64)
        burdens = [np.where(allowed, row.burden.T, 0.0) for row in problem.rows]
        self.burden_scale = np.array([_mean_of(burden, allowed) for burden in burdens])
        m, n = cost.shape
        self.burden = np.array(
            [burden / scale for burden, scale in zip(burdens, self.burden_scale, strict=True)]
        ).reshape(len(burdens), m, n)
        self.conflicts = _conflicts(problem, m)
        self.pools = [None if row.fairness is None else CutPool(row.fairness, len(row.counted)) for row in problem.rows]
        self._made: list[tuple[int, int]] = []
        self._active: list[int] = []
        self._primal_weight = 1.0
        self.tolerance = 1e-9
        self.by_newton = not problem.exclusive and len(burdens) * n <= MOST_UNKNOWNS
        self._rows = LoadRows(np.zeros(0, np.int64), np.zeros((0, n)), np.zeros(0))
        self._refresh()

    @property
    def root(self) -> Domain:
        """The domain of all plans."""
        locked = np.zeros(self.cost.shape, np.bool_)
        for agent, task in self.problem.locked:
            locked[task, agent] = True
        return Domain(np.isfinite(self.cost) & ~locked, locked)

    def new_loads(self, parts: NDArray[Any]) -> list[NDArray[np.float64]]:
        """Return the loads of each row, shape (n,), those carried included, of parts of tasks, shape (m, n)."""
        return [
            row.carried + scale * (parts * burden).sum(axis=0)
            for row, scale, burden in zip(self.problem.rows, self.burden_scale, self.burden, strict=True)
        ]

    def separate(self, parts: NDArray[Any]) -> bool:
        """Make the rows that parts of tasks, shape (m, n), violate; return whether there are any new ones."""
        found = False
        for row, pool, loads, scale in zip(
            self.problem.rows, self.pools, self.new_loads(parts), self.burden_scale, strict=True
        ):
            counted = loads[row.counted]
            if pool is not None and row.fairness is not None and not row.fairness.contains(counted):
                found |= pool.separate(counted / scale) > 0
        known = set(self._active)
        for number, clique in enumerate(self.problem.exclusive):
            if number not in known and parts[list(clique)].sum(axis=0).max() > 1.0 + VIOLATED:
                self._active.append(number)
                found = True
        if found:
            self._refresh()
        return found

    def relax(
        self, domain: Domain, start: Relaxed | None, iterations: int, runs: int, cutoff: float, *, priced: bool = True
    ) -> Relaxed:
        """Run the row dual over a domain, making rows between the runs.

        Parameters
        ----------
        domain
            The pairs that are left.
        start
            A relaxation of a larger domain to start from.
        iterations, runs
            Number of iterations between two restarts, and of restarts.
        cutoff
            Scaled cost at which a bound is high enough.
        priced
            Whether costs count. Without, a positive bound proves that no plan of the domain keeps the rules.
        """
        if self.by_newton:
            return self._relax_by_newton(domain, start, runs, cutoff, priced=priced)
        point = self._point(None if start is None else start.mean)
        best = self._point(None if start is None else start.best)
        bound = self.value(domain, best, priced=priced)
        for _ in range(runs):
            tables, rows, base = self._tables(domain, priced=priced)
            steps = self._steps(tables)
            mean = self._point(None)
            before = self._copied(point)
            bound = base + row_dual.iterate(
                tables, rows, self.cliques, steps, point, mean, best, bound - base, iterations
            )
            self._reweigh(before, mean)
            parts = mean.part + domain.locked
            value = self.value(domain, mean, priced=priced)
            if value > bound:
                bound, best = value, self._copied(mean)
            more = priced and self.separate(parts)
            point, best = self._point(mean), self._point(best)
            if bound >= cutoff and not (more and cutoff == np.inf):
                return Relaxed(bound, self._point(mean), best)
        return Relaxed(bound, point, best)

    def _relax_by_newton(
        self, domain: Domain, start: Relaxed | None, runs: int, cutoff: float, *, priced: bool
    ) -> Relaxed:
        """Solve the relaxation by the interior-point method, and again with the cuts that its loads violate."""
        point = self._point(None if start is None else start.mean)
        best = self._point(None if start is None else start.best)
        bound = self.value(domain, best, priced=priced)
        for _ in range(runs):
            tables, rows, base = self._tables(domain, priced=priced)
            size = 1.0 + abs(bound) if np.isfinite(bound) else 1.0
            before = bound
            joined, proving = self._joined(point, domain), self._joined(best, domain)
            bound = base + row_interior.solve_relaxation(
                tables, rows, self.cliques, joined.part, joined, proving.row, bound - base, cutoff - base,
                self.tolerance * size, MOST_NEWTON,
            )  # fmt: skip
            point, best = self._split(joined), self._split(proving)
            if not np.isfinite(point.part).all() or not np.isfinite(point.row).all():
                return Relaxed(bound, self._point(None), best)  # the rows contradict each other
            more = self.separate(point.part + domain.locked)
            point, best = self._point(point), self._point(best)
            if bound >= cutoff or not more or bound - before <= self.tolerance * size:
                break
        return Relaxed(bound, point, best)

    def priced(self, domain: Domain, multipliers: Point) -> NDArray[np.float64]:
        """Return the scaled costs that multipliers make, shape (m, n); inf for pairs that are not open."""
        tables, rows, _ = self._tables(domain)
        priced = np.empty(self.cost.shape)
        row_dual.priced_costs(tables, rows, self.cliques, self._joined(multipliers, domain), priced)
        return priced

    def certificate(self, multipliers: Point, kind: str) -> RuledCertificate:
        """Return the certificate that multipliers make, in the units of the problem."""
        multipliers = self._point(multipliers)
        n = self.cost.shape[1]
        unit = self.cost_scale if kind == "bound" else 1.0
        found = [
            _Multipliers([], [], *(np.zeros(n if row.fairness is None else 0) for _ in range(2)))
            for row in self.problem.rows
        ]
        for (r, k), value in zip(self._made, multipliers.row.tolist(), strict=True):
            pool = self.pools[r]
            factor = unit / self.burden_scale[r]
            if pool is None:
                (found[r].least if k >= 0 else found[r].most)[k if k >= 0 else ~k] = value * factor
            elif value > 0.0:
                found[r].multipliers.append(value / pool.scales[k] * factor)
                found[r].points.append(pool.points[k] * self.burden_scale[r])
        exclusive = np.zeros((len(self.problem.exclusive), n))
        exclusive[self._active] = multipliers.clique * unit
        rules = tuple(
            RowMultipliers(
                np.array(one.multipliers, np.float64),
                np.array(one.points, np.float64).reshape(len(one.points), len(row.counted)),
                one.least,
                one.most,
            )
            for one, row in zip(found, self.problem.rows, strict=True)
        )
        return RuledCertificate(kind, rules, exclusive)

    @cached_property
    def steps(self) -> NDArray[np.float64]:
        """Steps of which the new loads are multiples, scaled, shape (rules, n); 0 where there is none."""
        steps = np.zeros((len(self.burden), self.cost.shape[1]))
        for r, (row, scale) in enumerate(zip(self.problem.rows, self.burden_scale, strict=True)):
            for agent, allowed in enumerate(self.problem.allowed):
                steps[r, agent] = step_of(row.burden[agent, allowed]) / scale
        return steps

    @property
    def rows(self) -> LoadRows:
        """The present rows of loads, on new loads alone."""
        return self._rows

    def row_prices(self, multipliers: Point) -> NDArray[np.float64]:
        """Return the multipliers of the present rows, shape (rows,)."""
        return self._point(multipliers).row

    def _refresh(self) -> None:
        """Arrange the rows made so far for the loops; new ones come last, so that old multipliers keep their places."""
        n = self.cost.shape[1]
        burden, weight, least = [], [], []
        for r, (row, pool, scale) in enumerate(zip(self.problem.rows, self.pools, self.burden_scale, strict=True)):
            if pool is not None:
                for k in range(sum(made == r for made, _ in self._made), len(pool)):
                    wide = np.zeros(n)
                    wide[row.counted] = pool.rows.matrix[k]
                    self._made.append((r, k))
                    burden.append(r)
                    weight.append(wide)
                    least.append(-float(wide @ row.carried) / scale)
            elif not any(made == r for made, _ in self._made):
                for sign, limit in ((1.0, row.least), (-1.0, row.most)):
                    for agent in np.flatnonzero(np.isfinite(limit)).tolist():
                        allowed = limit[agent] * (1.0 - sign * RELATIVE_TOLERANCE)
                        self._made.append((r, agent if sign > 0 else ~agent))
                        burden.append(r)
                        weight.append(sign * np.eye(n)[agent])
                        least.append(sign * (allowed - float(row.carried[agent])) / scale)
        if burden:
            old = self._rows
            self._rows = LoadRows(
                np.append(old.burden, burden), np.vstack([old.weight, *weight]), np.append(old.least, least)
            )
        self.cliques = _clique_rows([self.problem.exclusive[number] for number in self._active], len(self.cost))

    def _tables(self, domain: Domain, *, priced: bool = True) -> tuple[Tables, LoadRows, float]:
        """Return what is left to decide in a domain, the rows on the loads of that, and the cost of locked pairs."""
        cost = np.where(domain.open, self.cost if priced else 0.0, np.inf)
        needs = self.needs - domain.locked.sum(axis=1)
        rows = self._rows_with(domain.limits)
        if not domain.locked.any():
            return Tables(cost, self.burden, needs), rows, 0.0
        loads = np.array([(domain.locked * burden).sum(axis=0) for burden in self.burden])
        taken = (rows.weight * loads[rows.burden]).sum(axis=1) if len(loads) else 0.0
        base = float(self.cost[domain.locked].sum()) if priced else 0.0
        return Tables(cost, self.burden, needs), rows._replace(least=rows.least - taken), base

    def _rows_with(self, limits: tuple[LoadLimit, ...]) -> LoadRows:
        """Return the rows and, behind them, those of a node's limits."""
        if not limits:
            return self._rows
        weight = np.zeros((len(limits), self.cost.shape[1]))
        for k, limit in enumerate(limits):
            weight[k, limit.agent] = limit.sign
        return LoadRows(
            np.append(self._rows.burden, [limit.rule for limit in limits]),
            np.vstack([self._rows.weight, weight]),
            np.append(self._rows.least, [limit.least for limit in limits]),
        )

    def _joined(self, point: Point, domain: Domain) -> Point:
        """Return a copy of a point whose rows are those of the system and of a domain's limits."""
        point = self._point(point)
        limit = np.zeros(len(domain.limits))
        limit[: len(point.limit)] = point.limit
        return point._replace(row=np.append(point.row, limit), limit=np.zeros(0))

    def _split(self, joined: Point) -> Point:
        """Undo :meth:`_joined`, before any new rows are made."""
        count = len(self._rows.least)
        return joined._replace(row=joined.row[:count].copy(), limit=joined.row[count:].copy())

    def value(self, domain: Domain, multipliers: Point, *, priced: bool = True) -> float:
        """Return the scaled bound that multipliers prove for a domain."""
        multipliers = self._joined(multipliers, domain)
        tables, rows, base = self._tables(domain, priced=priced)
        costs = np.empty(self.cost.shape)
        row_dual.priced_costs(tables, rows, self.cliques, multipliers, costs)
        # A locked pair pays the multipliers of its cliques, too; they take part in the constant for all pairs.
        tolls = 0.0
        if domain.locked.any():
            for clique, mu in zip(self._active, multipliers.clique, strict=True):
                tolls += float(mu @ domain.locked[list(self.problem.exclusive[clique])].sum(axis=0))
        return base + tolls + row_dual.bound_of(tables, rows, multipliers, costs)

    def _steps(self, tables: Tables) -> Steps:
        rows, weight = self._rows, self._primal_weight
        entries = np.zeros(self.cost.shape)
        lengths = np.zeros(len(rows.least))
        for k, r in enumerate(rows.burden):
            terms = np.abs(rows.weight[k]) * self.burden[r]
            entries += terms
            lengths[k] = terms.sum()
        entries += np.diff(self.cliques.start_of_task)[:, np.newaxis]
        with np.errstate(divide="ignore"):
            task = 1.0 / np.maximum(np.where(tables.cost < np.inf, entries, 0.0).max(axis=1), 1e-3)
            row = np.where(lengths > 0.0, 1.0 / lengths, 0.0)
            clique = 1.0 / np.diff(self.cliques.start)
        return Steps(task / weight, row * weight, clique * weight)

    def _reweigh(self, before: Point, after: Point) -> None:
        """Set the primal weight, the ratio of dual to primal step lengths, to how far both moved in a run."""
        moved = float(np.linalg.norm(after.part - before.part))
        priced = float(np.sqrt(((after.row - before.row) ** 2).sum() + ((after.clique - before.clique) ** 2).sum()))
        if moved > 1e-9 and priced > 1e-9:
            weight = self._primal_weight**WEIGHT_SMOOTHING * (priced / moved) ** (1.0 - WEIGHT_SMOOTHING)
            self._primal_weight = min(max(weight, LEAST_WEIGHT), LARGEST_WEIGHT)

    def _point(self, old: Point | None) -> Point:
        """Return a copy of a point, with zeros for rows and cliques made since."""
        m, n = self.cost.shape
        row, clique = np.zeros(len(self._rows.least)), np.zeros((len(self._active), n))
        part, limit = np.zeros((m, n)), np.zeros(0)
        if old is not None:
            part[:] = old.part
            limit = old.limit.copy()
            row[: len(old.row)] = old.row
            clique[: len(old.clique)] = old.clique
        return Point(part, row, clique, limit)

    @staticmethod
    def _copied(point: Point) -> Point:
        return Point(*(array.copy() for array in point))


def _spread(cost: NDArray[np.float64]) -> float:
    """Return the mean by which the costs of a task exceed its least; if all are equal, their mean size, or 1."""
    over = np.where(np.isfinite(cost), cost - cost.min(axis=1, keepdims=True), 0.0)
    mean = float(over.sum() / max(np.count_nonzero(over), 1))
    return mean or float(np.abs(cost[np.isfinite(cost)]).mean()) or 1.0


def _mean_of(burden: NDArray[np.float64], allowed: NDArray[np.bool_]) -> float:
    """Return the mean of the positive burdens of allowed pairs; 1 if there are none."""
    positive = burden[allowed & (burden > 0.0)]
    return float(positive.mean()) if positive.size else 1.0


def _clique_rows(cliques: list[tuple[int, ...]], tasks: int) -> CliqueRows:
    start = np.cumsum([0, *map(len, cliques)]).astype(np.int64)
    task = np.array([task for clique in cliques for task in clique], np.int64)
    of_task: list[list[int]] = [[] for _ in range(tasks)]
    for number, clique in enumerate(cliques):
        for one in clique:
            of_task[one].append(number)
    start_of_task = np.cumsum([0, *map(len, of_task)]).astype(np.int64)
    return CliqueRows(start, task, start_of_task, np.array([k for those in of_task for k in those], np.int64))


def _conflicts(problem: RuledProblem, tasks: int) -> Conflicts:
    """Return the tasks that exclude each task."""
    beside: list[set[int]] = [set() for _ in range(tasks)]
    for clique in problem.exclusive:
        for task in clique:
            beside[task].update(clique)
    listed = [sorted(others - {task}) for task, others in enumerate(beside)]
    start = np.cumsum([0, *map(len, listed)]).astype(np.int64)
    return Conflicts(start, np.array([task for others in listed for task in others], np.int64))
