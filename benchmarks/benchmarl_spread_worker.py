"""BenchMARL's MAPPO on mpe2's simple_spread, in the process and by the Python that has both.

Orders: a first line ``{"environments": 128, "parallel": false}``, then as :func:`benchmarks.orders.paced` says.
"""

from __future__ import annotations

import tempfile
import warnings
from contextlib import suppress
from typing import Any

from benchmarl.algorithms import MappoConfig
from benchmarl.experiment import Experiment, ExperimentConfig
from benchmarl.models.mlp import MlpConfig
from mpe2 import simple_spread_v3

from benchmarks.benchmarl_worker import Reports, Task, set_fields
from benchmarks.orders import Orders, paced, versions

ROLLOUT, MINIBATCH, PASSES = 2048, 512, 2
"""Steps of a rollout, of a minibatch, and passes over the rollout, as in our settings."""


class Spread(Task):
    """BenchMARL's task for PettingZoo, with mpe2's environment."""

    def environment(self) -> Any:
        """Return a new environment."""
        return simple_spread_v3.parallel_env(max_cycles=25)

    def max_steps(self, env: Any) -> int:
        """Return the length of an episode."""
        return 25


def main() -> None:
    """Train at the pace of the orders."""
    warnings.filterwarnings("ignore")  # other people's packages about each other
    with Orders() as orders, tempfile.TemporaryDirectory() as folder:
        job = orders.next()
        pace = paced(orders, {"replay_ratio": float(PASSES), "versions": versions("benchmarl", "torchrl", "torch")}, 0)
        next(pace)
        with suppress(StopIteration):
            _experiment(job, folder, pace.send).run()


def _experiment(job: dict[str, Any], folder: str, tell: Any) -> Experiment:
    config = ExperimentConfig.get_from_yaml()
    set_fields(
        config,
        {
            "max_n_frames": 100 * ROLLOUT * 50,
            "gamma": 1.0,
            "lr": 2e-3,
            "prefer_continuous_actions": False,
            "parallel_collection": job["parallel"],
            "on_policy_collected_frames_per_batch": ROLLOUT,
            "on_policy_n_envs_per_worker": job["environments"],
            "on_policy_n_minibatch_iters": PASSES,
            "on_policy_minibatch_size": MINIBATCH,
            "evaluation": False,
            "loggers": [],
            "create_json": False,
            "save_folder": folder,
        },
    )
    model = MlpConfig.get_from_yaml()
    set_fields(model, {"num_cells": [64, 64]})
    return Experiment(
        task=Spread("SPREAD", {}),
        algorithm_config=MappoConfig.get_from_yaml(),
        model_config=model,
        critic_model_config=model,
        seed=0,
        config=config,
        callbacks=[Reports(tell)],
    )


if __name__ == "__main__":
    main()
