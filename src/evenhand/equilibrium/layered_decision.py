"""The decision problem of an agent in a layered game: backward induction over the layers, cut where a bound suffices.

The return of an episode is a function of its last state, so an upper bound on the return of all episodes that have not
ended after t steps is a sound value of the states of layer t. If the best plan under this optimistic value never enters
such a state, it is the best plan of the whole game, and the rest of the game need not be enumerated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.equilibrium.decision import TOLERANCE, Floats, Response
from evenhand.equilibrium.layers import Layer
from evenhand.equilibrium.loops import step_back
from evenhand.errors import InputError

ValueBound = Callable[[int, NDArray[Any]], Any]
"""Function of a number of steps t and the work so far, shape (S, n), of states in which the episode goes on after t
steps: an upper bound on the return of such an episode, a number or shape (S,)."""

LARGEST_INDEX = 1.0
"""Upper bound on every index: 1 is perfectly fair."""

FIRST_STATES = 20_000
"""Number of states to enumerate before the first attempt."""

GROWTH = 1.5
"""Factor by which the number of states grows between attempts."""


class _Kept(NamedTuple):
    """What is kept of a layer: which states have ended, their numbers, and their features."""

    ended: NDArray[np.bool_]
    rows: NDArray[np.int64]
    features: Floats


class LayeredDecision:
    """The layers of one agent's decision problem, enumerated so far.

    Parameters
    ----------
    layers
        The layers, lazily.
    start
        Probability of each state of layer 0.
    agents
        Number of agents.
    name
        What messages call the problem, such as "agent 1".
    value_bound
        See `ValueBound`; None if there is no bound.
    """

    def __init__(
        self, layers: Iterator[Layer], start: Floats, agents: int, name: str, value_bound: ValueBound | None
    ) -> None:
        self._layers, self._start, self._agents, self._name = layers, start, agents, name
        self._value_bound = value_bound
        self._kept: list[_Kept] = []
        self._steps: list[tuple[NDArray[np.int32], NDArray[np.int16]]] = []
        self._open: tuple[NDArray[np.int64], Floats] = (np.zeros(0, np.int64), np.zeros((0, agents)))
        self.states, self.complete = 0, False
        self.magnitude = np.zeros(2 + agents)
        self._pull()

    def deepen(self, most_states: int) -> None:
        """Enumerate one more layer at least, until there are half as many states again or more than `most_states`."""
        wanted = min(max(FIRST_STATES, GROWTH * self.states), most_states)
        while not self.complete:
            self._pull()
            if self.states >= wanted:
                break

    @property
    def steps(self) -> int:
        """Number of steps that are enumerated."""
        return len(self._steps)

    def best(self, first: Floats, second: Floats, *, optimistic: bool) -> Response | None:
        """Maximise `first` and, among the maximisers, `second`; see `Decision`."""
        optimism = self._optimism() if optimistic and not self.complete else None
        ties = (TOLERANCE * float(np.abs(weights) @ self.magnitude) for weights in (first, second))
        tie_first, tie_second = ties
        actions: list[NDArray[np.int16]] = []
        after = (np.zeros(0), np.zeros(0))
        for t in range(len(self._kept) - 1, -1, -1):
            values = self._ends(t, first, optimism), self._ends(t, second, optimism)
            if t < len(self._steps):
                successor, present = self._steps[t]
                action = np.full(len(present), -1, np.int16)
                step_back(successor, present, self._kept[t].ended, *after, *values, action, tie_first, tie_second)
                actions.append(action)
            after = values
        likely = self._start > 0.0
        if np.isneginf(after[0][likely]).any():
            return None
        return self._played(actions[::-1], optimism)

    def _ends(self, t: int, weights: Floats, optimism: Floats | None) -> Floats:
        """Return the values of the states of layer t that have ended, or have a bound; -inf elsewhere."""
        kept = self._kept[t]
        values = np.full(len(kept.ended), -np.inf)
        values[kept.rows] = kept.features @ weights
        if optimism is not None and t == len(self._kept) - 1:
            values[self._open[0]] = optimism @ weights
        return values

    def _optimism(self) -> Floats:
        """Return upper bounds on the features of the open states: with a price on work, its least is what was done."""
        assert self._value_bound is not None
        rows, work = self._open
        returns = np.broadcast_to(np.asarray(self._value_bound(self.steps, work), np.float64), rows.shape)
        return np.column_stack([returns, np.full(len(rows), LARGEST_INDEX), work])

    def _played(self, actions: list[NDArray[np.int16]], optimism: Floats | None) -> Response:
        """Follow the actions from every start."""
        starts = len(self._start)
        plan = np.full((starts, len(actions)), -1, np.int16)
        features = np.zeros((starts, 2 + self._agents))
        cut = np.zeros(starts, bool)
        going = np.flatnonzero(self._start > 0.0)
        at = going.copy()
        for t, kept in enumerate(self._kept):
            over = kept.ended[at]
            features[going[over]] = kept.features[np.searchsorted(kept.rows, at[over])]
            going, at = going[~over], at[~over]
            if t == len(actions) or not len(going):
                break
            plan[going, t] = actions[t][at]
            at = self._steps[t][0][at, plan[going, t]]
        if len(going):
            assert optimism is not None
            cut[going] = True
            features[going] = optimism[np.searchsorted(self._open[0], at)]
        longest = int((plan >= 0).any(axis=0).sum())
        return Response(self._start @ features, plan[:, :longest], bool(cut.any()))

    def _pull(self) -> None:
        """Take one more layer."""
        layer = next(self._layers, None)
        place = f"layer {len(self._kept)} of {self._name}"
        if layer is None:
            raise InputError(f"{place} is missing; layers go on until the episode has ended in every state")
        ended = np.asarray(layer.ended, bool)
        rows = np.flatnonzero(ended)
        work = np.asarray(layer.work)
        self._check(place, layer, ended, rows, work)
        features = np.column_stack([layer.returns[rows], layer.index[rows], work[rows]]).astype(np.float64)
        if not np.isfinite(features).all():
            row, column = np.argwhere(~np.isfinite(features))[0]
            field = ("returns", "index", "work")[min(int(column), 2)]
            raise InputError(f"{place}: {field} of the ended state {rows[row]} is {features[row, column]}; not finite")
        self._check_bound(place, features[:, 0])
        if self._kept:
            self._steps.append((np.asarray(layer.successor, np.int32), np.asarray(layer.present, np.int16)))
        self._kept.append(_Kept(ended, rows, features))
        goes_on = np.flatnonzero(~ended)
        self._open = (goes_on, work[goes_on].astype(np.float64))
        self.states += len(ended)
        self.complete = not len(goes_on)
        if len(rows):
            self.magnitude = np.maximum(self.magnitude, np.abs(features).max(axis=0))

    def _check_bound(self, place: str, returns: Floats) -> None:
        """Raise `InputError` if episodes that end in the next layer return more than the bound on the open states."""
        if self._value_bound is None or not self._kept or not len(returns):
            return
        largest = float(self._optimism()[:, 0].max())
        if not returns.max() <= largest + TOLERANCE * max(1.0, abs(largest)):
            raise InputError(
                f"value_bound({self.steps}, ...) is {largest:.9g} at most, but in {place} an episode ends with a "
                f"return of {returns.max():.9g}; it must be an upper bound"
            )

    def _check(
        self, place: str, layer: Layer, ended: NDArray[np.bool_], rows: NDArray[np.int64], work: NDArray[Any]
    ) -> None:
        states = len(self._start) if not self._kept else len(ended)
        shapes = {
            "ended": (ended, (states,)),
            "returns": (layer.returns, (states,)),
            "index": (layer.index, (states,)),
            "work": (work, (states, self._agents)),
        }
        for name, (array, expected) in shapes.items():
            if np.shape(array) != expected:
                raise InputError(f"{place}: {name} has shape {np.shape(array)}; it must be {expected}")
        if not self._kept:
            return
        before = self._kept[-1].ended
        successor, present = layer.successor, layer.present
        if successor is None or successor.ndim != 2 or len(successor) != len(before):
            found = None if successor is None else successor.shape
            raise InputError(f"{place}: successor has shape {found}; it must be ({len(before)}, actions)")
        if present is None or np.shape(present) != before.shape:
            shape = None if present is None else np.shape(present)
            raise InputError(f"{place}: present has shape {shape}; it must be {before.shape}")
        if successor.size and not (successor.min() >= -1 and successor.max() < states):
            row, column = np.argwhere((successor < -1) | (successor >= states))[0]
            raise InputError(
                f"{place}: successor[{row}, {column}] is {successor[row, column]}; states are 0 to {states - 1}, -1 is "
                "an action that is not allowed"
            )
        stuck = np.flatnonzero(~before & (successor < 0).all(axis=1))
        if len(stuck):
            raise InputError(f"{place}: successor[{stuck[0]}] allows no action, but the episode has not ended there")
