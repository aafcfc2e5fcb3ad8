"""The starts of episodes: all possible ones, a sample of them, or one by the names of its stations."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import ScenarioArrays, arrays_of, positions

MOST_STARTS = 200_000
"""Largest number of possible starts that are enumerated; if there are more, the caller must ask for a sample."""


class Start(NamedTuple):
    """Stations of the agents and of the items."""

    agents: tuple[int, ...]
    items: tuple[int, ...]


def possible(arrays: ScenarioArrays) -> int:
    """Return the number of possible starts."""
    rows = np.concatenate([arrays.agent_starts, arrays.item_starts])
    return prod(int(row.sum()) for row in rows)


def chosen_starts(arrays: ScenarioArrays, count: int | None, seed: int) -> list[Start]:
    """Return every possible start, all equally likely; or a sample of `count` starts, drawn as a reset draws them.

    Raises
    ------
    InputError
        If `count` is less than 1, or is None and there are too many possible starts.
    """
    if count is None:
        if possible(arrays) > MOST_STARTS:
            raise InputError(
                f"{possible(arrays):,} possible starts are too many to look at each; give a number of starts"
            )
        agents = product(*positions(arrays.agent_starts))
        items = list(product(*positions(arrays.item_starts)))
        return [Start(stations, homes) for stations in agents for homes in items]
    if count < 1:
        raise InputError(f"starts is {count}; at least 1 is needed")
    if seed < 0:
        raise InputError(f"seed is {seed}; it must not be negative")
    generator = np.random.default_rng(seed)
    tables = arrays.agent_starts, arrays.item_starts
    return [Start(*(_draw(generator, table) for table in tables)) for _ in range(count)]


def drawn_start(scenario: Scenario, seed: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the stations of agents and items, drawn as the environment's ``reset(seed)`` draws them.

    Raises
    ------
    InputError
        If `seed` is negative.
    """
    start = chosen_starts(arrays_of(scenario), 1, seed)[0]
    names = [station.name for station in scenario.stations]
    return tuple(names[at] for at in start.agents), tuple(names[at] for at in start.items)


def named_start(
    scenario: Scenario, arrays: ScenarioArrays, agents: Sequence[str], items: Sequence[str] | None
) -> Start:
    """Return the start with agents and items at the stations of these names.

    Items may be left out if each has a single station to start from.

    Raises
    ------
    InputError
        If an agent or item has no station or an unknown one; the message names it.
    """
    if items is None:
        homes = positions(arrays.item_starts)
        for item, stations in zip(scenario.items, homes, strict=True):
            if len(stations) > 1:
                raise InputError(f"{item.name} can start at {len(stations)} stations; say where each item starts")
        here = tuple(stations[0] for stations in homes)
    else:
        here = _found(scenario, "items", [item.name for item in scenario.items], items)
    return Start(_found(scenario, "agents", [agent.name for agent in scenario.agents], agents), here)


def _found(scenario: Scenario, what: str, owners: Sequence[str], names: Sequence[str]) -> tuple[int, ...]:
    stations = [station.name for station in scenario.stations]
    if isinstance(names, str) or len(names) != len(owners):
        raise InputError(f"{len(owners)} stations are needed, one for each of the {what} ({', '.join(owners)})")
    for owner, name in zip(owners, names, strict=True):
        if name not in stations:
            raise InputError(f"{owner} starts at {name!r}; the stations are {', '.join(stations)}")
    return tuple(stations.index(name) for name in names)


def _draw(generator: np.random.Generator, table: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(stations[generator.integers(len(stations))]) for stations in positions(table))
