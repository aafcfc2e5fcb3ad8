"""The measured process of :mod:`benchmarks.host`: our MAPPO on mpe2's simple_spread, stepped by worker processes.

Orders: a first line ``{"workers": 2}``, then as :func:`benchmarks.orders.paced` says.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from benchmarks.orders import Orders, paced, versions
from evenhand.fair_gne import ActionCount
from evenhand.learning import Config, FromPettingZoo, train


def spread() -> Any:
    """Return the environment."""
    from mpe2 import simple_spread_v3

    return simple_spread_v3.parallel_env(max_cycles=25)


def main() -> None:
    """Train at the pace of the orders."""
    config = Config(learner="mappo", method="none", steps=100 * 2048 * 50)
    with Orders() as orders:
        env = FromPettingZoo(spread, workload=ActionCount({0}), workers=orders.next()["workers"])
        about = {"replay_ratio": float(config.policy.num_epochs), "versions": versions("jax", "mpe2")}
        pace = paced(orders, about, warm_up=0)
        next(pace)
        # A report after every iteration: training ends with its last order, long before its last step.
        with suppress(StopIteration):
            _train(config, env, pace.send)


def _train(config: Config, env: Any, tell: Any) -> None:
    from evenhand.learning import training

    training.REPORTS = config.steps // config.policy.steps_per_iteration
    train(config, env=env, progress=lambda report: tell(report.steps))


if __name__ == "__main__":
    main()
