"""Generated instances of the literature's types."""

from __future__ import annotations

import numpy as np

from evenhand.arrays import Array
from evenhand.errors import InputError, choices
from evenhand.number_checks import check_seed, checked_whole

KINDS = ("C", "D", "E")


def generate(
    agents: int, tasks: int, seed: int = 0, kind: str = "C", tightness: float = 0.8
) -> tuple[Array, Array, Array]:
    """Return costs, sizes and capacities of an instance of the literature's types C, D and E, in order of difficulty.

    Sizes are integers from 5 to 25 (E: 1 - 10 ln u, rounded up). Costs are from 10 to 50 (C), or decrease with size (D,
    E). The capacity of each agent is `tightness` times the total size of all tasks, divided by the number of agents.
    The literature's 0.8 makes all agents nearly full, fair or not; with 1.5 and more, fairness makes a difference.
    """
    if not 0.0 < tightness < np.inf:
        raise InputError(f"tightness is {tightness!r}; it must be a positive number")
    if kind not in KINDS:
        raise InputError(f"kind is {kind!r}; {choices(kind, KINDS, quoted=False)}")
    checked_whole("agents", agents, 2)
    checked_whole("tasks", tasks, 1)
    check_seed(seed)
    rng = np.random.default_rng((seed, agents, tasks))
    shape = (agents, tasks)
    if kind == "E":
        sizes = np.ceil(1.0 - 10.0 * np.log(1.0 - rng.random(shape)))
        costs = np.round(1000.0 / sizes - 10.0 * rng.random(shape), 2)
    else:
        sizes = rng.integers(5, 26, shape).astype(np.float64)
        noise = rng.integers(-10, 11, shape)
        costs = rng.integers(10, 51, shape).astype(np.float64) if kind == "C" else 111.0 - sizes + noise
    capacities = np.floor(tightness * sizes.sum(axis=1) / agents)
    return costs, sizes, np.maximum(capacities, sizes.max())
