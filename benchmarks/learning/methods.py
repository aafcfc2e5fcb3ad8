"""Compare Fair-GNE with other kinds of fairness under the same budget: ``python -m benchmarks.learning.methods``.

Every method trains one network that is conditioned on the weight of its penalty, as Fair-GNE's is on the multiplier.
Each is then evaluated twice: at the weight that meets tau with the highest reward, or comes closest to it, and at fixed
weights. For comparison there are networks trained for a single weight, as is usual for penalties. The methods that
stand in for the paper's baselines are compared in `reproductions.fair_gne`, together with its claims.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.learning.pages import interval, publish, table
from benchmarks.learning.trials import Trial, made, run_all
from evenhand.learning.config import METHODS, Config
from evenhand.statistics import stratified_bootstrap

NAME = "methods"
SCENARIO = "lone-expert/default"
SEEDS = 5
TAU = 0.85
WEIGHTS = (0.02, 0.1, 0.3, 1.0, 2.0)
"""Of penalties, in the unit of the reward, of which success brings 1 and a step costs 0.03."""
SINGLE = "workload-penalty"
SINGLE_WEIGHTS = (0.1, 1.0, 10.0)
"""This method is also trained for one weight at a time."""
ELSEWHERE = ("none", "workload-skill-penalty", "action-count-penalty")
COLUMNS = ("success", "jain", "episode_steps", "gini", "cv")


def trials() -> dict[str, Trial]:
    """Return the trials by name: method, seed."""
    found = {}
    for seed in range(SEEDS):
        asked = {"scenario": SCENARIO, "seed": seed, "tau": TAU}
        for method in METHODS:
            if method not in ELSEWHERE:
                found[f"{method}|{seed}"] = Trial(asked | {"method": method}, (TAU,), curve=True)
        alone = asked | {"conditioned": False}
        found[f"fair-gne, one multiplier|{seed}"] = Trial(alone, (TAU,))
        for weight in SINGLE_WEIGHTS:
            dual = {"multiplier": weight, "cap": max(2.0, weight)}
            found[f"{SINGLE}, weight {weight:g} only|{seed}"] = Trial(alone | {"method": SINGLE, "dual": dual}, (TAU,))
    return found


def summary(results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what each method did, seed by seed."""
    rows = []
    for name, result in results.items():
        method, seed = name.split("|")
        record = result["records"][0]
        told = {column: round(record[column]["mean"], 5) for column in (*COLUMNS, "windows_satisfied", "multiplier")}
        rows.append({"method": method, "seed": int(seed), **told, "curve": _at_weights(result)})
    default = Config()
    about = {"learner": default.learner, "steps": default.steps, "tau": TAU, "weights": WEIGHTS}
    return {"machine": made(results), **about, "rows": rows}


def _at_weights(result: dict[str, Any]) -> list[dict[str, float]]:
    """Return what the nearest multipliers of the usual grid do."""
    curve = result.get("curve", [])
    nearest = (
        [min(curve, key=lambda point: abs(np.log((point["multiplier"] or 1e-9) / w))) for w in WEIGHTS] if curve else []
    )
    return [
        {name: round(point[name], 4) for name in ("multiplier", "success", "jain", "episode_steps")}
        for point in nearest
    ]


def text(result: dict[str, Any]) -> str:
    """Return the page's tables."""
    about = (
        f"`{SCENARIO}`, tau {TAU:g}, `{result['learner']}`, {result['steps'] / 1e6:g} million steps for every method, "
        f"{SEEDS} seeds, last parameters, 4,000 greedy episodes; interquartile means over seeds with bootstrap "
        "intervals of 95 %."
    )
    return "\n\n".join([about, _compared(result["rows"]), _weights(result["rows"])])


def _by_method(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["method"], []).append(row)
    return found


def _compared(rows: list[dict[str, Any]]) -> str:
    lines = []
    for method, some in sorted(
        _by_method(rows).items(), key=lambda item: (-_met(item[1]), np.mean(_of(item[1], "episode_steps")))
    ):
        cells = [interval(stratified_bootstrap(_of(some, column)).to_dict()) for column in COLUMNS]
        lines.append([f"`{method}`", *cells, f"{_met(some)} of {len(some)}"])
    return table(["method", "success", "Jain", "steps", "Gini", "CV", "seeds that meet tau and succeed"], lines)


def _met(rows: list[dict[str, Any]]) -> int:
    return sum(row["jain"] >= TAU - 0.005 and row["success"] >= 0.99 for row in rows)


def _of(rows: list[dict[str, Any]], column: str) -> list[float]:
    return [row[column] for row in rows]


def _weights(rows: list[dict[str, Any]]) -> str:
    lines = []
    for method, some in _by_method(rows).items():
        if not some[0]["curve"]:
            continue
        cells = []
        for number in range(len(WEIGHTS)):
            points = [row["curve"][number] for row in some]
            jain, success, steps = (
                np.mean([point[name] for point in points]) for name in ("jain", "success", "episode_steps")
            )
            cells.append(f"{jain:.3f} / {success:.2f} / {steps:.1f}")
        lines.append([f"`{method}`", *cells])
    return "Jain / success / steps at fixed weights, means over seeds:\n\n" + table(
        ["method", *(f"{weight:g}" for weight in WEIGHTS)], lines
    )


def main() -> None:
    """Run what is missing, write the result and the page."""
    result = summary(run_all(trials()))
    publish(NAME, result, text(result))


if __name__ == "__main__":
    main()
