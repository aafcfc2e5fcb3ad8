"""The fast rules bound to one scenario, as the environment of a learner."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from evenhand.errors import InputError, choices
from evenhand.hospital import state as reference
from evenhand.hospital.playing import Greedy
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import NOBODY, WORKLOADS, arrays_of
from evenhand.hospital.shown_value import shown
from evenhand.hospital.vectorized import rules, views
from evenhand.hospital.vectorized.entities import EntityTables, entity_tables
from evenhand.hospital.vectorized.rules import Outcome, State
from evenhand.hospital.vectorized.tables import tables_of
from evenhand.hospital.vectorized.views import unpack
from evenhand.player.hospital import Entities, entities

SCRIPTED = ("greedy",)
"""Names of the scripted policies."""


class VectorizedHospital:
    """A scenario with the fast rules; every method is pure and may be jitted and mapped over states.

    Parameters
    ----------
    scenario
        The scenario to play.

    Attributes
    ----------
    scenario, arrays, tables
        The scenario as written, as NumPy arrays and as JAX tables.
    entity_tables
        The constants of its entities.
    n_agents, n_actions, observation_size, state_size, horizon
        Numbers of agents and of actions of each, sizes of an observation and of the global state, steps of an episode.
    idle_action, deterministic
        Number of the action ``wait``, and that steps involve no chance.
    action_places
        For each action the station to which it goes, or -1.
    """

    idle_action = 0
    deterministic = True

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.arrays = arrays_of(scenario)
        self.tables = tables_of(self.arrays)
        self.n_agents = self.arrays.n_agents
        self.n_actions = self.arrays.n_actions
        self.horizon = int(self.arrays.horizon)
        shared = 1 + 2 * self.arrays.n_steps + self.arrays.n_items * (self.arrays.n_stations + 2)
        block = self.arrays.n_stations + self.arrays.n_items + 6 + self.arrays.level.shape[1]
        self.state_size = shared + self.n_agents * block
        self.observation_size = self.n_agents + self.state_size
        self._workload = WORKLOADS.index(scenario.workload)
        self.action_places = (-1, *range(self.arrays.n_stations), -1, -1)
        self.entity_tables: EntityTables = entity_tables(scenario, self.arrays, self.total_work)

    def reset(self, key: Array) -> State:
        """Return the first state of an episode, with the places of agents and items drawn."""
        return rules.reset(key, self.tables)

    def step(self, key: Array, state: State, actions: Array) -> tuple[State, Outcome]:
        """Return the state after all agents have acted once, `actions` of shape (n,), and the outcome of the step."""
        return rules.step(key, state, actions, self.tables)

    def mask(self, state: State) -> Array:
        """Return which actions are possible, shape (n, A)."""
        return views.mask(state, self.tables)

    def observe(self, state: State) -> Array:
        """Return the observations, shape (n, D), float32."""
        return views.observe(state, self.tables)

    def global_state(self, state: State) -> Array:
        """Return the global state, shape (G,), float32, for a central critic or a mixer."""
        return views.global_state(state, self.tables)

    def entities(self, state: State) -> Entities:
        """Return the state as features of agents, of stations and of pairs of both, for an entity network."""
        return entities(state, self.workload(state), self.tables, self.entity_tables, jnp)

    def scripted(self, name: str) -> Callable[[State], list[int]]:
        """Return a scripted policy, a function from the state of one episode to an action for each agent.

        Raises
        ------
        InputError
            If there is none of this name.
        """
        if name not in SCRIPTED:
            raise InputError(f"the scripted policy is {shown(name)}; {choices(name, SCRIPTED)}")
        greedy = Greedy(Rules(self.arrays))

        def choose(state: State) -> list[int]:
            fields = {part: np.asarray(value).tolist() for part, value in unpack(state).items()}
            return greedy(reference.State(**fields))

        return choose

    @property
    def entity_names(self) -> tuple[str, ...]:
        """What the features of entities are about: the kinds of items and the skills, each in alphabetical order."""
        return (*sorted(self.scenario.kinds), *sorted(self.scenario.skills))

    def workload(self, state: State) -> Array:
        """Return the workload by the scenario's definition, shape (n,), float32."""
        return state.workload[self._workload].astype(jnp.float32)

    @property
    def continuous(self) -> NDArray[np.bool_]:
        """Which features of an observation may be noisy, (D,): all, for flags and one-hot places are numbers, too."""
        return np.ones(self.observation_size, bool)

    @property
    def workload_definition(self) -> str:
        """Name of the scenario's definition of workload."""
        return self.scenario.workload

    def workloads(self, state: State) -> dict[str, Array]:
        """Return the workload by every definition, each of shape (n,), float32."""
        return dict(zip(WORKLOADS, state.workload.astype(jnp.float32), strict=True))

    @property
    def total_work(self) -> int:
        """The team's workload, by the scenario's definition, if all is done with one unit an action and none wasted."""
        units = self.arrays.step_units
        brought = units[self.arrays.step_kind != NOBODY].sum()
        return int((units.sum(), units.sum() + brought, self.arrays.step_effort @ units)[self._workload])

    def progress(self, state: State) -> Array:
        """Return the progress H in [0, 1]."""
        done = (self.tables.step_points * (self.tables.step_units - state.remaining)).sum()
        return done.astype(jnp.float32) * self.tables.inverse_scale
