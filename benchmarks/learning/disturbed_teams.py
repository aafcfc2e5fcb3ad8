"""Teams trained for delay, noise and absence, at each of these: ``python -m benchmarks.learning.disturbed_teams``.

One team for each scenario and seed is trained for all disturbances at once. The teams that were trained undisturbed are
those of ``python -m benchmarks.learning.thresholds``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from rich.progress import Progress

from benchmarks.learning.pages import ROOT, interval, put, save, saved, table
from benchmarks.learning.trials import KEPT, made
from evenhand import hospital
from evenhand.hospital.planner import trade_off
from evenhand.statistics import stratified_bootstrap
from evenhand.sweeps import Local, State, Trial, run_all

NAME = "disturbed_teams"
TASK = "benchmarks.learning.disturbed_teams:run"
PAGE = ROOT / "docs" / "how-to" / "disturbances.md"
TAU, SHORTFALL, SUCCESS, LONGER, NEAR = 0.85, 0.005, 0.99, 1.1, 1.05
"""Threshold; largest shortfall; least success; most steps over the planner's and over an undisturbed team's."""
SEEDS = 5
SETTINGS: dict[str, dict[str, Any]] = {
    "lone-expert/default": {"steps": 2_000_000},
    "fair-gne/specialist": {"steps": 3_000_000, "policy": {"entropy_coef": 0.1, "entropy_until": 0.8}},
    "rescue-breaths/specialist": {"steps": 3_000_000},
}
"""How a team is trained, by scenario, where it differs from the default configuration.

In fair-gne/specialist a team that explores as little as by default settles on an order of tasks that costs a step under
delay. In rescue-breaths/specialist that costs steps instead.
"""
TRAINED = {"delay": [0, 2], "noise": [0.0, 0.1], "absence": 0.5}
LEVELS: dict[str, dict[str, Any]] = {
    "undisturbed": {},
    "delay 1": {"delay": 1},
    "delay 2": {"delay": 2},
    "noise 0.05": {"noise": 0.05},
    "noise 0.1": {"noise": 0.1},
    "agent 1 idle": {"absent": [0]},
    "agent 2 idle": {"absent": [1]},
    "agent 3 idle": {"absent": [2]},
}
PICKED, EPISODES = 250, 2000
"""Episodes per multiplier when the lottery is picked, and to evaluate it."""
STARTS = 1_000_000
Row = dict[str, Any]


def run(config: dict[str, Any]) -> dict[str, Any]:
    """Train a team and evaluate it at every level: a task of :mod:`evenhand.sweeps`.

    Under the multipliers that are picked at the level, and under those that are picked for the team undisturbed.
    """
    from evenhand.learning.config import Config
    from evenhand.learning.training import train

    began = time.process_time()
    trained = train(Config.from_dict(config["config"], "trial"))
    spent = time.process_time() - began
    return {"processor_seconds": spent, "levels": judged(trained, config["levels"])}


def judged(trained: Any, levels: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the metrics of a team by level."""
    from evenhand.learning.disturbance_level import Level
    from evenhand.learning.evaluation import evaluate
    from evenhand.learning.pick_multiplier import pick
    from evenhand.learning.record import at_level

    calm = None
    found = {}
    for name, level in levels.items():
        asked = Level(**{key: tuple(value) if key == "absent" else value for key, value in level.items()})
        team = at_level(trained, asked)
        lottery = pick(team.learner, team.parameters, episodes=PICKED, seed=STARTS, margin=0.0).lottery
        calm = lottery if calm is None else calm
        found[name] = {
            way: {metric: getattr(record, metric).value for metric in ("success", "potential", "episode_steps")}
            for way, drawn in (("repicked", lottery), ("kept", calm))
            for record in [
                evaluate(team.learner, team.parameters, episodes=EPISODES, seed=STARTS + 7, multiplier=drawn)
            ]
        }
    return found


def trials(seeds: int, scenarios: list[str], steps: int | None = None) -> dict[str, Trial]:
    """Return the trials by name, seed by seed."""
    return {
        f"{scenario}, {seed}": Trial(
            TASK,
            {
                "config": {"scenario": scenario, "tau": TAU, "seed": seed, "disturbance": TRAINED}
                | SETTINGS[scenario]
                | ({} if steps is None else {"steps": steps}),
                "levels": LEVELS,
            },
        )
        for seed in range(seeds)
        for scenario in scenarios
    }


def planned(scenario: str) -> dict[str, float]:
    """Return the least mean steps at the threshold by level: of the best plan of the two others where one is idle."""
    whole = hospital.load(scenario)

    def least(absent: list[int]) -> float:
        agents = tuple(agent for number, agent in enumerate(whole.agents) if number not in absent)
        time_at = trade_off(whole.model_copy(update={"agents": agents})).time_at(TAU)
        assert time_at is not None  # in each of the scenarios any two can do it fairly
        return time_at

    known = {(): least([])}
    return {
        name: known.setdefault(tuple(level.get("absent", ())), least(level.get("absent", [])))
        for name, level in LEVELS.items()
    }


