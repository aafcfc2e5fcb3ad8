"""Distributions of generated instances; name, size and seed determine an instance.

A distribution is a function of agents, tasks and seed; the first line of its docstring describes it in the tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.assignment import lattices as lattice_cases
from evenhand.assignment.generated_instances import Instance, generate_plane
from evenhand.tables.coordinates import distances
from evenhand.tables.cost_table import CostTable
from evenhand.tables.default_names import DefaultNames

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Distribution = Callable[[int, int, int], Instance]

FIELD = (80.0, 100.0)
"""Width and height of the dispersion paper's field."""
TASKS_A_TOWN = 30
TOWN_RADIUS = 2.0
"""Standard deviation of a town's sites about its centre, in each direction."""
HEAD_START = 5.0
"""Factor by which the costs of the best agent are divided."""


def plane(agents: int, tasks: int, seed: int) -> Instance:
    """Return sites and targets uniform in a field, distances as costs: the dispersion paper's kind."""
    return generate_plane(agents, tasks, seed)


def towns(agents: int, tasks: int, seed: int) -> Instance:
    """Return tasks clustered in towns: whole groups of them are nearly alike to every agent."""
    return _clustered("towns", max(2, tasks // TASKS_A_TOWN), agents, tasks, seed)


def clusters(agents: int, tasks: int, seed: int) -> Instance:
    """Return the same with two to six towns, however many tasks there are."""
    return _clustered("clusters", int(_random("number of towns", seed).integers(2, 7)), agents, tasks, seed)


def uniform(agents: int, tasks: int, seed: int) -> Instance:
    """Return costs uniform in [1, 100], without any geometry."""
    return _instance("uniform", np.round(_random("uniform", seed).uniform(1.0, 100.0, (agents, tasks)), 4), seed)


def ties(agents: int, tasks: int, seed: int) -> Instance:
    """Return whole costs from 1 to 10: ties everywhere."""
    return _instance("ties", _random("ties", seed).integers(1, 11, (agents, tasks)).astype(np.float64), seed)


def star(agents: int, tasks: int, seed: int) -> Instance:
    """Return uniform costs in which one agent is five times cheaper than it would be as one of the rest."""
    costs = _random("star", seed).uniform(10.0, 100.0, (agents, tasks))
    costs[0] /= HEAD_START
    return _instance("star", np.round(costs, 4), seed)


def hours(agents: int, tasks: int, seed: int) -> Instance:
    """Return distances to pay, and hours to share that have nothing to do with them."""
    paid = generate_plane(agents, tasks, seed).costs
    random = _random("hours", seed)
    carried = random.uniform(0.25, 2.0, tasks) * random.uniform(0.8, 1.25, (agents, tasks))
    return Instance(paid, _table("hours", np.round(carried, 4), seed))


def lattices(agents: int, tasks: int, seed: int) -> Instance:
    """Return equal or few-valued burdens, 2 to 12 agents, 10 to 200 tasks."""
    return lattice_cases.draw(seed)[0]


DISTRIBUTIONS: dict[str, Distribution] = {
    "plane": plane,
    "towns": towns,
    "clusters": clusters,
    "lattices": lattices,
    "uniform": uniform,
    "ties": ties,
    "star": star,
    "hours": hours,
}


def described(name: str) -> str:
    """Return what a distribution is, for the tables."""
    line = (DISTRIBUTIONS[name].__doc__ or "").splitlines()[0]
    return line.removeprefix("Return ").rstrip(".")


def _clustered(name: str, towns: int, agents: int, tasks: int, seed: int) -> Instance:
    random = _random(name, seed)
    centres = random.uniform((0.0, 0.0), FIELD, (towns, 2))
    sites = random.uniform((0.0, 0.0), FIELD, (agents, 2))
    targets = centres[random.integers(len(centres), size=tasks)] + random.normal(0.0, TOWN_RADIUS, (tasks, 2))
    return _instance(name, distances(np.round(sites, 2), np.round(targets, 2)), seed)


def _random(name: str, seed: int) -> np.random.Generator:
    """Return a generator of its own for each distribution and seed."""
    return np.random.default_rng([seed, *name.encode()])


def _table(name: str, values: NDArray[np.float64], seed: int) -> CostTable:
    agents, tasks = values.shape
    names = DefaultNames("agent", agents), DefaultNames("task", tasks)
    return CostTable(values, *names, source=f"{name} {agents}x{tasks}, seed {seed}")


def _instance(name: str, costs: NDArray[np.float64], seed: int) -> Instance:
    return Instance(_table(name, costs, seed))
