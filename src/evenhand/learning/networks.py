"""The networks: utilities that all agents share, and mixers that join them to the team's value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import flax.linen as nn
import jax.numpy as jnp

if TYPE_CHECKING:
    from jax import Array

    from evenhand.learning.team import View

IMPOSSIBLE = -1e9
"""Utility of an action that the mask forbids."""


class Utility(nn.Module):
    """Utilities of an agent's actions from its observation; the observation tells which agent it is.

    Attributes
    ----------
    actions
        Number of actions A.
    width, layers
        Size and number of the hidden layers, each with layer normalisation, without which value learning diverges where
        there is no target network (Gallici et al., Simplifying deep temporal difference learning, ICLR 2025).
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


class Apart(nn.Module):
    """No mixer: each agent learns the team's return by itself (IQL; Tan, ICML 1993)."""

    @nn.compact
    def __call__(self, utilities: Array, world: Array) -> Array:
        """Return the utilities (..., n) as they are."""
        del world
        return utilities


class Sum(nn.Module):
    """The team's value is the sum of the utilities (VDN; Sunehag et al., AAMAS 2018)."""

    @nn.compact
    def __call__(self, utilities: Array, world: Array) -> Array:
        """Return the value (..., 1) of utilities (..., n)."""
        del world
        return utilities.sum(axis=-1, keepdims=True)


class Monotone(nn.Module):
    """The team's value rises with each utility, in a way that the state decides (QMIX; Rashid et al., ICML 2018).

    Attributes
    ----------
    width
        Size of the mixing layer.
    hidden
        Size of the hypernetworks' hidden layers.
    """

    width: int = 32
    hidden: int = 64

    @nn.compact
    def __call__(self, utilities: Array, world: Array) -> Array:
        """Return the value (..., 1) of utilities (..., n) in the states (..., G)."""
        agents = utilities.shape[-1]
        seen = nn.relu(nn.LayerNorm()(nn.Dense(self.hidden)(world)))
        first = jnp.abs(nn.Dense(agents * self.width)(seen)).reshape(*utilities.shape, self.width)
        mixed = nn.elu((utilities[..., None] * first).sum(axis=-2) / agents + nn.Dense(self.width)(seen))
        second = jnp.abs(nn.Dense(self.width)(seen))
        return ((mixed * second).mean(axis=-1) + nn.Dense(1)(seen)[..., 0])[..., None]


MIXERS = {"iql": Apart, "vdn": Sum, "qmix": Monotone}
"""Mixers by the names of the learners they make."""


@dataclass(frozen=True)
class Decomposition:
    """The team's value from each agent's utilities: the networks of IQL, VDN and QMIX.

    Attributes
    ----------
    utility
        Shared by all agents.
    mixer
        Joins the utilities of the actions chosen.
    """

    utility: Utility
    mixer: nn.Module

    def init(self, key: Array, view: View) -> dict[str, Any]:
        """Return first parameters, given what agents and mixer see of some episodes."""
        chosen = jnp.zeros(view.agents.shape[:-1])
        return {"utility": self.utility.init(key, view.agents), "mixer": self.mixer.init(key, chosen, view.world)}

    def unmasked(self, parameters: Any, agents: Array) -> Array:
        """Return the utilities of all actions (..., n, A), the impossible ones too, of observations (..., n, D)."""
        return apply(self.utility, parameters["utility"], agents)

    def utilities(self, parameters: Any, view: View) -> Array:
        """Return the utilities (..., n, A), IMPOSSIBLE where the mask forbids."""
        return jnp.where(view.mask, self.unmasked(parameters, view.agents), IMPOSSIBLE)

    def mix(self, parameters: Any, chosen: Array, world: Array) -> Array:
        """Return the team's value (..., m) of the utilities (..., n) of chosen actions in states (..., G)."""
        return apply(self.mixer, parameters["mixer"], chosen, world)


def apply(module: nn.Module, parameters: Any, *inputs: Array) -> Array:
    """Apply a network with its parameters."""
    output: Array = module.apply(parameters, *inputs)  # type: ignore[assignment]
    return output
