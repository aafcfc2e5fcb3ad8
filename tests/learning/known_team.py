"""A team whose every number is known: two agents, a job of 2 or 4 units, and a policy that is written down.

The first agent does two units in a step, the second one. What the policy does depends on the multiplier (cap 1):

=========  ====================================  =======  ==================  =======
from       what it does                          success  steps (job 2, 4)    Jain
=========  ====================================  =======  ==================  =======
0          the first agent works alone           1        1, 2                1/2
0.1        the same, after a step of rest        1        2, 3                1/2
0.2        alone at 4 units, shared at 2         1        2, 2                1, 1/2
0.4        the second agent does half, then the  1        2, 3                1
           first the rest
0.8        nobody works                          0        6 (the horizon)     1 (idle)
=========  ====================================  =======  ==================  =======

The reward is 1 for success less 0.1 for each step. Either job has probability 1/2.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from evenhand.fair_gne import Constraint, Telescoped
from evenhand.fairness import JainAtLeast
from evenhand.learning import conditioning
from evenhand.learning.team import Team

REST, WORK = 0, 1
ALONE, LATE, MIXED, SHARED, IDLE = 0.0, 0.15, 0.3, 0.5, 0.9
"""A multiplier of each kind."""


class Job(NamedTuple):
    """An episode."""

    time: jax.Array
    size: jax.Array
    work: jax.Array


class Result(NamedTuple):
    """A step's outcome."""

    reward: jax.Array
    success: jax.Array
    truncated: jax.Array


class KnownEnvironment:
    """The job. A finished episode goes on if it is let: whoever plays must stop it."""

    n_agents, n_actions, observation_size, state_size, horizon = 2, 2, 2, 2, 6
    workload_definition = "units"
    idle_action = REST
    continuous = np.ones(2, bool)

    def reset(self, key):
        """Draw the job's size."""
        size = jnp.where(jax.random.bernoulli(key), 4.0, 2.0)
        return Job(jnp.zeros((), jnp.int32), size, jnp.zeros(2))

    def step(self, key, state, actions):
        """Let both rest or work."""
        done = jnp.where(actions == WORK, jnp.array([2.0, 1.0]), 0.0)
        done = jnp.minimum(done, jnp.maximum(state.size - state.work.sum(), 0.0))
        after = Job(state.time + 1, state.size, state.work + done)
        success = after.work.sum() >= state.size
        return after, Result(jnp.where(success, 0.9, -0.1), success, ~success & (after.time >= self.horizon))

    def observe(self, state):
        """Show time and size to both."""
        return jnp.broadcast_to(self.global_state(state), (2, 2))

    def global_state(self, state):
        """Show time and size."""
        return jnp.stack([state.time.astype(jnp.float32), state.size])

    def mask(self, state):
        """Allow everything."""
        return jnp.ones((2, 2), bool)

    def workload(self, state):
        """Count units."""
        return state.work

    def workloads(self, state):
        """Count units and halves of units."""
        return {"units": state.work, "halves": 2.0 * state.work}


class KnownLearner:
    """The policy; its parameters are an offset of the multiplier."""

    def __init__(self, tau=0.85, form="expectation"):
        constraint = Constraint(JainAtLeast(tau), 2, form=form)
        self.team = Team(KnownEnvironment(), constraint, Telescoped(constraint), cap=1.0)

    def act(self, parameters, view):
        """Follow the table."""
        time, size = view.world[:, 0], view.world[:, 1]
        force = view.world[:, -conditioning.SIZE] + parameters
        alone = jnp.stack([jnp.ones_like(time), jnp.zeros_like(time)], axis=-1)
        late = alone * (time > 0)[:, None]
        second = time < size / 2
        shared = jnp.stack([~second, second], axis=-1)
        mixed = jnp.where((size == 2.0)[:, None], shared, alone)
        actions = jnp.zeros_like(alone)
        for start, does in ((0.0, alone), (0.1, late), (0.2, mixed), (0.4, shared), (0.8, 0.0 * alone)):
            actions = jnp.where(force[:, None] >= start - 1e-6, does, actions)
        return actions.astype(jnp.int32)
