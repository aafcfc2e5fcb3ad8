"""The study of fair load shedding, again: ``python -m benchmarks.load_shedding --case pglib_opf_case14_ieee.m``.

Every outage of five of the 20 lines of the IEEE 14-bus network: 15,504 scenarios. Kept are those in which power must be
shed at all. For each, the largest level of (epsilon, 2)-fairness that is possible (one conic solve), and the price of
fairness at 0.1, 0.2, ..., 1.0 as far as that. Whether all can shed the same (level 1) is decided by a linear program.

The study ("Fairly Extreme", arXiv 2310.01348) also leaves out scenarios in which its nonlinear solver failed on another
model. Its list can be given: ``--scenarios scenarios.json --valid valid_scenarios.csv`` from its repository; then the
results for these scenarios are reported next to those for all.

Rows are kept as they are computed, so that a run that was killed continues. A sample is solved again by CVXPY with
Clarabel. The run takes seven minutes on one core.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from benchmarks.machine import describe
from benchmarks.table import CONSOLE
from evenhand.applications.load_shedding import read_case
from evenhand.applications.load_shedding.model import model_of
from evenhand.fairness import EpsilonFairness
from evenhand.fairness.measures import gini, jain_index
from evenhand.modeling import fairest, solve_fair_milp

RESULT = Path(__file__).parent / "results" / "load-shedding.json"
JOURNAL = RESULT.with_suffix(".part.jsonl")
OUT = 5
LEVELS = tuple(step / 10 for step in range(1, 11))
GRID = tuple(step / 20 for step in range(21))
"""Levels of the study: a scenario is counted under the first at which it is infeasible."""
SHED = 1e-4
"""MW below which nothing has to be shed: the study's own."""
PUBLISHED = {
    "prices": [0.24, 0.48, 0.74, 1.04, 1.42, 1.75, 2.34, 2.98, 4.02, 9.99],
    "first infeasible": {
        "0.55": 813,
        "0.75": 603,
        "0.8": 27,
        "0.85": 229,
        "0.9": 43,
        "0.95": 1431,
        "1.0": 5985,
        "never": 634,
    },
    "kept": 9765,
    "gini": 0.86,
    "jain": 0.23,
}
NEAR = 1e-6
"""Largest excess of a level over the largest possible one at which it is tried all the same."""
SAMPLE = 1000


def main() -> int:
    """Run what is left, summarise, compare; return 1 where the second solver disagrees."""
    options = _options()
    network = read_case(options.case)
    scenarios = list(itertools.combinations(range(1, len(network.branch_from) + 1), OUT))
    done = _read_journal()
    left = [scenario for scenario in scenarios if scenario not in done]
    measure = partial(_measure, str(options.case))
    with (
        ProcessPoolExecutor(options.jobs) as pool,
        Progress(console=CONSOLE) as bar,
        JOURNAL.open("a", encoding="utf-8") as journal,
    ):
        journal.write("\n")  # a run that was killed may have left half a line
        task = bar.add_task("outages", total=len(scenarios), completed=len(done))
        for scenario, row in zip(left, pool.map(measure, left, chunksize=32), strict=True):
            done[scenario] = row
            journal.write(json.dumps([scenario, row]) + "\n")
            bar.advance(task)
    kept = {scenario: row for scenario, row in done.items() if row["least"] > SHED}
    result = {
        "command": _command(options),
        "machine": describe("highspy", "clarabel", "cvxpy"),
        "jobs": options.jobs,
        "seconds": sum(row["seconds"] for row in done.values()),
        "scenarios": len(scenarios),
        "all": _summary(list(kept.values())),
        "published": PUBLISHED,
        "checked": _check(network, kept),
    }
    if options.scenarios is not None and options.valid is not None:
        result["study"] = _summary([kept[one] for one in _study(options.scenarios, options.valid) if one in kept])
    partial_file = RESULT.with_suffix(".part")
    partial_file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    partial_file.replace(RESULT)
    JOURNAL.unlink()
    CONSOLE.print(json.dumps({name: result[name] for name in ("all", "study", "checked") if name in result}, indent=1))
    return 1 if result["checked"]["disagree"] else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", type=Path, required=True, help="pglib_opf_case14_ieee.m")
    parser.add_argument("--scenarios", type=Path, help="the study's scenarios.json")
    parser.add_argument("--valid", type=Path, help="the study's valid_scenarios.csv")
    parser.add_argument("--jobs", type=int, default=1, help="processes (1)")
    return parser.parse_args()


def _command(options: argparse.Namespace) -> str:
    command = f"python -m benchmarks.load_shedding --case {options.case.name}"
    if options.scenarios is not None and options.valid is not None:
        command += f" --scenarios {options.scenarios.name} --valid {options.valid.name}"
    return command


