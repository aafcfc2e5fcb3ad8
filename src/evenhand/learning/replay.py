"""A replay buffer: a ring of environment states, actions and unshaped rewards, in one array.

What the networks see is computed when sampling: a state is a few small whole numbers, an observation many floats. The
shaped reward is formed when sampling, too: the ring keeps the reward and the bonus, never a multiple of it, so that no
multiplier of another time survives in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import jax
import jax.numpy as jnp

from evenhand.errors import InputError

if TYPE_CHECKING:
    from jax import Array


class Transition(NamedTuple):
    """What is remembered of a step; arrays (..., ) or (..., n), states a pytree of such.

    Attributes
    ----------
    states
        The environment's state before the step.
    actions
        Shape (..., n), int32.
    reward, bonus
        The shaped reward is ``reward + multiplier * bonus``.
    multiplier
        Under which the episode was played.
    done
        Whether the step ended its episode.
    """

    states: Any
    actions: Array
    reward: Array
    bonus: Array
    multiplier: Array
    done: Array


@dataclass(frozen=True, eq=False)
class Layout:
    """How a pytree of small arrays becomes one row of W 32-bit words, and back, bit for bit.

    One array is written and gathered from at once, where a state of many leaves would need as many operations.

    Attributes
    ----------
    structure
        Of the pytree.
    shapes, dtypes
        Of its leaves.
    """

    structure: Any
    shapes: tuple[tuple[int, ...], ...]
    dtypes: tuple[Any, ...]

    @classmethod
    def of(cls, example: Any) -> Self:
        """Return the layout of pytrees like `example`.

        Raises
        ------
        InputError
            Where a leaf is neither boolean nor a number of at most 32 bits.
        """
        leaves, structure = jax.tree.flatten(example)
        for leaf in leaves:
            number = jnp.issubdtype(leaf.dtype, jnp.number) and not jnp.iscomplexobj(leaf)
            if not (number or leaf.dtype == jnp.bool_) or leaf.dtype.itemsize > 4:
                raise InputError(f"a state holds {leaf.dtype}; replay keeps booleans and numbers of at most 32 bits")
        return cls(structure, tuple(leaf.shape for leaf in leaves), tuple(leaf.dtype for leaf in leaves))

    @property
    def width(self) -> int:
        """Number of words W."""
        return sum(prod(shape) for shape in self.shapes)

    def pack(self, tree: Any) -> Array:
        """Return the rows (..., W) of a pytree whose leaves have further axes in front."""
        leaves = jax.tree.leaves(tree)
        axes = leaves[0].ndim - len(self.shapes[0])
        return jnp.concatenate([_words(leaf).reshape(*leaf.shape[:axes], -1) for leaf in leaves], axis=-1)

    def unpack(self, rows: Array) -> Any:
        """Return the pytree of rows (..., W)."""
        leaves, at = [], 0
        for shape, dtype in zip(self.shapes, self.dtypes, strict=True):
            words = rows[..., at : at + prod(shape)].reshape(*rows.shape[:-1], *shape)
            leaves.append(_numbers(words, dtype))
            at += prod(shape)
        return jax.tree.unflatten(self.structure, leaves)


class Ring(NamedTuple):
    """What the buffer holds.

    Attributes
    ----------
    rows
        Shape (T, B, W), int32: step by step, B episodes side by side. Row t + 1 of a column follows row t, by a step of
        the same episode or, where row t ended it, as the beginning of the next.
    written
        Scalar int32: steps written so far, of each column; the next goes to row ``written % T``.
    """

    rows: Array
    written: Array


@dataclass(frozen=True, eq=False)
class Replay:
    """A ring that is written a rollout at a time and sampled in windows of consecutive steps.

    Attributes
    ----------
    layout
        Of a :class:`Transition` of one step of one episode.
    rollouts, steps, episodes
        Rollouts that it holds, each of so many steps of B episodes.
    """

    layout: Layout
    rollouts: int
    steps: int
    episodes: int

    @property
    def length(self) -> int:
        """Steps T that it holds of each column."""
        return self.rollouts * self.steps

    def init(self) -> Ring:
        """Return an empty ring."""
        shape = (self.length, self.episodes, self.layout.width)
        return Ring(jnp.zeros(shape, jnp.int32), jnp.zeros((), jnp.int32))

    def write(self, ring: Ring, played: Transition) -> Ring:
        """Write a rollout, arrays (steps, B, ...), over the oldest one; a rollout never straddles the ring's end."""
        at = ring.written % self.length
        rows = jax.lax.dynamic_update_slice(ring.rows, self.layout.pack(played), (at, 0, 0))
        return Ring(rows, ring.written + self.steps)

    def filled(self, ring: Ring) -> Array:
        """Return how many steps of each column it holds."""
        return jnp.minimum(ring.written, self.length)

    def sample(self, key: Array, ring: Ring, windows: int, length: int) -> Transition:
        """Draw windows of consecutive steps, all with the same probability, with repetition.

        Parameters
        ----------
        key
            A JAX random key.
        ring
            With at least `length` steps of each column; of an emptier one, zeros are returned as well.
        windows, length
            Number N of windows and L of steps in each.

        Returns
        -------
        Transition
            Arrays (L, N, ...). A window may run over the end of an episode into the next one; ``done`` says where.
        """
        for_column, for_step = jax.random.split(key)
        column = jax.random.randint(for_column, (windows,), 0, self.episodes)
        filled = self.filled(ring)
        first = jax.random.randint(for_step, (windows,), 0, jnp.maximum(filled - length, 0) + 1)
        step = (ring.written - filled + first + jnp.arange(length)[:, None]) % self.length
        return self.layout.unpack(ring.rows[step, column])


def layout_of(states: Any, agents: int) -> Layout:
    """Return the layout of a :class:`Transition` of one step of one episode, given `states` of many.

    Raises
    ------
    InputError
        As :meth:`Layout.of`.
    """
    number = jnp.zeros(())
    actions, done = jnp.zeros(agents, jnp.int32), jnp.zeros((), bool)
    return Layout.of(Transition(jax.tree.map(lambda leaf: leaf[0], states), actions, number, number, number, done))


def _words(leaf: Array) -> Array:
    if jnp.issubdtype(leaf.dtype, jnp.floating):
        return jax.lax.bitcast_convert_type(leaf.astype(jnp.float32), jnp.int32)
    return jax.lax.bitcast_convert_type(leaf, jnp.int32) if leaf.dtype == jnp.uint32 else leaf.astype(jnp.int32)


def _numbers(words: Array, dtype: Any) -> Array:
    if jnp.issubdtype(dtype, jnp.floating):
        return jax.lax.bitcast_convert_type(words, jnp.float32).astype(dtype)
    return jax.lax.bitcast_convert_type(words, dtype) if dtype == jnp.uint32 else words.astype(dtype)
