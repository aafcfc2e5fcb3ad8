"""Behaviour cloning: begin with a policy that does what a scripted policy does, and a critic that knows its returns.

A team of many agents succeeds by chance in no episode, so that there is nothing to reinforce. A scripted policy that
succeeds is a start: its episodes are collected, with random actions mixed in, so that states off its path are among
them; then the policy is fitted to its actions and the critic to the returns (Pomerleau, Neural Computation 3, 1991; the
noise is that of Laskey et al., DART, CoRL 2017).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.learning import conditioning
from evenhand.learning.allowed_ranges import POSITIVE, SHARE, SIZE, setting, taken
from evenhand.learning.disturbance import Disturbed, inner
from evenhand.learning.policy_gradient import ProximalPolicy
from evenhand.learning.team import Team

Scripted = Callable[[Any], Any]
"""A scripted policy: from the state of one episode, in NumPy, to one action for each agent, (n,)."""


@dataclass(frozen=True)
class Clone:
    """How a scripted policy is cloned.

    Attributes
    ----------
    policy
        Name of a scripted policy of the environment, such as the hospital's ``"greedy"``, or a function that returns an
        action for each agent, (n,), given the state of one episode as NumPy arrays.
    episodes
        Number of episodes that are collected.
    random_share
        Largest share of random actions in an episode; each episode draws its own, uniformly from 0.
    steps, batch_size, learning_rate
        Number of gradient steps, states per step, and the initial learning rate, which falls to 0 along a cosine.
    """

    policy: str | Scripted = "greedy"
    episodes: int = setting(64, SIZE)
    random_share: float = setting(0.3, SHARE)
    steps: int = setting(600, SIZE)
    batch_size: int = setting(64, SIZE)
    learning_rate: float = setting(2e-3, POSITIVE)

    def __post_init__(self) -> None:
        for name, value in taken(self, "clone.").items():
            object.__setattr__(self, name, value)
        if not (callable(self.policy) or (isinstance(self.policy, str) and self.policy)):
            raise InputError(f"clone.policy is {self.policy!r}; it must be a name or a function of a state")

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values; a function is named by its type or name, between angle brackets."""
        values = {part.name: getattr(self, part.name) for part in fields(self)}
        if callable(self.policy):
            named = getattr(self.policy, "__qualname__", type(self.policy).__qualname__)
            values["policy"] = f"<{named}>"
        return values


class Lessons(NamedTuple):
    """N states with what the scripted policy does in them, and what follows.

    Attributes
    ----------
    states
        The environment's states, arrays (N, ...).
    actions
        Shape (N, n): actions of the scripted policy.
    reward, bonus
        Shape (N,): sums of the rewards and bonuses from the state to the end of its episode.
    """

    states: Any
    actions: Array
    reward: Array
    bonus: Array


def as_clone(clone: Clone | str | Scripted) -> Clone:
    """Return the settings of cloning; a name or a function stands for the default ones."""
    return clone if isinstance(clone, Clone) else Clone(clone)


def scripted_policy(env: Any, clone: Clone) -> Scripted:
    """Return the scripted policy, a function of the state of one episode.

    Raises
    ------
    InputError
        If the environment has no scripted policy of this name.
    """
    world = inner(env)
    if callable(clone.policy):
        chosen = clone.policy
    elif hasattr(world, "scripted"):
        chosen = world.scripted(clone.policy)
    else:
        raise InputError(
            f"clone is {clone.policy!r}; {type(world).__name__} has no scripted policies (method scripted), so give a "
            "function that returns an action for each agent, given a state"
        )
    return (lambda state: chosen(state.now)) if isinstance(env, Disturbed) else chosen


def refuse_uncloned(learner: Any) -> None:
    """Raise an InputError if a learner cannot be started by cloning."""
    if not isinstance(learner, ProximalPolicy):
        raise InputError("clone starts a policy, and this learner has values instead; take ippo or mappo")
    if not hasattr(learner.team.env, "step"):
        raise InputError(f"clone plays episodes in JAX, which {type(learner.team.env).__name__} cannot")


def cloned(training: Any, learner: Any, clone: Clone, seed: int) -> Any:
    """Return a learner's initial state with parameters that were fitted to a scripted policy.

    Parameters
    ----------
    training
        The learner's initial state.
    learner
        IPPO or MAPPO.
    clone
        The scripted policy and how it is cloned.
    seed
        Seed of episodes and minibatches.

    Raises
    ------
    InputError
        If there is no such policy, or if it chooses an action that does not exist or that the mask forbids.
    """
    refuse_uncloned(learner)
    lessons = collect(learner.team, scripted_policy(learner.team.env, clone), clone, seed, learner.settings.discount)
    parameters, _ = fit_to(learner, training.parameters, lessons, clone, seed)
    return training._replace(parameters=parameters)


