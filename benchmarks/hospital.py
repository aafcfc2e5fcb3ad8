"""Time the hospital: ``python -m benchmarks.hospital``, or ``make bench``.

One step is one action of each agent in one environment. Actions are drawn uniformly among the possible ones, and
finished episodes are restarted. Each environment is measured in separate processes, one per core: first one process
alone, then one on each of two cores at the same time. Environments of JaxMARL are measured in the same way and in the
same run for comparison, by the Python given with ``--jaxmarl`` or the variable EVENHAND_BENCH_JAXMARL.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from rich.progress import track

from benchmarks import hospital_table, machine, processes
from benchmarks.processes import Worker, write

SCENARIOS = ("rescue-breaths/specialist", "full-code/specialist", "ward/12")
YARDSTICKS = ("overcooked", "MPE_simple_spread_v3")
VARIABLE = "EVENHAND_BENCH_JAXMARL"
LENGTH = 64
"""Steps of each environment in one call: enough that starting the call costs next to nothing."""
REFERENCE = {"environments": 1, "observations": True, "length": 1000}


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write."""
    options = _options(arguments)
    programs = [
        {"environments": count, "observations": observations, "length": LENGTH}
        for observations in (False, True)
        for count in options.environments
    ]
    jobs = [("hospital", name, programs) for name in options.scenarios]
    observed = [asked for asked in programs if asked["observations"]]
    jobs += [("floor", name, observed) for name in options.scenarios]
    jobs += [("reference", name, [REFERENCE]) for name in options.scenarios]
    missing = processes.missing(options.jaxmarl, "jaxmarl", f"--jaxmarl or {VARIABLE}")
    jobs += [] if missing else [("jaxmarl", name, programs) for name in YARDSTICKS]
    described = machine.describe("jax", "jaxlib", "pettingzoo")
    described["load_before"] = os.getloadavg()[0]
    rows = []
    for kind, name, asked in track(jobs, "measuring"):
        python = options.jaxmarl if kind == "jaxmarl" else sys.executable
        rows += _rows(python, kind, name, asked, options.seconds)
    result = {"machine": described, "seconds": options.seconds, "jaxmarl_missing": missing, "rows": rows}
    hospital_table.show(result)
    write(result, "hospital", options.json)
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hospital", description=__doc__)
    parser.add_argument("--scenarios", nargs="+", default=SCENARIOS, help="names or TOML files of scenarios")
    parser.add_argument("--environments", nargs="+", type=int, default=(256, 1024), help="how many side by side")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long each is measured (0.5)")
    parser.add_argument("--jaxmarl", default=os.environ.get(VARIABLE), help="a Python that has JaxMARL")
    parser.add_argument("--json", type=Path, help="where to write (benchmarks/results/hospital-<date>.json)")
    return parser.parse_args(arguments)


def _rows(python: str, kind: str, name: str, programs: list[dict[str, Any]], seconds: float) -> list[dict[str, Any]]:
    """Measure the programs of one environment, on one core and on two."""
    cores = _cores()[:1] if kind == "floor" else _cores()
    with ExitStack() as stack:
        jobs = [{"kind": kind, "name": name, "core": core, "programs": programs} for core in cores]
        workers = [stack.enter_context(Worker(python, "benchmarks.hospital_worker", job)) for job in jobs]
        ready = [worker.hear() for worker in workers]
        alone = [_measured(workers[:1], number, seconds) for number in range(len(programs))]
        numbers = range(len(programs)) if len(workers) > 1 else ()
        both = [_measured(workers, number, seconds) for number in numbers]
    return [
        {
            "kind": kind,
            "name": name,
            **programs[number],
            "versions": ready[0]["versions"],
            "compile": max((one["compiling"][number] for one in ready), key=lambda some: some.get("seconds", 0)),
            "one_core": alone[number],
            "two_cores": both[number] if both else None,
        }
        for number in range(len(programs))
    ]


def _measured(workers: list[Worker], number: int, seconds: float) -> dict[str, Any]:
    """Return steps a second of all workers together, the sum of each one's median call.

    By the second of the clock, and by the second that the processor worked for them: the same on a machine at rest.
    """
    for worker in workers:
        worker.say({"program": number, "seconds": seconds})
    heard = [worker.hear() for worker in workers]
    return {
        "median": sum(median(one["rates"]) for one in heard),
        "per_processor_second": sum(median(one["busy_rates"]) for one in heard),
        "calls": min(len(one["rates"]) for one in heard),
        "core_share": min(one["core_share"] for one in heard),
    }


def _cores() -> list[int | None]:
    """Return one or two cores to pin to; None where the system cannot pin."""
    if not hasattr(os, "sched_getaffinity"):
        return [None] * min(2, os.cpu_count() or 1)
    return sorted(os.sched_getaffinity(0))[:2]


if __name__ == "__main__":
    sys.exit(main())
