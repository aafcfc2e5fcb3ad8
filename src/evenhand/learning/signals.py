"""Find an environment's first invalid signal (observation, mask, reward or workload), with its agent and step.

The check is compiled into the training loop, where its data are in the processor's cache anyway. Its result is a single
number; the sentence is composed outside the loop.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from evenhand.learning.team import Sound

ROUNDING = 1e-5
"""Relative decrease of a workload that counts as rounding."""
KINDS = (
    ("workload", "before"),
    ("observe", "before"),
    ("global_state", "before"),
    ("mask", "before"),
    ("reward", "in"),
    ("workload", "after"),
    ("decrease", "after"),
)
"""Signals in the order in which they are checked within a step, each with its time relative to the step."""
OF_THE_TEAM = ("global_state", "reward")
"""Signals that belong to the whole team instead of one agent."""


class Signals(NamedTuple):
    """The signals of T steps in B episodes of n agents.

    Attributes
    ----------
    sound
        Whether observations (T, B, n) and global state (T, B) before the step are finite, and the mask (T, B, n, A).
    reward
        Shape (T, B): reward of the step.
    before, after
        Shape (T, B, n): workloads before and after the step.
    age
        Shape (T, B): number of the step in its episode, from 1.
    """

    sound: Sound
    reward: Array
    before: Array
    after: Array
    age: Array


class Fault(NamedTuple):
    """The first invalid signal; all scalars.

    Attributes
    ----------
    place
        Its flat index in an array (T, len(KINDS), B, n); -1 if all signals are valid.
    age
        Number of the step in its episode, from 1.
    value
        The value, if the signal is a reward or workload.
    """

    place: Array
    age: Array
    value: Array


def first_fault(signals: Signals) -> Fault:
    """Return the first signal that is not finite, masks all actions, or is a negative or decreasing workload."""
    steps, episodes, agents = signals.before.shape
    each = (steps, episodes, agents)

    def team(bad: Array) -> Array:
        return jnp.broadcast_to(bad[..., None], each)

    falls = signals.after < signals.before - ROUNDING * jnp.abs(signals.before)
    bad = jnp.stack(
        [
            ~_sound(signals.before),
            ~signals.sound.observed,
            team(~signals.sound.world),
            ~signals.sound.mask.any(axis=-1),
            team(~jnp.isfinite(signals.reward)),
            ~_sound(signals.after),
            falls,
        ],
        axis=1,
    )
    place = bad.reshape(-1).argmax().astype(jnp.int32)
    step, kind, episode, agent = jnp.unravel_index(place, bad.shape)
    work = jnp.where(kind == 0, signals.before[step, episode, agent], signals.after[step, episode, agent])
    value = jnp.where(kind == len(KINDS) - 3, signals.reward[step, episode], work)
    return Fault(jnp.where(bad.any(), place, -1), signals.age[step, episode], value)


def in_words(fault: Any, shape: tuple[int, int, int]) -> str:
    """Return a sentence on a fault that was found in T steps of B episodes of n agents; `shape` is (T, B, n)."""
    steps, episodes, agents = shape
    _, kind, _, agent = np.unravel_index(int(fault.place), (steps, len(KINDS), episodes, agents))
    signal, when = KINDS[int(kind)]
    value = float(fault.value)
    who = "" if signal in OF_THE_TEAM else f" of agent {agent} (the first is 0)"
    place = f"{when} step {int(fault.age)} of an episode"
    match signal:
        case "mask":
            return f"the mask{who} allows no action {place}; at least one must be possible"
        case "reward":
            return f"the reward is {value:g} {place}; it must be a number"
        case "workload":
            return f"the workload{who} is {value:g} {place}; it must be a number from 0"
        case "decrease":
            return (
                f"the workload{who} falls to {value:g} {place}; it is what was done since the episode began, so it "
                "cannot fall"
            )
        case _:
            return f"{signal}{who} returns a value that is no number, or infinite, {place}"


def _sound(workload: Array) -> Array:
    return jnp.isfinite(workload) & (workload >= 0.0)
