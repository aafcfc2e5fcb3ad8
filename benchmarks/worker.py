"""The measured process: it imports what solving needs and nothing else, so that its peak memory is that of solving.

Reads a plan (JSON) from standard input and writes one JSON line per case, then one about itself.
"""

from __future__ import annotations

import time

STARTED = time.perf_counter()

import json  # noqa: E402 - the clock starts before the imports it measures
import resource  # noqa: E402
import sys  # noqa: E402

import evenhand  # noqa: E402
from benchmarks.cases import Plan  # noqa: E402

RSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes per unit of ru_maxrss."""


def main() -> None:
    """Solve every case of the plan and tell how it went."""
    plan = Plan.from_dict(json.load(sys.stdin))
    evenhand.assign  # noqa: B018 - loads the engine, which `import evenhand` leaves for later
    about = {"import_seconds": time.perf_counter() - STARTED, "first_seconds": None}
    for source in plan.sources:
        costs = source.table()
        for p, epsilon in plan.levels():
            fairness = evenhand.EpsilonFairness(epsilon, p=p)
            if about["first_seconds"] is None:
                about["first_seconds"] = _solve(costs, fairness, plan)[0]  # compiles or loads what was compiled
            seconds, answer = _solve(costs, fairness, plan)
            _say({"instance": source.number, "p": p, "epsilon": epsilon, "seconds": seconds, "answer": answer})
    _say({**about, "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT})


def _solve(costs: object, fairness: evenhand.Fairness, plan: Plan) -> tuple[float, dict[str, object]]:
    start = time.perf_counter()
    answer = evenhand.assign(costs, fairness, gap=plan.gap, time_limit=plan.time_limit)
    return time.perf_counter() - start, answer.to_dict()


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
