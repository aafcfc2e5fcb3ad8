"""Compare learners under Fair-GNE with the same number of steps: ``python -m benchmarks.learning.algorithms``."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from docs.trade_off import data_file

from benchmarks.learning.pages import interval, publish, table
from benchmarks.learning.trials import Trial, made, run_all
from evenhand.hospital.planner import TradeOff
from evenhand.learning.config import Config
from evenhand.statistics import stratified_bootstrap

NAME = "algorithms"
SCENARIOS = ("lone-expert/default", "fair-gne/specialist", "rescue-breaths/specialist")
COMPARED = ("mappo", "qmix", "parallel-qmix")
EVERYWHERE = ("qmix", "mappo")
"""The learner of the paper and the usual one are tried in all scenarios, others in the first only."""
TAU, SEEDS = 0.85, 5
PAPER, ABOVE = 0.89, 0.045
"""The index that the paper reports, and how far above tau is aimed in its kind of scenario, all but the first."""


def trials() -> dict[str, Trial]:
    """Return the trials by name: scenario, learner, seed."""
    return {
        f"{scenario}|{learner}|{seed}": Trial({"scenario": scenario, "learner": learner, "seed": seed}, (TAU,), margin)
        for scenario in SCENARIOS
        for learner, margin in _asked(scenario)
        for seed in range(SEEDS)
    }


def _asked(scenario: str) -> list[tuple[str, float | None]]:
    if scenario == SCENARIOS[0]:
        return [(learner, None) for learner in COMPARED]
    return [(learner, ABOVE) for learner in EVERYWHERE]


def summary(results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a row for each trial."""
    rows = []
    for name, result in results.items():
        scenario, learner, seed = name.split("|")
        record = result["records"][0]
        planned = TradeOff.from_dict(json.loads(data_file(scenario).read_text("utf-8"))["trade_off"])
        told = {column: round(record[column]["mean"], 5) for column in ("success", "jain", "episode_steps")}
        seconds = result["training"]["processor_seconds"]
        about = {"scenario": scenario, "learner": learner, "seed": int(seed)}
        rows.append(
            about
            | told
            | {"least_steps": planned.time_at(record["jain"]["mean"]), "processor_seconds": round(seconds, 1)}
        )
    return {"machine": made(results), "steps": Config().steps, "rows": rows}


def text(result: dict[str, Any]) -> str:
    """Return the page's table."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in result["rows"]:
        groups.setdefault((row["scenario"], row["learner"]), []).append(row)
    lines = []
    for (scenario, learner), rows in groups.items():
        cells = [
            interval(stratified_bootstrap([row[c] for row in rows]).to_dict())
            for c in ("success", "jain", "episode_steps")
        ]
        asked = TAU - 0.005 if scenario == SCENARIOS[0] else PAPER
        met = sum(row["jain"] >= asked and row["success"] >= 0.99 for row in rows)
        ratio = np.mean([row["episode_steps"] / row["least_steps"] for row in rows])
        seconds = np.median([row["processor_seconds"] for row in rows])
        lines.append(
            [f"`{scenario}`", f"`{learner}`", *cells, f"{ratio:.2f}", f"{met} of {len(rows)}", f"{seconds:.0f}"]
        )
    heads = [
        "scenario",
        "learner",
        "success",
        "Jain",
        "steps",
        "over the planner's",
        "seeds that reach tau, or 0.89, and succeed",
    ]
    about = (
        f"tau {TAU:g}, {result['steps'] / 1e6:g} million steps, {SEEDS} seeds, last parameters. In the paper's kind of "
        f"scenario, all but the first, the multipliers aim at tau + {ABOVE:g}, as the paper reports an index of 0.89 "
        "with a success of 0.86; steps are compared with the planner's at the index that is reached."
    )
    return f"{about}\n\n{table([*heads, 'processor seconds'], lines)}"


def main() -> None:
    """Run what is missing, write the result and the page."""
    result = summary(run_all(trials()))
    publish(NAME, result, text(result))


if __name__ == "__main__":
    main()
