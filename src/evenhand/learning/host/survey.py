"""Find out what a PettingZoo environment is and reports, and whether its seed decides what happens in it."""

from __future__ import annotations

from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from evenhand.errors import InputError
from evenhand.fair_gne.roll import MASK
from evenhand.learning.host.game import HostGame, Make, Reports, Terms

LONGEST, TRACED = 500, 40
"""Largest number of steps of the random episode that is surveyed, and of those that are played again."""
PARTS = ("the observations are", "the global state is", "the action masks are", "the reward is", "the workloads are")


class Facts(NamedTuple):
    """What is known about an environment before it is trained in.

    Attributes
    ----------
    name
        Its name.
    agents
        Names of the n agents.
    choices
        Number of actions of each agent.
    width
        Length O of the longest flattened observation.
    world_size
        Length G of the flattened global state.
    horizon
        Largest number of steps in an episode.
    reports
        What its infos report.
    masked
        Whether some actions may be impossible: there are action masks, or one agent has fewer actions than another.
    """

    name: str
    agents: tuple[str, ...]
    choices: tuple[int, ...]
    width: int
    world_size: int
    horizon: int
    reports: Reports
    masked: bool


def facts_of(make: Make, terms: Terms) -> Facts:
    """Return the facts on an environment, after a few hundred random steps in it.

    Raises
    ------
    InputError
        If it cannot be trained in, or if the same seed and actions do not lead to the same episode.
    """
    first = HostGame(make, terms, None)
    reports = _reports(first)
    game, other = HostGame(make, terms, reports), HostGame(make, terms, reports)
    _refuse_chance(game, _trace(game, seed=1), _trace(game, seed=1))
    _trace(other, seed=2)
    _refuse_chance(game, _trace(game, seed=1), _trace(other, seed=1))
    for played in (first, game, other):
        played.close()
    agents = tuple(map(str, game.team))
    masked = reports.mask or any(game.masked) or len(set(game.choices)) > 1
    return Facts(game.name, agents, tuple(game.choices), game.width, game.world_size, game.horizon, reports, masked)


class _Table:
    """The arrays of one environment, and random actions."""

    def __init__(self, game: HostGame) -> None:
        n = len(game.team)
        self.seen = np.zeros((n, game.width), np.float32)
        self.world = np.zeros(game.world_size, np.float32)
        self.mask = np.zeros((n, max(game.choices)), bool)
        self.generator = np.random.default_rng(0)

    def draw(self) -> list[int]:
        return [int(self.generator.choice(np.flatnonzero(row))) for row in self.mask]


def _reports(game: HostGame) -> Reports:
    """Return what infos report in an episode of random actions."""
    met: set[str] = set()
    table = _Table(game)
    game.begin(0)
    for step in range(min(game.horizon, LONGEST)):
        game.show(table.seen, table.world, table.mask)
        met.update(*({MASK} & info.keys() for info in game.infos.values()))
        ended = game.step(table.draw())
        if step == 0:
            met.update(*({"workload"} & info.keys() for info in game.infos.values()))
        met.update(*({"success"} & info.keys() for info in game.infos.values()))
        if ended.done:
            break
    return Reports(workload="workload" in met, success="success" in met, mask=MASK in met)


def _trace(game: HostGame, seed: int) -> list[tuple[bytes, ...]]:
    """Return what happens in the first steps of an episode of random actions, which are the same in each call."""
    table, steps, reward = _Table(game), [], 0.0
    game.begin(seed)
    for _ in range(TRACED):
        game.show(table.seen, table.world, table.mask)
        parts = (table.seen, table.world, table.mask, np.float64(reward), game.workload)
        steps.append(tuple(part.tobytes() for part in parts))
        ended = game.step(table.draw())
        reward = ended.reward
        if ended.done:
            break
    return steps


def _refuse_chance(game: HostGame, one: list[tuple[bytes, ...]], other: list[tuple[bytes, ...]]) -> None:
    """Raise an error that names the first difference between two playings of one episode."""
    for step, (then, now) in enumerate(zip_longest(one, other)):
        if then == now:
            continue
        what = "the end is"
        if then is not None and now is not None:
            what = next(part for part, before, after in zip(PARTS, then, now, strict=True) if before != after)
        since = f" and the same {step} actions of each agent" if step else ""
        raise InputError(
            f"{game.name} is not deterministic under a seed: after reset(seed=1){since}, {what} not the same again; "
            "reset(seed) must forget the last episode and seed the generator of all random numbers: "
            "numpy.random.default_rng(seed)"
        )
