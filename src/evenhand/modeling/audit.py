"""A report on solved loads: how fair they are, and by how much they break what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.errors import InputError
from evenhand.fairness import Fairness, RangeAtMost
from evenhand.fairness.dispersion import dispersion
from evenhand.fairness.selection import Among, stated
from evenhand.fairness.shares import for_agents, require_agents
from evenhand.modeling.loads import brief, names_of, require_member

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

TOLERANCE = 1e-6
"""Relative excess of the measure over its bound that solvers are forgiven."""


@dataclass(frozen=True, slots=True, repr=False)
class Audit:
    """How fair solved loads are. Measures compare loads over entitlements, where agents have any.

    Attributes
    ----------
    fairness
        The member that was asked for.
    loads
        The loads, shape (n,), as they were solved.
    satisfied
        Whether no load is negative and the member holds, both to within the tolerance.
    violation
        The measure over the most it may be, minus 1: above 0 where the member is broken, below 0 where it has room.
        Where equality is asked for, the largest minus the smallest load, over the mean.
    negative
        How far the lowest load is below 0, over the largest in size: a solver's rounding, or a mistaken sign. Such
        loads count as 0 in the measures.
    level
        The strictest parameter that the loads meet.
    cv, jain, gini, max_over_mean
        Measures of dispersion.
    carriers
        Where fairness is :func:`among <evenhand.fairness.selection.among>` the selected of many, the positions of
        those, the largest loads: level and measures are of them. None where they are of all.
    """

    fairness: Fairness
    loads: NDArray[np.float64]
    satisfied: bool
    violation: float
    negative: float
    level: float
    cv: float
    jain: float
    gini: float
    max_over_mean: float
    carriers: tuple[int, ...] | None = None

    def __repr__(self) -> str:
        verdict = "satisfied" if self.satisfied else f"broken by {max(self.violation, self.negative):.1e}"
        return f"Audit({self.fairness!r} {verdict}, level {self.level:.6g}, cv {self.cv:.3g}, jain {self.jain:.3g})"

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "fairness": self.fairness.to_dict(),
            "loads": self.loads.tolist(),
            "satisfied": self.satisfied,
            "violation": self.violation,
            "negative": self.negative,
            "level": self.level,
            "cv": self.cv,
            "jain": self.jain,
            "gini": self.gini,
            "max_over_mean": self.max_over_mean,
            "carriers": None if self.carriers is None else list(self.carriers),
        }


def audit(loads: ArrayLike, fairness: Fairness, tolerance: float = TOLERANCE) -> Audit:
    """Return what `loads` are, how fair, and whether `fairness` holds.

    Parameters
    ----------
    loads
        One finite number per agent, shape (n,), from any solver, or a dictionary of them by name.
    fairness
        A member of :mod:`evenhand.fairness`.
    tolerance
        Relative excess that is let pass.

    Raises
    ------
    InputError
        Where loads are no vector of finite numbers, or of another number of agents than the member's.

    Examples
    --------
    >>> from evenhand import CVAtMost
    >>> audit([10, 12, 8], CVAtMost(0.1))
    Audit(CVAtMost(0.1) broken by 6.3e-01, level 0.163299, cv 0.163, jain 0.974)
    """
    require_member(fairness)
    fairness = for_agents(fairness, names_of(loads))
    solved = _finite(list(loads.values()) if isinstance(loads, Mapping) else loads)
    require_agents(len(solved), fairness.entitlements)
    x = np.maximum(solved, 0.0)
    size = float(np.abs(solved).max())
    negative = max(0.0, -float(solved.min())) / size if size else 0.0
    carriers = fairness.carriers(x) if isinstance(fairness, Among) else None
    found = dispersion(x, fairness)
    return Audit(
        fairness,
        solved,
        bool(fairness.contains(x, tolerance)) and negative <= tolerance,
        _violation(x, stated(fairness, len(x))),
        negative,
        float(fairness.level(x)),
        found.cv,
        found.jain,
        found.gini,
        found.max_over_mean,
        None if carriers is None else tuple(carriers.tolist()),
    )


def _violation(x: NDArray[np.float64], fairness: Fairness) -> float:
    n = len(x)
    if not x.any():
        return 0.0
    scaled = x / x.max()
    mean, bound = float(scaled.mean()), fairness.bound(n)
    if fairness.parameter == fairness.parameter_range(n)[1] or bound == 0.0:
        return float(RangeAtMost(0.0, entitlements=fairness.entitlements).value(scaled)) / mean
    return float(fairness.value(scaled)) / (bound * mean) - 1.0


def _finite(loads: ArrayLike) -> NDArray[np.float64]:
    try:
        values = np.array(loads, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"loads is {brief(repr(loads))}; one number per agent is needed") from None
    if values.ndim != 1:
        raise InputError(f"loads has shape {values.shape}; a vector with one number per agent is needed")
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise InputError(f"loads[{bad[0]}] is {values[bad[0]]}; it must be a finite number")
    return values
