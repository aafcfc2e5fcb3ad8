"""Train teams of 6, 12 and 24 agents, and let the last play a ward of 40: ``python -m benchmarks.learning.wards``.

Each run begins with a clone of the scripted policy ``greedy`` in its own ward. Runs are kept in ``--folder``, one after
the other, so that an interrupted table can continue; what one takes is measured by itself, compilation and cloning
included. Every team is judged by its last parameters on the same starts, and so are ``greedy`` and the lower bound
:func:`evenhand.hospital.least_steps.least_steps`.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
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
from evenhand.learning.training import Run, train
from evenhand.statistics import stratified_bootstrap
from evenhand.tables.write import write_json

NAME = "wards"
WARDS = {"ward/6": 500_000, "ward/12": 500_000, "ward/24": 500_000}
"""Environment steps by ward."""
NEVER_SEEN = "ward/40"
LARGEST = "ward/24"
SEEDS = 5
EPISODES = 1000
STARTS = 3_000_000
"""Seed of the starts on which teams are judged."""
BASELINE_EPISODES = 200
"""Episodes of greedy play, in plain Python, and starts of the lower bound."""
SETTINGS: dict[str, Any] = {
    "network": "entity",
    "shaping": "smoothed",
    "tau": 0.85,
    "policy": {"learning_rate": 1e-3, "entropy_coef": 0.01, "num_minibatches": 8},
    "dual": {"step_size": 0.1},
}
"""What differs from the default configuration."""
CLONE = Clone("greedy", episodes=40)


def config_of(ward: str, seed: int) -> Config:
    """Return the configuration of a run."""
    return Config.from_dict({**SETTINGS, "scenario": ward, "steps": WARDS[ward], "seed": seed})


def measured(ward: str, seed: int, folder: Path) -> dict[str, Any]:
    """Train and judge the team of a seed, or read what was measured before."""
    home = folder / ward.replace("/", "-") / f"seed-{seed}"
    kept = home / "measured.json"
    if not kept.exists():
        wall, processor = time.monotonic(), time.process_time()
        run = train(config_of(ward, seed), folder=home, clone=CLONE)
        spent = {"seconds": time.monotonic() - wall, "processor_seconds": time.process_time() - processor}
        judged = [_judged(run, ward, seed)]
        if ward == LARGEST:
            judged.append(_judged(run, NEVER_SEEN, seed))
        write_json(kept, {"seed": seed, **{name: round(value, 1) for name, value in spent.items()}, "judged": judged})
    found: dict[str, Any] = json.loads(kept.read_text("utf-8"))
    return found


def _judged(run: Run, ward: str, seed: int) -> dict[str, Any]:
    """Return how a team does in a ward under the multipliers that are picked for tau there."""
    learner = learner_of(dataclasses.replace(run.config, scenario=ward))
    picked = pick(learner, run.parameters, episodes=200, seed=STARTS - 1 - seed)
    found = evaluate(learner, run.parameters, episodes=EPISODES, seed=STARTS, multiplier=picked.lottery)
    means = {name: getattr(found, name).value for name in ("success", "jain", "episode_steps")}
    return {
        "ward": ward,
        **{name: round(value, 4) for name, value in means.items()},
        "lottery": picked.lottery.to_dict(),
    }


def baselines(ward: str) -> dict[str, Any]:
    """Return steps, index and success of greedy play, and the mean of the lower bound, on the teams' first starts."""
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


def text(result: dict[str, Any]) -> str:
    """Return the page's table."""
    rows = [_row(ward, runs, result) for ward, runs in result["wards"].items()]
    about = (
        f"`mappo`, {result['episodes']:,} greedy episodes for each team, tau {SETTINGS['tau']:g}, last parameters; of "
        f"greedy play and of the lower bound {result['baseline_episodes']}. {result['machine']['date'][:10]}, "
        f"{result['machine']['cores']} cores shared with other work ({result['machine']['processor']}). Over seeds, "
        "interquartile means with bootstrap intervals of 95 %, and the worst in brackets."
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
    return f"{about}\n\n{table(heads, rows)}"


def _row(ward: str, runs: list[dict[str, Any]], result: dict[str, Any]) -> list[str]:
    of = {name: [run[name] for run in runs] for name in ("success", "jain", "episode_steps")}
    steps = interval(stratified_bootstrap(of["episode_steps"]).to_dict(), ".1f") if len(runs) > 1 else ""
    base = result["baselines"][ward]
    minutes = [run["processor_seconds"] / 60 for run in runs if "processor_seconds" in run]
    return [
        f"`{ward}`",
        f"{len(runs)}",
        f"{np.mean(of['success']):.3f} ({min(of['success']):.3f})",
        f"{np.mean(of['jain']):.3f} ({min(of['jain']):.3f})",
        steps or f"{of['episode_steps'][0]:.1f}",
        f"{base['success']:.2f}, {base['jain']:.2f}, {base['steps']:.1f}",
        f"{base['least']:.1f}",
        f"{np.mean(minutes):.1f} ({max(minutes):.1f})" if minutes else "none: trained in `ward/24`",
    ]


def summary(runs: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return what the page quotes."""
    wards: dict[str, list[dict[str, Any]]] = {}
    for ward, several in runs.items():
        for run in several:
            for judged in run["judged"]:
                spent = {"processor_seconds": run["processor_seconds"]} if judged["ward"] == ward else {}
                wards.setdefault(judged["ward"], []).append({"seed": run["seed"], **judged, **spent})
    return {
        "machine": machine.describe("jax", "jaxlib", "flax", "optax"),
        "episodes": EPISODES,
        "baseline_episodes": BASELINE_EPISODES,
        "wards": wards,
        "baselines": {ward: baselines(ward) for ward in wards},
    }


def main() -> None:
    """Train what is missing, write the result and the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--wards", nargs="+", default=list(WARDS), choices=list(WARDS))
    parser.add_argument("--folder", type=Path, default=Path("runs/wards"))
    parser.add_argument("--publish", action="store_true", help="write the page even if wards or seeds are missing")
    given = parser.parse_args()
    runs = {ward: [measured(ward, seed, given.folder) for seed in range(given.seeds)] for ward in given.wards}
    result = summary(runs)
    if given.publish or (given.wards == list(WARDS) and given.seeds == SEEDS):
        publish(NAME, result, text(result))
    else:
        print(text(result))


if __name__ == "__main__":
    main()
