"""A team whose networks see entities instead of one vector for each agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from evenhand.errors import InputError
from evenhand.learning.check_environment import traced
from evenhand.learning.disturbance import Disturbed
from evenhand.learning.environment import Entities, EntityEnvironment
from evenhand.learning.team import Sound, Team, View

MOST_SHARES = 4.0
"""Limit, in multiples of an equal share, of an agent's share of the work as the networks see it."""

RESOLUTION = 4096.0
"""States whose features of the world differ by at least one part in so many get other random numbers."""


@dataclass(frozen=True, eq=False)
class EntityTeam(Team):
    """A team whose views hold entities, mapped over B episodes, in both ``agents`` and ``world``.

    Each agent's features are followed by its share of the work so far; the world's features by the fairness index so
    far and the features of the multiplier.
    """

    def __post_init__(self) -> None:
        check_entities(self.env)

    def view(self, states: Any, multiplier: Array) -> View:
        """Return the networks' inputs for states under multipliers (B,)."""
        flat = super().view(states, multiplier)
        # Of the flat view only what the team has added is used; the compiler drops the rest.
        n = self.env.n_agents
        added = flat.world[:, self.env.state_size :]
        shares = jnp.minimum(added[:, :n] * n, MOST_SHARES) / 2.0
        seen = jax.vmap(self.env.entities)(states)  # type: ignore[attr-defined]
        entities = Entities(
            agents=jnp.concatenate([seen.agents, shares[..., None]], axis=-1),
            places=seen.places,
            pairs=seen.pairs,
            world=jnp.concatenate([seen.world, added[:, n:]], axis=-1),
        )
        return View(agents=entities, world=entities, mask=flat.mask)

    def sound(self, view: View) -> Sound:
        """Return whether the view is valid."""
        seen = view.agents
        own = jnp.isfinite(seen.agents).all(axis=-1) & jnp.isfinite(seen.pairs).all(axis=(-1, -2))
        world = jnp.isfinite(seen.places).all(axis=(-1, -2)) & jnp.isfinite(seen.world).all(axis=-1)
        return Sound(own, world, view.mask)


def coins(seen: Entities) -> Array:
    """Return a number in [0, 1) for each agent in B episodes, (B, n), which looks random but follows from the state.

    A large team acts by drawing its actions, in play as in training. Agents who are alike share a policy that sees them
    alike, and one who takes the likeliest action does what the others do: two go for one bed, both turn back, and both
    go again. Drawn, one of them goes. The numbers are a hash of the world's features and of the agent's place in the
    team, so that the same state always gets the same actions, wherever the team plays.
    """
    # A rounding error in a feature must not change the hash: time left out of 100 or of 300 steps is never near the
    # middle between two multiples of 1/4096, because of the power of 2.
    whole = jnp.round(seen.world * RESOLUTION).astype(jnp.int32).astype(jnp.uint32)
    odd = 2 * jnp.arange(whole.shape[-1], dtype=jnp.uint32) + 1
    state = _mixed((_mixed(odd) * whole).sum(axis=-1, dtype=jnp.uint32))
    n = seen.agents.shape[-2]
    mixed = _mixed(state[..., None] + jnp.uint32(0x9E3779B9) * (1 + jnp.arange(n, dtype=jnp.uint32)))
    return (mixed >> 9).astype(jnp.float32) * 2.0**-23


def _mixed(bits: Array) -> Array:
    """Return 32 bits each of which depends on all 32 given ones (lowbias32, by Wellons' search of such functions)."""
    bits = (bits ^ (bits >> 16)) * jnp.uint32(0x7FEB352D)
    bits = (bits ^ (bits >> 15)) * jnp.uint32(0x846CA68B)
    return bits ^ (bits >> 16)


def check_entities(env: Any) -> None:
    """Raise an InputError if an environment does not offer its states as entities, or not as it should."""
    if isinstance(env, Disturbed):
        raise InputError(
            "network 'entity' sees states as they are, not late or noisy, and with all agents present; leave out "
            "delay, noise and absence, or train with network 'flat'"
        )
    name = type(env).__name__
    if not isinstance(env, EntityEnvironment):
        raise InputError(
            f"network 'entity' needs {name}.entities, the state as features of agents, places and pairs, and "
            f"{name}.action_places (docs/how-to/own-environment.md); network 'flat' does without"
        )
    state = traced(f"{name}.reset", env.reset, jax.eval_shape(lambda: jax.random.key(0)))
    seen = traced(f"{name}.entities", env.entities, state)
    if not all(hasattr(seen, part) for part in Entities._fields):
        raise InputError(f"{name}.entities must return {', '.join(Entities._fields)}")
    n, m = env.n_agents, seen.places.shape[0] if seen.places.ndim == 2 else 0
    ranks = {"agents": (n, "F"), "places": ("m", "P"), "pairs": (n, m, "R"), "world": ("W",)}
    for part, wanted in ranks.items():
        array = getattr(seen, part)
        fits = array.ndim == len(wanted) and all(
            isinstance(size, str) or size == found for size, found in zip(wanted, array.shape, strict=True)
        )
        if not fits or array.dtype != jnp.float32:
            shape = f"({', '.join(map(str, wanted))}{',' if len(wanted) == 1 else ''})"
            raise InputError(f"{name}.entities' {part} is {array.shape} {array.dtype}; it must be {shape} float32")
    pointed = list(env.action_places)
    if len(pointed) != env.n_actions or not all(isinstance(place, int) and -1 <= place < m for place in pointed):
        raise InputError(
            f"{name}.action_places is {pointed}; it must be {env.n_actions} whole numbers, one for each action: "
            f"that of a place, 0 to {m - 1}, or -1"
        )
