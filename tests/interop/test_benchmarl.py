"""The reference environment, unchanged, in a learner that is not ours: QMIX of BenchMARL.

BenchMARL needs PyTorch, which evenhand does not: install both in an environment of their own and run this file there,
``python -m pytest tests/interop/test_benchmarl.py -rs -s``, with evenhand and its extra `learn`.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import pytest

from evenhand import hospital

pytest.importorskip("benchmarl", reason="BenchMARL is not installed: it trains the reference environment for real")
from benchmarl.algorithms import QmixConfig
from benchmarl.environments.pettingzoo.common import PettingZooClass
from benchmarl.experiment import Experiment, ExperimentConfig
from benchmarl.models.mlp import MlpConfig
from torchrl.envs import PettingZooWrapper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Warnings of other people's packages about each other are not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore")

NAME = "rescue-breaths/specialist"
ITERATIONS, FRAMES, TRAININGS = 5, 600, 20


class HospitalTask(PettingZooClass):
    """BenchMARL's task for PettingZoo, with our environment instead of one from PettingZoo's own list."""

    def get_env_fun(self, num_envs: int, continuous_actions: bool, seed: int | None, device: Any) -> Callable[[], Any]:
        """Return how to make the environment."""
        return lambda: PettingZooWrapper(
            hospital.make(NAME), return_state=True, categorical_actions=True, seed=seed, device=device
        )

    def supports_discrete_actions(self) -> bool:
        """Tell BenchMARL that actions are numbers."""
        return True

    def has_state(self) -> bool:
        """Tell BenchMARL to mix by the global state."""
        return True

    def has_render(self, env: Any) -> bool:
        """Tell BenchMARL to record no video."""
        return False

    def max_steps(self, env: Any) -> int:
        """Return the length of the longest episode."""
        return hospital.load(NAME).horizon


def _experiment(folder: Path) -> Any:
    config = ExperimentConfig.get_from_yaml()
    config.max_n_frames, config.max_n_iters = None, ITERATIONS
    config.off_policy_collected_frames_per_batch = FRAMES
    config.off_policy_n_envs_per_worker = 4
    config.off_policy_n_optimizer_steps = TRAININGS
    config.off_policy_memory_size = 10_000
    config.prefer_continuous_actions = False
    config.gamma = 1.0
    config.evaluation_interval = FRAMES * ITERATIONS
    config.evaluation_episodes = 2
    config.loggers, config.create_json, config.save_folder = ["csv"], False, str(folder)
    return Experiment(
        task=HospitalTask("RESCUE_BREATHS", {}),
        algorithm_config=QmixConfig.get_from_yaml(),
        model_config=MlpConfig.get_from_yaml(),
        seed=0,
        config=config,
    )


def test_torchrl_finds_masks_state_and_infos() -> None:
    """Random actions drawn by TorchRL from the masks are never counted as masked."""
    environment = HospitalTask("RESCUE_BREATHS", {}).get_env_fun(1, False, 0, "cpu")()
    rollout = environment.rollout(200, break_when_any_done=False)
    agents = rollout["next", "agent"]
    assert not agents["info", "masked"].any()
    assert agents["action_mask"].shape[-2:] == (3, 8)
    assert agents["info", "workloads"].shape[-1] == 3
    assert rollout["state"].shape[-1] == hospital.make(NAME).state_space.shape[0]


def test_qmix_of_benchmarl_trains_the_reference_environment(tmp_path: Path) -> None:
    experiment = _experiment(tmp_path)
    before = [parameter.detach().clone() for parameter in experiment.policy.parameters()]
    began = time.perf_counter()
    experiment.run()
    seconds = time.perf_counter() - began
    assert experiment.total_frames == ITERATIONS * FRAMES
    assert any((old != new).any() for old, new in zip(before, experiment.policy.parameters(), strict=True))
    losses = [float(line.split(",")[-1]) for line in next(tmp_path.rglob("*loss*.csv")).read_text().split()]
    assert len(losses) == ITERATIONS
    assert all(math.isfinite(loss) for loss in losses)
    print(f"\n{experiment.total_frames} steps in {seconds:.1f} s ({experiment.total_frames / seconds:.0f} steps/s)")
    for table in sorted(tmp_path.rglob("*.csv")):
        print(table.stem, table.read_text().split()[-1])
