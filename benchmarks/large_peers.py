"""Measure the linear relaxation alone by other solvers: ``python -m benchmarks.large_peers``.

The largest load may be at most what p = inf and epsilon = 0.9 allow, which is linear. HiGHS (dual simplex, and PDLP, a
first-order method) and SciPy's `linprog` solve the relaxation, in which tasks may be split; evenhand solves the whole
problem: an assignment of whole tasks, with a proof. Peers get the problem built, and only their solve is measured; the
seconds of evenhand are those of the whole call. Each solve is in a process of its own; a solver that has not ended in
the time limit is not asked for larger tables.

The figures go to `benchmarks/results/large-peers.json` and from there to `docs/reference/large-tables.md`.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

import evenhand
from benchmarks import machine
from benchmarks.large_growth import PAGE, WARM_UP, plane
from benchmarks.quote import put

AGENTS, SIZES = 5, (1_000, 10_000, 100_000, 1_000_000)
FAIRNESS = evenhand.EpsilonFairness(0.9, p=math.inf)
TIME_LIMIT, GAP, TOLERANCE = 60.0, 1e-4, 1e-6
"""Limit on each solve in seconds; relative gap that evenhand has to prove; tolerance of the peers' optimality."""

RESULT = Path(__file__).parent / "results" / "large-peers.json"
BEGIN, END = "<!-- peers -->", "<!-- end of peers -->"

Row = dict[str, Any]


def relaxation(tasks: int) -> tuple[Any, Any, Any]:
    """Return costs, equations and inequalities of the relaxation of the case of `tasks` tasks, sparse.

    The variables are the parts of tasks, agent by agent, and then the load of each agent.
    """
    from scipy import sparse

    costs = plane(AGENTS, tasks, 1).astype(float)
    share = sparse.hstack([sparse.identity(tasks, format="csr")] * AGENTS)
    loads = sparse.block_diag([sparse.csr_array(row[np.newaxis]) for row in costs])
    equations = sparse.vstack([
        sparse.hstack([share, sparse.csr_array((tasks, AGENTS))]),
        sparse.hstack([loads, -sparse.identity(AGENTS)]),
    ]).tocsc()  # fmt: skip
    largest = np.eye(AGENTS) - FAIRNESS.bound(AGENTS) / AGENTS
    inequalities = sparse.hstack([sparse.csr_array((AGENTS, costs.size)), sparse.csr_array(largest)]).tocsc()
    return np.concatenate([costs.ravel(), np.zeros(AGENTS)]), equations, inequalities


def by_evenhand(tasks: int) -> Row:
    """Solve the whole problem."""
    for size in WARM_UP:
        evenhand.assign(plane(AGENTS, size, 2), FAIRNESS, gap=1e-2)
    costs = plane(AGENTS, tasks, 1)
    begun = time.perf_counter()
    answer = evenhand.assign(costs, FAIRNESS, gap=GAP, time_limit=TIME_LIMIT)
    seconds, found = time.perf_counter() - begun, answer.cost is not None
    # The bound of the certificate alone is that of the relaxation; small tables have a better one by the search.
    value = answer.cost * (1.0 - answer.certified_gap) if found else None
    return {"seconds": seconds, "value": value, "solved": found and answer.gap <= GAP}


def by_highs(method: str, tasks: int) -> Row:
    """Solve the relaxation by HiGHS."""
    import highspy

    costs, equations, inequalities = relaxation(tasks)
    from scipy import sparse

    matrix = sparse.vstack([equations, inequalities]).tocsc()
    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = matrix.shape
    program.col_cost_, program.col_lower_ = costs, np.zeros(len(costs))
    program.col_upper_ = np.full(len(costs), np.inf)
    equal = np.concatenate([np.ones(tasks), np.zeros(AGENTS)])
    program.row_lower_ = np.concatenate([equal, np.full(AGENTS, -np.inf)])
    program.row_upper_ = np.concatenate([equal, np.zeros(AGENTS)])
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_, program.a_matrix_.index_ = matrix.indptr, matrix.indices
    program.a_matrix_.value_ = matrix.data
    highs = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("solver", method),
        ("time_limit", TIME_LIMIT),
        ("pdlp_optimality_tolerance", TOLERANCE),
    ):
        highs.setOptionValue(option, value)
    highs.passModel(program)
    begun = time.perf_counter()
    highs.run()
    seconds = time.perf_counter() - begun
    solved = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return {"seconds": seconds, "value": highs.getInfo().objective_function_value, "solved": solved}


