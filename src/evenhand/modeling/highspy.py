"""Fairness in HiGHS models.

>>> import highspy
>>> from evenhand import EpsilonFairness
>>> from evenhand.modeling.highspy import fair
>>> highs = highspy.Highs()
>>> highs.silent()
>>> hours = [highs.addVariable(lb=0) for _ in range(3)]
>>> _ = highs.addConstr(hours[0] + hours[1] + hours[2] == 12)
>>> highs.setObjective(1 * hours[0] + 2 * hours[1] + 4 * hours[2])
>>> answer = fair(highs, hours, EpsilonFairness(0.9, p=2)).solve()
>>> answer.status, [round(load, 3) for load in answer.loads.tolist()]
('optimal', [5.285, 4.32, 2.395])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.errors import InputError
from evenhand.modeling.forms import Polyhedron, form_of
from evenhand.modeling.highs_master import HighsMaster, add_columns
from evenhand.modeling.libraries import require
from evenhand.modeling.loads import AffineRow, check_loads, check_ranges
from evenhand.modeling.outer_approximation import TOLERANCE, Separator
from evenhand.modeling.windows import WindowRounds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from evenhand.fairness import Fairness
    from evenhand.modeling.rounds import Progress
    from evenhand.modeling.separate import LazyRows
    from evenhand.modeling.solution import FairSolution

    Array = NDArray[np.float64]


class FairCone:
    """A fairness constraint in a HiGHS model; :meth:`solve` solves the model under it."""

    def __init__(
        self,
        highs: Any,
        rows: Sequence[AffineRow],
        fairness: Fairness,
        *,
        cuts: str = "supporting",
        tolerance: float = TOLERANCE,
        lazy: LazyRows | None = None,
    ) -> None:
        lp = highs.getLp()
        check_ranges(rows, np.asarray(lp.col_lower_), np.asarray(lp.col_upper_))
        self.fairness = fairness
        self.separator = Separator(fairness, len(rows), cuts, tolerance)
        self._master = HighsMaster(highs, rows, self.separator.auxiliaries, lazy)
        self._master.add(self.separator.equalities(), upper=0.0)
        form = form_of(fairness, len(rows))
        if isinstance(form, Polyhedron) and form.auxiliaries.shape[1] <= max(64, 2 * len(rows)):
            self._state(highs, form)
        else:
            self._master.add(self.separator.initial())

    def solve(
        self,
        *,
        gap: float = 1e-4,
        time_limit: float | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> FairSolution:
        """Solve the model with its loads fair.

        Parameters
        ----------
        gap
            Relative gap that must be proven.
        time_limit
            Seconds; None for no limit.
        progress
            Called after every round.

        Returns
        -------
        FairSolution
            ``values`` in the order of the model's columns. The cuts stay in the model, so that solving again, after
            a change of the model, begins with them.
        """
        rounds = WindowRounds(self._master, self.separator, gap=gap, time_limit=time_limit, progress=progress)
        solution: FairSolution = self._master.run(rounds.run)
        return solution

    def _state(self, highs: Any, form: Polyhedron) -> None:
        """State a linear member outright, as rows and auxiliary columns."""
        first, extra = highs.getNumCol(), form.auxiliaries.shape[1]
        add_columns(highs, extra)
        columns = np.concatenate([self._master.load_columns, np.arange(first, first + extra, dtype=np.int32)])
        for row, upper in zip(np.hstack([form.loads, form.auxiliaries]), form.upper, strict=True):
            kept = row != 0.0
            highs.addRow(0.0, upper, int(kept.sum()), columns[kept].astype(np.int32), row[kept])


def fair(
    highs: Any,
    loads: Any,
    fairness: Fairness,
    *,
    cuts: str = "supporting",
    tolerance: float = TOLERANCE,
) -> FairCone:
    """Bound the dispersion of `loads` in a HiGHS model.

    Linear members (p = inf, largest over mean, range, Hoover, Gini of few agents, equality) are stated at once and
    hold for every later ``highs.run()``, too. The others are cut off in rounds by ``solve()`` of what is returned,
    because HiGHS takes no cuts while it searches.

    Parameters
    ----------
    highs
        A ``highspy.Highs`` model, continuous or integer, to minimise or maximise.
    loads
        Affine expressions of the model (or variables), one per agent; non-negativity is part of the constraint.
    fairness
        A member of :mod:`evenhand.fairness`.
    cuts
        Family of cuts: ``supporting``, ``gradient`` or ``disaggregated``.
    tolerance
        Relative excess of the measure over its bound that is let pass.

    Returns
    -------
    FairCone
        The constraint.

    Raises
    ------
    InputError
        Naming the argument that cannot be used.
    MissingExtraError
        Where highspy is missing.
    """
    highspy = require("highspy")
    if not isinstance(highs, highspy.Highs):
        raise InputError(f"highs is {type(highs).__name__}; give a highspy.Highs")
    entries = check_loads(loads, fairness)
    rows = [_row(highs, highspy, position, load) for position, load in enumerate(entries)]
    return FairCone(highs, rows, fairness, cuts=cuts, tolerance=tolerance)


def _row(highs: Any, highspy: Any, position: int, load: Any) -> AffineRow:
    """Return a load as a row over the model's columns."""
    from highspy.highs import highs_linear_expression, highs_var

    if isinstance(load, highs_var):
        columns, coefficients, constant = [load.index], [1.0], 0.0
    elif isinstance(load, highs_linear_expression):
        if load.bounds is not None:
            raise InputError(f"loads[{position}] is a comparison; give an affine expression")
        columns, coefficients, constant = load.idxs, load.vals, load.constant or 0.0
    else:
        raise InputError(f"loads[{position}] is {type(load).__name__}; give an affine expression of the HiGHS model")
    if len(columns) and max(columns) >= highs.getNumCol():
        raise InputError(f"loads[{position}] uses column {max(columns)}, which this model does not have")
    return AffineRow.of(columns, coefficients, constant)
