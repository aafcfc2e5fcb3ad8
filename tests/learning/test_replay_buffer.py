"""The replay buffer against a plain list of everything that was ever written."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.learning.replay_buffer import Layout, Replay, Transition, layout_of

STEPS, EPISODES, ROLLOUTS = 3, 2, 3


class State(NamedTuple):
    """One leaf of each kind that environments use."""

    count: jax.Array
    place: jax.Array
    open: jax.Array
    heat: jax.Array
    seed: jax.Array


def states(count):
    """Return states that tell by `count` (...) when and where they were written."""
    count = np.asarray(count)
    return State(
        count=jnp.asarray(count, jnp.int32),
        place=jnp.asarray(np.stack([count % 7, -count % 5], -1), jnp.int8),
        open=jnp.asarray(np.stack([count % 2 == 0] * 3, -1)),
        heat=jnp.asarray(np.sqrt(count), jnp.float32),
        seed=jnp.asarray(count.astype(np.int64) * 40_503_001 % 2**32, jnp.uint32),
    )


def transitions(count):
    """Return what happened in these states; an episode ends at every fifth step."""
    count = np.asarray(count)
    return Transition(
        states=states(count),
        actions=jnp.asarray(np.stack([count % 3, count % 4], -1), jnp.int32),
        reward=jnp.asarray(count / 8, jnp.float32),
        bonus=jnp.asarray(-count / 3, jnp.float32),
        multiplier=jnp.asarray(count % 11 / 10, jnp.float32),
        done=jnp.asarray(count // EPISODES % 5 == 4),
    )


def rollout(number):
    """Return the `number`-th rollout: counts rise by one from column to column, then from step to step."""
    first = number * STEPS * EPISODES
    return transitions(first + np.arange(STEPS * EPISODES).reshape(STEPS, EPISODES))


REPLAY = Replay(layout_of(states(np.zeros(1, int)), agents=2), ROLLOUTS, STEPS, EPISODES)
WRITE, SAMPLE = jax.jit(REPLAY.write), jax.jit(REPLAY.sample, static_argnums=(2, 3))


@pytest.mark.parametrize("written", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("length", [1, 3])
def test_windows_are_those_of_a_list(written, length):
    """Before and after wrapping around: every window of the last T steps of a column is drawn, and nothing else."""
    ring, columns = REPLAY.init(), [[] for _ in range(EPISODES)]
    for number in range(written):
        ring = WRITE(ring, rollout(number))
        for step in range(STEPS):
            for column in range(EPISODES):
                columns[column].append((number * STEPS + step) * EPISODES + column)
    kept = [column[-REPLAY.length :] for column in columns]
    possible = {tuple(steps[at : at + length]) for steps in kept for at in range(len(steps) - length + 1)}
    drawn = SAMPLE(jax.random.key(written), ring, 400, length)
    assert {tuple(window) for window in np.asarray(drawn.states.count).T.tolist()} == possible
    assert int(REPLAY.filled(ring)) == len(kept[0])


def test_what_is_sampled_is_what_was_written():
    """All parts of a step stay together, bit for bit, and the ends of episodes where they were."""
    ring = REPLAY.init()
    for number in range(5):
        ring = WRITE(ring, rollout(number))
    drawn = SAMPLE(jax.random.key(0), ring, 400, 3)
    expected = transitions(np.asarray(drawn.states.count))
    jax.tree.map(np.testing.assert_array_equal, drawn, expected)
    assert jax.tree.map(lambda leaf: leaf.dtype, drawn) == jax.tree.map(lambda leaf: leaf.dtype, expected)
    ends = np.asarray(drawn.done)
    assert (ends[:-1] & ~ends[1:]).any(), "no window runs over the end of an episode"


def test_rows_keep_every_bit():
    """Odd floats and the ends of whole numbers' ranges survive packing."""
    tree = {
        "floats": jnp.array([[0.0, -0.0, jnp.inf, 1e-38, jnp.nan]], jnp.float32),
        "halves": jnp.array([[0.1]], jnp.bfloat16),
        "words": jnp.array([[0, 2**32 - 1]], jnp.uint32),
        "whole": jnp.array([[-(2**31), 2**31 - 1]], jnp.int32),
        "none": jnp.zeros((1, 0), jnp.float32),
    }
    layout = Layout.of(jax.tree.map(lambda leaf: leaf[0], tree))
    assert layout.width == 10
    back = layout.unpack(layout.pack(tree))
    assert all(back[name].tobytes() == tree[name].tobytes() for name in tree)
    assert all(back[name].dtype == tree[name].dtype for name in tree)


@pytest.mark.parametrize("leaf", [np.zeros(2), np.zeros(1, np.int64), np.zeros(1, np.complex64)])
def test_wider_numbers_are_refused(leaf):
    """A row has words of 32 bits, and rounding would go unnoticed."""
    with pytest.raises(InputError, match=f"a state holds {leaf.dtype}"):
        Layout.of({"wide": leaf})


def test_random_keys_are_refused():
    """JAX's typed keys have no bits to pack."""
    with pytest.raises(InputError, match="a state holds key<fry>"):
        Layout.of(jax.random.key(0))
