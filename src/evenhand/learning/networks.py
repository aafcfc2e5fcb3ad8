"""The networks: a utility network that all agents share, and mixers that combine utilities into a team value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flax.linen as nn
import jax.numpy as jnp
from jax import Array

from evenhand.learning.team import View

IMPOSSIBLE = -1e9
"""Utility of an action that the mask forbids."""


class Utility(nn.Module):
    """A feed-forward network from an agent's observation to the utilities of its actions.

    All agents share its parameters; they differ by the agent's identity in the observation. Each hidden layer is
    followed by layer normalisation, without which value learning diverges when there is no target network (Gallici et
    al., Simplifying deep temporal difference learning, ICLR 2025).

    Attributes
    ----------
    actions
        Number of actions A.
    width, layers
        Units per hidden layer, and number of hidden layers.
    """

    actions: int
    width: int = 64
    layers: int = 2

    @nn.compact
    def __call__(self, observation: Array) -> Array:
        """Return utilities (..., A) of observations (..., D)."""
        hidden = observation
        for _ in range(self.layers):
            hidden = nn.relu(nn.LayerNorm()(nn.Dense(self.width)(hidden)))
        return nn.Dense(self.actions)(hidden)


Separate = nn.vmap(Utility, in_axes=-2, out_axes=-2, variable_axes={"params": 0}, split_rngs={"params": True})
"""A utility network for each agent: n of them, from observations (..., n, D) to utilities (..., n, A)."""


class Apart(nn.Module):
    """No mixing: each agent's utility is fitted to the team's return independently (IQL; Tan, ICML 1993)."""

    @nn.compact
    def __call__(self, utilities: Array, world: Array) -> Array:
        """Return the utilities (..., n) unchanged."""
        del world
        return utilities


class Sum(nn.Module):
    """The team's value as the sum of the utilities (VDN; Sunehag et al., AAMAS 2018).

    The sum is largest where each utility is, so the agents' separate greedy actions are jointly greedy.
    """

    @nn.compact
    def __call__(self, utilities: Array, world: Array) -> Array:
        """Return the value (..., 1) of utilities (..., n)."""
        del world
        return utilities.sum(axis=-1, keepdims=True)


class Monotone(nn.Module):
    """The team's value as a monotone function of the utilities that depends on the state (QMIX).

    A two-layer network whose weights are computed from the global state by hypernetworks. Weights that are absolute
    values, with an increasing activation in between, make the derivative by each utility non-negative (Rashid et al.,
    ICML 2018, equation 5), so the agents' separate greedy actions are jointly greedy, as with a sum. The biases may
    have any sign.

    Attributes
    ----------
    width
        Units of the mixing network's hidden layer.
    hidden
        Units of the hypernetworks' hidden layer.
    """

    width: int = 32
    hidden: int = 64

    @nn.compact
    def __call__(self, utilities: Array, world: Array) -> Array:
        """Return the value (..., 1) of utilities (..., n) in the states (..., G)."""
        agents = utilities.shape[-1]
        seen = nn.relu(nn.LayerNorm()(nn.Dense(self.hidden)(world)))
        # Means instead of sums over agents and units keep the value's scale independent of the size of the team.
        first = jnp.abs(nn.Dense(agents * self.width)(seen)).reshape(*utilities.shape, self.width)
        mixed = nn.elu((utilities[..., None] * first).sum(axis=-2) / agents + nn.Dense(self.width)(seen))
        second = jnp.abs(nn.Dense(self.width)(seen))
        return ((mixed * second).mean(axis=-1) + nn.Dense(1)(seen)[..., 0])[..., None]


MIXERS = {"iql": Apart, "vdn": Sum, "qmix": Monotone}
"""Mixers by the name of the learner that uses them."""


@dataclass(frozen=True)
class Decomposition:
    """The networks of IQL, VDN and QMIX: utilities per agent, mixed into a value of the team.

    Attributes
    ----------
    utility
        The utility network, which all agents share.
    mixer
        Combines the utilities of the chosen actions.
    """

    utility: Utility
    mixer: nn.Module

    def init(self, key: Array, view: View) -> dict[str, Any]:
        """Return initial parameters; the view of some episodes gives the sizes of the inputs."""
        chosen = jnp.zeros(view.agents.shape[:-1])
        return {"utility": self.utility.init(key, view.agents), "mixer": self.mixer.init(key, chosen, view.world)}

    def unmasked(self, parameters: Any, agents: Array) -> Array:
        """Return the utilities (..., n, A) of all actions, impossible ones included, for observations (..., n, D)."""
        return apply(self.utility, parameters["utility"], agents)

    def utilities(self, parameters: Any, view: View) -> Array:
        """Return the utilities (..., n, A), with IMPOSSIBLE for actions that the mask forbids."""
        return jnp.where(view.mask, self.unmasked(parameters, view.agents), IMPOSSIBLE)

    def mix(self, parameters: Any, chosen: Array, world: Array) -> Array:
        """Return the team's value (..., m), given utilities (..., n) of the chosen actions and states (..., G).

        m is 1, or n for IQL, where every agent estimates the value separately.
        """
        return apply(self.mixer, parameters["mixer"], chosen, world)


def apply(module: nn.Module, parameters: Any, *inputs: Array) -> Array:
    """Apply a network with its parameters."""
    output: Array = module.apply(parameters, *inputs)  # type: ignore[assignment]
    return output
