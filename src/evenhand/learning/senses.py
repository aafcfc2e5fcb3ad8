"""How the observations of a PettingZoo or JaxMARL environment become those of training, described for a player."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from evenhand.hospital.vectorized import VectorizedHospital
from evenhand.learning.check_environment import random_steps
from evenhand.learning.host.environment import FromPettingZoo
from evenhand.learning.jaxmarl import FromJaxMARL


def senses_of(env: Any) -> dict[str, Any]:
    """Return what a player must know of an environment in order to read observations and to number actions.

    ``choices`` and ``starts``: each agent's number of actions, and the number of the first. ``masked``: whether some
    action is impossible at times, by what is known or by a few episodes of random actions. ``senses``: the rule for
    each agent's observation, as in :mod:`evenhand.player.flattening`, the length to which it is padded, and whether
    agents may leave; None if observations are those of training already.
    """
    if isinstance(env, FromPettingZoo):
        from evenhand.learning.host.spaces import has_mask  # Gymnasium is loaded where it is needed

        made = env.make()
        spaces = [made.observation_space(agent) for agent in made.possible_agents]
        rules, starts = (
            [_rule(space) for space in spaces],
            [int(made.action_space(a).start) for a in made.possible_agents],
        )
        if callable(close := getattr(made, "close", None)):
            close()
        senses: dict[str, Any] | None = {"rules": rules, "width": env.facts.width, "leave": True}
        masked = env.facts.reports.mask or any(has_mask(space) for space in spaces)
        return {"choices": list(env.facts.choices), "starts": starts, "senses": senses, "masked": masked}
    senses = None
    if isinstance(env, FromJaxMARL):
        shown, _ = jax.eval_shape(env.env.reset, jax.random.key(0))
        shapes = [list(shown[agent].shape) for agent in env.env.agents]
        senses = {"rules": [{"box": shape} for shape in shapes], "width": max(map(math.prod, shapes)), "leave": False}
    masked = isinstance(env, VectorizedHospital) or _is_masked(env)
    return {"choices": _choices(env), "starts": [0] * env.n_agents, "senses": senses, "masked": masked}


def _choices(env: Any) -> list[int]:
    return list(getattr(env, "choices", [env.n_actions] * env.n_agents))


@lru_cache(maxsize=8)
def _is_masked(env: Any) -> bool:
    possible = jnp.arange(env.n_actions) < jnp.array(_choices(env))[:, None]
    return not bool(jax.jit(lambda key: (random_steps(env, key).sound.mask == possible).all())(jax.random.key(0)))


def _rule(space: Any) -> dict[str, Any]:
    """Return how the values of a space are flattened, which is as :mod:`evenhand.learning.host.spaces` does."""
    from gymnasium import spaces

    from evenhand.fair_gne.roll import MASK

    match space:
        case spaces.Box() if np.issubdtype(space.dtype, np.integer) and space.is_bounded():
            return {"box": list(space.shape), "low": _brief(space.low), "high": _brief(space.high)}
        case spaces.Box() | spaces.MultiBinary():
            return {"box": list(space.shape)}
        case spaces.Discrete():
            return {"one_hot": [int(space.n)], "start": [int(space.start)], "shape": []}
        case spaces.MultiDiscrete():
            sizes, start = space.nvec.ravel().tolist(), space.start.ravel().tolist()
            return {"one_hot": sizes, "start": start, "shape": list(space.shape)}
        case spaces.Dict():
            return {"parts": [[key, _rule(part)] for key, part in space.spaces.items() if key != MASK]}
    return {"parts": [[place, _rule(part)] for place, part in enumerate(space.spaces)]}


def _brief(bounds: Any) -> list[float]:
    """Return bounds as a list, of one number if all are the same."""
    flat = np.unique(bounds) if np.unique(bounds).size == 1 else bounds.ravel()
    return [float(bound) for bound in flat]
