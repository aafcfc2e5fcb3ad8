"""Train teams of 6, 12 and 24 agents, and let the last play a ward of 40: ``python -m benchmarks.learning.wards``.

The team of 6 begins with a clone of the scripted policy ``greedy``, those of larger wards with the parameters of the
team of 6 of the same seed (the team of 24 in two stages). Runs are kept in ``--folder``, one after the other, so that
an interrupted table can continue; what each takes is measured by itself, compilation and cloning included. Every team
is judged by its last parameters on the same starts, with its actions drawn as in training, and so are ``greedy`` and
the lower bound :func:`evenhand.hospital.least_steps.least_steps`.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax
import numpy as np

from benchmarks import machine
from benchmarks.learning.pages import interval, publish, table
from evenhand import hospital
from evenhand.fairness.measures import jain_index
from evenhand.hospital.least_steps import least_steps
from evenhand.hospital.playing import Greedy
from evenhand.hospital.rules import Rules
from evenhand.learning.build import learner_of
from evenhand.learning.cloning import Clone
from evenhand.learning.config import Config
from evenhand.learning.evaluation import evaluate
from evenhand.learning.pick_multiplier import pick
from evenhand.learning.training import Run, load, train
from evenhand.statistics import stratified_bootstrap
from evenhand.tables.write import write_json

NAME = "wards"
SEEDS = 5
EPISODES = 512
STARTS = 3_000_000
"""Seed of the starts on which teams are judged."""
SUCCESS, INDEX = 0.99, 0.845
"""Least success and least mean index of a team that does what is asked."""
BASELINE_EPISODES = 100
"""Episodes of greedy play, in plain Python, and starts of the lower bound."""
SETTINGS: dict[str, Any] = {
    "network": "entity",
    "shaping": "smoothed",
    "tau": 0.85,
    "policy": {"learning_rate": 1e-3, "entropy_coef": 0.01, "num_minibatches": 8},
    "dual": {"step_size": 0.1},
}
"""What differs from the default configuration, where a stage does not say otherwise."""
CLONE = Clone("greedy", episodes=40, steps=400)


@dataclass(frozen=True)
class Stage:
    """A run of a team, which begins with the parameters of the stage `start`, or with a clone of greedy play."""

    ward: str
    steps: int
    start: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)


FINER = {"learning_rate": 7e-4, "entropy_coef": 0.005, "num_minibatches": 8}
LAST = {"learning_rate": 8e-4, "final_learning_rate_fraction": 0.1, "entropy_coef": 0.0, "num_minibatches": 8}
STAGES = {
    "ward-6": Stage("ward/6", 500_000),
    "ward-12": Stage("ward/12", 120_000, "ward-6", {"policy": FINER}),
    "ward-24-first": Stage("ward/24", 120_000, "ward-6", {"policy": FINER}),
    "ward-24": Stage("ward/24", 140_000, "ward-24-first", {"policy": LAST, "dual": {"step_size": 0.5}}),
}
"""Runs by the names of their folders."""
JUDGED = {"ward-6": ("ward/6",), "ward-12": ("ward/12",), "ward-24": ("ward/24", "ward/40")}
"""Wards in which the teams of a stage are judged."""


def config_of(name: str, seed: int) -> Config:
    """Return the configuration of a stage."""
    stage = STAGES[name]
    return Config.from_dict({**SETTINGS, **stage.settings, "scenario": stage.ward, "steps": stage.steps, "seed": seed})


def measured(name: str, seed: int, folder: Path) -> dict[str, Any]:
    """Train and judge the team of a stage and seed, or read what was measured before."""
    spent = trained(name, seed, folder)
    kept = folder / name / f"seed-{seed}" / "judged.json"
    if not kept.exists():
        run = load(kept.parent)
        write_json(kept, {"judged": [_judged(run, ward, seed) for ward in JUDGED[name]]})
    return {"seed": seed, **spent, **json.loads(kept.read_text("utf-8"))}


def trained(name: str, seed: int, folder: Path) -> dict[str, float]:
    """Train the team of a stage, unless it has been; return the seconds that it took, all stages before included."""
    start = STAGES[name].start
    before = {} if start is None else trained(start, seed, folder)
    home = folder / name / f"seed-{seed}"
    kept = home / "spent.json"
    if not kept.exists():
        wall, processor = time.monotonic(), time.process_time()
        if start is None:
            train(config_of(name, seed), folder=home, clone=CLONE)
        else:
            train(config_of(name, seed), folder=home, start=folder / start / f"seed-{seed}")
        spent = {"seconds": time.monotonic() - wall, "processor_seconds": time.process_time() - processor}
        write_json(kept, {key: round(value, 1) for key, value in spent.items()})
    found: dict[str, float] = json.loads(kept.read_text("utf-8"))
    return {key: value + before.get(key, 0.0) for key, value in found.items()}


def _judged(run: Run, ward: str, seed: int) -> dict[str, Any]:
    """Return how a team does in a ward under the multipliers that are picked for tau there."""
    learner = learner_of(dataclasses.replace(run.config, scenario=ward))
    picked = pick(learner, run.parameters, episodes=64, seed=STARTS - 1 - seed)
    found = evaluate(learner, run.parameters, episodes=EPISODES, seed=STARTS, multiplier=picked.lottery)
    means = {name: getattr(found, name).value for name in ("success", "jain", "episode_steps")}
    return {
        "ward": ward,
        **{name: round(value, 4) for name, value in means.items()},
        "lottery": picked.lottery.to_dict(),
    }


def baselines(ward: str, folder: Path) -> dict[str, Any]:
    """Return means of greedy play and of the lower bound on the teams' first starts, or read what was measured."""
    kept = folder / f"baselines-{ward.replace('/', '-')}.json"
    if not kept.exists():
        write_json(kept, _baselines(ward))
    found: dict[str, Any] = json.loads(kept.read_text("utf-8"))
    return found


