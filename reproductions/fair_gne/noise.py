"""A trained team whose observations are noisy or delayed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reproductions.fair_gne.results import claim, graded, means, over, section, untested
from reproductions.fair_gne.setting import LONE, TAU, probed

if TYPE_CHECKING:
    from evenhand.sweeps import Trial
    from reproductions.fair_gne.results import Over, Results

KEY = "noise"
COLUMNS = ("jain", "success", "episode_steps")
SUCCEEDED, REACHED = 0.86, TAU - 0.01
KINDS = {"noises": ("noise", "standard deviation of the noise"), "delays": ("delay", "delay in steps")}
SAID = {
    "noises": ("A trained team stays fair and successful under noise", "left open: noise"),
    "delays": ("A trained team stays fair and successful under delay", "left open: delay"),
}


def trials(quick: bool) -> list[Trial]:
    """Return the trials: those of the comparison that are disturbed."""
    return probed(quick)


def summary(results: Results, quick: bool) -> dict[str, Any]:
    """Return the section."""
    done = [result for _, result in results.done(trials(quick))]
    found = {kind: _levels(done, kind) for kind in KINDS}
    return section(
        KEY,
        "Noise and delay",
        "Does a trained team stay fair when what it sees is blurred or a step late? (Left open by the paper: noise and "
        "delayed communication.)",
        figure={"chart": "lines", "caption": "Interquartile means over seeds.", "x": "noise, or delay in steps"},
        rows=[
            {"measure": f"{'Jain' if column == 'jain' else column}, {KINDS[kind][1]}", "x": level}
            | {"disturbance": KINDS[kind][0], "metric": column, **estimates[column].long()}
            for kind, levels in found.items()
            for column in COLUMNS
            for level, estimates in levels.items()
        ],
        claims=[_claim(kind, levels) for kind, levels in found.items()],
        notes=[
            f"{LONE}, at the multipliers of threshold {TAU:g}. Teams were trained without noise and delay. "
            f"Every feature "
            "of an observation lies in [0, 1] and gets Gaussian noise of its own in each step; a delay shows "
            "everything, "
            "oneself included, as it was so many steps ago. Which actions are possible is known at once.",
        ],
        failed=results.failed(trials(quick)),
    )


def _levels(done: list[Any], kind: str) -> dict[float, dict[str, Over]]:
    """Return every metric by level, no disturbance first."""
    if not done:
        return {}
    name = KINDS[kind][0]
    by_level: dict[float, list[Any]] = {0: [result["records"][0] for result in done]}
    for result in done:
        for record in result[kind]:
            by_level.setdefault(record[name], []).append(record)
    return {
        level: {column: over(means(records, column)) for column in COLUMNS}
        for level, records in sorted(by_level.items())
    }


def _claim(kind: str, levels: dict[float, dict[str, Over]]) -> dict[str, str]:
    disturbed = {level: one for level, one in levels.items() if level > 0}
    if not disturbed:
        return untested(*SAID[kind])
    met = {level: not _missing(one) for level, one in disturbed.items()}
    name = KINDS[kind][0]
    ours = ", ".join(
        f"{name} {level:g}: index {one['jain'].shown()}, success {one['success'].shown()}"
        for level, one in disturbed.items()
    )
    why = "; ".join(f"{name} {level:g}: {_missing(one)}" for level, one in disturbed.items() if _missing(one))
    return claim(*SAID[kind], ours, graded(list(met.values())), f"{why}." if why else "")


def _missing(one: dict[str, Over]) -> str:
    told = []
    if one["success"].mean < SUCCEEDED:
        told.append(f"fewer than {100 * SUCCEEDED:.0f} % succeed")
    if one["jain"].mean < REACHED:
        told.append(f"the index is more than 0.01 below {TAU:g}")
    return " and ".join(told)
