"""A roster that is being changed: one person's row is taken out, and the best row for what is then missing put in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.columns.row_space import RowSpace, Workspace
from evenhand.applications.rosters.columns.tallies import Tallies, TooManyTalliesError
from evenhand.applications.rosters.fair_counts import FairCounts
from evenhand.applications.rosters.neighbourhoods.drafted_rows import DraftedRows
from evenhand.applications.rosters.neighbourhoods.unfairness import Unfairness
from evenhand.applications.rosters.roster_parts import Person
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.arrays import Array


class Draft(DraftedRows):
    """Rows of all people, of which each is replaced as a whole.

    Parameters
    ----------
    problem
        The problem.
    fair
        The fairness asked for, of which violations cost `penalty` per unit of load.

    Raises
    ------
    TooManyTalliesError
        If the counts of a person have too many combinations.
    """

    def __init__(self, problem: RosterProblem, fair: FairCounts) -> None:
        super().__init__(problem, fair)
        counted, workspace = fair.tallied, Workspace()
        self.spaces = [_space(problem, person, counted, workspace) for person in problem.people]

    def best_row(self, person: int, noise: Array | float = 0.0) -> NDArray[np.int64] | None:
        """Return the cheapest row of a person whose row is out; `noise` (D, S) is added to the cost of each shift."""
        work = self.costs.work[person] + self.marginal() + noise
        final = None
        concerned = [one for one in self.unfair if person in one.position]
        if concerned and self.penalty:
            work = work + self._slopes(person, concerned)

            def final(tallies: Tallies) -> Array:
                return self._penalties(person, tallies, concerned)

        found = self.spaces[person].cheapest(work, self.costs.off[person], final)
        return None if found is None else found.shifts

    def _slopes(self, person: int, concerned: list[Unfairness]) -> Array:
        """Return prices of shifts, shape (S,), for counts without tallies: what one more than last time would miss."""
        prices = np.zeros(len(self.problem.shifts))
        tallied = {"minutes", "weekends", *self.spaces[person].tallies.counts}
        for one in concerned:
            weights = self._weights[one.count]
            if one.count not in tallied and weights is not None:
                last = self._last.get((one.count, person), 0.0)
                before, after = one.values(person, np.array([last, last + 1.0]))
                prices += self.penalty * float(after - before) * weights
        return prices

    def _penalties(self, person: int, tallies: Tallies, concerned: list[Unfairness]) -> Array:
        total = np.zeros(len(tallies.cost))
        for one in concerned:
            added = {"minutes": tallies.minutes, "weekends": tallies.weekends, **tallies.counts}.get(one.count)
            if added is not None:  # granted requests are no tally: only whole rosters are judged by them
                total += self.penalty * one.values(person, np.asarray(added, dtype=np.float64))
        return total


def _space(problem: RosterProblem, person: Person, counted: tuple[str, ...], workspace: Workspace) -> RowSpace:
    """Return a person's rows, without tallies of the counts if these would be too many."""
    try:
        return RowSpace(problem, person, counted, workspace)
    except TooManyTalliesError:
        return RowSpace(problem, person, (), workspace)
