"""Time the learners: ``python -m benchmarks.learners``, or ``make bench``.

It measures environment steps per second of training, gradient steps included, by :func:`evenhand.learning.train` at its
default settings. Each learner has a separate process, which may use all cores unless its name says otherwise.
Compilation is reported separately. The learners take turns: in each repeat, each trains for a few seconds while the
others wait.

BenchMARL's QMIX trains on the reference environment, in the same turns, by the Python given with ``--benchmarl`` or the
variable EVENHAND_BENCH_BENCHMARL: as shipped, and with our sizes and rates. Then the latter and our QMIX, without a
constraint, train for the same number of steps, and their greedy policies are evaluated.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.progress import track

from benchmarks import learners_table, machine, processes
from benchmarks.processes import Worker, write
from evenhand.learning.config import LEARNERS
from evenhand.statistics import mean_estimate, share_estimate

VARIABLE = "EVENHAND_BENCH_BENCHMARL"
MODULES = {
    "evenhand": "benchmarks.learners_worker",
    "benchmarl": "benchmarks.benchmarl_worker",
    "host": "benchmarks.host_worker",
    "benchmarl_spread": "benchmarks.benchmarl_spread_worker",
}
OURS: dict[str, dict[str, Any]] = {
    **{name: {"config": {"learner": name}} for name in LEARNERS},
    "parallel-vdn, 1 pass": {"config": {"learner": "parallel-vdn", "parallel": {"num_epochs": 1}}},
    "parallel-vdn, 1 core": {"config": {"learner": "parallel-vdn"}, "one_core": True},
    "qmix, 1 core": {"config": {"learner": "qmix"}, "one_core": True},
}
ALIKE = "BenchMARL QMIX, our sizes and rates"
PEERS: dict[str, dict[str, Any]] = {
    "BenchMARL QMIX, as shipped": {
        # Ten short iterations for one of 6,000 steps and 1,000 fits: the same ratio, without waiting a minute.
        "experiment": {"off_policy_collected_frames_per_batch": 600, "off_policy_n_optimizer_steps": 100},
    },
    ALIKE: {
        "experiment": {
            "off_policy_n_envs_per_worker": 64,
            "off_policy_collected_frames_per_batch": 512,
            "off_policy_train_batch_size": 256,
            "off_policy_n_optimizer_steps": 8,
            "lr": 1e-3,
            "polyak_tau": 0.02,
            "exploration_eps_init": 1.0,
            "exploration_eps_end": 0.05,
        },
        "model": {"num_cells": [64, 64]},
    },
}
"""Fields of BenchMARL's configurations of experiment and model that are not as shipped."""

Job = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write."""
    options = _options(arguments)
    missing = processes.missing(options.benchmarl, "benchmarl", f"--benchmarl or {VARIABLE}")
    peers = () if missing else tuple(PEERS)
    described = machine.describe("jax", "jaxlib", "flax", "optax")
    described["load_before"] = os.getloadavg()[0]
    jobs = [_ours(name, options) for name in options.learners] + [_peer(name, options) for name in peers]
    to_the_end = _to_the_end(options, alone=bool(missing))
    result = {
        "machine": described,
        **{name: getattr(options, name) for name in ("scenario", "seconds", "repeats", "steps", "episodes")},
        "benchmarl_missing": missing,
        "rows": speeds(jobs, options),
        "reached": [_reached(job, options) for job in track(to_the_end, "training to the end")],
    }
    learners_table.show(result)
    write(result, "learners", options.json)
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learners", description=__doc__)
    parser.add_argument("--scenario", default="rescue-breaths/specialist", help="name of a scenario")
    parser.add_argument("--learners", nargs="+", choices=OURS, default=tuple(OURS), help="which are timed (all)")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each trains in a repeat, at least (3)")
    parser.add_argument("--repeats", type=int, default=5, help="how often (5)")
    parser.add_argument("--steps", type=int, default=100_000, help="of trainings whose result is measured (100,000)")
    parser.add_argument("--seeds", type=int, default=1, help="such trainings of each learner (1)")
    parser.add_argument("--episodes", type=int, default=500, help="that measure a result (500)")
    parser.add_argument("--benchmarl", default=os.environ.get(VARIABLE), help="a Python that has BenchMARL")
    parser.add_argument("--json", type=Path, help="where to write (benchmarks/results/learners-<date>.json)")
    return parser.parse_args(arguments)


def _ours(name: str, options: argparse.Namespace) -> Job:
    config = {**OURS[name]["config"], "scenario": options.scenario}
    return {"kind": "evenhand", "name": name, **OURS[name], "config": config, "reach": None}


def _peer(name: str, options: argparse.Namespace) -> Job:
    return {"kind": "benchmarl", "name": name, "asked": {"scenario": options.scenario, **PEERS[name]}, "reach": None}


def _to_the_end(options: argparse.Namespace, alone: bool) -> list[Job]:
    """Return the trainings whose result is measured, seed by seed; `alone` is ours without its peer."""
    jobs = []
    for seed in range(options.seeds):
        asked = {"steps": options.steps, "seed": seed}
        mine, theirs = _ours("qmix", options), _peer(ALIKE, options)
        mine["config"] |= {**asked, "method": "none"}
        theirs["asked"] |= asked
        pair = [mine] if alone else [mine, theirs]
        jobs += [{**job, "seed": seed, "reach": {"episodes": options.episodes}} for job in pair]
    return jobs


def speeds(jobs: list[Job], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return steps a second of each job, in all repeats."""
    with ExitStack() as stack:
        workers, ready = [], []
        for job in track(jobs, "compiling"):
            workers.append(stack.enter_context(_worker(job, options)))
            ready.append(workers[-1].hear())
        turns = [
            [_turn(worker, options.seconds) for worker in workers] for _ in track(range(options.repeats), "timing")
        ]
    return [
        {
            "kind": job["kind"],
            "name": job["name"],
            **about,
            "steps_per_second": [turn[number]["steps"] / turn[number]["seconds"] for turn in turns],
            "cores": [turn[number]["cores"] for turn in turns],
        }
        for number, (job, about) in enumerate(zip(jobs, ready, strict=True))
    ]


def _turn(worker: Worker, seconds: float) -> dict[str, float]:
    worker.say({"seconds": seconds})
    return worker.hear()


def _reached(job: Job, options: argparse.Namespace) -> dict[str, Any]:
    """Train to the end and return what the policy does, each metric with its interval over the episodes."""
    with _worker(job, options) as worker:
        told = worker.hear()
    metrics = {"success": share_estimate, "jain": mean_estimate, "return": mean_estimate, "length": mean_estimate}
    estimates = {name: estimate(told[name]).to_dict() for name, estimate in metrics.items()}
    about = {"kind": job["kind"], "name": job["name"], "seed": job["seed"], "replay_ratio": told["replay_ratio"]}
    return {**about, "steps": told["steps"], "seconds": told["seconds"], **estimates}


def _worker(job: Job, options: argparse.Namespace) -> Worker:
    python = sys.executable if job["kind"] == "evenhand" else options.benchmarl
    return Worker(python, MODULES[job["kind"]], job)


if __name__ == "__main__":
    sys.exit(main())
