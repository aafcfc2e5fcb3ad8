"""The measured process of :mod:`benchmarks.learners`: trains with one of our learners, as users would.

Orders: a first line ``{"config": ..., "one_core": true, "reach": null}``, then as :func:`benchmarks.orders.paced` says;
or, with ``"reach": {"episodes": N}``, a training to its end and N greedy episodes, told in one answer.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Any

import numpy as np

from benchmarks.orders import Orders, paced, versions
from evenhand.learning.config import Config
from evenhand.learning.episodes import play_episodes
from evenhand.learning.training import train


def main() -> None:
    """Train at the pace of the orders, or to the end."""
    with Orders() as orders:
        job = orders.next()
        if job.get("one_core", False) and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # before JAX counts cores for its threads
        config = Config.from_dict(job["config"])
        about = {"replay_ratio": replay_ratio(config), "versions": versions("jax", "flax", "optax")}
        if job["reach"]:
            orders.answer({**about, **reach(config, **job["reach"])})
        else:
            speed(config, about, orders)


def speed(config: Config, about: dict[str, Any], orders: Orders) -> None:
    """Train as long as there are orders; what replays is measured with its ring full."""
    pace = paced(orders, about, warm_up=getattr(config.sizes, "capacity", 0))
    next(pace)
    with suppress(StopIteration):
        train(config, progress=lambda report: pace.send(report.steps))
        raise SystemExit("the training ended before its measurement: ask for fewer or shorter repeats")


def reach(config: Config, episodes: int) -> dict[str, Any]:
    """Train to the end; return what it took, and what each greedy episode came to."""
    began = time.perf_counter()
    run = train(config)
    seconds = time.perf_counter() - began
    played = play_episodes(run.learner, run.parameters, np.full(episodes, run.multiplier), seed=1)
    told = {"success": played.success, "jain": played.jain, "return": played.reward, "length": played.episode_steps}
    return {
        "steps": run.reports[-1].steps,
        "seconds": seconds,
        **{name: values.astype(float).tolist() for name, values in told.items()},
    }


def replay_ratio(config: Config) -> float:
    """Return how many transitions are fitted for each environment step."""
    sizes: Any = config.sizes
    return float(sizes.num_epochs if hasattr(sizes, "num_epochs") else sizes.replayed)


if __name__ == "__main__":
    main()
