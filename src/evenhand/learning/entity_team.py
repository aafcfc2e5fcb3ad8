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
