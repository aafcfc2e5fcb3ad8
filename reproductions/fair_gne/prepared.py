"""The claims on noise, delay, absence and large wards again, with teams that were trained for them.

Their trials are those of ``python -m benchmarks.learning.disturbed_teams`` and ``python -m benchmarks.learning.wards``,
whose published results are read here; ``python -m reproductions.publish`` puts the claims beside those of teams that
were not trained for it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reproductions.fair_gne.results import claim, graded, over
from reproductions.fair_gne.setting import LONE, TAU

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reproductions.fair_gne.results import Over

MEASURED = Path(__file__).parents[2] / "benchmarks" / "results" / "learning"
SUCCEEDED, REACHED = 0.86, TAU - 0.01
"""As for the teams that were not trained for it."""
LEVELS = {
    "noise": ("noise 0.05", "noise 0.1"),
    "delay": ("delay 1", "delay 2"),
    "absence": ("agent 1 idle", "agent 2 idle", "agent 3 idle"),
}
SAID = {
    "noise": ("Trained for noise, a team stays fair and successful under it", "left open: noise"),
    "delay": ("Trained for delay, a team stays fair and successful under it", "left open: delay"),
    "absence": ("Trained for absence, a team is fair among those present beside an idle agent", "left open"),
    "wards": ("With a network over entities, the method works with more agents and rooms", "left open: three agents"),
}
SECTIONS = {
    "noise": ("disturbed_teams", ("noise", "delay")),
    "defection": ("disturbed_teams", ("absence",)),
    "wards": ("wards", ("wards",)),
}
"""The benchmark and the kinds of claims that belong to a section."""
NOTES = {
    "disturbed_teams": (
        f"Trained for it: one team for noise, delay and absence at once, {LONE}, at the multipliers of threshold "
        f"{TAU:g} picked at each level; `python -m benchmarks.learning.disturbed_teams`, docs/how-to/disturbances.md. "
        "Unlike the others, these teams see their own last actions and running means, and an idle agent counts as "
        "absent: fairness is among those present."
    ),
    "wards": (
        "With a network over entities: cloned from greedy play in ward/6, larger wards begun with the smaller ones' "
        "parameters, actions drawn in play; no team was trained in ward/40. `python -m benchmarks.learning.wards`, "
        "docs/reference/learned-fairness.md."
    ),
}


def beside(told: dict[str, Any]) -> dict[str, Any]:
    """Return a document with these claims and notes in its sections, in place of those that it may have."""
    ours = {said for said, _ in SAID.values()}
    return told | {"sections": [_beside(section, ours) for section in told["sections"]]}


def _beside(section: dict[str, Any], ours: set[str]) -> dict[str, Any]:
    benchmark, kinds = SECTIONS.get(section["key"], ("", ()))
    claims = [claim for claim in section["claims"] if claim["claim"] not in ours]
    notes = [note for note in section["notes"] if note not in NOTES.values()]
    if not _published(benchmark):
        return section | {"claims": claims, "notes": notes}
    return section | {"claims": [*claims, *again(*kinds)], "notes": [*notes, NOTES[benchmark]]}


def again(*kinds: str) -> list[dict[str, str]]:
    """Return the claims of some kinds of SAID, where the benchmark has been published."""
    rows = {kind: (_wards() if kind == "wards" else _disturbed(LEVELS[kind])) for kind in kinds}
    return [_claim(kind, found) for kind, found in rows.items() if found]


def _disturbed(levels: Sequence[str]) -> dict[str, dict[str, Over]]:
    rows = [row for row in _published("disturbed_teams").get("rows", ()) if row["scenario"] == LONE]
    names = {"jain": "repicked_potential", "success": "repicked_success", "episode_steps": "repicked_episode_steps"}
    return {level: _over([row for row in rows if row["level"] == level], names) for level in levels if rows}


def _wards() -> dict[str, dict[str, Over]]:
    names = {name: name for name in ("jain", "success", "episode_steps")}
    return {ward: _over(runs, names) for ward, runs in _published("wards").get("wards", {}).items()}


def _over(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> dict[str, Over]:
    kept = list(rows)
    return {name: over([row[column] for row in kept]) for name, column in names.items()}


def _published(name: str) -> dict[str, Any]:
    file = MEASURED / f"{name}.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return found


def _claim(kind: str, found: Mapping[str, Mapping[str, Over]]) -> dict[str, str]:
    missed = [level for level, one in found.items() if one["success"].mean < SUCCEEDED or one["jain"].mean < REACHED]
    ours = ", ".join(
        f"{level}: index {one['jain'].shown()}, success {one['success'].shown()}, {one['episode_steps'].shown('.1f')} "
        "steps"
        for level, one in found.items()
    )
    why = (
        f"{', '.join(missed)}: the index is more than 0.01 below {TAU:g} or fewer than {100 * SUCCEEDED:.0f} % succeed."
    )
    return claim(*SAID[kind], ours, graded([level not in missed for level in found]), why if missed else "")
