"""The fast hospital with skills that change owners: another team in each episode, or from a certain step on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from evenhand.errors import InputError
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.vectorized import rules, views
from evenhand.hospital.vectorized.environment import VectorizedHospital
from evenhand.hospital.vectorized.rules import Outcome, State
from evenhand.hospital.vectorized.tables import Tables

MOST_LISTED = 6
"""Largest number of agents for which all rosters are listed, 720 of them."""


class Shifting(NamedTuple):
    """An episode.

    Attributes
    ----------
    inner
        The hospital's state.
    roster
        Shape (n,): for each agent, the agent of the scenario whose skills it has now.
    coming
        Shape (n,): the roster from the step of the change on.
    """

    inner: State
    roster: Array
    coming: Array


class ShiftingHospital(VectorizedHospital):
    """A hospital in which agents take over each other's skills; observations show the levels that each has now.

    Energy, starts and rules do not change.

    Parameters
    ----------
    scenario
        The scenario to play.
    rosters
        Permutations of 0, ..., n - 1, one of which is drawn for each episode: agent i has the skills of agent
        ``roster[i]``. By default those of :func:`distinct_rosters`.
    shift
        Step from which the roster is in force; before it every agent has its own skills. None for the whole episode.

    Raises
    ------
    InputError
        If a roster is not a permutation of the agents, there is none, or the shift is before the first step.
    """

    def __init__(
        self, scenario: Scenario, rosters: Sequence[Sequence[int]] | None = None, shift: int | None = None
    ) -> None:
        super().__init__(scenario)
        chosen = distinct_rosters(scenario) if rosters is None else rosters
        for roster in chosen:
            if sorted(roster) != list(range(self.n_agents)):
                raise InputError(f"roster {tuple(roster)} is no permutation of the agents 0 to {self.n_agents - 1}")
        if not chosen:
            raise InputError("rosters is empty; it takes at least one")
        if shift is not None and shift < 1:
            raise InputError(f"shift is {shift!r}; it must be a step from 1")
        self._rosters = jnp.asarray(np.array(chosen, np.int32))
        self._shift = shift

    def reset(self, key: Array) -> Shifting:  # type: ignore[override]
        """Draw the starts and the roster of an episode."""
        for_roster, for_starts = jax.random.split(key)
        coming = self._rosters[jax.random.randint(for_roster, (), 0, self._rosters.shape[0])]
        roster = coming if self._shift is None else jnp.arange(self.n_agents, dtype=jnp.int32)
        return Shifting(rules.reset(for_starts, self._with(roster)), roster, coming)

    def step(self, key: Array, state: Shifting, actions: Array) -> tuple[Shifting, Outcome]:  # type: ignore[override]
        """Let all agents act once; actions of shape (n,)."""
        inner, outcome = rules.step(key, state.inner, actions, self._with(state.roster))
        if self._shift is None:
            return Shifting(inner, state.roster, state.coming), outcome
        roster = jnp.where(inner.time >= self._shift, state.coming, state.roster)
        # The targets of an agent's actions depend on the skills that it has now.
        return Shifting(rules.with_targets(inner, self._with(roster)), roster, state.coming), outcome

    def mask(self, state: Shifting) -> Array:  # type: ignore[override]
        """Return which actions are possible, shape (n, A)."""
        return views.mask(state.inner, self._with(state.roster))

    def observe(self, state: Shifting) -> Array:  # type: ignore[override]
        """Return the observations, shape (n, D), float32."""
        return views.observe(state.inner, self._with(state.roster))

    def global_state(self, state: Shifting) -> Array:  # type: ignore[override]
        """Return what a mixer sees, shape (G,), float32."""
        return views.global_state(state.inner, self._with(state.roster))

    def workload(self, state: Shifting) -> Array:  # type: ignore[override]
        """Return the workload by the scenario's definition, shape (n,), float32."""
        return super().workload(state.inner)

    def workloads(self, state: Shifting) -> dict[str, Array]:  # type: ignore[override]
        """Return the workload by every definition, each of shape (n,), float32."""
        return super().workloads(state.inner)

    def progress(self, state: Shifting) -> Array:  # type: ignore[override]
        """Return the progress H in [0, 1]."""
        return super().progress(state.inner)

    def _with(self, roster: Array) -> Tables:
        return self.tables._replace(power=self.tables.power[roster], scaled_level=self.tables.scaled_level[roster])


def distinct_rosters(scenario: Scenario) -> list[tuple[int, ...]]:
    """Return one permutation of the agents for each different team that permutations give, the scenario's own first.

    Raises
    ------
    InputError
        If the team is too large to list them all.
    """
    agents = len(scenario.agents)
    if agents > MOST_LISTED:
        raise InputError(f"{scenario.name} has {agents} agents; rosters are listed up to {MOST_LISTED}")
    skills = [
        tuple(sorted((skill, level) for skill, level in agent.skills.items() if level)) for agent in scenario.agents
    ]
    found: dict[tuple[object, ...], tuple[int, ...]] = {}
    for roster in permutations(range(agents)):
        found.setdefault(tuple(skills[agent] for agent in roster), roster)
    return list(found.values())
