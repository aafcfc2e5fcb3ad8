"""Play B episodes in parallel for T steps, starting a new one whenever an episode ends."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
from jax import Array

from evenhand.learning import conditioning
from evenhand.learning.team import Sound, Team, View, choose

KEPT = 2**23
"""Largest size in bytes of a rollout's views that are kept; larger ones are computed again where they are needed.

Observations of n agents who all see each other grow with the square of n, states do not; copying a few megabytes is
quicker than computing them.
"""


class Players(NamedTuple):
    """The B episodes under way.

    Attributes
    ----------
    states
        The environment's states, mapped over the first axis.
    multiplier
        Shape (B,): the multiplier that each episode is played under, constant until it ends.
    controlled
        Shape (B,): whether the multiplier is the controller's; otherwise it was drawn at random. Only controlled
        episodes count towards the violation that the controller sees.
    age
        Shape (B,): number of steps so far.
    """

    states: Any
    multiplier: Array
    controlled: Array
    age: Array


class Starts(NamedTuple):
    """How the multipliers of new episodes are chosen.

    Attributes
    ----------
    controller
        Scalar: the controller's multiplier.
    share
        Scalar: fraction of the episodes that are played under it; the others draw theirs at random.
    range
        Scalar in [0, 1] by which random multipliers are scaled. It is 0 while the team fails at its task, which
        would otherwise learn to be fair by doing nothing.
    """

    controller: Array
    share: Array
    range: Array


class Choice(NamedTuple):
    """A policy's actions (B, n) in B episodes, and what the learner wants to keep of the choice, arrays (B, ...)."""

    actions: Array
    memory: Any


class Policy(Protocol):
    """A function that chooses actions."""

    def __call__(self, key: Array, view: View) -> Choice:
        """Choose an action for every agent in B episodes."""


class Played(NamedTuple):
    """A rollout: T steps of B episodes, all arrays (T, B, ...).

    Attributes
    ----------
    states
        The environment's states before the step.
    view, choice
        Inputs of the policy, and its actions. What a learner does not read of them takes no memory once compiled.
    sound
        The environment's signals before the step, as far as is needed to find an invalid one; None if the views are
        kept, which have them.
    reward, bonus, multiplier
        Shape (T, B): the parts of the shaped reward, ``reward + multiplier * bonus``.
    done, success
        Shape (T, B): whether the step ended its episode, and whether it completed the task.
    before, workload
        Shape (T, B, n): workloads before and after the step.
    present
        Shape (T, B, n): which agents are present; None if all are in every episode.
    controlled
        Shape (T, B): whether the episode is played under the controller's multiplier.
    age
        Shape (T, B): number of the step in its episode, from 1.
    """

    states: Any
    view: View
    choice: Choice
    sound: Sound | None
    reward: Array
    bonus: Array
    multiplier: Array
    done: Array
    success: Array
    before: Array
    workload: Array
    present: Array | None
    controlled: Array
    age: Array


def begin(key: Array, team: Team, episodes: int, starts: Starts) -> Players:
    """Begin new episodes."""
    for_states, for_multipliers = jax.random.split(key)
    multiplier, controlled = assign(for_multipliers, team, episodes, starts)
    states = team.reset(for_states, episodes)
    return Players(states, multiplier, controlled, jnp.zeros(episodes, jnp.int32))


def play(
    key: Array, team: Team, players: Players, policy: Policy, starts: Starts, steps: int
) -> tuple[Players, Played]:
    """Play all episodes for a number of steps; return them in their new state, and the rollout."""

    def one(players: Players, key: Array) -> tuple[Players, Played]:
        for_policy, for_step, for_begin = jax.random.split(key, 3)
        view = team.view(players.states, players.multiplier)
        choice = policy(for_policy, view)
        age = players.age + 1
        # The horizon is enforced here as well, for environments that do not truncate their episodes themselves.
        states, moved = team.step(for_step, players.states, choice.actions, age >= team.env.horizon)
        played = Played(
            states=players.states,
            view=view,
            choice=choice,
            sound=None if views_are_kept(view, steps) else team.sound(view),
            reward=moved.reward,
            bonus=moved.bonus,
            multiplier=players.multiplier,
            done=moved.done,
            success=moved.success,
            before=team.workload(players.states),
            workload=team.workload(states),
            present=team.present(players.states),
            controlled=players.controlled,
            age=age,
        )
        fresh = begin(for_begin, team, age.shape[0], starts)
        return choose(moved.done, fresh, Players(states, players.multiplier, players.controlled, age)), played

    return jax.lax.scan(one, players, jax.random.split(key, steps))


def views_are_kept(view: View, steps: int = 1) -> bool:
    """Return whether the views of a rollout of so many steps like this one, or this whole one, are kept."""
    return steps * sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(view)) <= KEPT


def flat(rollout: Any) -> Any:
    """Merge the first two axes of a pytree: arrays (T, B, ...) become (T B, ...)."""
    return jax.tree.map(lambda part: part.reshape(-1, *part.shape[2:]), rollout)


def assign(key: Array, team: Team, episodes: int, starts: Starts) -> tuple[Array, Array]:
    """Choose the multipliers of new episodes; return them and whether each is the controller's, both (B,)."""
    for_control, for_size = jax.random.split(key)
    controlled = jax.random.uniform(for_control, (episodes,)) < starts.share
    drawn = starts.range * conditioning.draw(for_size, (episodes,), team.cap)
    return jnp.where(controlled, starts.controller, drawn), controlled