def summary(results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a row for each scenario, seed and level."""
    rows = []
    least: dict[str, dict[str, float]] = {}
    alone = {(row["scenario"], row["seed"], row["tau"]): row["episode_steps"] for row in saved("thresholds")["rows"]}
    for name, result in results.items():
        scenario, seed = name.split(", ")
        if scenario not in least:
            least[scenario] = planned(scenario)
        rows += [
            {"scenario": scenario, "seed": int(seed), "level": level, "planned": least[scenario][level]}
            | {f"{way}_{key}": round(value, 5) for way, some in found.items() for key, value in some.items()}
            | {"trained_undisturbed": alone[scenario, int(seed), TAU]}
            | {"processor_seconds": result["processor_seconds"]}
            for level, found in result["levels"].items()
        ]
    return {"machine": made(results), "settings": SETTINGS, "trained": TRAINED, "rows": rows}


def good(row: Row) -> bool:
    """Return whether a team succeeds, is fair and is quick at a level, under the multipliers picked there."""
    fair = row["repicked_success"] >= SUCCESS and row["repicked_potential"] >= TAU - SHORTFALL
    near = row["level"] != "undisturbed" or row["repicked_episode_steps"] <= NEAR * row["trained_undisturbed"]
    return fair and near and row["repicked_episode_steps"] <= LONGER * row["planned"]


def text(result: dict[str, Any]) -> str:
    """Return the page's table."""
    rows = result["rows"]
    seeds = sorted({row["seed"] for row in rows})
    cost = {(row["scenario"], row["seed"]): row["processor_seconds"] for row in rows}
    trained = result["trained"]
    about = (
        f"`mappo`, {_settings(result['settings'])}, {len(seeds)} seed{'s' * (len(seeds) != 1)}, last "
        f"parameters, {EPISODES:,} greedy episodes for each seed and level; one team per scenario and seed, trained "
        f"for delay {trained['delay'][0]} to {trained['delay'][1]}, noise up to {trained['noise'][1]:g} and one idle "
        f"agent in {trained['absence']:.0%} of the episodes; {result['machine']['date'][:10]}, shared cores "
        f"({result['machine']['processor']}). Training takes {np.median(list(cost.values())):.0f} s of processor "
        f"in the median, {max(cost.values()):.0f} s at most. Interquartile means over seeds with bootstrap intervals "
        "of 95 %, and after them the worst seed."
    )
    said = (
        f"**{sum(map(good, rows))} of {len(rows)}** teams and levels succeed in {SUCCESS:.0%} of the episodes, have "
        f"a mean index of at least {TAU - SHORTFALL:g} and take at most {LONGER - 1:.0%} more steps than the planner, "
        f"and undisturbed at most {NEAR - 1:.0%} more than a team that was trained undisturbed."
    )
    lines = []
    for scenario in dict.fromkeys(row["scenario"] for row in rows):
        for level in LEVELS:
            some = [row for row in rows if (row["scenario"], row["level"]) == (scenario, level)]
            lines.append(_line(scenario, level, some))
    heads = ["level", "success", "Jain", "steps", "planner", "ratio", "Jain, kept", "steps, kept", "good"]
    return "\n\n".join([about, said, table(["scenario", *heads], lines)])


def _settings(settings: dict[str, dict[str, Any]]) -> str:
    """Return the settings of training in words, alike ones together."""
    alike: dict[str, list[str]] = {}
    for scenario, given in settings.items():
        policy = ", ".join(f"`{name} = {value:g}`" for name, value in given.get("policy", {}).items())
        words = f"{given['steps'] / 1e6:g} million steps" + (f" with {policy}" if policy else "")
        alike.setdefault(words, []).append(f"`{scenario}`")
    return ", ".join(f"{words} in {' and '.join(named)}" for words, named in alike.items())


def _line(scenario: str, level: str, rows: list[Row]) -> list[str]:
    def over(name: str, form: str = ".3f", worst: Callable[[list[float]], float] | None = None) -> str:
        values = [row[name] for row in rows]
        if len(values) == 1:
            return f"{values[0]:{form}}"
        last = f", {worst(values):{form}}" if worst else ""
        return interval(stratified_bootstrap(values).to_dict(), form) + last

    ratio = [row["repicked_episode_steps"] / row["planned"] for row in rows]
    return [
        f"`{scenario}`",
        level,
        over("repicked_success", worst=min),
        over("repicked_potential", worst=min),
        over("repicked_episode_steps", ".2f", max),
        f"{rows[0]['planned']:.2f}",
        f"{np.mean(ratio):.2f}, {max(ratio):.2f}",
        over("kept_potential"),
        over("kept_episode_steps", ".2f"),
        f"{sum(map(good, rows))} of {len(rows)}",
    ]


def main() -> None:
    """Run what is missing, write the result and the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--scenarios", nargs="+", default=list(SETTINGS))
    parser.add_argument("--steps", type=int, help="of training, in all scenarios; results are printed only")
    parser.add_argument("--workers", type=int, default=None, help="trials side by side; default one per core")
    given = parser.parse_args()
    asked = trials(given.seeds, given.scenarios, given.steps)
    with Progress() as progress:
        bar = progress.add_task("trials", total=None)

        def tell(state: State) -> None:
            progress.update(bar, total=state.total, completed=state.done + state.failed)

        outcomes = run_all(list(asked.values()), KEPT, engine=Local(pinned=True), workers=given.workers, progress=tell)
    failures = [f"{name}: {one.trace}" for name, one in zip(asked, outcomes, strict=True) if one.status != "done"]
    if failures:
        raise RuntimeError("\n".join(failures))
    results = {name: {"machine": one.machine, **one.result} for name, one in zip(asked, outcomes, strict=True)}
    result = summary(results)
    print(text(result))
    if given.scenarios == list(SETTINGS) and given.steps is None:
        save(NAME, result)
        put(NAME, text(result), PAGE)


if __name__ == "__main__":
    main()
