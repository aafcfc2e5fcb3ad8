"""Finite games as arrays: states, actions of each agent, transition probabilities, rewards, and the index."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.equilibrium.array_checks import (
    checked_finite,
    checked_numbers,
    checked_rows,
    checked_shape,
    checked_sums,
    is_single,
)
from evenhand.equilibrium.decision import Columns, Floats
from evenhand.equilibrium.loops import Rows
from evenhand.errors import InputError
from evenhand.number_checks import as_number, checked_whole


class FiniteGame:
    r"""A game with finitely many states and actions, for a fixed number of steps or with a discount.

    In each step, all n agents see the state s and choose their actions a = (a_1, ..., a_n) at once. The constraint
    that they share bounds the expected sum of the index over the episode (discounted, if the rewards are), from below.

    Parameters
    ----------
    transition
        Probability of the next state, shape (S, A_1, ..., A_n, S); or a sparse matrix (CSR: SciPy's, or a tuple
        ``(data, indices, indptr)``) whose rows are the pairs of a state and a joint action, the last agent's action
        fastest, and whose columns are the S states.
    rewards
        Shape (S, A_1, ..., A_n) if all agents have the same reward, (n, S, A_1, ..., A_n) if each has its own.
    index
        Shape (S, A_1, ..., A_n): what is added to the episode's index.
    start
        Shape (S,): probability of each first state.
    horizon
        Number of steps of an episode.
    discount
        Factor in (0, 1) by which the next step counts less, in a game without end. Give this or `horizon`.
    final_rewards, final_index
        Shape (S,), rewards also (n, S): added for the last state of an episode; only with `horizon`.
    work
        Shape (n, S, A_1, ..., A_n): work of each agent, on which a selfish agent has a price.

    Raises
    ------
    InputError
        If a row of probabilities is negative or does not sum to 1 (within 1e-9; arrays of single precision within 1e-6,
        and are scaled), a shape does not fit, or a number is not finite or above 1e100; the message names the array and
        the place.

    Examples
    --------
    Two agents work (1) or rest (0), once. One who works is enough; two are fairer.

    >>> from evenhand.equilibrium import FiniteGame, certify
    >>> game = FiniteGame.once(rewards=[[0, 1], [1, 0.9]], index=[[1, 0.5], [0.5, 1]])
    >>> certify(game, policies=[1, [0.4, 0.6]], constraint=0.8)
    Certificate(epsilon 0, NashConv 0.06, index 0.8)
    """

    def __init__(
        self,
        transition: Any,
        rewards: Any,
        index: Any,
        start: Any,
        *,
        horizon: int | None = None,
        discount: float | None = None,
        final_rewards: Any = None,
        final_index: Any = None,
        work: Any = None,
    ) -> None:
        if (horizon is None) == (discount is None):
            raise InputError(f"horizon is {horizon!r} and discount {discount!r}; a game has one of them")
        self.horizon = None if horizon is None else checked_whole("horizon", horizon, 1, what="a number of steps")
        self.discount = None if discount is None else as_number(discount)
        if self.discount is not None and not 0.0 < self.discount < 1.0:
            raise InputError(f"discount is {discount!r}; it must lie between 0 and 1")
        indices = checked_finite("index", index)
        if indices.ndim < 2:
            raise InputError(f"index has shape {indices.shape}; it must be (states, actions of each agent in turn)")
        if 0 in indices.shape:
            raise InputError(f"index has shape {indices.shape}; a game has states and actions")
        self.num_states, self.actions = indices.shape[0], indices.shape[1:]
        self.num_agents, joint = len(self.actions), math.prod(self.actions)
        rewarded = checked_finite("rewards", rewards)
        common = rewarded.ndim == indices.ndim
        checked_shape("rewards", rewarded, indices.shape if common else (self.num_agents, *indices.shape))
        features = [rewarded.reshape(-1, self.num_states, joint), indices.reshape(1, self.num_states, joint)]
        if work is not None:
            worked = checked_finite("work", work)
            checked_shape("work", worked, (self.num_agents, *indices.shape))
            features.append(worked.reshape(-1, self.num_states, joint))
        self.columns = Columns(1 if common else self.num_agents, 0 if work is None else self.num_agents)
        self.features: Floats = np.ascontiguousarray(np.concatenate(features).transpose(1, 2, 0))
        self.final = self._final(final_rewards, final_index)
        self.transition: Rows = checked_rows("transition", transition, indices.shape)
        starts = checked_numbers("start", start)
        checked_shape("start", starts, (self.num_states,))
        single = is_single(starts)
        self.start: Floats = checked_sums("start", starts.astype(np.float64)[None], lambda row: "", single=single)[0]

    @classmethod
    def once(cls, rewards: Any, index: Any, *, work: Any = None) -> FiniteGame:
        """Return the game of one step and one state.

        Parameters
        ----------
        rewards
            Shape (A_1, ..., A_n), or (n, A_1, ..., A_n) if each agent has its own.
        index
            Shape (A_1, ..., A_n).
        work
            Shape (n, A_1, ..., A_n).
        """
        indices, rewarded = checked_finite("index", index), checked_finite("rewards", rewards)
        if not indices.ndim:
            raise InputError("index has shape (); it must be (actions of each agent in turn)")
        each = (indices.ndim, *indices.shape)
        axis = 0 if rewarded.ndim == indices.ndim else 1
        checked_shape("rewards", rewarded, each[1:] if axis == 0 else each)
        worked = None if work is None else checked_finite("work", work)
        if worked is not None:
            checked_shape("work", worked, each)
        return cls(
            np.ones((1, *indices.shape, 1)),
            np.expand_dims(rewarded, axis),
            indices[None],
            [1.0],
            horizon=1,
            work=None if worked is None else worked[:, None],
        )

    @property
    def magnitude(self) -> Floats:
        """Upper bound on the absolute value of each feature over an episode, shape (F,)."""
        steps = float(self.horizon) if self.discount is None else 1.0 / (1.0 - self.discount)  # type: ignore[arg-type]
        size: Floats = steps * np.abs(self.features).max(axis=(0, 1)) + np.abs(self.final).max(axis=0)
        return size

    def __repr__(self) -> str:
        length = f"horizon {self.horizon}" if self.discount is None else f"discount {self.discount:g}"
        return f"FiniteGame({self.num_states:,} states, actions {self.actions}, {length})"

    def _final(self, rewards: Any, index: Any) -> Floats:
        final = np.zeros((self.num_states, self.columns.number))
        for name, values, place in (("final_rewards", rewards, 0), ("final_index", index, self.columns.returns)):
            if values is None:
                continue
            if self.discount is not None:
                raise InputError(f"{name} is given, but a game with a discount has no last state")
            array = checked_finite(name, values)
            width = self.columns.returns if name == "final_rewards" else 1
            checked_shape(name, array, (self.num_states,) if width == 1 else (width, self.num_states))
            final[:, place : place + width] = array.reshape(width, self.num_states).T
        return final


def joint_weights(game: FiniteGame, policies: list[Floats], skip: int | None = None) -> NDArray[np.float64]:
    """Return the probability of each joint action in each state, shape (S, J); agent `skip` counts as 1 throughout."""
    weights = np.ones((game.num_states, *game.actions))
    for agent, policy in enumerate(policies):
        if agent != skip:
            shape = [1] * game.num_agents
            shape[agent] = game.actions[agent]
            weights = weights * policy.reshape(game.num_states, *shape)
    return weights.reshape(game.num_states, -1)
