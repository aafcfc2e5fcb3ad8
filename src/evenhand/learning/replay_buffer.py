"""The replay buffer: a ring buffer of environment states, actions and rewards, packed into one array.

Observations are computed when sampling, because a state is a few small integers and an observation many floats. The
shaped reward ``reward + multiplier * bonus`` is also computed when sampling: the buffer stores reward and bonus
separately, so that a transition can be replayed under the current multiplier.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple, Self

import jax
import jax.numpy as jnp
from jax import Array

from evenhand.errors import InputError
from evenhand.machine_memory import machine_memory


class Transition(NamedTuple):
    """Steps of episodes of n agents; the leading axes (...) are those of the rollout or of the sampled windows.

    Attributes
    ----------
    states
        The environment's states before the step, a pytree of arrays (..., *shape of the leaf).
    actions
        Shape (..., n), int32.
    reward, bonus
        Shape (...): the parts of the shaped reward, ``reward + multiplier * bonus``.
    multiplier
        Shape (...): the multiplier that the episode was played under.
    done
        Shape (...): whether the step ended its episode.
    """

    states: Any
    actions: Array
    reward: Array
    bonus: Array
    multiplier: Array
    done: Array


@dataclass(frozen=True, eq=False)
class Layout:
    """Packs a pytree of small arrays into one row of W 32-bit words, and unpacks it bit for bit.

    With all leaves in one array, writing a rollout or gathering a batch is one operation instead of one per leaf.

    Attributes
    ----------
    structure
        Tree structure of the pytree.
    shapes, dtypes
        Shapes and types of its leaves.
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
            If a leaf is neither boolean nor a real number of at most 32 bits.
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
        """Return the rows (..., W), int32, of a pytree whose leaves share the leading axes (...)."""
        leaves = jax.tree.leaves(tree)
        axes = leaves[0].ndim - len(self.shapes[0])
        return jnp.concatenate([_words(leaf).reshape(*leaf.shape[:axes], -1) for leaf in leaves], axis=-1)

    def unpack(self, rows: Array) -> Any:
        """Return the pytree, with leading axes (...), that rows (..., W) hold."""
        leaves, at = [], 0
        for shape, dtype in zip(self.shapes, self.dtypes, strict=True):
            words = rows[..., at : at + prod(shape)].reshape(*rows.shape[:-1], *shape)
            leaves.append(_numbers(words, dtype))
            at += prod(shape)
        return jax.tree.unflatten(self.structure, leaves)


class Ring(NamedTuple):
    """The contents of a replay buffer for B environments.

    Attributes
    ----------
    rows
        Shape (T, B, W), int32: one packed transition per step and environment. In each column, row t + 1 is the next
        step of the same episode or, if row t ended it, the first step of the next one.
    written
        Scalar int32: number of steps written so far to each column; the next one goes to row ``written % T``.
    """

    rows: Array
    written: Array


@dataclass(frozen=True, eq=False)
class Replay:
    """A ring buffer to which whole rollouts are written and from which windows of consecutive steps are sampled.

    Attributes
    ----------
    layout
        Layout of a :class:`Transition` of one step in one environment.
    rollouts
        Capacity in rollouts.
    steps, episodes
        Number of steps per rollout, and of environments B.

    Raises
    ------
    InputError
        If the buffer is larger than the machine's memory.
    """

    layout: Layout
    rollouts: int
    steps: int
    episodes: int

    def __post_init__(self) -> None:
        row, here = 4 * self.layout.width, machine_memory()
        if here is not None and row * self.length * self.episodes > here:
            raise InputError(
                f"buffer_size is {self.length * self.episodes}; at {row:,} bytes a transition that is more than this "
                f"machine's memory; at most {here // row // 4} would leave room for learning"
            )

    @property
    def length(self) -> int:
        """Capacity T of each column, in steps."""
        return self.rollouts * self.steps

    def init(self) -> Ring:
        """Return an empty ring."""
        shape = (self.length, self.episodes, self.layout.width)
        return Ring(jnp.zeros(shape, jnp.int32), jnp.zeros((), jnp.int32))

    def write(self, ring: Ring, played: Transition) -> Ring:
        """Write a rollout, arrays (steps, B, ...), in place of the oldest one.

        T is a multiple of the steps per rollout, so a rollout never wraps around the end of the array.
        """
        at = ring.written % self.length
        rows = jax.lax.dynamic_update_slice(ring.rows, self.layout.pack(played), (at, 0, 0))
        return Ring(rows, ring.written + self.steps)

    def filled(self, ring: Ring) -> Array:
        """Return the number of steps in each column."""
        return jnp.minimum(ring.written, self.length)

    def sample(self, key: Array, ring: Ring, windows: int, length: int) -> Transition:
        """Draw windows of consecutive steps, uniformly and with replacement.

        Parameters
        ----------
        key
            A JAX random key.
        ring
            The contents. With fewer than `length` steps in each column, the windows contain rows of zeros.
        windows, length
            Number of windows N, and of steps per window L.

        Returns
        -------
        Transition
            Arrays (L, N, ...). A window may continue into the next episode; ``done`` marks the boundary.
        """
        for_column, for_step = jax.random.split(key)
        column = jax.random.randint(for_column, (windows,), 0, self.episodes)
        filled = self.filled(ring)
        first = jax.random.randint(for_step, (windows,), 0, jnp.maximum(filled - length, 0) + 1)
        step = (ring.written - filled + first + jnp.arange(length)[:, None]) % self.length
        return self.layout.unpack(ring.rows[step, column])


def layout_of(states: Any, agents: int) -> Layout:
    """Return the layout of a :class:`Transition` in one environment.

    Parameters
    ----------
    states
        States of several environments, mapped over the first axis.
    agents
        Number of agents n.

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
