"""A list of candidates of whom each task needs several, limits on counts and one rule, by position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.several_agents import Array, Listed
from evenhand.fairness import Fairness, LeastOverMean, MaxOverMean
from evenhand.fairness.shares import shares_of


class Corners(NamedTuple):
    """The rows of a rule that bounds each total by the mean; see :class:`~...kernels.several_agents.Steps`."""

    sign: float
    scale: Array
    bound: float

    @classmethod
    def of(cls, fairness: Fairness | None, count: int) -> Corners:
        """Return the rows of a member for so many totals: x / (N share) against its bound times the mean."""
        none = cls(0.0, np.ones(count), 0.0)
        if fairness is None:
            return none
        scale = 1.0 / (count * shares_of(count, fairness.entitlements))
        if isinstance(fairness, LeastOverMean):
            return cls(1.0, scale, fairness.ratio)
        if isinstance(fairness, MaxOverMean) or getattr(fairness, "p", 0.0) == np.inf:
            return cls(-1.0, scale, fairness.bound(count))
        return none

    def prices(self, multipliers: Array) -> Array:
        """Return the prices of the totals that multipliers of the rows make up, shape (N,)."""
        return np.asarray(self.sign * (self.scale * multipliers - self.bound * multipliers.sum() / len(multipliers)))


@dataclass(frozen=True, eq=False)
class SeveralProblem:
    """A checked problem.

    Attributes
    ----------
    listed
        The pairs that may be used, those of each task in the order of agents. Profits have the opposite sign.
    least, most
        Limits on the number of tasks of each agent, shape (n,); `most` is at most the number of its pairs.
    fairness
        Member for the totals; None if there are only limits.
    carried
        Totals carried before, shape (N,): N is n, or m if the rule is over tasks.
    """

    listed: Listed
    least: NDArray[np.int64]
    most: NDArray[np.int64]
    fairness: Fairness | None
    carried: Array

    @cached_property
    def corners(self) -> Corners:
        """The rows of the rule, if it has one for each total."""
        return Corners.of(self.fairness, len(self.carried))

    @cached_property
    def task_of(self) -> NDArray[np.int32]:
        """Task of each pair, shape (k,)."""
        return np.repeat(np.arange(len(self.listed.needs), dtype=np.int32), np.diff(self.listed.starts))

    @cached_property
    def agent_starts(self) -> NDArray[np.int64]:
        """Position of each agent's first pair in :attr:`by_agent`, shape (n + 1,)."""
        return np.concatenate([[0], np.cumsum(np.bincount(self.listed.agents, minlength=len(self.least)))])

    @cached_property
    def by_agent(self) -> NDArray[np.int64]:
        """The pairs in the order of agents, shape (k,)."""
        return np.argsort(self.listed.agents, kind="stable")

    @cached_property
    def dearest(self) -> float:
        """A number that no plan's cost exceeds."""
        return float(np.maximum.reduceat(self.listed.costs, self.listed.starts[:-1]) @ self.listed.needs)

    def totals_of(self, held: NDArray[np.bool_]) -> Array:
        """Return the totals, shape (N,), of the pairs of a plan."""
        own = np.bincount(self.listed.owners[held], self.listed.burdens[held], minlength=len(self.carried))
        return np.asarray(self.carried + own)

    def kept_by(self, totals: Array) -> bool:
        """Return whether totals keep the rule."""
        return self.fairness is None or bool(self.fairness.contains(totals))
