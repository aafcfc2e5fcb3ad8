"""Choose the ends of axes, and whether they are logarithmic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

_ROOM = 0.05
"""Margin at each end of an axis, as a fraction of the range of its values (of its logarithm on a logarithmic axis)."""
_NEAR_ZERO = 0.4
"""An axis begins at 0 if its least value is at most this fraction of the largest."""
_ALIKE = 4.0
"""Panels share an axis unless the range of one is smaller than that of all values by more than this factor."""
_DECADES = 100.0
"""Ratio of the largest to the least value from which an axis may be logarithmic: two decades."""
_STEP = 1.9
"""Least ratio of neighbours on such an axis; nearly 2, so that doubled values count as geometric."""


def domain(values: Sequence[float], *, log: bool = False, least: float = 0.0) -> list[float]:
    """Return the ends of an axis that includes all values with a margin, and 0 if they come close to it.

    The axis is at least `least` times as long as its upper end, so that small differences are not exaggerated.
    """
    if not values:
        return [1.0, 10.0] if log else [0.0, 1.0]
    low, high = min(values), max(values)
    if log:
        factor = (high / low) ** _ROOM if high > low else 2.0
        return [low / factor, high * factor]
    room = _ROOM * (high - low) or _ROOM * abs(high) or _ROOM
    room = max(room, (least * abs(high) - (high - low)) / 2)
    if 0 <= low <= _NEAR_ZERO * high:
        return [0.0, high + room]
    return [low - room, high + room]


def domains(groups: Sequence[Sequence[float]], *, log: bool = False, least: float = 0.0) -> list[list[float]]:
    """Return the ends of an axis for each group, the same for all groups if their ranges are similar."""
    spans = [max(group) - min(group) for group in groups if group]
    together = [value for group in groups for value in group]
    whole = max(together) - min(together) if together else 0.0
    if all(_ALIKE * span >= whole for span in spans):
        return [domain(together, log=log, least=least)] * len(groups)
    return [domain(group, log=log, least=least) for group in groups]


def spans_decades(values: Sequence[float]) -> bool:
    """Return whether values are spaced geometrically, such as learning rates, over at least two decades."""
    ordered = sorted(set(values))
    if len(ordered) < 3 or ordered[0] <= 0 or ordered[-1] < _DECADES * ordered[0]:
        return False
    return all(after >= _STEP * before for before, after in pairwise(ordered))


def quantitative(
    alt: Any,
    channel: Any,
    field: str,
    title: str,
    ends: Sequence[float],
    *,
    log: bool = False,
    grid: bool | None = None,
    whole: bool = False,
) -> Any:
    """Return an axis of numbers; `channel` is ``alt.X`` or ``alt.Y``, and `whole` restricts ticks to whole numbers."""
    scale = alt.Scale(domain=list(ends), nice=False, **({"type": "log"} if log else {"zero": False}))
    upright = channel is alt.Y
    options = {"tickMinStep": 1} if whole and not log else {}
    ticks = _decades(ends) if log else 5
    axis = alt.Axis(tickCount=ticks, grid=upright if grid is None else grid, labelFlush=False, **options)
    return channel(field, type="quantitative", title=title or None, scale=scale, axis=axis)


def same(axis: Any, field: str) -> Any:
    """Return a copy of an axis for another field."""
    copied = axis.copy()
    copied["shorthand"] = field
    return copied


def _decades(ends: Sequence[float]) -> int:
    return max(2, round(math.log10(ends[1] / ends[0])))
