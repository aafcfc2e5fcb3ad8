"""What a learner knows of an environment: pure functions on states, and the workload that is to be shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from jax import Array

S = TypeVar("S")


class Outcome(NamedTuple):
    """What a step brought; all scalars. Any pytree with these fields serves.

    Attributes
    ----------
    reward
        Reward of the team, float32.
    success
        Whether the task is done; the episode is over.
    truncated
        Whether the episode ended without success, at its horizon or before.
    """

    reward: Array
    success: Array
    truncated: Array


class Environment(Protocol[S]):
    """A cooperative game of n agents with A actions each, one episode at a time; learners map it over many.

    All methods are pure and can be jitted. A finished episode is replaced by the learner; what a step does to it
    does not matter. The horizon is an end like any other, so observations should show the time that is left.
    :func:`evenhand.learning.contract.check` tells what is missing. A comparison that needs more of an environment
    (``workload-skill-penalty``) says so where it is asked for.

    Attributes
    ----------
    n_agents, n_actions, observation_size, state_size, horizon
        n, A, D, G, and the largest number of steps of an episode.
    """

    n_agents: int
    n_actions: int
    observation_size: int
    state_size: int
    horizon: int

    def reset(self, key: Array) -> S:
        """Draw the beginning of an episode: any pytree of arrays."""

    def step(self, key: Array, state: S, actions: Array) -> tuple[S, Any]:
        """Let all agents act once, `actions` (n,) int32; returns the state and an :class:`Outcome`."""

    def observe(self, state: S) -> Array:
        """Return what each agent sees, (n, D) float32."""

    def global_state(self, state: S) -> Array:
        """Return what a mixer or central critic sees, (G,) float32."""

    def mask(self, state: S) -> Array:
        """Return which actions are possible, (n, A) booleans, at least one for each agent."""

    def workload(self, state: S) -> Array:
        """Return what each agent has done since the episode began, (n,) float32, at least 0."""
