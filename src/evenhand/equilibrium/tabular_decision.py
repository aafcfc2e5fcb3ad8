"""The decision problem of an agent, or of the whole team, in a finite game given as arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.equilibrium.decision import TOLERANCE, Floats, Response
from evenhand.equilibrium.discounted import best_actions, evaluated
from evenhand.equilibrium.finite_game import FiniteGame, joint_weights
from evenhand.equilibrium.loops import Rows, expectations
from evenhand.equilibrium.profiles import Profile, at_step, distinct_steps, reduced


class TabularDecision:
    """A Markov decision problem as sparse rows, solved by backward induction or, with a discount, by value iteration.

    Parameters
    ----------
    game
        The game.
    steps
        Transitions and features that remain, for each step of time, or once if all steps are alike.
    """

    def __init__(self, game: FiniteGame, steps: list[tuple[Rows, Floats]]) -> None:
        self._game, self._steps = game, steps
        self.states, self.complete = game.num_states, True
        self.magnitude = game.magnitude

    @classmethod
    def of_agent(cls, game: FiniteGame, profile: Profile, agent: int) -> TabularDecision:
        """Return the problem of one agent while the others follow `profile`."""
        own = np.unravel_index(np.arange(math.prod(game.actions)), game.actions)[agent]
        others = [policy for number, policy in enumerate(profile) if number != agent]
        steps = [
            reduced(game, joint_weights(game, at_step(profile, step), skip=agent), own, game.actions[agent])
            for step in range(distinct_steps(others) if others else 1)
        ]
        return cls(game, steps)

    @classmethod
    def of_team(cls, game: FiniteGame) -> TabularDecision:
        """Return the problem of a planner that chooses the actions of all agents."""
        return cls(game, [(game.transition, game.features)])

    def deepen(self, most_states: int) -> None:
        """Everything is enumerated."""

    @property
    def _plan_type(self) -> type[np.signedinteger[Any]]:
        """Type that holds every action: a team of few agents may have many joint ones."""
        return np.int16 if self._steps[0][1].shape[1] <= np.iinfo(np.int16).max else np.int32

    def best(self, first: Floats, second: Floats, *, optimistic: bool) -> Response:
        """Maximise `first` and, among the maximisers, `second`; see `Decision`."""
        ties = TOLERANCE * float(np.abs(first) @ self.magnitude)
        return (
            self._discounted(first, second, ties)
            if self._game.discount is not None
            else self._finite(first, second, ties)
        )

    def _finite(self, first: Floats, second: Floats, tie: float) -> Response:
        horizon, states = self._game.horizon, np.arange(self._game.num_states)
        assert horizon is not None
        plan = np.empty((horizon, len(states)), self._plan_type)
        values = self._game.final
        for step in range(horizon - 1, -1, -1):
            rows, features = self._steps[min(step, len(self._steps) - 1)]
            of_actions = features + expectations(*rows, values).reshape(features.shape)
            plan[step] = _chosen(of_actions @ first, of_actions @ second, tie)
            values = of_actions[states, plan[step]]
        return Response(self._game.start @ values, plan, False)

    def _discounted(self, first: Floats, second: Floats, tie: float) -> Response:
        ((rows, features),) = self._steps
        discount, states = self._game.discount, np.arange(self._game.num_states)
        assert discount is not None
        of_actions = best_actions(rows, features @ first, np.zeros(features.shape[:2]), discount)
        best = of_actions >= of_actions.max(axis=1, keepdims=True) - tie
        if (best.sum(axis=1) > 1).any():
            of_actions = best_actions(rows, features @ second, np.where(best, 0.0, -np.inf), discount)
        plan = of_actions.argmax(axis=1).astype(self._plan_type)
        chain = _rows_of(rows, states * features.shape[1] + plan)
        return Response(self._game.start @ evaluated(chain, features[states, plan], discount), plan, False)


def _chosen(first: Floats, second: Floats, tie: float) -> NDArray[np.intp]:
    """Return in each row the place of the largest `second` among those whose `first` is largest."""
    best = first >= first.max(axis=1, keepdims=True) - tie
    chosen: NDArray[np.intp] = np.where(best, second, -np.inf).argmax(axis=1)
    return chosen


def _rows_of(rows: Rows, chosen: NDArray[np.intp]) -> Rows:
    """Return some of the rows."""
    counts = np.diff(rows.indptr)[chosen]
    indptr = np.concatenate([[0], np.cumsum(counts)])
    at = np.repeat(rows.indptr[chosen] - indptr[:-1], counts) + np.arange(indptr[-1])
    return Rows(indptr, rows.indices[at], rows.data[at])
