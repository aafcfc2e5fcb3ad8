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
SHOWN = {0.3: 2, 0.2: 4, 0.1: 8}
"""Extra distances, in percent, above which the page counts what the lower bound proves."""

Row = dict[str, Any]


def picked(folder: Path) -> list[Path]:
    """Return the files of the instances: every second or so of those in range."""
    sized = sorted((int(path.stem.split("-")[1][1:]), path) for path in folder.glob("X-n*.vrp"))
    inside = [path for stops, path in sized if FEWEST <= stops - 1 <= MOST]
    return [inside[round(k * (len(inside) - 1) / (INSTANCES - 1))] for k in range(INSTANCES)]


def measure(path: Path, seconds: float, methods: list[str], seed: int, plan: Routes | None) -> tuple[Routes, list[Row]]:
    """Measure methods on one instance; return PyVRP's plan without unused vehicles, and the rows."""
    problem = read_routes(path)
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
    by = {(row["instance"], row["method"], row["cv"]): row for row in sorted(rows, key=lambda row: -row["seed"])}
    instances = sorted({row["instance"] for row in rows}, key=lambda name: int(name.split("-")[1][1:]))
    compared = [name for name in instances if all((name, peer, BOUNDS[0]) in by for peer in PEERS)]
    first = [by[name, OURS, BOUNDS[0]] for name in instances]
    forced = {cv: [by[name, OURS, cv] for name in instances] for cv in BOUNDS}
    lines = [
        f"`{result['command']}`, {about['date'][:10]}, {about['processor']}, {about['cores']} shared cores, "
        + ", ".join(f"{library} {version}" for library, version in about["versions"].items())
        + ".",
        "",
        f"{len(instances)} instances, {len(compared)} of them with the other methods, {result['seconds']:g} s of "
        f"processor for each bound and method (used, on average: {_used(rows)}), one seed, on a busy machine. "
        f"Median CV of PyVRP's plans: {statistics.median(row['base_cv'] for row in first):.2f}.",
        "",
        "| extra distance, median (largest), % | " + " | ".join(f"CV {cv:g}" for cv in BOUNDS) + " |",
        "|---|" + "---|" * len(BOUNDS),
    ]
    for label, method, names in [
        (f"{OURS}, all {len(instances)}", OURS, instances),
        *((f"{method}, {len(compared)} instances", method, compared) for method in (OURS, *PEERS)),
    ]:
        cells = []
        for cv in BOUNDS:
            prices = [price(by[name, method, cv]) for name in names]
            found = [value for value in prices if np.isfinite(value)]
            missing = f", {len(prices) - len(found)} without a plan" if len(found) < len(prices) else ""
            cells.append(f"{statistics.median(prices):.1f} ({max(found, default=np.inf):.1f}{missing})")
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    best = {
        (name, cv): min(price(by[name, peer, cv]) for peer in PEERS) if name in compared else None
        for name in instances
        for cv in BOUNDS
    }
    never = [sum(price(by[name, OURS, cv]) <= best[name, cv] + 1e-9 for name in compared) for cv in BOUNDS]
    proven = [sum(row["bound"] > (1.0 + SHOWN[cv] / 100.0) * row["base"] for row in forced[cv]) for cv in BOUNDS]
    lines += [
        "| ours never dearer than the best other | " + " | ".join(f"{k} of {len(compared)}" for k in never) + " |",
        "| proven: nobody can do it for less than "
        + ", ".join(f"{SHOWN[cv]} %" for cv in BOUNDS)
        + " | "
        + " | ".join(f"{k} of {len(instances)}" for k in proven)
        + " |",
        "",
        "| instance | vehicles | CV before | "
        + " | ".join(f"CV {cv:g}: ours, best other, proven" for cv in BOUNDS)
        + " |",
        "|---|---|---|" + "---|" * len(BOUNDS),
    ]
    for name, row in zip(instances, first, strict=True):
        cells = []
        for cv in BOUNDS:
            here, other = by[name, OURS, cv], best[name, cv]
            least = max(0.0, 100.0 * (here["bound"] / here["base"] - 1.0))
            cells.append(f"{price(here):.1f}, {'not run' if other is None else f'{other:.1f}'}, {least:.1f}")
        lines.append(f"| {name} | {row['vehicles']} | {row['base_cv']:.2f} | " + " | ".join(cells) + " |")
    return "\n".join(lines).replace("inf", "none")


def _used(rows: list[Row]) -> str:
    """Return the seconds that each method used for a bound, on average."""
    methods = dict.fromkeys(row["method"] for row in rows)
    means = {name: statistics.mean(row["seconds"] for row in rows if row["method"] == name) for name in methods}
    return ", ".join(f"{name} {mean:.1f}" for name, mean in means.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with X-n*.vrp")
    parser.add_argument("--base-seconds", type=float, default=20.0, help="processor time of PyVRP's plan")
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
            plan = result["bases"].get(path.stem) or pyvrp_plan(read_routes(path), None, None, given.base_seconds)
            base, rows = measure(path, given.seconds, methods, seed, plan)
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
