"""Time the assignment: ``python -m benchmarks.assignment``, or ``make bench``.

Every case is solved in a process of its own, whose peak memory is measured, and then verified here, from its JSON and
apart from the clock. ``--help`` tells the rest.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from rich.progress import track

import evenhand
from benchmarks import cases, machine, peers, table

SLACK = 1e-4
"""How much dearer than a published cost, relatively, an answer may be."""


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write; return 1 where an answer was wrong."""
    options = _options(arguments)
    count = options.instances or (2 if options.quick else 20)
    sources = cases.sources(options.data, count, options.agents, options.tasks)
    orders = cases.QUICK_ORDERS if options.quick else cases.ORDERS
    epsilons = cases.QUICK_EPSILONS if options.quick else cases.EPSILONS
    plan = cases.Plan(sources, orders, epsilons, options.gap, options.time_limit)
    published = {} if options.data is None else cases.known_costs(options.data / cases.PUBLISHED, "objective")
    rows, about = _run(plan)
    summary = _summary(plan, rows, about, published)
    asked = {
        "instances": len(sources),
        "from": "plane" if options.data is None else options.data.name,
        "shape": [options.agents, options.tasks] if options.data is None else None,
    }
    result: dict[str, Any] = {
        "machine": machine.describe("numba", "highspy"),
        "asked": asked,
        "summary": summary,
        "cases": rows,
    }
    table.show_run(rows, summary)
    failed = summary["verified"] < summary["cases"] or summary.get("published", {}).get("dearer", 0) > 0
    if options.exact:
        result["exact"] = _exact(plan)
        table.show_anchors(result["exact"])
        failed |= not all(row["agrees"] for row in result["exact"])
    if options.peers:
        result["peers"] = _peers(plan, rows, options.peer_instances, options.peer_cap)
        table.show_peers(result["peers"])
    if options.cuts:
        result["cuts"] = _cuts(plan)
        table.show_cuts(result["cuts"])
    _write(result, options)
    return int(failed)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.assignment", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of coordinate files, and published.csv to compare with")
    parser.add_argument("--quick", action="store_true", help="two instances, nine levels")
    parser.add_argument("--instances", type=int, help="how many (20)")
    parser.add_argument("--agents", type=int, default=5, help="of generated instances (5)")
    parser.add_argument("--tasks", type=int, default=250, help="of generated instances (250)")
    parser.add_argument("--gap", type=float, default=1e-4, help="relative gap asked for (1e-4)")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds for one case (60)")
    parser.add_argument("--exact", action="store_true", help="reproduce the known optima of --data at a gap of 1e-6")
    parser.add_argument("--peers", action="store_true", help="HiGHS on the same cases")
    parser.add_argument("--peer-instances", type=int, default=1, help="how many instances HiGHS gets (1)")
    parser.add_argument("--peer-cap", type=float, default=30.0, help="seconds HiGHS gets for one case (30)")
    parser.add_argument("--cuts", action="store_true", help="rounds of the relaxation by kind of cut")
    parser.add_argument("--json", type=Path, help="where to write (benchmarks/results/<date>.json)")
    options = parser.parse_args(arguments)
    if options.exact and options.data is None:
        parser.error("--exact needs --data: the known optima are those of the paper's instances")
    return options


