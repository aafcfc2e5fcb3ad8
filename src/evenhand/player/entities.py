"""A team whose network sees entities, in NumPy: :mod:`evenhand.learning.entity_network` says how it is made."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .hospital import Entities, entities, scene_of
from .networks import Layers
from .reading import Floats

IMPOSSIBLE = np.float32(-1e9)
"""Preference for actions that are not possible."""
MOST_SHARES = np.float32(4.0)
"""Limit, in multiples of an equal share, of an agent's share of the work as the network sees it."""
RESOLUTION = np.float32(4096.0)
"""States whose features of the world differ by at least one part in so many get other random numbers."""


class EntityPolicy:
    """The actions of a team of entities in the hospital, drawn with numbers that follow from the state.

    Parameters
    ----------
    description
        The team's description.
    tensors
        The network's parameters by their dotted names; ``scenario.*`` and ``entities.*``, the tables of the scenario.
    """

    def __init__(self, description: Mapping[str, Any], tensors: Mapping[str, Any]) -> None:
        self._sizes = description["network"]
        self._size, self._n = description["observation_size"], len(description["agents"])
        self._scenario, self._fixed = (
            SimpleNamespace(**{name.removeprefix(part): table for name, table in tensors.items() if part in name})
            for part in ("scenario.", "entities.")
        )
        self._network = EntityNetwork(self._sizes, tensors)

    def __call__(self, agents: Floats, mask: NDArray[np.bool_]) -> NDArray[Any]:
        """Return the actions (B, n), given what agents see (B, n, F) and which actions are possible (B, n, A)."""
        seen = self.seen(agents)
        scores = np.where(mask, self._network(seen), IMPOSSIBLE)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        reached = np.cumsum(weights / weights.sum(axis=-1, keepdims=True), axis=-1, dtype=np.float32)
        points = coins(seen) * reached[..., -1]
        return np.asarray((reached <= points[..., None]).sum(axis=-1))

    def seen(self, agents: Floats) -> Entities:
        """Return the entities of B episodes."""
        # All agents see the whole hospital; the first one's observation is followed by what is common to all: shares of
        # the work, the index, and the features of the multiplier.
        rows, common = agents[:, 0, : self._size], agents[:, 0, self._size :]
        parts = [self._entities(row) for row in rows]
        seen = Entities(*(np.stack(part) for part in zip(*parts, strict=True)))
        shares = np.minimum(common[:, : self._n] * np.float32(self._n), MOST_SHARES) / np.float32(2.0)
        return seen._replace(
            agents=np.concatenate([seen.agents, shares[..., None]], axis=-1),
            world=np.concatenate([seen.world, common[:, self._n :]], axis=-1),
        )

    def _entities(self, row: Floats) -> Entities:
        scene = scene_of(row, self._scenario)
        return entities(scene, scene.workload[self._sizes["work"]].astype(np.float32), self._scenario, self._fixed)


class EntityNetwork(Layers):
    """The network: a copy in NumPy of :class:`evenhand.learning.entity_network.EntityActor`.

    Parameters
    ----------
    sizes
        ``num_layers``, ``heads``, ``keys`` and ``action_places``, the place that each action points at, or -1.
    tensors
        ``Dense_i`` and ``LayerNorm_i`` as in :class:`evenhand.player.networks.Flat`, in the order in which
        they are used.
    """

    def __init__(self, sizes: Mapping[str, Any], tensors: Mapping[str, Floats]) -> None:
        super().__init__(tensors)
        self._sizes = sizes

    def __call__(self, seen: Entities) -> Floats:
        """Return the preferences of every agent's actions (B, n, A)."""
        heads, keys, where = self._sizes["heads"], self._sizes["keys"], np.array(self._sizes["action_places"])
        layers = max(1, self._sizes["num_layers"])
        places = self.hidden(0, self.dense(0, seen.places))
        scores = self.dense(1, seen.pairs) + self.dense(2, places)[..., None, :, :]
        values = self.dense(3, places).reshape(*places.shape[:-1], heads, -1)
        weights = np.exp(scores - scores.max(axis=-2, keepdims=True))
        weights = weights / weights.sum(axis=-2, keepdims=True)
        attended = np.einsum("...iph,...phk->...ihk", weights, values)
        world = np.concatenate([seen.world, places.mean(axis=-2)], axis=-1)
        agents = (
            self.dense(4, seen.agents)
            + self.dense(5, world)[..., None, :]
            + self.dense(6, attended.reshape(*attended.shape[:-2], -1))
        )
        agents = self.hidden(1, agents)
        for layer in range(layers - 1):
            agents = self.hidden(2 + layer, self.dense(7 + layer, agents))
        asked, offered, pairwise, plain = 6 + layers + np.arange(4)
        pointing = self.dense(asked, agents) @ self.dense(offered, places).swapaxes(-1, -2) / np.float32(keys**0.5)
        pointing = pointing + np.einsum("...iq,...ipq->...ip", self.dense(pairwise, agents), seen.pairs)
        # Column of each action in the pointing and the plain preferences side by side.
        columns = np.where(where >= 0, where, seen.places.shape[-2] + np.cumsum(where < 0) - 1)
        return np.asarray(np.concatenate([pointing, self.dense(plain, agents)], axis=-1)[..., columns])


def coins(seen: Entities) -> Floats:
    """Return a number in [0, 1) for each agent (B, n): :func:`evenhand.learning.entity_team.coins` says why."""
    whole = np.rint(seen.world * RESOLUTION).astype(np.int32).astype(np.uint32)
    odd = 2 * np.arange(whole.shape[-1], dtype=np.uint32) + np.uint32(1)
    state = _mixed((_mixed(odd) * whole).sum(axis=-1, dtype=np.uint32))
    agent = np.arange(1, seen.agents.shape[-2] + 1, dtype=np.uint32)
    mixed = _mixed(state[..., None] + np.uint32(0x9E3779B9) * agent)
    return np.asarray((mixed >> np.uint32(9)).astype(np.float32) * np.float32(2.0**-23))


def _mixed(bits: Any) -> NDArray[np.uint32]:
    """Return 32 bits each of which depends on all 32 given ones."""
    bits = (bits ^ (bits >> np.uint32(16))) * np.uint32(0x7FEB352D)
    bits = (bits ^ (bits >> np.uint32(15))) * np.uint32(0x846CA68B)
    return np.asarray(bits ^ (bits >> np.uint32(16)))
