"""More agents, more rooms, more patients: from 6 to 24 agents of mixed skills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.sweeps import Trial
from reproductions.fair_gne.results import claim, graded, means, over, record_at, section, untested
from reproductions.fair_gne.setting import FAIR_GNE, LONE, NONE, TASK, TAU, budget, compared

if TYPE_CHECKING:
    from reproductions.fair_gne.results import Over, Results

KEY = "wards"
METHODS = (FAIR_GNE, NONE)
COLUMNS = ("jain", "jain_given_success", "success", "episode_steps", "cv")
STEPS = {"ward/6": 1_000_000, "ward/12": 2_500_000, "ward/24": 500_000}
"""Of training."""
SUCCEEDED, REACHED = 0.86, TAU - 0.005
SAID = ("The method works with more agents and rooms", "left open: three agents only")


def trials(quick: bool) -> list[Trial]:
    """Return the trials, those of three agents taken from the comparison."""
    names = [LONE, *budget(quick).wards]
    return [trial for name in names for method in METHODS for trial in _of(name, method, quick)]


def summary(results: Results, quick: bool) -> dict[str, Any]:
    """Return the section."""
    rows, fair = [], {}
    for name in (LONE, *budget(quick).wards):
        for method in METHODS:
            done = results.done(_of(name, method, quick))
            if not done:
                continue
            found = {column: over(means([record_at(r, TAU) for _, r in done], column)) for column in COLUMNS}
            rows.append({"method": method, "n": _agents(name), "scenario": name, **_columns(found), "seeds": len(done)})
            if method == FAIR_GNE:
                fair[name] = found
    return section(
        KEY,
        "More agents and rooms",
        "Does it still work with more agents of mixed skills, with several rooms and patients? (Left open by "
        "the paper, "
        "which has three agents.)",
        figure=None,
        rows=rows,
        tables=[_table(rows)],
        claims=[_claim(fair)],
        notes=[
            f"mappo, the same network and settings as for three agents; steps: {', '.join(_steps(quick))}. ward/24, "
            "whose steps take longest, was given fewest, so that failing there says little of the method.",
            "Jain's index over all episodes counts failed ones, too: a team that fails may be as fair as it likes.",
        ],
        failed=results.failed(trials(quick)),
    )


def _of(name: str, method: str, quick: bool) -> list[Trial]:
    allowed = budget(quick)
    if name == LONE:
        return [compared(LONE, method, seed, quick) for seed in range(allowed.seeds[LONE])]
    config: dict[str, Any] = {"scenario": name, "method": method, "tau": TAU, "steps": STEPS[name]}
    episodes = min(allowed.episodes, 2000)
    return [
        Trial(TASK, {"config": config | {"seed": seed}, "taus": [TAU], "episodes": episodes})
        for seed in range(allowed.wards[name])
    ]


def _steps(quick: bool) -> list[str]:
    return [f"{STEPS[name]:,} for {name}" for name in budget(quick).wards]


def _agents(name: str) -> int:
    kind, _, number = name.partition("/")
    return int(number) if kind == "ward" else 3


def _columns(found: dict[str, Over]) -> dict[str, float | None]:
    return {key: value for column, one in found.items() for key, value in one.columns(column).items()}


def _table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    def cell(row: dict[str, Any], column: str) -> str:
        mean, low, high = (row[name] for name in (column, f"{column}_low", f"{column}_high"))
        return "–" if mean is None else f"{mean:.3f}" if low is None else f"{mean:.3f} [{low:.3f}, {high:.3f}]"

    heads = ["scenario", "method", "agents", "Jain", "Jain given success", "success", "steps", "CV", "seeds"]
    lines = [
        [row["scenario"], row["method"], str(row["n"]), *(cell(row, column) for column in COLUMNS), str(row["seeds"])]
        for row in rows
    ]
    return {"title": f"Threshold {TAU:g}", "columns": heads, "rows": lines}


def _claim(fair: dict[str, dict[str, Over]]) -> dict[str, str]:
    wards = {name: found for name, found in fair.items() if name != LONE}
    if not wards:
        return untested(*SAID)
    met = {n: f["success"].mean >= SUCCEEDED and f["jain"].mean >= REACHED for n, f in wards.items()}
    ours = ", ".join(f"{n}: index {f['jain'].shown()}, success {f['success'].shown()}" for n, f in wards.items())
    missed = [name for name, good in met.items() if not good]
    why = f"{', '.join(missed)}: the index is below {TAU:g} or fewer than {100 * SUCCEEDED:.0f} % succeed."
    return claim(*SAID, ours, graded(list(met.values())), why if missed else "")
