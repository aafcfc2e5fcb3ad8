"""Networks over entities: their parameters do not depend on the numbers of agents, places, steps or items.

All agents share one network, and so do all places. An agent sees itself, the world, and the places through attention
whose weights depend on the pair of agent and place. Its preference for an action that points at a place is a product of
what the agent asks for and what the place offers (a pointer network; Vinyals et al., NeurIPS 2015) plus a product of
the pair's features with weights that depend on the agent. The other actions have a preference each.
"""

from __future__ import annotations

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from evenhand.learning.environment import Entities

KEYS = 32
"""Length of the vectors whose product is the preference for a place."""
HEADS = 4
"""Number of attention heads by which an agent sees the places."""


class EntityActor(nn.Module):
    """The policy: from entities to the preferences of every agent's actions.

    Attributes
    ----------
    action_places
        For each action the number of the place that it points at, or -1.
    width, layers
        Units per hidden layer, and number of hidden layers after the first.
    """

    action_places: tuple[int, ...]
    width: int = 64
    layers: int = 2

    @nn.compact
    def __call__(self, seen: Entities) -> Array:
        """Return the preferences (..., n, A)."""
        places, agents = _embedded(seen, self.width, max(1, self.layers))
        asked, offered = nn.Dense(KEYS)(agents), nn.Dense(KEYS)(places)
        weights = nn.Dense(seen.pairs.shape[-1])(agents)
        pointing = asked @ offered.swapaxes(-1, -2) / KEYS**0.5 + jnp.einsum("...iq,...ipq->...ip", weights, seen.pairs)
        where = np.asarray(self.action_places)
        plain = nn.Dense(max(1, int((where < 0).sum())))(agents)
        # Column of each action in the pointing and the plain preferences side by side.
        columns = np.where(where >= 0, where, seen.places.shape[-2] + np.cumsum(where < 0) - 1)
        return jnp.concatenate([pointing, plain], axis=-1)[..., columns]


class EntityCritic(nn.Module):
    """The critic: the value of the whole state, (..., 1), or one for each agent, (..., n, 1).

    Attributes
    ----------
    central
        Whether it returns one value for all.
    width, layers
        As those of the policy.
    """

    central: bool
    width: int = 64
    layers: int = 2

    @nn.compact
    def __call__(self, seen: Entities) -> Array:
        """Return the value of entities."""
        if not self.central:
            return nn.Dense(1)(_embedded(seen, self.width, max(1, self.layers))[1])
        # Means instead of sums keep the inputs' scale independent of the numbers.
        means = [nn.relu(nn.Dense(self.width)(part)).mean(axis=-2) for part in (seen.agents, seen.places)]
        hidden = jnp.concatenate([*means, seen.world, seen.pairs.mean(axis=(-2, -3))], axis=-1)
        for _ in range(max(1, self.layers)):
            hidden = nn.relu(nn.LayerNorm()(nn.Dense(self.width)(hidden)))
        return nn.Dense(1)(hidden)


def _embedded(seen: Entities, width: int, layers: int) -> tuple[Array, Array]:
    """Return the hidden units of each place (..., m, width) and of each agent (..., n, width)."""
    places = nn.relu(nn.LayerNorm()(nn.Dense(width)(seen.places)))
    scores = nn.Dense(HEADS)(seen.pairs) + nn.Dense(HEADS)(places)[..., None, :, :]
    values = nn.Dense(HEADS * -(-width // HEADS))(places).reshape(*places.shape[:-1], HEADS, -1)
    attended = jnp.einsum("...iph,...phk->...ihk", jax.nn.softmax(scores, axis=-2), values)
    hidden = (
        nn.Dense(width)(seen.agents)
        + nn.Dense(width)(jnp.concatenate([seen.world, places.mean(axis=-2)], axis=-1))[..., None, :]
        + nn.Dense(width)(attended.reshape(*attended.shape[:-2], -1))
    )
    hidden = nn.relu(nn.LayerNorm()(hidden))
    for _ in range(layers - 1):
        hidden = nn.relu(nn.LayerNorm()(nn.Dense(width)(hidden)))
    return places, hidden
