"""Observations and the global state, as single-precision numbers between 0 and 1 (up to rounding).

Every entry is a whole number times a stored reciprocal. That is one product in single precision, so that all
implementations of the rules compute the same bits.

The global state describes the ward and then each agent in a block. The ward (K steps, I items, S stations) has: the
time left (1); for each step the share of its units left (K); for each step whether it is ready, that is, it is not
complete and all before it are (K); for each item one-hot its station, carried, or in use (I (S + 2)). The block of
agent j has: its station one-hot (S), time to arrival (1), item in hand one-hot (I), energy (1, full for an agent that
never tires), rank of priority in this step (1), workload by the three definitions (3), level in each skill (L).

The observation of agent i: one-hot i (n), the ward, and the blocks of i, i + 1, ..., i + n - 1 modulo n.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario_arrays import CARRIED, NOBODY, ScenarioArrays
from evenhand.hospital.state import State


class Features:
    """Observations and global states of one scenario.

    Parameters
    ----------
    arrays, rules
        The scenario and its rules.

    Attributes
    ----------
    highest
        Shape (G,), the largest value of each entry of the global state; the smallest is 0.
    highest_seen
        Shape (D,), likewise for observations, over all agents: learners that share a network need one common space.
    """

    def __init__(self, arrays: ScenarioArrays, rules: Rules) -> None:
        self._rules = rules
        self._agents, self._stations = arrays.n_agents, arrays.n_stations
        self._items, self._steps = arrays.n_items, arrays.n_steps
        self._ward_size = 1 + 2 * self._steps + self._items * (self._stations + 2)
        self._block_size = self._stations + self._items + 6 + arrays.level.shape[1]
        # An agent that never tires has energy 0 in the state and 1 in observations: a constant, as its levels are.
        self._tires = [capacity > 0 for capacity in rules.capacity]
        self._blank = self._constants(arrays)
        self._scale = self._reciprocals(arrays)
        self._seen = self._gathering()
        self.highest = self._largest(arrays).astype(np.float32) * self._scale
        self.highest_seen = self._rotate(self.highest).max(axis=0)

    def both(self, state: State) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the global state, shape (G,), and all observations, shape (n, D)."""
        vector = np.array(self._whole_numbers(state), dtype=np.float32) * self._scale
        return vector, self._rotate(vector)

    def _rotate(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate((vector, _ZERO_AND_ONE)).take(self._seen)

    def _whole_numbers(self, state: State) -> list[int]:
        """Return the global state before it is scaled."""
        rules, steps = self._rules, self._steps
        numbers = self._blank.copy()
        numbers[0] = rules.horizon - state.time
        numbers[1 : 1 + steps] = state.remaining
        numbers[1 + steps : 1 + 2 * steps] = [rules.is_ready(state, step) for step in rules.steps]
        corner = 1 + 2 * steps
        for place in state.item_place:
            numbers[corner + (place if place >= 0 else self._stations + (place != CARRIED))] = 1
            corner += self._stations + 2
        for agent in rules.agents:
            self._write_block(numbers, corner, state, agent)
            corner += self._block_size
        return numbers

    def _write_block(self, numbers: list[int], corner: int, state: State, agent: int) -> None:
        numbers[corner + state.station[agent]] = 1
        corner += self._stations
        numbers[corner] = state.travel[agent]
        if state.holding[agent] != NOBODY:
            numbers[corner + 1 + state.holding[agent]] = 1
        corner += 1 + self._items
        if self._tires[agent]:
            numbers[corner] = state.energy[agent]
        numbers[corner + 1] = (agent - state.time) % self._agents
        numbers[corner + 2] = state.workload[0][agent]
        numbers[corner + 3] = state.workload[1][agent]
        numbers[corner + 4] = state.workload[2][agent]

    def _constants(self, arrays: ScenarioArrays) -> list[int]:
        """Return the global state with only the constant entries filled: skills, and the energy of tireless agents."""
        blocks = np.zeros((self._agents, self._block_size), dtype=np.int64)
        blocks[:, self._energy] = ~np.array(self._tires)
        blocks[:, self._energy + 5 :] = arrays.level
        return [0] * self._ward_size + blocks.ravel().tolist()

    @property
    def _energy(self) -> int:
        """Position of the energy in a block; rank, workloads and levels follow."""
        return self._stations + 1 + self._items

    def _reciprocals(self, arrays: ScenarioArrays) -> NDArray[np.float32]:
        ward = np.ones(self._ward_size, dtype=np.float32)
        ward[0] = arrays.inverse_horizon
        ward[1 : 1 + self._steps] = arrays.inverse_units
        blocks = np.ones((self._agents, self._block_size), dtype=np.float32)
        blocks[:, self._stations] = arrays.inverse_travel
        blocks[:, self._energy] = np.where(self._tires, arrays.inverse_capacity, np.float32(1))
        blocks[:, self._energy + 1] = np.float32(1 / self._agents)
        blocks[:, self._energy + 2 : self._energy + 5] = arrays.inverse_workload
        blocks[:, self._energy + 5 :] = arrays.inverse_level
        return np.concatenate((ward, blocks.ravel()))

    def _largest(self, arrays: ScenarioArrays) -> NDArray[np.int64]:
        """Return the largest whole number of each entry."""
        ward = np.ones(self._ward_size, dtype=np.int64)
        ward[0] = arrays.horizon
        ward[1 : 1 + self._steps] = arrays.step_units
        blocks = np.ones((self._agents, self._block_size), dtype=np.int64)
        blocks[:, self._stations] = max(0, int(arrays.travel.max()) - 1)
        blocks[:, self._energy] = np.maximum(arrays.capacity, 1)
        blocks[:, self._energy + 1] = self._agents - 1
        units = int(arrays.step_units.sum())
        blocks[:, self._energy + 2] = units
        blocks[:, self._energy + 3] = arrays.horizon
        blocks[:, self._energy + 4] = int(arrays.step_effort @ arrays.step_units)
        blocks[:, self._energy + 5 :] = arrays.level
        return np.concatenate((ward, blocks.ravel()))

    def _gathering(self) -> NDArray[np.intp]:
        """Return, for each entry of each observation, its place in the global state followed by 0 and 1."""
        total = self._ward_size + self._agents * self._block_size
        own = np.where(np.eye(self._agents, dtype=bool), total + 1, total)
        ward = np.tile(np.arange(self._ward_size), (self._agents, 1))
        blocks = self._ward_size + np.arange(self._agents * self._block_size).reshape(self._agents, self._block_size)
        turned = np.stack([np.roll(blocks, -agent, axis=0).ravel() for agent in range(self._agents)])
        return np.concatenate((own, ward, turned), axis=1)


_ZERO_AND_ONE = np.array([0, 1], dtype=np.float32)
