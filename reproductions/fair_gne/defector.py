"""One agent that does not cooperate, while the others follow the policies they were trained to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import jax.numpy as jnp

from evenhand.errors import InputError
from evenhand.hospital.vectorized import random_actions
from reproductions.fair_gne.wrapping import Wrapped, moved_to

if TYPE_CHECKING:
    from jax import Array

Kind = Literal["random", "idle", "leisure"]
WAIT = 0


class Defecting(Wrapped):
    """An environment in which one agent's actions are not its policy's.

    ``random``
        draws among what is possible;
    ``idle``
        waits;
    ``leisure``
        does what its policy says as long as that is no work for it, and otherwise waits: of all actions, the one that
        leaves its own workload smallest after this step, its policy deciding among equals.

    None of them is a best response, so what an agent gains by them is a lower bound of what it could.

    Parameters
    ----------
    env
        The environment, action 0 of which is waiting.
    agent
        Number of the agent, from 0.
    kind
        What it does.

    Raises
    ------
    InputError
        Where there is no such agent or kind.
    """

    def __init__(self, env: Any, agent: int, kind: Kind) -> None:
        super().__init__(env)
        if not 0 <= agent < self.n_agents:
            raise InputError(f"agent is {agent!r}; it must be from 0 to {self.n_agents - 1}")
        if kind not in get_args(Kind):
            raise InputError(f"kind is {kind!r}; known are {', '.join(get_args(Kind))}")
        self.agent = agent
        self.kind = kind

    def step(self, key: Array, state: Any, actions: Array) -> tuple[Any, Any]:
        """Let all agents act once, one of them in its own way."""
        after, outcome = self.env.step(key, state, actions.at[self.agent].set(self._own(key, state, actions)))
        return after, outcome

    def _own(self, key: Array, state: Any, actions: Array) -> Array:
        if self.kind == "idle":
            return jnp.asarray(WAIT, actions.dtype)
        if self.kind == "random":
            return random_actions(key, self.env.mask(state))[self.agent].astype(actions.dtype)
        after, _ = self.env.step(key, state, actions)
        works = (self.env.workload(after) > self.env.workload(state))[self.agent]
        return jnp.where(works, WAIT, actions[self.agent]).astype(actions.dtype)


def with_defector(learner: Any, agent: int, kind: Kind) -> Any:
    """Return the learner in whose team one agent does not cooperate."""
    return moved_to(learner, Defecting(learner.team.env, agent, kind))
