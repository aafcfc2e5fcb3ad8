"""How often the multiplier moves: from each step to a thousand episodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reproductions.fair_gne.results import claim, graded, means, over, section, untested
from reproductions.fair_gne.setting import LONE, TAU, alone, budget

if TYPE_CHECKING:
    from evenhand.sweeps import Trial
    from reproductions.fair_gne.results import Over, Results

KEY = "cadence"
SIDE_BY_SIDE = 128
"""Number of parallel episodes; a step of all of them counts as this many episode steps."""
AS_RELEASED = {"form": "step", "shaping": "published"}
CADENCES: dict[str, dict[str, Any]] = {
    "each step": AS_RELEASED | {"dual": {"cadence": 1, "step_size": 0.002}},
    "10 steps": AS_RELEASED | {"dual": {"cadence": 10 * SIDE_BY_SIDE, "step_size": 0.02}},
    "50 steps": AS_RELEASED | {"dual": {"cadence": 50 * SIDE_BY_SIDE, "step_size": 0.1}},
    "10 episodes": {"dual": {"cadence": 10, "step_size": 0.002}},
    "100 episodes": {"dual": {"cadence": 100, "step_size": 0.02}},
    "1,000 episodes": {"dual": {"cadence": 1000, "step_size": 0.2}},
}
"""Ten times as long a cadence has ten times as large a step."""
QUICKLY = ("each step", "100 episodes")
COMPARED = ("each step", "50 steps")
SAID = ("The update frequency, each step or every 50 steps, does not matter for stability", "an ablation; no numbers")
REACHED, SUCCEEDED, SWINGS = TAU - 0.005, 0.86, 0.1
"""What a cadence must reach to count as stable: index, success, and at most this standard deviation of the multiplier
in the last third of training."""


def trials(quick: bool) -> list[Trial]:
    """Return the trials."""
    return [trial for name in _names(quick) for trial in _of(name, quick)]


def summary(results: Results, quick: bool) -> dict[str, Any]:
    """Return the section."""
    found = {name: results.done(_of(name, quick)) for name in _names(quick)}
    rows = {name: _row([result for _, result in done]) for name, done in found.items() if done}
    return section(
        KEY,
        "How often the multiplier moves",
        "Does it matter whether the multiplier is updated at each step, every 50 steps or once in many episodes? (The "
        "paper's ablation of the update frequency.)",
        figure={
            "chart": "intervals",
            "caption": "Interquartile means over seeds; swing: standard deviation, last third.",
        },
        rows=[
            {"method": name}
            | {key: value for column, one in row.items() for key, value in one.columns(column).items()}
            | {"seeds": row["jain"].seeds}
            for name, row in rows.items()
        ],
        claims=[_claim(rows)],
        notes=[
            f"{LONE}, mappo, {budget(quick).alone:,} steps, teams that know the controller's multiplier alone. "
            f"Cadences "
            "in steps use the constraint and the shaping of the released code, those in episodes the usual ones here, "
            "so the two groups differ by more than the cadence.",
        ],
        failed=results.failed(trials(quick)),
    )


def _names(quick: bool) -> tuple[str, ...]:
    return QUICKLY if quick else tuple(CADENCES)


def _of(name: str, quick: bool) -> list[Trial]:
    return [alone(quick, CADENCES[name], seed) for seed in range(budget(quick).few)]


def _row(some: list[Any]) -> dict[str, Over]:
    records = [result["records"][0] for result in some]
    row = {column: over(means(records, column)) for column in ("jain", "success", "episode_steps")}
    late = [
        [report["multiplier"] for report in result["reports"][len(result["reports"]) * 2 // 3 :]] for result in some
    ]
    return row | {"multiplier": over(means(records, "multiplier")), "swing": over([float(np.std(one)) for one in late])}


def _claim(rows: dict[str, dict[str, Over]]) -> dict[str, str]:
    if not all(name in rows for name in COMPARED):
        return claim(*SAID, "", "not tested", "Not all of the cadences in question were run.")
    if min(rows[name]["jain"].seeds for name in COMPARED) == 0:
        return untested(*SAID)
    failing = {name: missing for name in COMPARED if (missing := _missing(rows[name]))}
    ours = "; ".join(
        f"{name}: index {row['jain'].shown()}, success {row['success'].shown()}, swing {row['swing'].shown()}"
        for name, row in rows.items()
        if name in COMPARED
    )
    why = "; ".join(f"{name}: {', '.join(missing)}" for name, missing in failing.items())
    return claim(*SAID, ours, graded([name not in failing for name in COMPARED]), f"{why}." if why else "")


def _missing(row: dict[str, Over]) -> list[str]:
    told = []
    if row["jain"].mean < REACHED:
        told.append(f"the index misses {TAU:g}")
    if row["success"].mean < SUCCEEDED:
        told.append(f"fewer than {100 * SUCCEEDED:.0f} % succeed")
    if row["swing"].mean > SWINGS:
        told.append(f"the multiplier swings by more than {SWINGS:g}")
    return told
