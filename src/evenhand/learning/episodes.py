"""Play finished policies: greedy episodes from fresh random starts, each under a multiplier of its own."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np

from evenhand.errors import InputError
from evenhand.fairness.measures import jain_index
from evenhand.learning.allowed import Range, check
from evenhand.learning.team import choose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jax import Array
    from numpy.typing import ArrayLike, NDArray

    from evenhand.learning.team import Team, View

    Played = Callable[[int, int], None]
    """Whoever wants to know how many episodes of how many are played."""
    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

SEED_IN_32_BITS = Range(0, 2**31 - 1, whole=True)
BATCH = 512
"""Episodes side by side; fewer are filled up, so that one player is compiled for all calls."""


class Learner(Protocol):
    """What is needed of a learner to let its policy play."""

    @property
    def team(self) -> Team:
        """The environment under its constraint."""

    def act(self, parameters: Any, view: View) -> Array:
        """Return the greedy actions, (B, n)."""

    def __hash__(self) -> int:
        """Return a hash by which the compiled player is found again."""


@runtime_checkable
class WorkloadDefinitions(Protocol):
    """An environment that counts work in several ways; ``workload`` is one of them."""

    @property
    def workload_definition(self) -> str:
        """Name of the definition that ``workload`` follows."""

    def workloads(self, state: Any) -> dict[str, Array]:
        """Return the workloads by every definition, each (n,)."""


@dataclass(frozen=True, eq=False)
class Episodes:
    """N episodes of n agents.

    Attributes
    ----------
    success
        Shape (N,): whether the task was done.
    steps
        Shape (N,): number of steps.
    reward
        Shape (N,): sum of the rewards, without what the multiplier adds.
    workload
        Shape (N, n): at the end.
    index
        Shape (N,): the constraint's index of the workload at the end.
    multiplier
        Shape (N,): in force.
    definitions
        Workloads, shape (N, n), by every definition that the environment knows.
    """

    success: Bools
    steps: NDArray[np.int32]
    reward: Floats
    workload: Floats
    index: Floats
    multiplier: Floats
    definitions: Mapping[str, Floats]

    def __len__(self) -> int:
        return int(self.steps.size)

    def __repr__(self) -> str:
        return f"Episodes({len(self)}, success {self.success.mean():.3f}, Jain {self.jain.mean():.3f})"

    @property
    def jain(self) -> Floats:
        """Jain's index of the workload at the end, 1 where nobody has worked, (N,)."""
        return jain_index(self.workload)

    @property
    def worked(self) -> Bools:
        """Whether anybody has worked, (N,)."""
        return self.workload.max(axis=-1) > 0.0

    @property
    def cv(self) -> Floats:
        """Coefficient of variation of the workload at the end, 0 where nobody has worked, (N,)."""
        # From Jain's index, which rounding may lift above 1.
        return np.sqrt(np.maximum(1.0 / self.jain - 1.0, 0.0))

    def __getitem__(self, which: Any) -> Episodes:
        """Return some of the episodes; a slice, numbers or booleans."""
        arrays = {part.name: getattr(self, part.name) for part in fields(self) if part.name != "definitions"}
        chosen = {name: array[which] for name, array in arrays.items()}
        return Episodes(**chosen, definitions={name: work[which] for name, work in self.definitions.items()})


class _Ends(NamedTuple):
    """The ends of B episodes, JAX's or NumPy's arrays."""

    success: Any
    steps: Any
    reward: Any
    workload: Any
    definitions: dict[str, Any]


class _Under(NamedTuple):
    """B episodes under way: their states, whether they are over, what they came to so far."""

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
    """Play one greedy episode for each multiplier.

    Parameters
    ----------
    learner
        Its policy and its team.
    parameters
        Of its networks.
    multipliers
        Shape (N,).
    seed
        Of the starts, and of whatever is random in the environment's steps.
    starts
        Shape (N,), whole numbers from 0: episodes of the same number begin alike and meet the same luck, whatever
        their multiplier, and whatever else is played. Default 0, 1, ..., N - 1.
    progress
        Called with the number of episodes played so far and N, now and then and at the end.

    Raises
    ------
    InputError
        Where there is no episode to play, or the seed does not fit in 32 bits.
    """
    seed = check("seed", seed, SEED_IN_32_BITS)
    forces = np.asarray(multipliers, dtype=np.float32)
    if forces.ndim != 1 or forces.size == 0:
        raise InputError(f"multipliers have the shape {forces.shape}; one number for each of at least one episode")
    numbers = np.arange(forces.size) if starts is None else np.asarray(starts)
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
        steps=ends.steps,
        reward=ends.reward.astype(np.float64),
        workload=workload,
        index=np.asarray(team.constraint.index(workload)),
        multiplier=forces.astype(np.float64),
        definitions={name: work.astype(np.float64) for name, work in ends.definitions.items()},
    )


def _padded(array: NDArray[Any]) -> NDArray[Any]:
    """Fill the last batch up: another size would be compiled anew."""
    return np.resize(array, BATCH)


def _first(ends: _Ends, number: int) -> _Ends:
    return jax.tree.map(lambda array: np.asarray(array)[:number], ends)


@lru_cache(maxsize=8)
def _player(learner: Learner) -> Callable[..., _Ends]:
    """Return the compiled player of a batch of episodes, kept for the next call."""

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
        definitions=_definitions(team, states),
    )
    return _Under(states, none, ends)


def _step(team: Team, keys: Array, under: _Under, actions: Array) -> _Under:
    """Let the episodes that are not over go on; the others stay as they are."""
    luck = jax.vmap(jax.random.fold_in)(keys, under.ends.steps + 1)
    after, outcome = jax.vmap(team.env.step)(luck, under.states, actions)
    states = choose(under.over, under.states, after)
    steps = under.ends.steps + ~under.over
    ends = _Ends(
        success=under.ends.success | (outcome.success & ~under.over),
        steps=steps,
        reward=under.ends.reward + jnp.where(under.over, 0.0, outcome.reward),
        workload=team.workload(states),
        definitions=_definitions(team, states),
    )
    # The horizon holds here too, for an environment that does not cut its episodes off itself.
    return _Under(states, under.over | outcome.success | outcome.truncated | (steps >= team.env.horizon), ends)


def _definitions(team: Team, states: Any) -> dict[str, Array]:
    return jax.vmap(team.env.workloads)(states) if isinstance(team.env, WorkloadDefinitions) else {}
