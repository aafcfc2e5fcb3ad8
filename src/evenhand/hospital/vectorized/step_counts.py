"""The fast hospital with counts of who did which step: for rewards that depend on whether the ablest did the work."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from evenhand.hospital.scenario import Scenario
from evenhand.hospital.state import USEFUL
from evenhand.hospital.vectorized.environment import VectorizedHospital
from evenhand.hospital.vectorized.rules import Outcome, State


class Counted(NamedTuple):
    """An episode.

    Attributes
    ----------
    inner
        The hospital's state.
    units
        Shape (n, K), int32: units of each step that each agent has done.
    """

    inner: State
    units: Array

    @property
    def station(self) -> Array:
        """Station of each agent, (n,)."""
        return self.inner.station

    @property
    def item_place(self) -> Array:
        """Place of each item, (I,)."""
        return self.inner.item_place


class CountingHospital(VectorizedHospital):
    """A hospital whose states and observations have the units of each step that each agent has done.

    Parameters
    ----------
    scenario
        The scenario to play.

    Attributes
    ----------
    levels
        Shape (n, K): units of a step that an agent does in one action, 0 if it lacks the skill.
    """

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.levels: NDArray[np.int32] = np.asarray(self.tables.power)
        self.state_size += self.levels.size
        self.observation_size += self.levels.size

    def reset(self, key: Array) -> Counted:  # type: ignore[override]
        """Return the first state of an episode, with all counts 0."""
        return Counted(super().reset(key), jnp.zeros(self.levels.shape, jnp.int32))

    def step(self, key: Array, state: Counted, actions: Array) -> tuple[Counted, Outcome]:  # type: ignore[override]
        """Return the state after all agents have acted once, `actions` of shape (n,), and the outcome of the step."""
        before = state.inner
        after, outcome = super().step(key, before, actions)
        # An agent works on one step at a time, which the rules have found: all its new units belong to that step.
        target = jnp.where(actions == self.n_actions - 1, before.treating, before.installing)
        done = after.workload[USEFUL] - before.workload[USEFUL]
        return Counted(
            after, state.units + done[:, None] * (target[:, None] == jnp.arange(self.levels.shape[1]))
        ), outcome

    def units(self, state: Counted) -> Array:
        """Return the units of each step that each agent has done, (n, K) float32."""
        return state.units.astype(jnp.float32)

    def observe(self, state: Counted) -> Array:  # type: ignore[override]
        """Return the observations, shape (n, D), float32, with the units by agent and step at their end."""
        account = jnp.broadcast_to(self._account(state), (self.n_agents, self.levels.size))
        return jnp.concatenate([super().observe(state.inner), account], axis=1)

    def global_state(self, state: Counted) -> Array:  # type: ignore[override]
        """Return the global state, shape (G,), float32, with the units by agent and step at its end."""
        return jnp.concatenate([super().global_state(state.inner), self._account(state)])

    def mask(self, state: Counted) -> Array:  # type: ignore[override]
        """Return which actions are possible, shape (n, A)."""
        return super().mask(state.inner)

    def workload(self, state: Counted) -> Array:  # type: ignore[override]
        """Return the workload by the scenario's definition, shape (n,), float32."""
        return super().workload(state.inner)

    def workloads(self, state: Counted) -> dict[str, Array]:  # type: ignore[override]
        """Return the workload by every definition, each of shape (n,), float32."""
        return super().workloads(state.inner)

    def progress(self, state: Counted) -> Array:  # type: ignore[override]
        """Return the progress H in [0, 1]."""
        return super().progress(state.inner)

    def _account(self, state: Counted) -> Array:
        return (state.units * self.tables.inverse_units).reshape(-1)
