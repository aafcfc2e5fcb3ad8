"""Larger teams, where no planner helps: ``python -m benchmarks.learning.wards``."""

from __future__ import annotations

from typing import Any

from benchmarks.learning.pages import interval, publish, table
from benchmarks.learning.trial import Trial
from benchmarks.learning.trials import made, run_all
from evenhand.learning.config import Config
from evenhand.statistics import stratified_bootstrap

NAME = "wards"
SEEDS = {"ward/6": 5, "ward/12": 1}
"""By scenario; a step in the larger one takes several times as long."""
METHODS = ("fair-gne", "none", "workload-penalty")
TAU, STEPS = 0.85, 500_000
COLUMNS = ("success", "jain", "jain_given_success", "cv", "steps")


def trials() -> dict[str, Trial]:
    """Return the trials by name: scenario, method, seed."""
    return {
        f"{scenario}|{method}|{seed}": Trial(
            {"scenario": scenario, "method": method, "seed": seed, "tau": TAU, "steps": STEPS}, (TAU,), episodes=2000
        )
        for scenario, seeds in SEEDS.items()
        for seed in range(seeds)
        for method in METHODS
    }


def summary(results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a row for each trial."""
    rows = []
    for name, result in results.items():
        scenario, method, seed = name.split("|")
        record = result["records"][0]
        told = {column: record[column]["mean"] for column in COLUMNS}
        seconds = round(result["training"]["processor_seconds"])
        rows.append({"scenario": scenario, "method": method, "seed": int(seed), **told, "processor_seconds": seconds})
    return {"machine": made(results), "learner": Config().learner, "steps": STEPS, "rows": rows}


def text(result: dict[str, Any]) -> str:
    """Return the page's table."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in result["rows"]:
        groups.setdefault((row["scenario"], row["method"]), []).append(row)
    lines = []
    for (scenario, method), rows in groups.items():
        told = [[row[column] for row in rows if row[column] is not None] for column in COLUMNS]
        cells = [interval(stratified_bootstrap(some).to_dict()) if some else "–" for some in told]
        met = sum(row["jain"] >= TAU - 0.005 and row["success"] >= 0.99 for row in rows)
        worst = min(row["success"] for row in rows)
        lines.append([f"`{scenario}`", f"`{method}`", *cells, f"{worst:.3f}", f"{met} of {len(rows)}"])
    heads = [
        "scenario",
        "method",
        "success",
        "Jain",
        "Jain given success",
        "CV",
        "steps",
        "least success",
        "seeds that meet tau and succeed",
    ]
    about = f"`{result['learner']}`, {result['steps'] / 1e6:g} million steps, tau {TAU:g}, last parameters."
    return f"{about}\n\n{table(heads, lines)}"


def main() -> None:
    """Run what is missing, write the result and the page."""
    result = summary(run_all(trials()))
    publish(NAME, result, text(result))


if __name__ == "__main__":
    main()