def collect(team: Team, policy: Scripted, clone: Clone, seed: int, discount: float = 1.0) -> Lessons:
    """Play episodes by a scripted policy with random actions mixed in; return all states and its own actions in them.

    Parameters
    ----------
    team
        The team.
    policy
        The scripted policy.
    clone
        Number of episodes and share of random actions.
    seed
        Seed of the episodes and the random actions.
    discount
        Discount of the sums of rewards and bonuses.

    Raises
    ------
    InputError
        If the policy chooses an action that does not exist or that the mask forbids.
    """
    draw = np.random.default_rng(seed)
    often = draw.uniform(0.0, clone.random_share, clone.episodes)[:, None]
    key = jax.random.key(seed)
    states = _reset(team)(key, clone.episodes)
    over = np.zeros(clone.episodes, bool)
    seen: list[tuple[Any, NDArray[np.int32], Any, NDArray[np.bool_]]] = []
    for step in range(team.env.horizon):
        plain, mask = jax.device_get((states, _mask(team)(states)))
        actions = np.zeros(mask.shape[:2], np.int32)
        for episode in np.flatnonzero(~over):
            one = jax.tree.map(lambda part, episode=episode: part[episode], plain)
            actions[episode] = _checked(policy(one), mask[episode], step)
        # The k-th of the possible actions, all equally likely.
        anything = np.where(mask, draw.random(mask.shape), -1.0).argmax(axis=-1)
        played = np.where(draw.random(actions.shape) < often, anything, actions).astype(np.int32)
        last = np.full(clone.episodes, step + 1 >= team.env.horizon)
        states, moved = _step(team)(jax.random.fold_in(key, step), states, played, last)
        outcome = jax.device_get(moved)
        seen.append((plain, actions, outcome, ~over))
        over = over | outcome.done
        if over.all():
            break
    return _lessons(seen, discount)


def _lessons(seen: list[Any], discount: float) -> Lessons:
    """Return the steps of episodes that were under way, with their returns."""
    states, actions, outcomes, alive = (list(column) for column in zip(*seen, strict=True))
    sums = []
    for name in ("reward", "bonus"):
        ahead, back = np.zeros(len(alive[0])), []
        for outcome, on in zip(reversed(outcomes), reversed(alive), strict=True):
            ahead = np.where(on, getattr(outcome, name) + discount * np.where(outcome.done, 0.0, ahead), 0.0)
            back.append(ahead)
        sums.append(np.stack(back[::-1]).astype(np.float32))
    kept = np.stack(alive)
    every = jax.tree.map(lambda *parts: np.stack(parts)[kept], *states)
    return Lessons(*jax.tree.map(jnp.asarray, (every, np.stack(actions)[kept], sums[0][kept], sums[1][kept])))


def fit_to(
    learner: ProximalPolicy, parameters: Any, lessons: Lessons, clone: Clone, seed: int
) -> tuple[Any, NDArray[np.float32]]:
    """Fit policy and critic to lessons under random multipliers; return the parameters and the loss of each step.

    The loss is the cross-entropy of the scripted policy's actions plus the critic's squared error, as in training.
    """
    fitted, losses = _fit(learner, clone.steps, clone.batch_size, clone.learning_rate)(
        parameters, lessons, jax.random.key(seed)
    )
    return fitted, np.asarray(losses)


@lru_cache(maxsize=4)
def _fit(learner: ProximalPolicy, steps: int, batch_size: int, learning_rate: float) -> Callable[..., Any]:
    optimiser = optax.chain(
        optax.clip_by_global_norm(1.0), optax.adam(optax.cosine_decay_schedule(learning_rate, steps))
    )

    def loss(parameters: Any, part: Lessons, multiplier: Array) -> Array:
        view = learner.team.view(part.states, multiplier)
        chosen = jnp.take_along_axis(learner.log_probs(parameters, view), part.actions[..., None], axis=-1)
        returns = (part.reward + multiplier * part.bonus) / (1.0 + multiplier)
        error = jnp.square(learner.values(parameters, view) - returns[:, None]).mean()
        return learner.settings.value_coef * error - chosen.mean()

    def fit(parameters: Any, lessons: Lessons, key: Array) -> Any:
        def one(fitted: tuple[Any, Any], key: Array) -> tuple[tuple[Any, Any], Array]:
            parameters, state = fitted
            for_rows, for_multipliers = jax.random.split(key)
            rows = jax.random.randint(for_rows, (batch_size,), 0, lessons.reward.shape[0])
            multiplier = conditioning.draw(for_multipliers, (batch_size,), learner.team.cap)
            part = jax.tree.map(lambda whole: whole[rows], lessons)
            value, gradient = jax.value_and_grad(loss)(parameters, part, multiplier)
            change, state = optimiser.update(gradient, state, parameters)
            return (optax.apply_updates(parameters, change), state), value

        first = (parameters, optimiser.init(parameters))
        (parameters, _), losses = jax.lax.scan(one, first, jax.random.split(key, steps))
        return parameters, losses

    return jax.jit(fit)


def _checked(chosen: Any, mask: NDArray[np.bool_], step: int) -> NDArray[np.int32]:
    """Return a scripted policy's actions (n,), or raise an InputError that names the first impossible one."""
    n, number = mask.shape
    actions = np.asarray(chosen)
    if actions.shape != (n,) or not np.issubdtype(actions.dtype, np.integer):
        raise InputError(f"the scripted policy returns {chosen!r}; it must return {n} whole numbers, the actions")
    known = (actions >= 0) & (actions < number)
    wrong = np.flatnonzero(~(known & mask[np.arange(n), np.where(known, actions, 0)]))
    if wrong.size:
        agent = int(wrong[0])
        why = "the mask forbids it" if known[agent] else f"actions are 0 to {number - 1}"
        raise InputError(
            f"the scripted policy chooses action {actions[agent]} for agent {agent} (the first is 0) in step "
            f"{step + 1} of an episode; {why}"
        )
    return actions.astype(np.int32)


@lru_cache(maxsize=4)
def _reset(team: Team) -> Callable[..., Any]:
    return jax.jit(team.reset, static_argnums=1)


@lru_cache(maxsize=4)
def _mask(team: Team) -> Callable[..., Any]:
    return jax.jit(jax.vmap(team.env.mask))


@lru_cache(maxsize=4)
def _step(team: Team) -> Callable[..., Any]:
    return jax.jit(team.step)
