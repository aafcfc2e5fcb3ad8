"""How the multiplier behaves if the threshold is out of reach, and if it asks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reproductions.fair_gne.results import claim, graded, means, over, section, untested
from reproductions.fair_gne.setting import LONE, alone, budget

if TYPE_CHECKING:
    from evenhand.sweeps import Trial
    from reproductions.fair_gne.results import Results

KEY = "impossible"
TAUS = {"impossible": 0.999, "loose": 0.36}
"""Twenty units of work among three are at best 7, 7, 6: an index of 0.995 in every episode in which all is done."""
CAP = 1.0
DUAL = {"step_size": 1.0, "cap": CAP}
CAPPED, ZERO = 0.99 * CAP, 0.01
SATURATES = ("A multiplier at its cap indicates an impossible constraint", "lambda saturates")
VANISHES = ("A multiplier of zero indicates a loose threshold", "zero lambda")


def trials(quick: bool) -> list[Trial]:
    """Return the trials."""
    return [trial for name in TAUS for trial in _of(name, quick)]


def summary(results: Results, quick: bool) -> dict[str, Any]:
    """Return the section."""
    found = {name: [result for _, result in results.done(_of(name, quick))] for name in TAUS}
    return section(
        KEY,
        "Thresholds out of reach",
        "What does the method do where the threshold cannot be met, and does it say so? (The paper's failure "
        "signatures; "
        "left open: infeasible thresholds.)",
        figure={"chart": "trace", "caption": "The controller's multiplier over training, means over seeds."},
        rows=[row for name, some in found.items() if some for row in _trace(name, some)],
        tables=[_table(found)],
        claims=[
            _claim(SATURATES, found["impossible"], _told_impossible, found["loose"]),
            _claim(VANISHES, found["loose"], lambda result: result["multiplier"] <= ZERO, []),
        ],
        notes=[
            f"{LONE}, mappo, {budget(quick).alone:,} steps. All is done in 20 units, at best shared 7, 7 and 6, "
            f"an index "
            "of 0.995: a threshold of 0.999 cannot be met by a team that succeeds. A team that does nothing has "
            "an index "
            "of 1, so the threshold is not infeasible as such.",
            "constraint_unmet says that this learner at this cap fell short of the threshold by more than 0.005.",
        ],
        failed=results.failed(trials(quick)),
    )


def _of(name: str, quick: bool) -> list[Trial]:
    change = {"tau": TAUS[name]} | ({"dual": DUAL} if name == "impossible" else {})
    return [alone(quick, change, seed, taus=[TAUS[name]]) for seed in range(budget(quick).few)]


def _told_impossible(result: Any) -> bool:
    return bool(result["multiplier"] >= CAPPED and result["records"][0]["constraint_unmet"])


def _trace(name: str, some: list[Any]) -> list[dict[str, Any]]:
    steps = [report["steps"] for report in some[0]["reports"]]
    return [
        {
            "series": f"threshold {TAUS[name]:g}, {name}",
            "steps": step,
            "multiplier": round(sum(result["reports"][k]["multiplier"] for result in some) / len(some), 5),
            "seeds": len(some),
        }
        for k, step in enumerate(steps)
    ]


def _table(found: dict[str, list[Any]]) -> dict[str, Any]:
    rows = []
    for name, some in found.items():
        if not some:
            continue
        records = [result["records"][0] for result in some]
        cells = [over(means(records, column)).shown() for column in ("jain", "success", "episode_steps")]
        unmet = sum(record["constraint_unmet"] for record in records)
        multiplier = over([result["multiplier"] for result in some]).shown()
        rows.append([name, f"{TAUS[name]:g}", *cells, multiplier, f"{unmet} of {len(some)}"])
    heads = ["threshold", "tau", "Jain", "success", "steps", "multiplier at the end", "constraint_unmet"]
    return {"title": "What is told", "columns": heads, "rows": rows}


def _claim(said: tuple[str, str], some: list[Any], told: Any, others: list[Any]) -> dict[str, str]:
    """Grade whether a sign shows in these runs, and in none of the others."""
    if not some:
        return untested(*said)
    seen, falsely = [told(result) for result in some], [told(result) for result in others]
    ends = ", ".join(f"{result['multiplier']:.3f}" for result in some)
    ours = f"seen in {sum(seen)} of {len(seen)} runs (multiplier at the end {ends})"
    ours += f", falsely in {sum(falsely)} of {len(falsely)}" if others else ""
    verdict = graded([*seen, *(not one for one in falsely)])
    return claim(
        *said, ours, verdict, "" if verdict == "holds" else "The sign is missing in some run, or shows falsely."
    )
