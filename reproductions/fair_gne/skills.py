"""FairSkillMARL's two objectives at once, even work and work for the able, in four kinds of team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reproductions.fair_gne import published
from reproductions.fair_gne.results import claim, graded, means, over, section
from reproductions.fair_gne.setting import NONE, alone, budget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evenhand.sweeps import Trial
    from reproductions.fair_gne.results import Over, Results

KEY = "skills"
TEAMS = ("equal", "best", "specialist", "forced-cooperation")
QUICKLY = ("specialist",)
DUAL, WORK = "workload-skill-penalty", "workload-penalty"
METHODS = (DUAL, WORK, NONE)
WEIGHT = 1.0
COLUMNS = ("misalignment", "gini", "jain", "success", "episode_steps")
NEAR = 0.05
"""Difference of the Gini index up to which two methods share work about as evenly."""
ALIGNED = ("Pricing skill beside workload gives work to the abler", "higher alignment than workload alone")
EVEN = ("It does so at a comparable or lower disparity of work", "comparable or lower")


def trials(quick: bool) -> list[Trial]:
    """Return the trials."""
    return [trial for team in _teams(quick) for method in METHODS for trial in _of(team, method, quick)]


def summary(results: Results, quick: bool) -> dict[str, Any]:
    """Return the section."""
    found: dict[str, dict[str, dict[str, Over]]] = {}
    for team in _teams(quick):
        for method in METHODS:
            records = [result["records"][0] for _, result in results.done(_of(team, method, quick))]
            if records:
                estimates = {column: over(means(records, column)) for column in COLUMNS}
                found.setdefault(team, {})[method] = estimates
    return section(
        KEY,
        "Even work, and work for the able",
        "Does pricing the misalignment of skills and tasks beside unequal work give work to the abler, and does "
        "it stay "
        f"even? (FairSkillMARL's dual objective, {published.SKILLS}, in its four kinds of team.)",
        figure={
            "chart": "intervals",
            "caption": "Gini index of the work and misalignment: the part of the skill at hand that was not used.",
        },
        rows=[
            {
                "measure": f"{column}, {team}",
                "team": team,
                "metric": column,
                "method": method,
                **estimates[column].long(),
            }
            for column in COLUMNS[:2]
            for team, methods in found.items()
            for method, estimates in methods.items()
        ],
        tables=[_table(team, methods) for team, methods in found.items()],
        claims=_claims(found),
        notes=[
            f"rescue-breaths, mappo, {budget(quick).alone:,} steps. workload-skill-penalty prices 0.5 times the Gini "
            "index of the work plus 0.5 times the misalignment, workload-penalty the Gini index alone, both "
            "with a weight "
            f"of {WEIGHT:g} beside a reward of 2 for a whole episode, telescoped. All three see who has done "
            f"which step.",
            "In an equal team nobody is abler, and misalignment is 0 whatever is done; so it is where all are as able.",
        ],
        failed=results.failed(trials(quick)),
    )


def _teams(quick: bool) -> tuple[str, ...]:
    return QUICKLY if quick else TEAMS


def _of(team: str, method: str, quick: bool) -> list[Trial]:
    change: dict[str, Any] = {"scenario": f"rescue-breaths/{team}", "method": method}
    if method != NONE:
        change["dual"] = {"multiplier": WEIGHT}
    return [alone(quick, change, seed, aligned=True) for seed in range(budget(quick).few)]


def _table(team: str, methods: Mapping[str, Mapping[str, Over]]) -> dict[str, Any]:
    rows = [
        [method, *(estimates[column].shown() for column in COLUMNS), str(estimates["jain"].seeds)]
        for method, estimates in methods.items()
    ]
    return {
        "title": f"rescue-breaths/{team}",
        "columns": ["method", "misalignment", "Gini", "Jain", "success", "steps", "seeds"],
        "rows": rows,
    }


def _claims(found: Mapping[str, Mapping[str, Mapping[str, Over]]]) -> list[dict[str, str]]:
    both = {team: methods for team, methods in found.items() if DUAL in methods and WORK in methods}
    # Where nobody is abler there is nothing to gain.
    differing = {
        t: m for t, m in both.items() if max(m[WORK]["misalignment"].mean, m[DUAL]["misalignment"].mean) > 1e-9
    }
    return [
        _claim(ALIGNED, differing, "misalignment", -1e-9, "The same misalignment or more in"),
        _claim(EVEN, both, "gini", NEAR, f"The Gini index is more than {NEAR:g} higher in"),
    ]


def _claim(
    said: tuple[str, str],
    found: Mapping[str, Mapping[str, Mapping[str, Over]]],
    column: str,
    most: float,
    words: str,
) -> dict[str, str]:
    """Grade, over teams, whether the dual objective is at most so much above the workload's in a metric."""
    if not found:
        return claim(*said, "", "not tested", "No team was run in which it could be told.")
    met = {team: methods[DUAL][column].mean - methods[WORK][column].mean <= most for team, methods in found.items()}
    ours = ", ".join(
        f"{team}: {methods[DUAL][column].shown()} against {methods[WORK][column].shown()}"
        for team, methods in found.items()
    )
    missed = [team for team, good in met.items() if not good]
    return claim(
        *said, f"{column}, {ours}", graded(list(met.values())), f"{words} {', '.join(missed)}." if missed else ""
    )