def _baselines(ward: str) -> dict[str, float]:
    env = hospital.make(ward, backend="jax")
    keys = jax.vmap(lambda number: jax.random.fold_in(jax.random.key(STARTS), number))(np.arange(BASELINE_EPISODES))
    begun = jax.device_get(jax.vmap(env.reset)(keys))
    rules = Rules(env.arrays)
    greedy, steps, index, success, least = Greedy(rules), [], [], [], []
    for places in zip(begun.station.tolist(), begun.item_place.tolist(), strict=True):
        state = rules.start(*places)
        while not rules.is_over(state):
            state, _ = rules.step(state, greedy(state))
        steps.append(state.time)
        index.append(float(jain_index(np.array(state.workload[0], float))))
        success.append(rules.is_success(state))
        least.append(least_steps(env.scenario, *places))
    means = {"steps": steps, "jain": index, "success": success, "least": least}
    return {name: round(float(np.mean(values)), 4) for name, values in means.items()}


def good(run: dict[str, Any]) -> bool:
    """Return whether a team succeeds and is fair in a ward."""
    return bool(run["success"] >= SUCCESS and run["jain"] >= INDEX)


def text(result: dict[str, Any]) -> str:
    """Return the page's table."""
    rows = [_row(ward, runs, result) for ward, runs in result["wards"].items()]
    made = result["machine"]
    about = (
        f"`mappo`, tau {SETTINGS['tau']:g}, last parameters, {result['episodes']:,} episodes for each team with "
        "actions drawn as in training, under the multipliers picked for tau in that ward; greedy play and the lower "
        f"bound over {result['baseline_episodes']} of their starts. Interquartile means over seeds with bootstrap "
        f"intervals of 95 %, then the worst seed. {made['date'][:10]}, {made['cores']} cores shared with other work "
        f"({made['processor']})."
    )
    judged = [run for runs in result["wards"].values() for run in runs]
    said = (
        f"**{sum(map(good, judged))} of {len(judged)}** teams and wards succeed in at least {SUCCESS:.0%} of the "
        f"episodes with a mean index of at least {INDEX:g}."
    )
    heads = [
        "ward",
        "seeds",
        "success",
        "Jain",
        "steps",
        "greedy: success, Jain, steps",
        "bound",
        "minutes of processor",
    ]
    return "\n\n".join([about, said, table(heads, rows)])


def _row(ward: str, runs: list[dict[str, Any]], result: dict[str, Any]) -> list[str]:
    base = result["baselines"][ward]
    minutes = [run["processor_seconds"] / 60 for run in runs if "processor_seconds" in run]
    return [
        f"`{ward}`",
        f"{len(runs)}",
        _over([run["success"] for run in runs], ".3f", min),
        _over([run["jain"] for run in runs], ".3f", min),
        _over([run["episode_steps"] for run in runs], ".1f", max),
        f"{base['success']:.2f}, {base['jain']:.2f}, {base['steps']:.1f}",
        f"{base['least']:.1f}",
        f"{np.median(minutes):.1f}, at most {max(minutes):.1f}" if minutes else "none: trained in `ward/24`",
    ]


def _over(values: list[float], form: str, worst: Callable[[list[float]], float]) -> str:
    return f"{interval(stratified_bootstrap(values).to_dict(), form)}, {worst(values):{form}}"


def summary(runs: dict[str, list[dict[str, Any]]], folder: Path) -> dict[str, Any]:
    """Return what the page quotes."""
    wards: dict[str, list[dict[str, Any]]] = {}
    for name, several in runs.items():
        for run in several:
            for judged in run["judged"]:
                own = judged["ward"] == STAGES[name].ward
                spent = {"processor_seconds": run["processor_seconds"]} if own else {}
                wards.setdefault(judged["ward"], []).append({"seed": run["seed"], **judged, **spent})
    return {
        "machine": machine.describe("jax", "jaxlib", "flax", "optax"),
        "episodes": EPISODES,
        "baseline_episodes": BASELINE_EPISODES,
        "wards": wards,
        "baselines": {ward: baselines(ward, folder) for ward in wards},
    }


def main() -> None:
    """Train what is missing, write the result and the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--folder", type=Path, default=Path("runs/wards"), help="where runs are kept")
    parser.add_argument("--only", nargs="+", choices=list(JUDGED), help="some of the teams, which are not published")
    given = parser.parse_args()
    asked = given.only or list(JUDGED)
    runs = {name: [measured(name, seed, given.folder) for seed in range(given.seeds)] for name in asked}
    result = summary(runs, given.folder)
    if given.only:
        print(text(result))
    else:
        publish(NAME, result, text(result))


if __name__ == "__main__":
    main()
