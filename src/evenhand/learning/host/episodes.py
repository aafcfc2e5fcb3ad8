"""Play greedy episodes in an environment on the host."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from evenhand.learning.host.environment import FromPettingZoo
from evenhand.learning.host.rollout import shown

ENVIRONMENTS = 64
"""Largest number of environments that play at the same time."""

Ends = tuple[NDArray[np.bool_], NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]


def play_on_host(
    learner: Any,
    parameters: Any,
    multipliers: NDArray[np.float32],
    numbers: NDArray[Any],
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> Ends:
    """Play N episodes; return success (N,), steps (N,), sums of rewards (N,) and workloads (N, n) at their ends.

    Parameters as in :func:`~evenhand.learning.episodes.play_episodes`. An environment plays one episode after another,
    every 64th of all: what happens in an episode depends on its number alone, not on the environment or the worker.
    """
    env: FromPettingZoo = learner.team.env
    total = len(multipliers)
    seeds = np.array([*(_seed(seed, int(number)) for number in numbers), -1])
    success, steps = np.zeros(total, bool), np.zeros(total, np.int32)
    reward, work = np.zeros(total), np.zeros((total, env.n_agents))
    workers = env.start(min(ENVIRONMENTS, total))
    try:
        table = workers.table
        under, ended = np.arange(len(table.seed)), 0
        table.seed[:], table.active[:] = seeds[under], True
        workers.recall()
        while table.active.any():
            table.actions[:] = _act(learner)(parameters, shown(workers), multipliers[np.minimum(under, total - 1)])
            following = np.minimum(under + len(under), total)
            table.next_seed[:] = seeds[following]
            on = under[table.active]
            workers.step()
            steps[on] += 1
            reward[on] += table.reward[table.active]
            over = table.active & table.done
            success[under[over]], work[under[over]] = table.success[over], table.worked[over]
            under = np.where(over, following, under)
            table.active[:] = under < total
            ended += int(over.sum())
            if progress is not None and over.any():
                progress(ended, total)
    finally:
        workers.close()
    return success, steps, reward, work


@lru_cache(maxsize=4)
def _act(learner: Any) -> Callable[..., Any]:
    return jax.jit(
        lambda parameters, states, multipliers: learner.act(parameters, learner.team.view(states, multipliers))
    )


def _seed(seed: int, number: int) -> int:
    """Return the seed of an episode: whole numbers below 2^31, as unlike for neighbours as for others."""
    return int(np.random.SeedSequence((seed, number)).generate_state(1)[0] >> 1)
