"""Measure what happens if a part is left out or replaced: ``python -m benchmarks.learning.ablations``.

Shaping: a team trained for the controller's multiplier only. Workload: one network for all multipliers, evaluated at
tau by the definition that the constraint applies to, and reported by all definitions. The cadence of the multiplier's
updates is measured with the paper's claims, in `reproductions.fair_gne.cadence`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.learning.pages import interval, publish, table
from benchmarks.learning.trials import Trial, made, run_all
from evenhand.statistics import stratified_bootstrap

NAME = "ablations"
SCENARIO, TAU, SEEDS = "lone-expert/default", 0.85, 5
ALONE = {"scenario": SCENARIO, "tau": TAU, "conditioned": False, "steps": 500_000}
"""Half of the usual steps are enough for one multiplier."""
SHAPINGS = ("telescoped", "published", "per-step")
WORKLOADS = ("useful", "actions", "effort")
COLUMNS = ("success", "jain", "episode_steps", "multiplier")


def trials() -> dict[str, Trial]:
    """Return the trials by name: table, what is changed, seed."""
    changes = {f"shaping|{name}": ALONE | {"shaping": name} for name in SHAPINGS}
    changes |= {f"workload|{name}": {"scenario": SCENARIO, "tau": TAU, "workload": name} for name in WORKLOADS}
    return {f"{n}|{seed}": Trial(c | {"seed": seed}, (TAU,)) for n, c in changes.items() for seed in range(SEEDS)}


def summary(results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a row for each trial."""
    rows = []
    for name, result in results.items():
        part, change, seed = name.split("|")
        record = result["records"][0]
        told = {column: round(record[column]["mean"], 5) for column in COLUMNS}
        told |= {f"jain by {d}": round(jain["mean"], 5) for d, jain in record["jain_by_definition"].items()}
        told |= {f"work by {d}": round(sum(a["mean"] for a in work), 3) for d, work in record["workloads"].items()}
        late = [report["multiplier"] for report in result["reports"][len(result["reports"]) * 2 // 3 :]]
        told["swing"] = round(float(np.std(late)), 5)
        rows.append({"part": part, "change": change, "seed": int(seed), **told})
    return {"machine": made(results), "rows": rows}


def text(result: dict[str, Any]) -> str:
    """Return the page's tables."""
    usual = ["success", "Jain", "steps", "multiplier", "its swing (last third)"]
    parts = [f"`{SCENARIO}`, tau {TAU:g}, {SEEDS} seeds, interquartile means with intervals of 95 %."]
    parts.append(table(["shaped reward", *usual], _lines(result["rows"], "shaping", (*COLUMNS, "swing"))))
    seen = [f"Jain by {d}" for d in WORKLOADS] + [f"work by {d}" for d in WORKLOADS]
    columns = ("success", "episode_steps", *(f"{word} by {d}" for word in ("jain", "work") for d in WORKLOADS))
    parts.append(table(["shared", "success", "steps", *seen], _lines(result["rows"], "workload", columns)))
    return "\n\n".join(parts)


def _lines(rows: list[dict[str, Any]], part: str, columns: tuple[str, ...]) -> list[list[str]]:
    lines = []
    for change in dict.fromkeys(row["change"] for row in rows if row["part"] == part):
        some = [row for row in rows if (row["part"], row["change"]) == (part, change)]
        cells = [interval(stratified_bootstrap([row[c] for row in some]).to_dict(), _form(c)) for c in columns]
        lines.append([change, *cells])
    return lines


def _form(column: str) -> str:
    return ".1f" if column.startswith(("episode_steps", "work")) else ".3f"


def main() -> None:
    """Run what is missing, write the result and the page."""
    result = summary(run_all(trials()))
    publish(NAME, result, text(result))


if __name__ == "__main__":
    main()
