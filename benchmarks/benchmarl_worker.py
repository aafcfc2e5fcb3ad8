"""BenchMARL's QMIX on our reference environment, in the process and by the Python that has BenchMARL.

Orders as in :mod:`benchmarks.learners_worker`, with ``"asked"`` instead of a configuration: ``scenario``, and, where
they are not as shipped, ``steps``, ``seed``, and fields of the configurations ``experiment`` and ``model``. It needs
PyTorch and PettingZoo, and neither JAX nor all of the extra `learn`.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import torch
from benchmarl.algorithms import QmixConfig
from benchmarl.environments.pettingzoo.common import PettingZooClass
from benchmarl.experiment import Callback, Experiment, ExperimentConfig
from benchmarl.models.mlp import MlpConfig
from torchrl.envs import PettingZooWrapper
from torchrl.envs.utils import ExplorationType, set_exploration_type

from benchmarks.orders import Orders, paced, versions
from evenhand import hospital
from evenhand.fairness.measures import jain_index

if TYPE_CHECKING:
    from collections.abc import Callable


class Task(PettingZooClass):
    """BenchMARL's task for PettingZoo, with the reference hospital in it."""

    def environment(self) -> Any:
        """Return a new environment."""
        return hospital.make(self.config["scenario"])

    def get_env_fun(self, num_envs: int, continuous_actions: bool, seed: int | None, device: Any) -> Callable[[], Any]:
        """Return how to make the environment."""
        return lambda: PettingZooWrapper(
            self.environment(),
            return_state=True,
            categorical_actions=True,
            seed=seed,
            device=device,
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
        return hospital.load(self.config["scenario"]).horizon


class Reports(Callback):
    """Tells the steps done after each iteration, collecting and training."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        super().__init__()
        self._tell = tell

    def __getstate__(self) -> dict[str, Any]:
        # BenchMARL pickles its callbacks into its folder; this one is of no use after the run.
        return {}

    def on_train_end(self, training_td: Any, group: str) -> None:
        """Tell."""
        del training_td, group
        self._tell(self.experiment.total_frames)


def main() -> None:
    """Train at the pace of the orders, or to the end."""
    warnings.filterwarnings("ignore")  # other people's packages about each other
    with Orders() as orders, tempfile.TemporaryDirectory() as folder:
        job = orders.next()
        asked = job["asked"]
        about = {"replay_ratio": replay_ratio(asked), "versions": versions("benchmarl", "torchrl", "torch")}
        if job["reach"]:
            orders.answer({**about, **reach(asked, folder, **job["reach"])})
        else:
            speed(asked, folder, about, orders)


def speed(asked: dict[str, Any], folder: str, about: dict[str, Any], orders: Orders) -> None:
    """Train as long as there are orders."""
    pace = paced(orders, about, warm_up=0)
    next(pace)
    with suppress(StopIteration):
        _experiment(asked, folder, pace.send).run()
        raise SystemExit("the training ended before its measurement: ask for fewer or shorter repeats")


def reach(asked: dict[str, Any], folder: str, episodes: int) -> dict[str, Any]:
    """Train to the end; return what it took, and what each greedy episode came to."""
    began = time.perf_counter()
    experiment = _experiment(asked, folder, lambda steps: None)
    experiment.run()
    seconds = time.perf_counter() - began
    return {"steps": experiment.total_frames, "seconds": seconds, **_played(experiment, asked, episodes)}


def _played(experiment: Any, asked: dict[str, Any], episodes: int) -> dict[str, list[float]]:
    env = _task(asked).get_env_fun(1, False, _seed(asked) + 1, "cpu")()
    told: dict[str, list[float]] = {"success": [], "jain": [], "return": [], "length": []}
    with torch.no_grad(), set_exploration_type(ExplorationType.DETERMINISTIC):
        for _ in range(episodes):
            agents = env.rollout(hospital.load(asked["scenario"]).horizon, experiment.policy)["next", "agent"]
            told["success"].append(float(agents["info", "success"][-1].any()))
            told["jain"].append(float(jain_index(agents["info", "workload"][-1].double().flatten().numpy())))
            told["return"].append(float(agents["reward"][:, 0].sum()))
            told["length"].append(float(agents.shape[0]))
    return told


def _task(asked: dict[str, Any]) -> Task:
    return Task("HOSPITAL", {"scenario": asked["scenario"]})


def replay_ratio(asked: dict[str, Any]) -> float:
    """Return how many transitions are fitted for each environment step."""
    config = _settings(asked, "")
    fitted = config.off_policy_n_optimizer_steps * config.off_policy_train_batch_size
    return fitted / config.off_policy_collected_frames_per_batch


def _experiment(asked: dict[str, Any], folder: str, tell: Callable[[int], None]) -> Experiment:
    model = MlpConfig.get_from_yaml()
    set_fields(model, asked.get("model", {}))
    return Experiment(
        task=_task(asked),
        algorithm_config=QmixConfig.get_from_yaml(),
        model_config=model,
        seed=_seed(asked),
        config=_settings(asked, folder),
        callbacks=[Reports(tell)],
    )


def _settings(asked: dict[str, Any], folder: str) -> ExperimentConfig:
    config = ExperimentConfig.get_from_yaml()
    config.max_n_frames = asked.get("steps", config.max_n_frames)
    config.gamma = 1.0  # the game has a horizon, and its rewards are not discounted
    config.prefer_continuous_actions = False
    config.evaluation, config.loggers, config.create_json = False, [], False  # it is measured from outside
    config.save_folder = folder
    set_fields(config, asked.get("experiment", {}))
    return config


def set_fields(config: Any, fields: dict[str, Any]) -> None:
    """Set fields of a configuration that has them."""
    for name, value in fields.items():
        if not hasattr(config, name):
            raise SystemExit(f"BenchMARL's {type(config).__name__} has no {name}")
        setattr(config, name, value)


def _seed(asked: dict[str, Any]) -> int:
    return int(asked.get("seed", 0))


if __name__ == "__main__":
    main()
