"""A supervisor changes the threshold in mid-stream: ``python -m benchmarks.learning.supervision``.

How many episodes pass until windows of 200 meet the new threshold, with no training: by the dual controller, which
stays on, and by the curve that was measured after training.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.learning.pages import publish, table
from benchmarks.learning.trial import Trial
from benchmarks.learning.trials import run_all

NAME = "supervision"
SCENARIO, SEEDS = "lone-expert/default", 5
ORDERS = ((0, 0.55), (3000, 0.85), (6000, 0.65), (9000, 0.95), (12000, None))
WAYS = {"controller": "the controller, on at run time", "curve": "the curve, read"}


def trials() -> dict[str, Trial]:
    """Return the trials by name."""
    return {f"seed {s}": Trial({"scenario": SCENARIO, "seed": s}, taus=(), orders=ORDERS) for s in range(SEEDS)}


def summary(results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return all changes."""
    changes = {name: {way: result["followed"][way]["changes"] for way in WAYS} for name, result in results.items()}
    return {"machine": machine.describe("jax"), "changes": changes}


def text(result: dict[str, Any]) -> str:
    """Return the page's table."""
    rows = []
    for way, words in WAYS.items():
        for number, (first, tau) in enumerate(ORDERS[:-1]):
            some = [seed[way][number] for seed in result["changes"].values()]
            after = [change["episodes_to_meet"] for change in some]
            met = sorted(count for count in after if count is not None)
            cells = [
                f"{np.median(met):.0f} ({met[0]} to {met[-1]})" if met else "",
                f"{len(met)} of {len(after)}",
                *(f"{np.mean([change[name] for change in some]):.3f}" for name in ("index", "success", "steps")),
            ]
            rows.append([words, f"{first:,}", f"{tau:g}", *cells])
    heads = ["how", "from episode", "tau", "episodes until met: median (least to most)", "runs that meet it"]
    heads += ["index at the end", "success", "steps"]
    return f"`{SCENARIO}`, {len(result['changes'])} seeds.\n\n{table(heads, rows)}"


def main() -> None:
    """Run what is missing, write the result and the page."""
    result = summary(run_all(trials()))
    publish(NAME, result, text(result))


if __name__ == "__main__":
    main()
