"""The protocol of an environment for the learners: pure functions of states, and the workload that is to be shared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, runtime_checkable

if TYPE_CHECKING:
    from jax import Array

S = TypeVar("S")


class Outcome(NamedTuple):
    """The outcome of a step, all scalars. Any pytree with these fields can be returned instead.

    Attributes
    ----------
    reward
        Reward of the team, float32.
    success
        Whether the task is done, which ends the episode.
    truncated
        Whether the episode ended without success, at its horizon or before.
    """

    reward: Array
    success: Array
    truncated: Array


class Environment(Protocol[S]):
    """A cooperative game of n agents with A actions each.

    The methods are pure functions that JAX can compile, for one episode; learners map them over many. The learner
    replaces finished episodes, so what a step does to them does not matter. The horizon ends an episode like any other
    event, without bootstrapping, so observations should include the time left.
    :func:`evenhand.learning.check` says what an environment lacks. Methods that need more of an environment
    (such as ``workload-skill-penalty``) raise an error that names it.

    Attributes
    ----------
    n_agents, n_actions
        Number of agents n, and of actions A of each.
    observation_size, state_size
        Length D of an observation, and G of the global state.
    horizon
        Largest number of steps in an episode.

    What an environment may have in addition, for disturbances (:mod:`evenhand.learning.disturbance`): ``continuous``,
    (D,) booleans, which features of an observation noise may blur, where False marks what is discrete;
    ``idle_action``, the number of an action that does nothing and is always possible, which absent agents take;
    ``deterministic``, True if steps involve no chance; and ``present(state)``, (n,) booleans, which agents take part in
    the episode: fairness is among them, and they stay the same throughout it.
    """

    n_agents: int
    n_actions: int
    observation_size: int
    state_size: int
    horizon: int

    def reset(self, key: Array) -> S:
        """Return a random initial state, any pytree of arrays."""

    def step(self, key: Array, state: S, actions: Array) -> tuple[S, Any]:
        """Return the next state and an :class:`Outcome`, given one action per agent, (n,) int32."""

    def observe(self, state: S) -> Array:
        """Return the agents' observations, (n, D) float32."""

    def global_state(self, state: S) -> Array:
        """Return the input of mixers and central critics, (G,) float32."""

    def mask(self, state: S) -> Array:
        """Return which actions are possible, (n, A) booleans, at least one per agent."""

    def workload(self, state: S) -> Array:
        """Return the work of each agent since the episode began, (n,) float32, at least 0 and never falling."""


class Entities(NamedTuple):
    """A state of n agents and m places as entities, all float32. Any pytree with these fields can be returned instead.

    Attributes
    ----------
    agents
        Shape (n, F): features of each agent.
    places
        Shape (m, P): features of each place that an action can point at: a station, a target, a cell.
    pairs
        Shape (n, m, R): features of each agent at each place, such as their distance.
    world
        Shape (W,): features of the whole.
    """

    agents: Array
    places: Array
    pairs: Array
    world: Array


@runtime_checkable
class EntityEnvironment(Environment[S], Protocol[S]):
    """An :class:`Environment` with what it needs in addition for ``network = "entity"``.

    The network's parameters depend on the numbers of features F, P, R and W, and on the number of actions that point
    at no place, but not on the numbers of agents and places. If these four mean the same in two environments, so do
    the parameters; an attribute ``entity_names``, a tuple of words, may say what they mean, and parameters are then
    passed on between equal ones only.

    Attributes
    ----------
    action_places
        For each of the A actions the number of the place that it points at, from 0, or -1 for none.
    """

    action_places: Sequence[int]

    def entities(self, state: S) -> Any:
        """Return the state as :class:`Entities`."""
