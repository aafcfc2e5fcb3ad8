"""A report on solved loads: how fair they are, and by how much they violate the fairness asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.errors import InputError
from evenhand.fairness import Fairness, RangeAtMost
from evenhand.fairness.fair_result import Measured
from evenhand.fairness.selection import Among, stated
from evenhand.fairness.shares import for_agents, require_agents
from evenhand.modeling.loads import brief, names_of, require_member

TOLERANCE = 1e-6
"""Relative excess of the measure over its bound that is tolerated as a solver's rounding."""


@dataclass(frozen=True, slots=True, repr=False)
class Audit(Measured):
    """A report on the fairness of solved loads. Measures are of loads over entitlements, if there are any.

    Attributes
    ----------
    fairness
        The fairness member asked for.
    loads
        The loads as they were solved, shape (n,).
    satisfied
        Whether no load is negative and the member is satisfied, both within the tolerance.
    violation
        The measure divided by its largest allowed value, minus 1: positive if the member is violated, negative if there
        is slack. If equality is asked for, the difference of the largest and the smallest load, over the mean.
    negative
        By how much the least load is below 0, over the largest absolute load: a solver's rounding, or a wrong sign.
        Negative loads count as 0 in the measures.
    carriers
        If fairness is asked :func:`among <evenhand.fairness.selection.among>` some of the agents only, the positions of
        those with the largest loads, to whom level and measures refer. None if they refer to all agents.
    """

    fairness: Fairness
    loads: NDArray[np.float64]
    satisfied: bool
    violation: float
    negative: float
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
    """Report how fair `loads` are, and whether they satisfy `fairness`.

    Parameters
    ----------
    loads
        One finite number per agent, shape (n,), from any solver, or a dictionary of them by name.
    fairness
        A member of :mod:`evenhand.fairness`.
    tolerance
        Relative excess of the measure over its bound that is tolerated.

    Raises
    ------
    InputError
        If loads are not a vector of finite numbers, or their number differs from that of the member's entitlements.

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
    return Audit(
        fairness,
        solved,
        bool(fairness.contains(x, tolerance)) and negative <= tolerance,
        _violation(x, stated(fairness, len(x))),
        negative,
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
