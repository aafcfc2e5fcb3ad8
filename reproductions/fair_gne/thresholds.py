"""One network at every threshold: success and time as the threshold rises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.report.formats import count
from reproductions.fair_gne import published
from reproductions.fair_gne.results import claim, means, over, record_at, section, untested
from reproductions.fair_gne.setting import FAIR_GNE, SPECIALIST, budget, compared_in

if TYPE_CHECKING:
    from evenhand.sweeps import Trial
    from reproductions.fair_gne.results import Results

KEY = "thresholds"
COLUMNS = ("jain", "success", "episode_steps")
LOOSE, STRICT = 0.55, 0.85
FALL = 0.03
"""Half of the fall of success that the paper reports from the loose threshold to the strict one."""
SAID = ("Success falls from 92 % at a threshold of 0.55 to 86 % at 0.85", "0.92, 0.86")


def trials(quick: bool) -> list[Trial]:
    """Return the trials: those of the comparison."""
    return compared_in(quick, (FAIR_GNE,))


def summary(results: Results, quick: bool) -> dict[str, Any]:
    """Return the section."""
    done = results.done(trials(quick))
    taus = sorted(budget(quick).taus)
    by_scenario = {
        scenario: [result for trial, result in done if trial.config["config"]["scenario"] == scenario]
        for scenario in budget(quick).seeds
    }
    rows = [_row(scenario, tau, some) for scenario, some in by_scenario.items() if some for tau in taus]
    return section(
        KEY,
        "A threshold for every taste",
        "How much success does a stricter threshold cost? (The paper's trade-off between a threshold of 0.55 "
        "and 0.85.)",
        figure={
            "chart": "thresholds",
            "caption": "Interquartile means over seeds. Each team was trained once and is asked for every threshold.",
        },
        rows=rows,
        claims=[_claim(by_scenario[SPECIALIST])],
        notes=[
            "The multipliers aim a little above a threshold, so that 99.5 % of the windows of 200 episodes "
            "should be at "
            "most 0.01 below it.",
        ],
        failed=results.failed(trials(quick)),
    )


def _row(scenario: str, tau: float, some: list[Any]) -> dict[str, Any]:
    records = [record_at(result, tau) for result in some]
    found = {column: over(means(records, column)) for column in COLUMNS}
    row: dict[str, Any] = {"scenario": scenario, "tau": tau}
    for column, estimate in found.items():
        row |= estimate.columns(column)
    theirs = published.SUCCESS.get(tau) if scenario == SPECIALIST else None
    return row | {"success_published": theirs, "seeds": len(some)}


def _claim(some: list[Any]) -> dict[str, str]:
    if not some:
        return untested(*SAID)
    loose, strict = (
        {column: np.array(means([record_at(result, tau) for result in some], column)) for column in COLUMNS}
        for tau in (LOOSE, STRICT)
    )
    fall = over((loose["success"] - strict["success"]).tolist(), mean=True)
    longer = over((strict["episode_steps"] - loose["episode_steps"]).tolist(), mean=True)
    ours = f"{over(loose['success'].tolist()).shown()}, {over(strict['success'].tolist()).shown()}"
    told = f"; the fall is {fall.shown()} on average, {count(fall.seeds, 'seed')}"
    verdict = "holds" if fall.mean >= FALL else "partly" if fall.seeds > 1 and fall.low > 0.0 else "differs"
    why = (
        f"Success falls by less than half of what is reported; an episode takes {longer.shown('+.2f')} steps longer at "
        "the strict threshold."
    )
    return claim(*SAID, ours + told, verdict, "" if verdict == "holds" else why)
