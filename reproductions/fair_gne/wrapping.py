"""An environment around another one: what the experiments build upon to disturb a finished team."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jax import Array


class Wrapped:
    """An environment that does as the one inside; subclasses change what they are about.

    Parameters
    ----------
    env
        A :class:`~evenhand.learning.environment.Environment` that counts work by name (``workloads``).
    """

    def __init__(self, env: Any) -> None:
        self.env = env
        self.n_agents: int = env.n_agents
        self.n_actions: int = env.n_actions
        self.observation_size: int = env.observation_size
        self.state_size: int = env.state_size
        self.horizon: int = env.horizon

    def reset(self, key: Array) -> Any:
        """Draw the beginning of an episode."""
        return self.env.reset(key)

    def step(self, key: Array, state: Any, actions: Array) -> tuple[Any, Any]:
        """Let all agents act once; actions of shape (n,)."""
        after, outcome = self.env.step(key, state, actions)
        return after, outcome

    def observe(self, state: Any) -> Array:
        """Return the observations, shape (n, D)."""
        seen: Array = self.env.observe(state)
        return seen

    def global_state(self, state: Any) -> Array:
        """Return what a mixer sees, shape (G,)."""
        seen: Array = self.env.global_state(state)
        return seen

    def mask(self, state: Any) -> Array:
        """Return which actions are possible, shape (n, A)."""
        possible: Array = self.env.mask(state)
        return possible

    def workload(self, state: Any) -> Array:
        """Return the workload that is shared, shape (n,)."""
        work: Array = self.env.workload(state)
        return work

    @property
    def workload_definition(self) -> str:
        """Name of the definition that ``workload`` follows."""
        name: str = self.env.workload_definition
        return name

    def workloads(self, state: Any) -> dict[str, Array]:
        """Return the workload by every definition, each (n,)."""
        work: dict[str, Array] = self.env.workloads(state)
        return work


def moved_to(learner: Any, env: Any) -> Any:
    """Return the learner with its team in another environment of the same sizes; its parameters stay valid."""
    return replace(learner, team=replace(learner.team, env=env))
