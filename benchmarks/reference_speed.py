"""Steps per second of the reference hospital through PettingZoo's interface: python -m benchmarks.reference_speed.

One environment, all agents choosing at random among what their masks allow. A step is one call of ``step``: all agents
act, and observations, masks, rewards and infos of all are made. The time of choosing is not counted; that of resets is.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

from evenhand import hospital

if TYPE_CHECKING:
    from evenhand.hospital.reference_environment import Hospital


def steps_per_second(name: str, *, steps: int = 20_000, repeats: int = 3, seed: int = 0) -> float:
    """Return the median over repeats.

    Parameters
    ----------
    name
        A scenario, as :func:`evenhand.hospital.make` takes it.
    steps
        Steps of a repeat.
    repeats
        How often to measure, after a short warm-up.
    seed
        Of starts and actions.
    """
    environment, choose = hospital.make(name), random.Random(seed)
    _play(environment, choose, seed, steps // 10)
    return statistics.median(steps / _play(environment, choose, seed, steps) for _ in range(repeats))


def _play(environment: Hospital, choose: random.Random, seed: int, steps: int) -> float:
    """Return the seconds that resets and steps took."""
    clock = time.perf_counter
    began = clock()
    observations, _ = environment.reset(seed=seed)
    seconds = clock() - began
    for _ in range(steps):
        actions = {agent: _possible(seen, choose) for agent, seen in observations.items()}
        began = clock()
        observations, *_ = environment.step(actions)
        if not environment.agents:
            observations, _ = environment.reset()
        seconds += clock() - began
    return seconds


def _possible(seen: dict[str, Any], choose: random.Random) -> int:
    return choose.choice(seen["action_mask"].nonzero()[0].tolist())  # type: ignore[no-any-return]


def main() -> None:
    for name in sys.argv[1:] or ("rescue-breaths/specialist", "full-code/best", "ward/12"):
        print(f"{name:30} {steps_per_second(name):10,.0f} steps/s")


if __name__ == "__main__":
    main()
