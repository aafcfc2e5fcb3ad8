"""Measure several rules at once: ``python -m benchmarks.several_rules``.

Points in a square: costs are distances, hours belong to tasks, and one task in five is a night. Costs are shared by
epsilon 0.9, hours by a Jain index of 0.95, and no one has more than 1.3 times the mean of nights; a second part also
limits the number of tasks. HiGHS, and OR-Tools' CP-SAT where it can be imported, solve the same problems on one thread:
epsilon and Jain are no linear rules, so each gets cuts at its unfair plans and solves again until its plan keeps all
rules. Seconds are of processor, to a gap of 1e-3. The figures go to `benchmarks/results/several_rules.json` and from
there to `docs/how-to/several-rules.md`; `tests/benchmarks/test_several_rules_benchmark.py` checks that both agree.
"""

from __future__ import annotations

import importlib.util
import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import evenhand
from benchmarks import machine
from benchmarks.quote import put
from evenhand.assignment.rules.build_ruled_problem import build_ruled_problem
from evenhand.assignment.rules.ruled_problem import RuledProblem

PARTS = [(5, 250, False, 7), (5, 250, True, 5), (20, 1000, False, 3)]
"""Agents, tasks, whether numbers of tasks are limited, and number of cases."""

GAP, CAP = 1e-3, 8.0
PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "several-rules.md"
RESULT = Path(__file__).parent / "results" / "several_rules.json"
BEGIN, END = "<!-- several rules -->", "<!-- end of several rules -->"

Row = dict[str, Any]
Loads = list[NDArray[np.float64]]


def case(agents: int, tasks: int, limited: bool, seed: int) -> tuple[NDArray[np.float64], list[Any]]:
    """Return the costs and the rules of a case."""
    random = np.random.default_rng(seed)
    here, there = random.random((agents, 2)), random.random((tasks, 2))
    costs = np.round(100.0 * np.linalg.norm(here[:, np.newaxis] - there, axis=2), 2)
    hours, nights = np.round(random.uniform(0.5, 2.0, tasks), 2), (random.random(tasks) < 0.2).astype(float)
    rules = [
        evenhand.Rule(costs, evenhand.EpsilonFairness(0.9), name="costs"),
        evenhand.Rule(hours, evenhand.JainAtLeast(0.95), name="hours"),
        evenhand.Rule(nights, evenhand.MaxOverMean(1.3), name="nights"),
    ]
    if limited:
        mean = tasks / agents
        rules.append(evenhand.Limits("tasks", least=math.floor(0.9 * mean), most=math.ceil(1.1 * mean)))
    return costs, rules


def by_evenhand(costs: NDArray[np.float64], rules: list[Any]) -> Row:
    """Solve a case, and return its cost and gap."""
    answer = evenhand.assign(costs, rules=rules, gap=GAP, time_limit=CAP)
    return {"cost": answer.cost, "gap": answer.gap}


def by_cuts(costs: NDArray[np.float64], rules: list[Any], solver: Callable[..., Any]) -> Row:
    """Solve a case with a solver of linear models, with cuts at each unfair plan."""
    problem = build_ruled_problem(costs, rules)
    model, begun, bound = solver(problem), time.perf_counter(), -math.inf
    while True:
        left = CAP - (time.perf_counter() - begun)
        plan, proven = model.solve(max(left, 0.0)) if left > 0.1 else (None, bound)
        bound = max(bound, proven)
        if plan is None:
            return {"cost": None, "gap": None}
        loads = [row.loads_of(plan[:, np.newaxis]) for row in problem.rows]
        broken = [r for r, row in enumerate(problem.rows) if not row.kept_by(loads[r])]
        if not broken:
            cost = problem.cost_of(plan[:, np.newaxis])
            return {"cost": cost, "gap": (cost - bound) / abs(cost)}
        for r in broken:
            member = problem.rows[r].fairness
            assert member is not None
            for point in member.cut_points(loads[r]):
                model.add(r, member.cut(point))


class Highs:
    """The assignment as a linear model of HiGHS, with the loads as variables."""

    def __init__(self, problem: RuledProblem) -> None:
        import highspy

        self.n, self.m = problem.costs.shape
        self.highs = highs = highspy.Highs()
        for name, value in {"output_flag": False, "threads": 1, "mip_rel_gap": 0.8 * GAP}.items():
            highs.setOptionValue(name, value)
        highs.addVars(self.n * self.m, np.zeros(self.n * self.m), np.ones(self.n * self.m))
        for k, cost in enumerate(problem.costs.ravel()):
            highs.changeColCost(k, float(cost))
            highs.changeColIntegrality(k, highspy.HighsVarType.kInteger)
        for j in range(self.m):
            highs.addRow(1.0, 1.0, self.n, np.arange(self.n) * self.m + j, np.ones(self.n))
        for r, row in enumerate(problem.rows):
            low, high = np.maximum(row.least, 0.0), np.minimum(row.most, 1e30)
            highs.addVars(self.n, low, high)
            for i in range(self.n):
                taken = np.append(np.arange(self.m) + i * self.m, self._load(r, i))
                highs.addRow(0.0, 0.0, self.m + 1, taken, np.append(row.burden[i], -1.0))

    def _load(self, r: int, i: int) -> int:
        return self.n * self.m + r * self.n + i

    def add(self, r: int, cut: NDArray[np.float64]) -> None:
        """Add a cut on the loads of rule r."""
        cut = cut / np.abs(cut).max()
        self.highs.addRow(0.0, 1e30, self.n, np.array([self._load(r, i) for i in range(self.n)]), cut)

    def solve(self, seconds: float) -> tuple[NDArray[np.intp] | None, float]:
        """Return the plan, None if there is none in time, and the bound."""
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + seconds)
        self.highs.run()
        about = self.highs.getInfo()
        if about.primal_solution_status != 2:
            return None, -math.inf
        values = np.array(self.highs.getSolution().col_value[: self.n * self.m])
        return values.reshape(self.n, self.m).argmax(axis=0), float(about.mip_dual_bound)


