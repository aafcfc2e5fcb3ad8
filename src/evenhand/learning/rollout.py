"""Play: B episodes side by side, T steps at a time, each followed by a new one as soon as it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp

from evenhand.learning import conditioning
from evenhand.learning.team import Team, View, choose

if TYPE_CHECKING:
    from jax import Array


class Players(NamedTuple):
    """The episodes under way, B of them.

    Attributes
    ----------
    states
        The environment's states, mapped over the first axis.
    multiplier
        Shape (B,): the multiplier that each episode is played under, from its beginning to its end.
    controlled
        Shape (B,): whether it is the controller's; otherwise it was drawn. The violation is estimated on these.
    age
        Shape (B,): steps so far.
    """

    states: Any
    multiplier: Array
    controlled: Array
    age: Array


class Starts(NamedTuple):
    """How new episodes begin.

    Attributes
    ----------
    controller
        Scalar: the controller's multiplier.
    share
        Scalar: part of the episodes that it rules; the others draw theirs.
    range
        Scalar in [0, 1]: the drawn multipliers are scaled by it. While the team fails at its task, no multiplier
        should teach it to be fair by doing nothing.
    """

    controller: Array
    share: Array
    range: Array


class Choice(NamedTuple):
    """What a policy chose for B episodes: actions (B, n), and whatever the learner wants to remember, (B, ...)."""

    actions: Array
    memory: Any


class Policy(Protocol):
    """Chooses actions."""

    def __call__(self, key: Array, view: View) -> Choice:
        """Choose for every agent of B episodes."""


class Played(NamedTuple):
    """A rollout, all arrays (T, B, ...).

    Attributes
    ----------
    states
        The environment's states before the step.
    view, choice
        What the policy saw and chose.
    reward, bonus, multiplier
        The shaped reward is ``reward + multiplier * bonus``.
    done, success
        Whether the step ended its episode; whether with success.
    before, workload
        Shape (T, B, n), before and after the step.
    controlled, age
        Of the episode; its steps so far, this one included.
    """

    states: Any
    view: View
    choice: Choice
    reward: Array
    bonus: Array
    multiplier: Array
    done: Array
    success: Array
    before: Array
    workload: Array
    controlled: Array
    age: Array


def begin(key: Array, team: Team, episodes: int, starts: Starts) -> Players:
    """Begin `episodes` episodes."""
    for_states, for_multipliers = jax.random.split(key)
    multiplier, controlled = assign(for_multipliers, team, episodes, starts)
    states = team.reset(for_states, episodes)
    return Players(states, multiplier, controlled, jnp.zeros(episodes, jnp.int32))


def play(
    key: Array, team: Team, players: Players, policy: Policy, starts: Starts, steps: int
) -> tuple[Players, Played]:
    """Let all episodes go on for `steps` steps; returns them as they then stand, and what happened."""

    def one(players: Players, key: Array) -> tuple[Players, Played]:
        for_policy, for_step, for_begin = jax.random.split(key, 3)
        view = team.view(players.states, players.multiplier)
        choice = policy(for_policy, view)
        states, moved = team.step(for_step, players.states, choice.actions)
        age = players.age + 1
        # The horizon holds here, too, for an environment that does not cut its episodes off itself.
        done = moved.done | (age >= team.env.horizon)
        played = Played(
            states=players.states,
            view=view,
            choice=choice,
            reward=moved.reward,
            bonus=moved.bonus,
            multiplier=players.multiplier,
            done=done,
            success=moved.success,
            before=team.workload(players.states),
            workload=team.workload(states),
            controlled=players.controlled,
            age=age,
        )
        fresh = begin(for_begin, team, age.shape[0], starts)
        return choose(done, fresh, Players(states, players.multiplier, players.controlled, age)), played

    return jax.lax.scan(one, players, jax.random.split(key, steps))


def flat(rollout: Any) -> Any:
    """Return a pytree of arrays (T, B, ...) as one batch, arrays (T B, ...)."""
    return jax.tree.map(lambda part: part.reshape(-1, *part.shape[2:]), rollout)


def assign(key: Array, team: Team, episodes: int, starts: Starts) -> tuple[Array, Array]:
    """Return a multiplier for each episode, and whether it is the controller's; both (B,)."""
    for_control, for_size = jax.random.split(key)
    controlled = jax.random.uniform(for_control, (episodes,)) < starts.share
    drawn = starts.range * conditioning.draw(for_size, (episodes,), team.cap)
    return jnp.where(controlled, starts.controller, drawn), controlled
