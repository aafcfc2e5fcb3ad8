"""A roster that is being changed within windows of days: the best days for what is then missing are put in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.columns.row_space import Workspace
from evenhand.applications.rosters.columns.tallies import Outside, Tallies
from evenhand.applications.rosters.fair_counts import FairCounts
from evenhand.applications.rosters.neighbourhoods.drafted_rows import DraftedRows
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.applications.rosters.windows.row_windows import RowWindows, Window, WindowTallies
from evenhand.arrays import Array


class WindowDraft(DraftedRows):
    """Rows of all people, of which the days within a window are replaced.

    Parameters
    ----------
    problem
        The problem.
    fair
        The fairness asked for, of which violations cost `penalty` per unit of load.
    """

    def __init__(self, problem: RosterProblem, fair: FairCounts) -> None:
        super().__init__(problem, fair)
        tallies, workspace = WindowTallies(), Workspace()
        self.spaces = [RowWindows(problem, person, fair.tallied, tallies, workspace) for person in problem.people]

    def best_days(
        self, person: int, row: NDArray[np.int64], window: Window, noise: Array | float = 0.0
    ) -> NDArray[np.int64] | None:
        """Return the row of a person who is out with the cheapest days within a window; None if there are none."""
        inside = slice(window.first, window.stop)
        work = self.costs.work[person, inside] + self.marginal(window.first, window.stop) + noise
        concerned = [one for one in self.unfair if person in one.position] if self.penalty else []

        def unfair(tallies: Tallies, outside: Outside) -> Array:
            total = np.zeros(len(tallies.cost))
            known = {"minutes": (tallies.minutes, outside.minutes), "weekends": (tallies.weekends, outside.weekends)}
            known |= {name: (counted, outside.counts[name]) for name, counted in tallies.counts.items()}
            for one in concerned:
                if one.count in known:  # granted requests are no tally: only whole rosters are judged by them
                    inside_it, beyond = known[one.count]
                    total += self.penalty * one.values(person, inside_it + beyond)
            return total

        extra = unfair if concerned else None
        found = self.spaces[person].cheapest(row, window, work, self.costs.off[person, inside], extra=extra)
        if found is None:
            return None
        whole = row.copy()
        whole[inside] = found
        return whole
