"""Play episodes with a trained policy: the team's own actions, random starts, and a multiplier for each episode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray

from evenhand.errors import InputError
from evenhand.fair_gne import worked
from evenhand.fairness.measures import jain_index
from evenhand.learning.allowed_ranges import Range, check
from evenhand.learning.host.environment import FromPettingZoo
from evenhand.learning.host.episodes import play_on_host
from evenhand.learning.team import Team, View, choose

Played = Callable[[int, int], None]
"""A callback that receives the number of episodes played so far and their total."""
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

SEED_IN_32_BITS = Range(0, 2**31 - 1, whole=True)
BATCH = 512
"""Number of episodes played in parallel; smaller batches are padded, so that one compiled function serves all calls."""


class Learner(Protocol):
    """The part of a learner that playing its policy needs."""

    @property
    def team(self) -> Team:
        """The environment with its constraint."""

    def act(self, parameters: Any, view: View) -> Array:
        """Return the actions that the team takes in play, (B, n); they follow from the view."""

    def __hash__(self) -> int:
        """Return a hash; the compiled function is cached by it."""


@runtime_checkable
class WorkloadDefinitions(Protocol):
    """An environment with several definitions of the workload, of which ``workload`` follows one."""

    @property
    def workload_definition(self) -> str:
        """Name of the definition that ``workload`` follows."""

    def workloads(self, state: Any) -> dict[str, Array]:
        """Return the workloads (n,) by the name of each definition."""


@dataclass(frozen=True, eq=False)
class Episodes:
    """N episodes of n agents.

    Attributes
    ----------
    success
        Shape (N,): whether the task was done.
    episode_steps
        Shape (N,): number of steps.
    reward
        Shape (N,): sum of the environment's rewards, without the fairness bonus.
    workload
        Shape (N, n): workloads at the end.
    multiplier
        Shape (N,): the multiplier that the episode was played under.
    definitions
        Shape (N, n) each: workloads at the end by the name of each definition of the environment; empty if it has only
        one.
    present
        Shape (N, n): which agents were present; None if all were in every episode. Fairness is among those present.
    """

    success: Bools
    episode_steps: NDArray[np.int32]
    reward: Floats
    workload: Floats
    multiplier: Floats
    definitions: Mapping[str, Floats]
    present: Bools | None = None

    def __len__(self) -> int:
        return int(self.episode_steps.size)

    def __repr__(self) -> str:
        return f"Episodes({len(self)}, success {self.success.mean():.3f}, Jain {self.jain.mean():.3f})"

    @property
    def jain(self) -> Floats:
        """Jain's index of the workload at the end, 1 where nobody has worked, (N,)."""
        return self.measured(jain_index)

    @property
    def worked(self) -> Bools:
        """Whether anybody has worked who was present, (N,)."""
        return np.asarray(worked(self.workload, self.present))

    @property
    def cv(self) -> Floats:
        """Coefficient of variation of the workload at the end, 0 where nobody has worked, (N,)."""
        # From Jain's index, which rounding may lift above 1.
        return np.sqrt(np.maximum(1.0 / self.jain - 1.0, 0.0))

    def measured(self, measure: Callable[[Floats], Floats], definition: str | None = None) -> Floats:
        """Return a measure of the workloads (N, n) of those present, by the default or by a named definition, (N,)."""
        work = self.workload if definition is None else self.definitions[definition]
        if self.present is None:
            return measure(work)
        found = np.empty(len(self))
        for here in np.unique(self.present, axis=0):
            same = (self.present == here).all(axis=-1)
            found[same] = measure(work[same][:, here])
        return found

    def __getitem__(self, which: Any) -> Episodes:
        """Return some of the episodes; a slice, numbers or booleans."""
        arrays = {part.name: getattr(self, part.name) for part in fields(self) if part.name != "definitions"}
        chosen: dict[str, Any] = {name: array[which] for name, array in arrays.items() if array is not None}
        return Episodes(**chosen, definitions={name: work[which] for name, work in self.definitions.items()})


class _Ends(NamedTuple):
    """The final values of B episodes, as JAX or NumPy arrays."""

    success: Any
    steps: Any
    reward: Any
    workload: Any
    present: Any
    definitions: dict[str, Any]


class _Under(NamedTuple):
    """B episodes under way: their states, whether they are over, and their values so far."""

    states: Any
    over: Array
    ends: _Ends


