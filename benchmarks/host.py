"""Time training in plain Python: ``python -m benchmarks.host --python PYTHON``, our host rollout beside BenchMARL.

Both train MAPPO on mpe2's simple_spread, three agents, without a constraint, in the same turns as in
:mod:`benchmarks.learners`: environment steps per second, gradient steps included. The Python given has evenhand with
its extra `learn`, mpe2 and BenchMARL. BenchMARL has our sizes: episodes side by side, steps per rollout, minibatches,
passes (and so the replay ratio), width and learning rate. As it steps its environments in one process and ours in as
many as there are cores, ours is measured in one as well, and there per second of processor time, which is fair on a
machine that others use.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import machine
from benchmarks.learners import speeds
from benchmarks.processes import missing, write
from benchmarks.quote import put

RESULT = Path(__file__).parent / "results" / "host.json"
PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "learners.md"
MARKS = "<!-- host benchmark -->", "<!-- end of host benchmark -->"
HEADS = ("replay ratio", "steps/s, median", "slowest to fastest", "steps per second of processor", "start")

JOBS: dict[str, dict[str, Any]] = {
    "mappo, a worker per core": {"kind": "host", "workers": None},
    "mappo, one worker": {"kind": "host", "workers": 1},
    "mappo, no worker": {"kind": "host", "workers": 0},
    "BenchMARL MAPPO, our sizes": {"kind": "benchmarl_spread", "parallel": False, "environments": 128},
    "BenchMARL MAPPO, 8 environments in processes": {"kind": "benchmarl_spread", "parallel": True, "environments": 8},
}
ALONE = [name for name, job in JOBS.items() if job.get("workers") == 0 or job.get("parallel") is False]
"""Trainings in one process."""


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write; or with ``--page`` put the committed result into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.host", description=__doc__)
    parser.add_argument("--python", default=os.environ.get("EVENHAND_BENCH_HOST"), help="has evenhand, mpe2, BenchMARL")
    parser.add_argument("--trainings", nargs="+", choices=JOBS, default=tuple(JOBS), help="which are timed (all)")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each trains in a repeat, at least (8)")
    parser.add_argument("--repeats", type=int, default=3, help="how often (3)")
    parser.add_argument("--json", type=Path, help="where to write (benchmarks/results/host-<date>.json)")
    parser.add_argument("--page", action="store_true", help="write the committed result into the page instead")
    options = parser.parse_args(arguments)
    if options.page:
        put(PAGE, quote(json.loads(RESULT.read_text("utf-8"))), *MARKS)
        return 0
    for module in ("mpe2", "benchmarl", "evenhand"):
        if lacking := missing(options.python, module, "--python"):
            raise SystemExit(f"{module} cannot be measured: {lacking}")
    options.benchmarl = options.python
    described = machine.describe("jax", "jaxlib", "flax", "optax")
    described["load_before"] = os.getloadavg()[0]
    jobs = [{"name": name, "reach": None, **job} for name, job in JOBS.items() if name in options.trainings]
    result = {"machine": described, "seconds": options.seconds, "repeats": options.repeats}
    result["rows"] = speeds(jobs, options)
    sys.stdout.write(quote(result) + "\n")
    write(result, "host", options.json)
    return 0


def quote(result: dict[str, Any]) -> str:
    """Return the page's table for a result."""
    about = result["machine"]
    libraries = {name: version for row in result["rows"] for name, version in row["versions"].items()}
    lines = [
        f"mpe2's simple_spread, three agents; {result['repeats']} repeats of at least {result['seconds']:g} s each, "
        f"{about['date'][:10]}, {about['processor']}, {about['cores']} shared cores, Python {about['python']}"
        + "".join(f", {name} {version}" for name, version in libraries.items())
        + f". Load at the start {about['load_before']:.1f}.",
        "",
        f"| training | {' | '.join(HEADS)} |",
        "|---" + "|---:" * len(HEADS) + "|",
    ]
    for row in result["rows"]:
        rates = row["steps_per_second"]
        # The processor's time is measured in one process, so it is known where that does all the work.
        alone = median(rate / cores for rate, cores in zip(rates, row["cores"], strict=True))
        cells = [
            f"{row['replay_ratio']:.3g}",
            f"{median(rates):,.0f}",
            f"{min(rates):,.0f} to {max(rates):,.0f}",
            f"{alone:,.0f}" if row["name"] in ALONE else "",
            f"{row['start_seconds']:.0f} s",
        ]
        lines.append(f"| {row['name']} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
