"""Read a trained policy in given states of the hospital, once each: the tables that a certificate is about."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.hospital.enumeration import TeamStates
from evenhand.hospital.enumeration.compiled_rules import Row, columns, compiled
from evenhand.hospital.planner.starts import MOST_STARTS, possible
from evenhand.hospital.vectorized import VectorizedHospital
from evenhand.hospital.vectorized.rules import State, with_targets
from evenhand.learning.disturbance import Disturbed

if TYPE_CHECKING:
    from evenhand.learning.episodes import Learner
    from evenhand.learning.training import Run

BATCHES = (512, 8192)
"""Numbers of states in which a network is read at a time; fewer are padded, so that no other size is compiled."""


def team_states(run: Run, multiplier: float) -> TeamStates:
    """Return the states of a run's scenario with the greedy policy of its team under a multiplier.

    Raises
    ------
    InputError
        If the states of the run's environment cannot be enumerated.
    """
    env = run.learner.team.env
    refuse_others(env)
    return TeamStates(env.arrays, GreedyPolicy(run.learner, run.parameters, multiplier))


def refuse_others(env: Any) -> None:
    """Raise an InputError that says what there is instead, if an environment's states are not enumerated.

    Those of the hospital with its plain rules are, unless it has too many starts.
    """
    refuse_disturbed(env)
    instead = "evenhand certify --learned N trains a response of each agent, a lower bound on its gain"
    if not isinstance(env, VectorizedHospital):
        raise InputError(
            f"{type(env).__name__}: only the hospital's states are enumerated; describe the game to "
            f"evenhand.equilibrium.certify, as arrays (FiniteGame) or in layers (LayeredGame), or {instead}"
        )
    if type(env) is not VectorizedHospital:
        raise InputError(f"{type(env).__name__}: its states have more than the hospital's rules enumerate; {instead}")
    starts = possible(env.arrays)
    if starts > MOST_STARTS:
        raise InputError(
            f"{env.scenario.name}: {starts:,} possible starts, more than the {MOST_STARTS:,} that are enumerated; "
            f"{instead}"
        )


def refuse_disturbed(env: Any) -> None:
    """Raise an InputError if a team plays disturbed: what its agents see and remember is not the state."""
    if isinstance(env, Disturbed):
        raise InputError(
            "the team plays under disturbances: its actions depend on what its agents have seen, not on the state "
            "alone, so nobody's gain is certified; evenhand evaluate --delay, --noise and --absent show how it holds"
        )


class GreedyPolicy:
    """The most probable, or most useful, joint actions of a team under a multiplier.

    Parameters
    ----------
    learner, parameters
        The networks.
    multiplier
        The multiplier that they observe.
    """

    def __init__(self, learner: Learner, parameters: Any, multiplier: float) -> None:
        self._read = _reader(learner)
        self._parameters = parameters
        self._multiplier = np.float32(multiplier)

    def __call__(self, rows: Row, time: int) -> NDArray[np.int8]:
        """Return the actions (M, n) in states (M, D) of :mod:`evenhand.hospital.enumeration` at a time."""
        size = BATCHES[0] if len(rows) <= BATCHES[0] else BATCHES[1]
        parts = []
        for first in range(0, len(rows), size):
            part = rows[first : first + size]
            padded = np.concatenate([part, np.broadcast_to(part[:1], (size - len(part), rows.shape[1]))])
            actions = self._read(self._parameters, padded, np.int32(time), self._multiplier)
            parts.append(np.asarray(actions)[: len(part)])
        return np.concatenate(parts)


@lru_cache(maxsize=8)
def _reader(learner: Learner) -> Callable[..., Array]:
    """Return the compiled function that reads a policy in a batch of states; it is kept for later calls."""
    env: Any = learner.team.env
    scenario = compiled(env.arrays)
    at = columns(scenario)

    def read(parameters: Any, rows: Array, time: Array, multiplier: Array) -> Array:
        rows = rows.astype(jnp.int32)
        batch, agents = rows.shape[0], scenario.agents
        nothing = jnp.zeros((batch, agents), jnp.int32)
        states = State(
            time=jnp.broadcast_to(time, batch),
            station=rows[:, at.station : at.travel],
            travel=rows[:, at.travel : at.holding],
            holding=rows[:, at.holding : at.energy],
            energy=rows[:, at.energy : at.item_place],
            item_place=rows[:, at.item_place : at.remaining],
            remaining=rows[:, at.remaining : at.useful],
            workload=rows[:, at.useful : at.more].reshape(batch, 3, agents),
            masked=nothing,
            conflicts=nothing,
            treating=nothing,
            installing=nothing,
            picking=nothing,
        )
        states = jax.vmap(lambda state: with_targets(state, env.tables))(states)
        view = learner.team.view(states, jnp.broadcast_to(multiplier, batch))
        return learner.act(parameters, view).astype(jnp.int8)

    return jax.jit(read)