def play_episodes(
    learner: Learner,
    parameters: Any,
    multipliers: ArrayLike,
    *,
    seed: int,
    starts: ArrayLike | None = None,
    progress: Played | None = None,
) -> Episodes:
    """Play one episode for each multiplier.

    Parameters
    ----------
    learner
        The learner.
    parameters
        Parameters of its networks.
    multipliers
        Shape (N,).
    seed
        Seed of the starts and of the randomness in the environment's steps.
    starts
        Shape (N,), whole numbers from 0. Episodes with the same number have the same start and the same random numbers,
        whatever their multiplier and whichever other episodes are played (common random numbers). Default 0, 1, ...,
        N - 1.
    progress
        Called with the number of episodes played so far and N, after each batch.

    Raises
    ------
    InputError
        If there are no multipliers, if the seed does not fit in 32 bits, or if the environment returns a workload that
        is negative or a workload or reward that is not finite.
    """
    seed = check("seed", seed, SEED_IN_32_BITS)
    forces = np.asarray(multipliers, dtype=np.float32)
    if forces.ndim != 1 or forces.size == 0:
        raise InputError(f"multipliers have the shape {forces.shape}; there must be one number per episode, at least 1")
    numbers = np.arange(forces.size) if starts is None else np.asarray(starts)
    if isinstance(learner.team.env, FromPettingZoo):
        played = play_on_host(learner, parameters, forces, numbers, seed, progress)
        return _episodes(learner.team, _Ends(*played, present=None, definitions={}), forces)
    play = _player(learner)
    parts = []
    for first in range(0, forces.size, BATCH):
        n = min(BATCH, forces.size - first)
        batch = (_padded(array[first : first + BATCH]) for array in (numbers, forces))
        parts.append(_first(play(parameters, seed, *batch), n))
        if progress is not None:
            progress(first + n, forces.size)
    ends = jax.tree.map(lambda *arrays: np.concatenate(arrays), *parts)
    return _episodes(learner.team, ends, forces)


def _episodes(team: Team, ends: _Ends, forces: NDArray[np.float32]) -> Episodes:
    workload = ends.workload.astype(np.float64)
    wrong = ~(np.isfinite(workload) & (workload >= 0.0))
    if wrong.any():
        episode, agent = np.argwhere(wrong)[0]
        raise InputError(
            f"the workload of agent {agent} (the first is 0) is {workload[episode, agent]:g} at the end of an episode; "
            "it must be a number from 0"
        )
    if not np.isfinite(ends.reward).all():
        raise InputError("the sum of an episode's rewards is not a number; the environment must reward with numbers")
    return Episodes(
        success=ends.success,
        episode_steps=ends.steps,
        reward=ends.reward.astype(np.float64),
        workload=workload,
        multiplier=forces.astype(np.float64),
        definitions={name: work.astype(np.float64) for name, work in ends.definitions.items()},
        present=ends.present,
    )


def _padded(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array repeated up to a whole batch; another size would be compiled again."""
    return np.resize(array, BATCH)


def _first(ends: _Ends, number: int) -> _Ends:
    return jax.tree.map(lambda array: np.asarray(array)[:number], ends)


@lru_cache(maxsize=8)
def _player(learner: Learner) -> Callable[..., _Ends]:
    """Return the compiled function that plays a batch of episodes; it is kept for later calls."""

    def play(parameters: Any, seed: Array, starts: Array, multipliers: Array) -> _Ends:
        keys = jax.vmap(lambda number: jax.random.fold_in(jax.random.key(seed), number))(starts)

        def one(under: _Under) -> _Under:
            view = learner.team.view(under.states, multipliers)
            return _step(learner.team, keys, under, learner.act(parameters, view))

        return jax.lax.while_loop(lambda under: ~under.over.all(), one, _begin(learner.team, keys)).ends

    return jax.jit(play)


def _begin(team: Team, keys: Array) -> _Under:
    states = jax.vmap(team.env.reset)(keys)
    none = jnp.zeros(keys.shape[0], bool)
    ends = _Ends(
        success=none,
        steps=jnp.zeros(keys.shape[0], jnp.int32),
        reward=jnp.zeros(keys.shape[0], jnp.float32),
        workload=team.workload(states),
        present=team.present(states),
        definitions=_definitions(team, states),
    )
    return _Under(states, none, ends)


def _step(team: Team, keys: Array, under: _Under, actions: Array) -> _Under:
    """Advance the episodes that are not over by a step; the others stay as they are."""
    luck = jax.vmap(jax.random.fold_in)(keys, under.ends.steps + 1)
    after, outcome = jax.vmap(team.env.step)(luck, under.states, actions)
    states = choose(under.over, under.states, after)
    steps = under.ends.steps + ~under.over
    ends = _Ends(
        success=under.ends.success | (outcome.success & ~under.over),
        steps=steps,
        reward=under.ends.reward + jnp.where(under.over, 0.0, outcome.reward),
        workload=team.workload(states),
        present=team.present(states),
        definitions=_definitions(team, states),
    )
    # The horizon is enforced here as well, for environments that do not truncate their episodes themselves.
    return _Under(states, under.over | outcome.success | outcome.truncated | (steps >= team.env.horizon), ends)


def _definitions(team: Team, states: Any) -> dict[str, Array]:
    return jax.vmap(team.env.workloads)(states) if isinstance(team.env, WorkloadDefinitions) else {}
