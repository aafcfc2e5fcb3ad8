"""The fast hospital with skills that change hands: another team in each episode, or another one from some step on."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from evenhand.errors import InputError
from evenhand.hospital.vectorized import rules, views
from evenhand.hospital.vectorized.environment import VectorizedHospital

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jax import Array

    from evenhand.hospital.scenario import Scenario
    from evenhand.hospital.vectorized.rules import Outcome, State
    from evenhand.hospital.vectorized.tables import Tables

MOST_LISTED = 6
"""Agents of the largest team of which all rosters are listed."""


class Shifting(NamedTuple):
    """An episode.

    Attributes
    ----------
    inner
        The hospital's state.
    roster
        Shape (n,): whose skills, of the scenario's agents, each agent has now.
    coming
        Shape (n,): whose it has from the step of the change on.
    """

    inner: State
    roster: Array
    coming: Array


class ShiftingHospital(VectorizedHospital):
    """A hospital in which agents take over each other's skills; observations tell who can do what now.

    Energy, starting places and the rules stay as they are.

    Parameters
    ----------
    scenario
        The scenario to play.
    rosters
        Permutations of 0, ..., n - 1 from which an episode's is drawn: agent i has the skills of agent ``roster[i]``.
        Default: those of :func:`distinct_rosters`.
    shift
        Step from which on it is in force, before it everybody has their own skills; None for the whole episode.

    Raises
    ------
    InputError
        Where a roster is no permutation of the agents, there is none, or the shift lies before the first step.
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
        """Draw starts and roster of an episode."""
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
        # What an agent would treat now hangs on what it can do now.
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
    """Return the permutations of the agents that give different teams, the scenario's own first.

    Raises
    ------
    InputError
        Where the team is too large for a list of them all.
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
