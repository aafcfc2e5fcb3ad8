"""PettingZoo environments for the learners: plain Python, stepped in worker processes beside the compiled networks."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from evenhand.errors import InputError
from evenhand.number_checks import checked_whole

if TYPE_CHECKING:
    from evenhand.learning.host.game import Make, Work
    from evenhand.learning.host.workers import Workers

logger = logging.getLogger(__name__)


class HostState(NamedTuple):
    """The state of an episode: what is seen in it, and how it came about.

    Attributes
    ----------
    seed
        Scalar: seed of the episode.
    past
        Shape (horizon, n): actions so far; the rest is not used. Seed and actions determine the state. None where a
        state is only looked at.
    age
        Scalar: number of steps so far.
    shown
        Scalar: whether what follows is of this state; if not, the episode has still to be begun.
    seen, world, mask, work
        Shape (n, O), (G,), (n, A) and (n,): flattened observations, global state, possible actions and workloads.
    """

    seed: Array
    past: Any
    age: Array
    shown: Array
    seen: Array
    world: Array
    mask: Array
    work: Array


class FromPettingZoo:
    """A PettingZoo parallel environment as an environment for the learners, stepped in worker processes.

    An agent observes its identity, its own observation, flattened (:mod:`evenhand.learning.host.spaces` says by which
    rule) and padded with zeros to the length of the longest, and the fraction of time left. The global state is
    ``env.state()`` flattened, or all agents' observations if there is none, and the fraction of time left. The team's
    reward is the mean of the agents' rewards.

    Actions are those of Discrete spaces, which may differ between agents. An action mask is taken from an observation's
    entry ``action_mask``, otherwise from ``infos[agent]["action_mask"]``. An agent that has left, or has not joined
    yet, observes zeros, is rewarded with 0, keeps its workload, and has nothing to choose; an episode ends with its
    last agent, or at the horizon.

    Parameters
    ----------
    make
        A function without arguments that makes the environment: ``lambda: my_env()``. It is called in every worker
        process, once for each environment.
    workload
        What is to be shared: a tracker of :mod:`evenhand.fair_gne`, or a function of the environment that returns the
        work of each agent since the episode began, by agent or in the order of ``possible_agents``. By default
        ``infos[agent]["workload"]`` if the first step's infos have it, otherwise the number of the agent's actions
        other than its first one, with a warning: busywork counts then.
    success
        Function of the environment after the last step of an episode that returns whether the task is done. By default
        ``infos[agent]["success"]`` of any agent; where infos report no success, every episode counts as a success, and
        the reward alone says how good it is.
    horizon
        Largest number of steps in an episode; by default the environment's ``horizon``, ``max_cycles`` or
        ``max_steps``.
    workers
        Number of worker processes; by default one per core. 0 steps the environments in this process.

    Attributes
    ----------
    make
        As given.
    facts
        What was found out about the environment.

    Raises
    ------
    InputError
        If the environment cannot be trained in: if it is not a parallel one, has actions other than discrete ones or
        observations other than numbers, changes its spaces, is not deterministic under a seed, or fails in a few
        hundred random steps. The message says what is supported.
    """

    def __init__(
        self,
        make: Make,
        *,
        workload: Work | None = None,
        success: Callable[[Any], Any] | None = None,
        horizon: int | None = None,
        workers: int | None = None,
    ) -> None:
        from evenhand.learning.host.game import Terms  # Gymnasium is loaded where it is needed
        from evenhand.learning.host.workers import survey

        if not callable(make):
            raise InputError(f"{type(make).__name__} is no function that makes an environment: lambda: my_env()")
        for name, given in (("workload", workload), ("success", success)):
            if given is not None and not callable(getattr(given, "update", given)):
                raise InputError(f"{name} is {given!r}; it must be a function of the environment")
        steps = None if horizon is None else checked_whole("horizon", horizon, 1)
        self.workers = _cores() if workers is None else checked_whole("workers", workers, 0)
        self.make, self._terms = make, Terms(workload, success, steps)
        self.facts = survey(make, self._terms, apart=self.workers > 0)
        self.n_agents = checked_whole(f"{self.facts.name}'s number of agents", len(self.facts.agents), 2)
        self.n_actions = max(self.facts.choices)
        self.observation_size = self.n_agents + self.facts.width + 1
        self.state_size = self.facts.world_size + 1
        self.horizon = self.facts.horizon
        if self.counts_actions:
            logger.warning(
                "%s reports no infos[agent]['workload'], so the work of an agent is the number of its actions other "
                "than the first; FromPettingZoo(make, workload=...) counts otherwise",
                self.facts.name,
            )

    @property
    def name(self) -> str:
        """Name of the environment."""
        return self.facts.name

    @property
    def agent_names(self) -> tuple[str, ...]:
        """Names of the agents."""
        return self.facts.agents

    @property
    def counts_actions(self) -> bool:
        """Whether the work of an agent is the number of its actions other than the first."""
        return self._terms.workload is None and not self.facts.reports.workload

    @property
    def masked(self) -> bool:
        """Whether some actions may be impossible."""
        return self.facts.masked

    def start(self, environments: int) -> Workers:
        """Start the worker processes of a number of environments."""
        from evenhand.learning.host.workers import Workers

        return Workers(self.make, self._terms, self.facts, environments, min(self.workers, environments))

    def reset(self, key: Array) -> HostState:
        """Return an episode of a random seed that has still to be begun."""
        n, actions = self.n_agents, self.n_actions
        return HostState(
            seed=draw_seeds(key, ()),
            past=jnp.zeros((self.horizon, n), jnp.int32),
            age=jnp.zeros((), jnp.int32),
            shown=jnp.zeros((), bool),
            seen=jnp.zeros((n, self.facts.width)),
            world=jnp.zeros(self.facts.world_size),
            mask=jnp.ones((n, actions), bool),
            work=jnp.zeros(n),
        )

    def step(self, key: Array, state: HostState, actions: Array) -> Any:
        """Raise an error: worker processes step this environment, and JAX cannot compile them."""
        raise InputError(
            f"{self.name} is stepped in Python, and what is asked for needs an environment that JAX can compile "
            "(docs/how-to/own-environment.md)"
        )

    def observe(self, state: HostState) -> Array:
        """Return the agents' observations, (n, D)."""
        left = jnp.full((self.n_agents, 1), 1.0) * self._left(state)
        return jnp.concatenate([jnp.eye(self.n_agents), state.seen, left], axis=1)

    def global_state(self, state: HostState) -> Array:
        """Return the global state, (G,)."""
        return jnp.append(state.world, self._left(state))

    def mask(self, state: HostState) -> Array:
        """Return which actions are possible, (n, A)."""
        return state.mask

    def workload(self, state: HostState) -> Array:
        """Return the work of each agent so far, (n,)."""
        return state.work

    def without_past(self, states: HostState) -> HostState:
        """Return states without the actions that led there, at which no network looks."""
        return states._replace(past=None)

    def _left(self, state: HostState) -> Array:
        return 1.0 - state.age / self.horizon


def on_host(env: Any) -> Any:
    """Return an environment as the learners take it: a function that makes a PettingZoo environment is adapted.

    Raises
    ------
    InputError
        If it is an environment of PettingZoo or Gymnasium itself, of which worker processes cannot make their own.
    """
    if isinstance(env, type):
        return FromPettingZoo(env) if callable(getattr(env, "action_space", None)) else env
    if hasattr(env, "possible_agents") or hasattr(env, "action_space"):
        name = type(env).__name__
        raise InputError(
            f"{name} is one environment, and training plays many of them at once: give a function that makes it, "
            f"env=lambda: {name}(...)"
        )
    return FromPettingZoo(env) if callable(env) and not hasattr(env, "step") else env


def draw_seeds(key: Array, shape: tuple[int, ...]) -> Array:
    """Draw seeds of episodes, whole numbers below 2^31 - 1."""
    return jax.random.randint(key, shape, 0, 2**31 - 1)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