def _run(plan: cases.Plan) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Solve all cases in a process of their own and verify each here; return the rows and what it says of itself."""
    with tempfile.TemporaryDirectory() as empty:
        *_, compiling = _child(replace(plan, sources=plan.sources[:1], orders=(2.0,), epsilons=(0.9,)), empty)
    *lines, about = _child(plan, None)
    about |= {
        "first_seconds_compiling": compiling["first_seconds"],
        "peak_bytes_compiling": compiling["peak_bytes"],
    }
    tables = {source.number: source.table() for source in plan.sources}
    return [_verified(line, tables[line["instance"]]) for line in track(lines, "verifying")], about


def _child(plan: cases.Plan, numba_cache: str | None) -> list[dict[str, Any]]:
    """Return what the measured process says; with an empty `numba_cache` it compiles everything."""
    environment = dict(os.environ)
    if numba_cache is not None:
        environment["NUMBA_CACHE_DIR"] = numba_cache
    command = [sys.executable, "-m", "benchmarks.worker"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        json.dump(plan.to_dict(), process.stdin)
        process.stdin.close()
        what = "compiling" if numba_cache is not None else "solving"
        lines = [json.loads(line) for line in track(process.stdout, what, total=len(plan) + 1)]
    if process.returncode:
        raise SystemExit(f"the measured process ended with exit code {process.returncode}")
    return lines


def _verified(line: dict[str, Any], costs: Any) -> dict[str, Any]:
    answer = line.pop("answer")
    start = time.perf_counter()
    verdict = evenhand.verify(costs, answer)
    return {
        **line,
        **{key: answer[key] for key in ("status", "cost", "lower_bound", "gap", "certified_gap", "cv")},
        "verified": verdict.verified,
        "reasons": list(verdict.reasons),
        "verify_seconds": time.perf_counter() - start,
    }


def _summary(
    plan: cases.Plan,
    rows: list[dict[str, Any]],
    about: dict[str, Any],
    published: dict[tuple[int, float, float], float],
) -> dict[str, Any]:
    slowest = max(rows, key=lambda row: row["seconds"])
    summary = {
        "cases": len(rows),
        "gap": plan.gap,
        "statuses": dict(Counter(row["status"] for row in rows)),
        "median_seconds": median(row["seconds"] for row in rows),
        "slowest_seconds": slowest["seconds"],
        "slowest": f"instance {slowest['instance']}, p = {slowest['p']:g}, epsilon = {slowest['epsilon']:g}",
        "largest_gap": max((row["gap"] for row in rows if row["gap"] is not None), default=0.0),
        "median_certified_gap": median(row["certified_gap"] or 0.0 for row in rows),
        "largest_certified_gap": max(row["certified_gap"] or 0.0 for row in rows),
        "verified": sum(row["verified"] for row in rows),
        "median_verify_seconds": median(row["verify_seconds"] for row in rows),
        **about,
    }
    known = [
        (row["cost"] or np.inf) / published[key] - 1
        for row in rows
        if (key := (row["instance"], row["p"], row["epsilon"])) in published
    ]
    if known:
        summary["published"] = {
            "cases": len(known),
            "cheaper": sum(excess < -1e-9 for excess in known),
            "largest_excess": max(known),
            "dearer": sum(excess > SLACK for excess in known),
        }
    return summary


def _exact(plan: cases.Plan) -> list[dict[str, Any]]:
    """Solve the cases with known optima to 1e-6."""
    tables = {source.number: source.table() for source in plan.sources}
    known = cases.known_costs(cases.ANCHORS, "optimum")
    rows = []
    for (instance, p, epsilon), optimum in track(known.items(), "known optima"):
        if instance not in tables:
            continue
        start = time.perf_counter()
        answer = evenhand.assign(
            tables[instance], evenhand.EpsilonFairness(epsilon, p=p), gap=1e-6, time_limit=plan.time_limit
        )
        seconds = time.perf_counter() - start
        agrees = answer.status == "optimal" and answer.cost is not None and abs(answer.cost / optimum - 1) <= 1.01e-6
        rows.append(
            {
                "instance": instance,
                "p": p,
                "epsilon": epsilon,
                "optimum": optimum,
                "cost": answer.cost,
                "lower_bound": answer.lower_bound,
                "seconds": seconds,
                "agrees": agrees,
            }
        )
    return rows


def _peers(plan: cases.Plan, rows: list[dict[str, Any]], instances: int, cap: float) -> list[dict[str, Any]]:
    """Solve the cases of the first instances with HiGHS."""
    chosen = {source.number: source.table().values for source in plan.sources[:instances]}
    found = []
    for row in track([row for row in rows if row["instance"] in chosen], "HiGHS"):
        fairness = evenhand.EpsilonFairness(row["epsilon"], p=row["p"])
        peer = peers.highs(chosen[row["instance"]], fairness, plan.gap, cap)
        both = row["cost"] is not None and peer.cost is not None
        found.append(
            {
                **{key: row[key] for key in ("instance", "p", "epsilon", "seconds", "cost")},
                "peer_status": peer.status,
                "peer_cost": peer.cost,
                "peer_gap": peer.gap,
                "peer_seconds": peer.seconds,
                "linear_rounds": peer.linear_rounds,
                "integer_rounds": peer.integer_rounds,
                "difference": row["cost"] / peer.cost - 1 if both else None,
            }
        )
    return found


def _cuts(plan: cases.Plan) -> list[dict[str, Any]]:
    """Cut the relaxation to convergence with each kind of cut."""
    rows = []
    for source in track(plan.sources[:5], "cuts"):
        costs = source.table().values
        for p, epsilon in plan.levels():
            for separate in (peers.gradient, peers.supporting, peers.default):
                start = time.perf_counter()
                model = peers.RoundsModel(costs, evenhand.EpsilonFairness(epsilon, p=p), separate)
                rounds = model.converge(start + plan.time_limit)
                seconds = time.perf_counter() - start
                row = {"instance": source.number, "p": p, "epsilon": epsilon}
                rows.append({**row, "kind": separate.__name__, "rounds": rounds, "seconds": seconds})
    return rows


def _write(result: dict[str, Any], options: argparse.Namespace) -> None:
    name = f"{result['machine']['date'][:19].replace(':', '')}.json"
    path = options.json or Path(__file__).parent / "results" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_compact(result))
    table.CONSOLE.print(f"written to {path}", soft_wrap=True)


def _compact(result: dict[str, Any]) -> str:
    """Return JSON with one case to a line, and infinite p in quotes."""
    parts = []
    for key, value in result.items():
        if isinstance(value, list):
            rows = [{**row, "p": "inf" if row["p"] == float("inf") else row["p"]} for row in value]
            parts.append(f"{json.dumps(key)}: [\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value, indent=1)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    sys.exit(main())