def _read_journal() -> dict[tuple[int, ...], dict[str, Any]]:
    done = {}
    if JOURNAL.is_file():
        for line in filter(None, JOURNAL.read_text("utf-8").splitlines()):
            try:
                scenario, row = json.loads(line)
            except json.JSONDecodeError:  # the last line of a run that was killed as it wrote
                continue
            done[tuple(scenario)] = row
    return done


@cache
def _network(case: str) -> Any:
    return read_case(case)


def _measure(case: str, outages: tuple[int, ...]) -> dict[str, Any]:
    """Return what one scenario tells, and how long it took."""
    start = time.perf_counter()
    return _row(case, outages) | {"seconds": time.perf_counter() - start}


def _row(case: str, outages: tuple[int, ...]) -> dict[str, Any]:
    """Return least shed, the fairest level and the prices of one scenario."""
    model, loads = model_of(_network(case), outages=outages)
    cheapest = solve_fair_milp(model, loads, None)
    shed = np.maximum(cheapest.loads, 0.0)
    row: dict[str, Any] = {"least": float(shed.sum())}
    if row["least"] <= SHED:
        return row
    fair = fairest(model, loads, EpsilonFairness(0.0))
    # The study's Gini index is 1 where one load sheds everything.
    concentration = float(gini(shed)) * len(shed) / (len(shed) - 1)
    row |= {"gini": concentration, "jain": float(jain_index(shed)), "fairest": fair.reached, "prices": []}
    for level in LEVELS:
        if level > fair.reached + NEAR:
            break
        answer = solve_fair_milp(model, loads, EpsilonFairness(level))
        if answer.status == "infeasible" and level > fair.reached:
            break
        row["prices"].append(None if answer.objective is None else answer.objective / row["least"] - 1.0)
    return row


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return counts, the largest price at each level, and how unequal the least shed is."""
    first: dict[str, int] = {}
    for row in rows:
        beyond = [level for level in GRID[:-1] if level > row["fairest"] + NEAR]
        last = "never" if len(row["prices"]) == len(LEVELS) else str(GRID[-1])
        name = str(beyond[0]) if beyond else last
        first[name] = first.get(name, 0) + 1
    at = [[row["prices"][k] for row in rows if len(row["prices"]) > k] for k in range(len(LEVELS))]
    return {
        "kept": len(rows),
        "first infeasible": dict(sorted(first.items())),
        "largest price": [max((price for price in prices if price is not None), default=None) for prices in at],
        "solved": [sum(price is not None for price in prices) for prices in at],
        "asked": [len(prices) for prices in at],
        "prices fall": sum(
            any(b < a - 1e-6 for a, b in itertools.pairwise(row["prices"]) if b is not None and a is not None)
            for row in rows
        ),
        "gini": float(np.mean([row["gini"] for row in rows])),
        "jain": float(np.mean([row["jain"] for row in rows])),
    }


def _study(scenarios: Path, valid: Path) -> list[tuple[int, ...]]:
    kept = {int(float(word)) for word in valid.read_text("utf-8").split()}
    listed = json.loads(scenarios.read_text("utf-8"))
    return [tuple(sorted(lines)) for number, lines in listed.items() if int(number) in kept]


def _check(network: Any, kept: dict[tuple[int, ...], dict[str, Any]]) -> dict[str, Any]:
    """Solve a sample again with the cone stated to a conic solver by CVXPY."""
    import cvxpy as cp

    rng = np.random.default_rng(0)
    names = list(kept)
    worst, disagree, gave_up = 0.0, [], 0
    for position in rng.choice(len(names), min(SAMPLE, len(names)), replace=False):
        outages = names[position]
        row = kept[outages]
        if not row["prices"]:
            continue
        k = int(rng.integers(len(row["prices"])))
        model, loads = model_of(network, outages=outages)
        x = cp.Variable(len(model.costs))
        shed = loads @ x
        factor = EpsilonFairness(LEVELS[k]).factor(loads.shape[0])
        sides = []
        for values, low, high in ((model.matrix @ x, model.row_lower, model.row_upper), (x, model.lower, model.upper)):
            equal, below, above = low == high, np.isfinite(low) & (low < high), np.isfinite(high) & (low < high)
            sides += [values[equal] == low[equal], values[below] >= low[below], values[above] <= high[above]]
        problem = cp.Problem(cp.Minimize(model.costs @ x), [*sides, factor * cp.norm(shed, 2) <= cp.sum(shed)])
        try:
            problem.solve(solver=cp.CLARABEL)
        except cp.SolverError:
            gave_up += 1
            continue
        ours = (1.0 + row["prices"][k]) * row["least"]
        difference = abs(ours - problem.value) / max(1.0, abs(problem.value))
        worst = max(worst, difference)
        if not math.isfinite(difference) or difference > 1e-4:
            disagree.append([*outages, LEVELS[k], ours, problem.value])
    return {"sample": SAMPLE, "gave up": gave_up, "largest relative difference": worst, "disagree": disagree}


if __name__ == "__main__":
    sys.exit(main())
