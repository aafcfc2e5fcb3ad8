"""A game small enough to be followed by hand: three agents who rest or work, and see the time and everybody's work."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from evenhand.fair_gne import Constraint
from evenhand.fairness import JainAtLeast
from evenhand.learning.environment import Outcome

REST, WORK = 0, 1


class Shift(NamedTuple):
    """An episode."""

    time: jax.Array
    work: jax.Array
    luck: jax.Array


class ShiftEnvironment:
    """Agent i does i + 1 units in a step of work; six steps, success at 100 units, so never."""

    n_agents, n_actions, observation_size, state_size, horizon = 3, 2, 4, 4, 6
    continuous = np.array([False, True, True, True])
    """The time is a whole number."""
    idle_action = REST
    deterministic = True
    units = jnp.array([1.0, 2.0, 3.0])

    def reset(self, key):
        """Begin; the luck shows that the start is drawn from the key as given."""
        return Shift(jnp.zeros((), jnp.int32), jnp.zeros(3), jax.random.uniform(key))

    def step(self, key, state, actions):
        """Let all rest or work."""
        del key
        after = Shift(state.time + 1, state.work + self.units * (actions == WORK), state.luck)
        success = after.work.sum() >= 100.0
        return after, Outcome(jnp.float32(-0.1), success, ~success & (after.time >= self.horizon))

    def observe(self, state):
        """Show the time, and everybody's work, one's own first."""
        turned = jnp.stack([jnp.roll(state.work, -agent) for agent in range(3)])
        return jnp.concatenate([jnp.full((3, 1), state.time, jnp.float32), turned], axis=1)

    def global_state(self, state):
        """Show time and work."""
        return jnp.append(state.work, state.time.astype(jnp.float32))

    def mask(self, state):
        """Forbid work to agent 2 in the first step."""
        return jnp.ones((3, 2), bool).at[2, WORK].set(state.time > 0)

    def workload(self, state):
        """Count units."""
        return state.work


CONSTRAINT = Constraint(JainAtLeast(0.85), 3)
SCRIPT = ((0, 1, 0), (1, 1, 0), (0, 0, 1), (1, 0, 0), (1, 1, 1))
"""Joint actions; after them the work is as in the table."""
WORKS = ((0, 0, 0), (0, 2, 0), (1, 4, 0), (1, 4, 3), (2, 4, 3), (3, 6, 6))


def followed(env, key=0, script=SCRIPT):
    """Return the states of an episode in which these joint actions were chosen, with the first one."""
    states = [env.reset(jax.random.key(key))]
    for number, actions in enumerate(script):
        after, _ = env.step(jax.random.key(number), states[-1], jnp.array(actions, jnp.int32))
        states.append(after)
    return states
