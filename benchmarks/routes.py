"""Fair routes beside the usual ways to even them out: ``python -m benchmarks.routes --data FOLDER``.

FOLDER holds instances of the X set (Uchoa and others, 2017) as VRPLIB files; 20 of those with 100 to 310 stops are
measured, spread evenly over their names. PyVRP's plan is the base: every method starts from it, has as many vehicles,
each of which must drive, and gets the same processor time for each bound on the CV of the distances. A method's plan
for a bound is the shortest that it met for any bound. All plans are checked and measured by the package's checker.

The figures go to `benchmarks/results/routes.json`, and with ``--page`` to `docs/reference/routes-speed.md`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.quote import put
from benchmarks.routes_peers import alike, by_cap, by_soft_span, by_span, fair, pyvrp_plan
from evenhand.applications.routes import Routes, RoutingProblem, broken_rules, fair_search, read_routes
from evenhand.applications.routes.fairness_limit import least_distance
from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.solve_routes import compile_loops
from evenhand.fairness import CVAtMost

BOUNDS = (0.3, 0.2, 0.1)
INSTANCES, FEWEST, MOST = 20, 100, 310
RESULT = Path(__file__).parent / "results" / "routes.json"
PAGE = Path(__file__).parent.parent / "docs" / "reference" / "routes-speed.md"
BEGIN, END = "<!-- routes -->", "<!-- end of routes -->"
PEERS = {"PyVRP, longest distance": by_cap, "OR-Tools, span": by_span, "OR-Tools, soft span": by_soft_span}
OURS = "evenhand"

Row = dict[str, Any]


def picked(folder: Path) -> list[Path]:
    """Return the files of the instances: every second or so of those in range."""
    sized = sorted((int(path.stem.split("-")[1][1:]), path) for path in folder.glob("X-n*.vrp"))
    inside = [path for stops, path in sized if FEWEST <= stops - 1 <= MOST]
    return [inside[round(k * (len(inside) - 1) / (INSTANCES - 1))] for k in range(INSTANCES)]


def measure(path: Path, seconds: float, methods: list[str], seed: int, plan: Routes | None) -> tuple[Routes, list[Row]]:
    """Measure methods on one instance; return PyVRP's plan, which is sought if it is not given, and the rows."""
    problem = read_routes(path)
    plan = plan or pyvrp_plan(problem, None, None, seconds)
    assert plan is not None, path
    base: Routes = tuple(tuple(route) for route in plan if route)
    problem = alike(problem, len(base))
    costs = RouteCosts(problem)
    loads = costs.loads(base)
    rows = []
    for name in methods:
        begun = time.process_time()
        plans = [base]
        for bound in BOUNDS:
            plans += (
                by_ours(problem, base, seconds, bound, seed)
                if name == OURS
                else PEERS[name](problem, base, seconds, bound)
            )
        spent = time.process_time() - begun
        for bound in BOUNDS:
            lengths = [costs.total(routes) for routes in plans if counts(problem, routes, costs, bound)]
            rows.append(
                {
                    "instance": path.stem,
                    "vehicles": len(base),
                    "base": costs.total(base),
                    "base_cv": float(loads.std() / loads.mean()),
                    "method": name,
                    "seed": seed,
                    "cv": bound,
                    "distance": min(lengths, default=None),
                    "bound": least_distance(problem, CVAtMost(bound)),
                    "seconds": spent / len(BOUNDS),
                }
            )
    return base, rows


def by_ours(problem: RoutingProblem, base: Routes, seconds: float, bound: float, seed: int) -> list[Routes]:
    """Return our plan for a bound, if there is one."""
    search = fair_search.fair_routes(problem, CVAtMost(bound), start=base, time_limit=seconds, seed=seed)
    return [] if search.best is None else [search.best]


def counts(problem: RoutingProblem, routes: Routes, costs: RouteCosts, bound: float) -> bool:
    """Return whether a plan is feasible and fair, each route in the shortest order that our polish finds."""
    return fair(routes, costs, bound) and not broken_rules(problem, routes)


def price(row: Row) -> float:
    """Return the extra distance over the base in percent; infinite without a plan."""
    return float("inf") if row["distance"] is None else 100.0 * (row["distance"] / row["base"] - 1.0)


