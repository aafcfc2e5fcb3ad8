"""A lower bound on the steps of any episode, for wards of any size, which no exact search could plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import NOBODY, arrays_of


def least_steps(scenario: Scenario, agent_stations: Sequence[int], item_stations: Sequence[int]) -> int:
    """Return a number of steps below which no team can complete all protocols from a start.

    It is the longest chain of protocol steps. Let c(k) be the least step of the episode at whose end step k can be
    complete; the bound is the largest c(k), and c(k) >= r(k) + d(k), where

    - d(k), its duration, is the number of actions that it takes: an item is installed in 1; a treatment of u units
      takes at least u / l, rounded up, with l the highest level of any agent, because at most one agent works on it in
      a step: if several want to, all but one yield.
    - r(k), when it can begin, is at least c(j) for every step j that must be complete before it; at least the travel
      of the nearest agent with the skill to its station; and for an item to bring, at least the smallest sum, over the
      items of its kind and the agents, of the agent's travel to the item, 1 step to pick it up, and the travel from
      there to the station. An item's way begins where it starts, and whoever carries it, the triangle inequality makes
      no detour quicker. (Travel times are taken along shortest ways, so that it holds for any table of them.)

    Agents and items are not counted twice, energy is not counted at all, so that the bound is not always reached.

    Parameters
    ----------
    scenario
        The scenario.
    agent_stations, item_stations
        Numbers of the stations where agents and items start.
    """
    arrays = arrays_of(scenario)
    ways = _shortest(arrays.travel)
    starts, items = np.asarray(agent_stations, int), np.asarray(item_stations, int)
    level = np.concatenate([arrays.level, np.ones((arrays.n_agents, 1), int)], axis=1)
    complete: dict[int, int] = {}

    def earliest(step: int) -> int:
        if step not in complete:
            place, kind = int(arrays.step_place[step]), int(arrays.step_kind[step])
            levels = level[:, arrays.step_skill[step]]  # NOBODY is -1: the column of ones
            able = np.flatnonzero(levels)
            begins = max((earliest(int(j)) for j in np.flatnonzero(arrays.step_after[step])), default=0)
            if kind == NOBODY:
                reached = ways[starts[able], place].min()
                takes = -(-int(arrays.step_units[step]) // int(levels.max()))
            else:
                of_kind = items[arrays.item_kind == kind]
                reached = (ways[starts][:, of_kind].min(axis=0) + 1 + ways[of_kind, place]).min()
                takes = int(arrays.step_units[step])
            complete[step] = max(begins, int(reached)) + takes
        return complete[step]

    return max(earliest(step) for step in range(arrays.n_steps))


def _shortest(travel: np.ndarray) -> np.ndarray:
    """Return the lengths of the shortest ways (Floyd and Warshall)."""
    ways = travel.astype(int)
    for over in range(ways.shape[0]):
        ways = np.minimum(ways, ways[:, over, None] + ways[None, over, :])
    return ways