class CpSat:
    """The assignment as a model of CP-SAT, with loads in hundredths and cuts in millionths."""

    def __init__(self, problem: RuledProblem) -> None:
        from ortools.sat.python import cp_model

        self.n, self.m = problem.costs.shape
        self.model, self.cp = cp_model.CpModel(), cp_model
        self.x = [[self.model.new_bool_var("") for _ in range(self.m)] for _ in range(self.n)]
        for j in range(self.m):
            self.model.add_exactly_one(self.x[i][j] for i in range(self.n))
        whole = np.round(100.0 * problem.costs).astype(int)
        self.model.minimize(sum(int(whole[i, j]) * self.x[i][j] for i in range(self.n) for j in range(self.m)))
        self.loads = []
        for row in problem.rows:
            burden = np.round(100.0 * row.burden).astype(int)
            top = int(burden.sum(axis=1).max())
            loads = [self.model.new_int_var(0, top, "") for _ in range(self.n)]
            self.loads.append(loads)
            for i, load in enumerate(loads):
                self.model.add(load == sum(int(burden[i, j]) * self.x[i][j] for j in np.flatnonzero(burden[i])))
                if np.isfinite(row.least[i]):
                    self.model.add(load >= math.ceil(100.0 * row.least[i]))
                if np.isfinite(row.most[i]):
                    self.model.add(load <= math.floor(100.0 * row.most[i]))

    def add(self, r: int, cut: NDArray[np.float64]) -> None:
        """Add a cut on the loads of rule r, rounded up so that it keeps all fair loads."""
        whole = np.ceil(1e6 * cut / np.abs(cut).max()).astype(int)
        self.model.add(sum(int(a) * load for a, load in zip(whole, self.loads[r], strict=True)) >= 0)

    def solve(self, seconds: float) -> tuple[NDArray[np.intp] | None, float]:
        """Return the plan, None if there is none in time, and the bound."""
        solver = self.cp.CpSolver()
        solver.parameters.num_workers, solver.parameters.max_time_in_seconds = 1, seconds
        solver.parameters.relative_gap_limit = 0.8 * GAP
        if solver.solve(self.model) not in (self.cp.OPTIMAL, self.cp.FEASIBLE):
            return None, -math.inf
        has = np.array([[solver.boolean_value(x) for x in row] for row in self.x])
        return has.argmax(axis=0), solver.best_objective_bound / 100.0


def entrants() -> dict[str, Callable[..., Row]]:
    """Return the solvers that can be imported."""
    found: dict[str, Callable[..., Row]] = {"evenhand": by_evenhand}
    if importlib.util.find_spec("highspy"):
        found["HiGHS"] = lambda costs, rules: by_cuts(costs, rules, Highs)
    if importlib.util.find_spec("ortools"):
        found["CP-SAT"] = lambda costs, rules: by_cuts(costs, rules, CpSat)
    return found


def measure() -> list[Row]:
    """Solve every case with every solver."""
    rows: list[Row] = []
    for agents, tasks, limited, number in PARTS:
        for seed in range(number):
            costs, rules = case(agents, tasks, limited, seed)
            for name, solve in entrants().items():
                if not rows or (name == "evenhand" and seed == 0):
                    solve(costs, rules)  # loads the loops
                begun = time.process_time()
                found = solve(costs, rules)
                seconds = time.process_time() - begun
                about = {"agents": agents, "tasks": tasks, "limited": limited, "seed": seed, "solver": name}
                rows.append({**about, "seconds": seconds, **found})
                print(rows[-1], file=sys.stderr, flush=True)
    return rows


def quote(result: dict[str, Any]) -> str:
    """Return the page's table for a result."""
    about, rows = result["machine"], result["cases"]
    lines = [
        f"`python -m benchmarks.several_rules`, {about['date'][:10]}, {about['processor']}, {about['cores']} shared "
        f"cores, seconds of processor to a gap of 1e-3, within {CAP:g} of the clock; one thread each:",
        "",
        "| case | solver | median | slowest | solved |",
        "|---|---|---|---|---|",
    ]
    for agents, tasks, limited, number in PARTS:
        for name in dict.fromkeys(row["solver"] for row in rows):
            those = [
                row for row in rows
                if (row["agents"], row["tasks"], row["limited"], row["solver"]) == (agents, tasks, limited, name)
            ]  # fmt: skip
            seconds = [row["seconds"] for row in those]
            solved = sum(row["gap"] is not None and row["gap"] <= 1.001 * GAP for row in those)
            rules = "three rules and limits" if limited else "three rules"
            lines.append(
                f"| {agents} x {tasks:,}, {rules} | {name} | {statistics.median(seconds):.2g} | {max(seconds):.2g} "
                f"| {solved} of {number} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure, write the result and the page."""
    result = {"machine": machine.describe("numpy", "numba"), "cases": measure()}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    put(PAGE, quote(result), BEGIN, END)


if __name__ == "__main__":
    main()
