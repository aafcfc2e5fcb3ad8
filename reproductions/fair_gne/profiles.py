"""How the methods compare over all scenarios: performance profiles and probabilities of improvement."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.statistics import improvement_estimate, performance_profile, stratified_bootstrap
from reproductions.fair_gne import comparison
from reproductions.fair_gne.results import Over, section
from reproductions.fair_gne.setting import FAIR_GNE, METHODS, budget, compared_in

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.sweeps import Trial
    from reproductions.fair_gne.results import Results

    Floats = NDArray[np.float64]

KEY = "profiles"
SCORES = {"jain": "Jain's index", "success": "success"}
LEVELS = np.linspace(0.3, 1.0, 15)
RESAMPLES = 200


def trials(quick: bool) -> list[Trial]:
    """Return the trials: those of the comparison."""
    return compared_in(quick)


def summary(results: Results, quick: bool) -> dict[str, Any]:
    """Return the section."""
    tables = {score: tabled(results, quick, score) for score in SCORES}
    return section(
        KEY,
        "Over all scenarios",
        "Which method is ahead over all scenarios and seeds, and how surely? (Beyond the paper: profiles tell "
        "more than "
        "means.)",
        figure={
            "chart": "profiles",
            "caption": "Share of the runs (scenario, seed) above a score; bands of 95 %, seeds redrawn within "
            "scenarios.",
        },
        rows=[
            row
            for score, words in SCORES.items()
            for method, table in tables[score].items()
            for row in _profile(words, method, table)
        ],
        tables=[_improvements(tables)],
        notes=[
            "Of every scenario the same number of seeds, as many as the scenario with the fewest has. A run "
            "that meets its "
            "threshold is not meant to be fairer than that: beside success, compare the steps in the first section.",
        ],
        failed=results.failed(trials(quick)),
    )


def tabled(results: Results, quick: bool, score: str) -> dict[str, Floats]:
    """Return a score of each method that has run everywhere: shape (R, K), R seeds of each of K scenarios."""
    by_scenario = [comparison.scores(results, scenario, quick) for scenario in budget(quick).seeds]
    found = {}
    for method in METHODS:
        columns = [[one[score] for _, one in sorted(some.get(method, {}).items())] for some in by_scenario]
        runs = min(map(len, columns))
        if runs:
            found[method] = np.array([column[:runs] for column in columns]).T
    return found


def _profile(measure: str, method: str, table: Floats) -> list[dict[str, Any]]:
    shares = performance_profile(table, LEVELS)
    rows = []
    for level, share in zip(LEVELS.tolist(), shares.tolist(), strict=True):
        row = {"measure": measure, "method": method, "score": round(level, 3), "seeds": table.shape[0]}
        low = high = None
        if set((table > level).mean(axis=0).tolist()) <= {0.0, 1.0}:  # every resample is the same
            low = high = round(share, 4) if table.shape[0] > 1 else None
        elif table.shape[0] > 1:
            at = stratified_bootstrap(table, partial(_share_above, level), resamples=RESAMPLES)
            low, high = round(at.low, 4), round(at.high, 4)
        rows.append({**row, "share": round(share, 4), "low": low, "high": high})
    return rows


def _share_above(level: float, table: Floats) -> float:
    return float(performance_profile(table, [level])[0])


def _improvements(tables: dict[str, dict[str, Floats]]) -> dict[str, Any]:
    rows = []
    for method in METHODS[1:]:
        if all(method in table and FAIR_GNE in table for table in tables.values()):
            cells = [_ahead(table[FAIR_GNE], table[method]).shown(".2f") for table in tables.values()]
            rows.append([method, *cells, str(tables["jain"][method].shape[0])])
    heads = ["fair-gne against", *SCORES.values(), "seeds of each scenario"]
    return {"title": "Probability that a run of fair-gne is ahead (draws count half)", "columns": heads, "rows": rows}


def _ahead(ours: Floats, theirs: Floats) -> Over:
    runs = min(ours.shape[0], theirs.shape[0])
    found = improvement_estimate(ours, theirs, resamples=RESAMPLES)
    nan = float("nan")
    return Over(found.value, found.low, found.high, runs) if runs > 1 else Over(found.value, nan, nan, runs)