def by_scipy(tasks: int) -> Row:
    """Solve the relaxation by SciPy, which has HiGHS's solvers inside, and chooses."""
    from scipy.optimize import linprog

    costs, equations, inequalities = relaxation(tasks)
    right = np.concatenate([np.ones(tasks), np.zeros(AGENTS)])
    begun = time.perf_counter()
    options = {"time_limit": TIME_LIMIT}
    found = linprog(costs, inequalities, np.zeros(AGENTS), equations, right, method="highs", options=options)
    return {"seconds": time.perf_counter() - begun, "value": found.fun, "solved": found.status == 0}


def by_simplex(tasks: int) -> Row:
    """Solve the relaxation by HiGHS's dual simplex."""
    return by_highs("simplex", tasks)


def by_pdlp(tasks: int) -> Row:
    """Solve the relaxation by HiGHS's first-order method."""
    return by_highs("pdlp", tasks)


SOLVERS: dict[str, Callable[[int], Row]] = {
    "evenhand, whole tasks and a proof": by_evenhand,
    "HiGHS, simplex: relaxation": by_simplex,
    "HiGHS, PDLP: relaxation": by_pdlp,
    "SciPy, linprog: relaxation": by_scipy,
}


def within_limit(solve: Callable[[int], Row], tasks: int) -> Row:
    """Run a solve in a process, which is killed if it is still running at twice the limit."""
    context = get_context("spawn")
    answers = context.SimpleQueue()
    process = context.Process(target=_answer, args=(solve, tasks, answers))
    process.start()
    process.join(2.0 * TIME_LIMIT)
    if process.is_alive():
        process.kill()
        process.join()
    return {"seconds": TIME_LIMIT, "value": None, "solved": False} if answers.empty() else answers.get()


def _answer(solve: Callable[[int], Row], tasks: int, answers: Any) -> None:
    answers.put(solve(tasks))


def main() -> None:
    """Measure, print, write the result and the page."""
    rows: list[Row] = []
    for name, solve in SOLVERS.items():
        for tasks in SIZES:
            rows.append({"solver": name, "tasks": tasks, **within_limit(solve, tasks)})
            print(rows[-1], flush=True)
            if not rows[-1]["solved"]:
                break
    result = {"machine": machine.describe("numpy", "numba", "highspy", "scipy"), "solves": rows}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    put(PAGE, quote(result), BEGIN, END)


def quote(result: dict[str, Any]) -> str:
    """Return the page's table for a result: seconds, and how far the optimum is from the bound of evenhand."""
    about = result["machine"]
    bounds = {row["tasks"]: row["value"] for row in result["solves"] if "evenhand" in row["solver"]}
    lines = [
        f"`python -m benchmarks.large_peers`, {about['date'][:10]}, {about['processor']}, {about['cores']} shared "
        f"cores, HiGHS {about['versions']['highspy']}, SciPy {about['versions']['scipy']}:",
        "",
        f"| {AGENTS} agents, p = inf, epsilon = 0.9 | {' | '.join(f'{tasks:,} tasks' for tasks in SIZES)} |",
        "|---" * (len(SIZES) + 1) + "|",
    ]
    for solver in SOLVERS:
        rows = {row["tasks"]: row for row in result["solves"] if row["solver"] == solver}
        lines.append(f"| {solver} | {' | '.join(cell(rows.get(tasks), bounds.get(tasks)) for tasks in SIZES)} |")
    return "\n".join(lines)


def cell(row: Row | None, bound: float | None) -> str:
    """Return the seconds of a solve and how far its value is from the bound, in words."""
    if row is None:
        return "–"
    if not row["solved"]:
        return f"not in {TIME_LIMIT:g} s"
    apart = "" if bound is None or row["value"] == bound else f" ({abs(row['value'] - bound) / bound:.0e} apart)"
    return f"{row['seconds']:.2g} s{apart}"


if __name__ == "__main__":
    main()
