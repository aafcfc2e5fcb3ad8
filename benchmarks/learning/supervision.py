"""A supervisor changes the threshold in mid-stream: ``python -m benchmarks.learning.supervision``.

How many episodes pass until windows of 200 meet the new threshold, with no training: by the dual controller, which
stays on, and by the curve that was measured after training.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.learning.pages import publish, table
from benchmarks.learning.trials import Trial, made, run_all
from evenhand.learning.windows import SLACK, WINDOW

NAME = "supervision"
SCENARIO, SEEDS = "lone-expert/default", 5
ABOVE = 0.03
"""How far above a threshold a window may be: the controller aims 0.01 above it."""
ORDERS = ((0, 0.55), (3000, 0.85), (6000, 0.65), (9000, 0.95), (12000, None))
WAYS = {"controller": "the controller, on at run time", "curve": "the curve, read"}


def trials() -> dict[str, Trial]:
    """Return the trials by name."""
    return {f"seed {s}": Trial({"scenario": SCENARIO, "seed": s}, taus=(), orders=ORDERS) for s in range(SEEDS)}


def summary(results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return how each team followed each change."""
    changes = {
        name: {way: [_followed(result["followed"][way], *change) for change in pairwise(ORDERS)] for way in WAYS}
        for name, result in results.items()
    }
    return {"machine": made(results), "changes": changes}


def _followed(trace: dict[str, Any], begins: tuple[int, float], ends: tuple[int, float | None]) -> dict[str, Any]:
    """Return when windows of 200 episodes came to where tau asks them to be, and how many stayed fair enough."""
    first, tau = begins
    here = [k for k, episode in enumerate(trace["first"]) if first <= episode < ends[0]]
    index = np.array([trace["index"][k] for k in here])
    batch = trace["first"][1] - trace["first"][0]
    size = WINDOW // batch
    means = np.convolve(index, np.full(size, 1.0 / size), mode="valid")
    arrived = np.flatnonzero((means >= tau - SLACK) & (means <= tau + ABOVE))
    later = means[arrived[0] :] if arrived.size else means
    last = {name: float(np.mean([trace[name][k] for k in here[-size:]])) for name in ("index", "success")}
    return {
        "after": int(arrived[0]) * batch if arrived.size else None,
        "fair": float(np.mean(later >= tau - SLACK)),
        **last,
    }


def text(result: dict[str, Any]) -> str:
    """Return the page's table."""
    rows = []
    for way, words in WAYS.items():
        for number, (first, tau) in enumerate(ORDERS[:-1]):
            some = [seed[way][number] for seed in result["changes"].values()]
            after = sorted(change["after"] for change in some if change["after"] is not None)
            cells = [
                f"{np.median(after):.0f} ({after[0]} to {after[-1]})" if after else "",
                f"{len(after)} of {len(some)}",
                f"{100 * np.mean([change['fair'] for change in some]):.1f} %",
                *(f"{np.mean([change[name] for change in some]):.3f}" for name in ("index", "success")),
            ]
            rows.append([words, f"{first:,}", f"{tau:g}", *cells])
    heads = [
        "how",
        "from episode",
        "tau",
        "episodes until a window is there: median (least to most)",
        "runs that come there",
    ]
    heads += ["windows fair from then on", "index at the end", "success"]
    about = (
        f"`{SCENARIO}`, {len(result['changes'])} seeds. A window of {WINDOW} episodes is there if its mean index is "
        f"between tau - {SLACK:g} and tau + {ABOVE:g}: fair enough, and not dearer than need be. Fair is above "
        "the first of these. 0: the first window after the change is there already."
    )
    return f"{about}\n\n{table(heads, rows)}"


def main() -> None:
    """Run what is missing, write the result and the page."""
    result = summary(run_all(trials()))
    publish(NAME, result, text(result))


if __name__ == "__main__":
    main()
