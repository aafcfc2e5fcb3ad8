"""What happens if a part is left out or replaced: ``python -m benchmarks.learning.ablations``.

Cadence and shaping: a team that knows one multiplier, the controller's, so that the controller matters. Workload: one
network for all multipliers, judged at tau by the definition that was shared and looked at by all of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.learning.pages import interval, publish, table
from benchmarks.learning.trial import Trial
from benchmarks.learning.trials import made, run_all
from evenhand.learning.config import Config
from evenhand.statistics import stratified_bootstrap

NAME = "ablations"
SCENARIO, TAU, SEEDS = "lone-expert/default", 0.85, 5
ALONE = {"scenario": SCENARIO, "tau": TAU, "conditioned": False, "steps": 500_000}
"""Half of the usual steps are enough for one multiplier."""
SIDE_BY_SIDE = Config().policy.episodes
AS_RELEASED = {"form": "step", "shaping": "published"}
CADENCES = {
    "each step": AS_RELEASED | {"dual": {"cadence": 1, "step_size": 0.002}},
    "10 steps": AS_RELEASED | {"dual": {"cadence": 10 * SIDE_BY_SIDE, "step_size": 0.02}},
    "50 steps": AS_RELEASED | {"dual": {"cadence": 50 * SIDE_BY_SIDE, "step_size": 0.1}},
    "10 episodes": {"dual": {"cadence": 10, "step_size": 0.002}},
    "100 episodes": {"dual": {"cadence": 100, "step_size": 0.02}},
    "1,000 episodes": {"dual": {"cadence": 1000, "step_size": 0.2}},
}
"""Steps of all episodes side by side: the form ``step`` with the published shaping, as in the authors' code. Episodes:
the form and the shaping that are usual here. Ten times as long a cadence has ten times as large a step."""
SHAPINGS = ("telescoped", "published", "per-step")
WORKLOADS = ("useful", "actions", "effort")
COLUMNS = ("success", "jain", "steps", "lambda")


def trials() -> dict[str, Trial]:
    """Return the trials by name: table, what is changed, seed."""
    changes = {f"cadence|{name}": ALONE | change for name, change in CADENCES.items()}
    changes |= {f"shaping|{name}": ALONE | {"shaping": name} for name in SHAPINGS}
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
    for part, head in (("cadence", "the multiplier moves after"), ("shaping", "shaped reward")):
        parts.append(table([head, *usual], _lines(result["rows"], part, (*COLUMNS, "swing"))))
    seen = [f"Jain by {d}" for d in WORKLOADS] + [f"work by {d}" for d in WORKLOADS]
    columns = ("success", "steps", *(f"{word} by {d}" for word in ("jain", "work") for d in WORKLOADS))
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
    return ".1f" if column.startswith(("steps", "work")) else ".3f"


def main() -> None:
    """Run what is missing, write the result and the page."""
    result = summary(run_all(trials()))
    publish(NAME, result, text(result))


if __name__ == "__main__":
    main()
