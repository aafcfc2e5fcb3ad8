"""The searches for one agent's best deviations, which enumerate a game in layers only as far as they need it."""

from __future__ import annotations

import math
from collections.abc import Callable

from evenhand.equilibrium.best_response import Best, certified, constrained, unconstrained
from evenhand.equilibrium.certificate import Deviation, Witness
from evenhand.equilibrium.decision import Floats
from evenhand.equilibrium.outcome import Interval
from evenhand.equilibrium.setting import Limits, Setting
from evenhand.errors import InputError


class Search:
    """The decision problems of one agent, and the questions that are asked of them.

    Parameters
    ----------
    setting
        Game, policies and constraint.
    agent
        Number of the agent.
    limits
        How far to enumerate.

    Attributes
    ----------
    stopped
        Why no more states are enumerated; None while more may be, or all are.

    Raises
    ------
    InputError
        If there is no bound on what is not enumerated, and too many states.
    """

    def __init__(self, setting: Setting, agent: int, limits: Limits) -> None:
        self._setting, self._agent, self._limits = setting, agent, limits
        self._deviations = setting.deviations(agent, limits)
        self.stopped: str | None = None
        self._begin()

    @property
    def states(self) -> int:
        """Number of states that are enumerated."""
        return self._deviations.states

    def _begin(self) -> None:
        """Enumerate the first layers, or, without a bound on what is left out, all of them."""
        everything = tuple(True for _ in self._deviations.decisions)
        while self._deepen(everything) and not self._bounded:
            pass
        if not self._bounded and not self._told_to_stop():
            raise InputError(
                f"the decision problem of agent {self._agent} has more than {self._limits.most_states:,} states; give "
                "value_bound=, an upper bound on the returns of longer episodes, a larger most_states=, or train a "
                "deviation instead"
            )

    def both(self, utility: Floats) -> tuple[Deviation | None, Deviation]:
        """Return the best deviations with and without the constraint; None if the profile itself violates it."""
        return (self._feasible(utility) if self._setting.feasible else None), self._free(utility)

    def stationarity(self, multiplier: float) -> Interval:
        """Return the largest gain in the Lagrangian."""
        columns = self._setting.columns
        return self._free(columns.utility(self._agent) + multiplier * columns.index).gain

    def _free(self, utility: Floats) -> Deviation:
        index = self._setting.columns.index
        return self._deviation(
            utility, lambda optimistic: unconstrained(self._deviations, utility, index, optimistic=optimistic)
        )

    def _feasible(self, utility: Floats) -> Deviation:
        tau = self._setting.required
        if tau is None:
            return self._free(utility)
        index = self._setting.columns.index

        def solve(optimistic: bool) -> Best:
            best = constrained(self._deviations, utility, index, tau, optimistic=optimistic)
            assert best is not None  # the present policy meets the constraint
            return best

        return self._deviation(utility, solve)

    def _deviation(self, utility: Floats, solve: Callable[[bool], Best]) -> Deviation:
        if self._bounded:
            best, largest = certified(self._deviations, solve, utility, self._deepen)
        else:
            best, largest = solve(False), math.inf
        present, tolerance = float(utility @ self._setting.mean), self._deviations.tolerance(utility)
        lower, upper = float(utility @ best.features) - present, largest - present
        lower = lower if lower > tolerance else 0.0
        upper = lower if upper - lower <= tolerance else upper
        witness = Witness(self._agent, best.share, best.first.plans, best.second.plans)
        return Deviation(Interval(lower, upper), best.multiplier, self._setting.columns.outcome(best.features), witness)

    @property
    def _bounded(self) -> bool:
        return self._limits.value_bound is not None or all(one.complete for one in self._deviations.decisions)

    def _told_to_stop(self) -> bool:
        return self._limits.stop is not None and self._limits.stop()

    def _deepen(self, where: tuple[bool, ...]) -> bool:
        """Enumerate more of the problems that are marked; return whether there was more, and it was allowed."""
        chosen = [
            decision
            for decision, marked in zip(self._deviations.decisions, where, strict=True)
            if marked and not decision.complete
        ]
        if not chosen:
            return False
        if self._told_to_stop():
            self.stopped = "stopped before the bounds met"
            return False
        for decision in chosen:
            room = self._limits.most_states - self.states
            if room <= 0:
                self.stopped = f"more than {self._limits.most_states:,} states"
                return False
            decision.deepen(decision.states + room)
            if self._limits.progress is not None:
                self._limits.progress(self._agent, self.states)
        return True