def tables(result: dict[str, Any]) -> str:
    """Return the page's tables."""
    rows = result["rows"]
    about = result["machine"]
    instances = sorted({row["instance"] for row in rows})
    by = {(row["instance"], row["method"], row["cv"]): row for row in rows}
    methods = (OURS, *PEERS)
    ours = {cv: [by[name, OURS, cv] for name in instances] for cv in BOUNDS}
    forced = {cv: sum(row["bound"] > 1.02 * row["base"] for row in ours[cv]) for cv in BOUNDS}
    usual_cv = statistics.median(row["base_cv"] for row in ours[BOUNDS[0]])
    lines = [
        f"`{result['command']}`, {about['date'][:10]}, {about['processor']}, {about['cores']} shared cores, "
        + ", ".join(f"{library} {version}" for library, version in about["versions"].items())
        + ".",
        "",
        f"{len(instances)} instances, {result['seconds']:g} s of processor for each bound and method, one seed, on a "
        f"busy machine. Median CV of PyVRP's plans: {usual_cv:.2f}.",
        "",
        "| extra distance, median (largest), % | " + " | ".join(f"CV {cv:g}" for cv in BOUNDS) + " |",
        "|---|" + "---|" * len(BOUNDS),
    ]
    for method in methods:
        cells = []
        for cv in BOUNDS:
            prices = [price(by[name, method, cv]) for name in instances]
            found = [value for value in prices if np.isfinite(value)]
            missing = f", {len(prices) - len(found)} without a plan" if len(found) < len(prices) else ""
            cells.append(f"{statistics.median(prices):.1f} ({max(found):.1f}{missing})")
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    best = [
        sum(price(by[n, OURS, cv]) <= min(price(by[n, peer, cv]) for peer in PEERS) + 1e-9 for n in instances)
        for cv in BOUNDS
    ]
    lines += [
        "| ours never dearer than the best other | " + " | ".join(f"{k} of {len(instances)}" for k in best) + " |",
        "| proven: above 2 % for anybody | " + " | ".join(f"{forced[cv]} of {len(instances)}" for cv in BOUNDS) + " |",
        "",
        "| instance | vehicles | CV before | " + " | ".join(f"CV {cv:g}: ours, best other" for cv in BOUNDS) + " |",
        "|---|---|---|" + "---|" * len(BOUNDS),
    ]
    for name in sorted(instances, key=lambda name: int(name.split("-")[1][1:])):
        row = by[name, OURS, BOUNDS[0]]
        cells = [
            f"{price(by[name, OURS, cv]):.1f}, {min(price(by[name, peer, cv]) for peer in PEERS):.1f}" for cv in BOUNDS
        ]
        lines.append(f"| {name} | {row['vehicles']} | {row['base_cv']:.2f} | " + " | ".join(cells) + " |")
    return "\n".join(lines).replace("inf", "none")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with X-n*.vrp")
    parser.add_argument("--seconds", type=float, default=20.0, help="processor time for each bound and method")
    parser.add_argument("--seeds", nargs="*", type=int, default=[0], help="of our search; the others have one")
    parser.add_argument("--only", nargs="*", help="names of instances, all if none are given")
    parser.add_argument("--methods", nargs="*", default=[OURS, *PEERS], choices=[OURS, *PEERS], help="what to measure")
    parser.add_argument("--result", type=Path, default=RESULT, help="file of the figures; what is not measured is kept")
    parser.add_argument("--page", action="store_true", help="write the page from the figures, and measure nothing")
    given = parser.parse_args()
    if given.page:
        put(PAGE, tables(json.loads(given.result.read_text("utf-8"))), BEGIN, END)
        return
    fair_search.now = time.process_time
    compile_loops()
    for path in picked(given.data):
        for seed in given.seeds if not given.only or path.stem in given.only else []:
            result = json.loads(given.result.read_text("utf-8")) if given.result.exists() else {"bases": {}, "rows": []}
            methods = [method for method in given.methods if method == OURS or seed == given.seeds[0]]
            base, rows = measure(path, given.seconds, methods, seed, result["bases"].get(path.stem))
            for row in rows:
                print(
                    *(row[key] for key in ("instance", "method", "seed", "cv")), f"{price(row):.2f} %", file=sys.stderr
                )
            measured = {(row["instance"], row["method"], row["seed"]) for row in rows}
            kept = [row for row in result["rows"] if (row["instance"], row["method"], row["seed"]) not in measured]
            result = {
                "command": f"python -m benchmarks.routes --data FOLDER --seconds {given.seconds:g}",
                "machine": machine.describe("numba", "highspy", "pyvrp", "ortools"),
                "seconds": given.seconds,
                "bases": result["bases"] | {path.stem: base},
                "rows": kept + rows,
            }
            given.result.write_text(json.dumps(result) + "\n", "utf-8")


if __name__ == "__main__":
    main()
