"""What episodes come to: expected returns, index and work, and intervals that contain a number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Interval(NamedTuple):
    """Two numbers between which a number is proven to lie.

    Attributes
    ----------
    lower, upper
        The ends, both included; `upper` may be infinite.

    Examples
    --------
    >>> Interval(0.0, 0.5).exact, str(Interval(0.25, 0.25)), str(Interval(0.0, 0.5))
    (False, '0.25', '0 to 0.5')
    """

    lower: float
    upper: float

    @property
    def exact(self) -> bool:
        """Whether the number is known: both ends are equal."""
        return self.lower == self.upper

    def __str__(self) -> str:
        return f"{self.lower:.6g}" if self.exact else f"{self.lower:.6g} to {self.upper:.6g}"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values: ``lower``, ``upper`` (null if there is no upper bound) and ``exact``."""
        return {"lower": self.lower, "upper": self.upper if math.isfinite(self.upper) else None, "exact": self.exact}


@dataclass(frozen=True)
class Outcome:
    """Expected figures of an episode.

    Attributes
    ----------
    returns
        Expected return, shape (1,) if all agents have the same reward, (n,) if each has its own.
    index
        Expected index, which the constraint bounds from below.
    work
        Expected work of each agent, shape (n,), or (0,) in a game that does not measure work.
    """

    returns: NDArray[np.float64]
    index: float
    work: NDArray[np.float64]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {"returns": self.returns.tolist(), "index": self.index, "work": self.work.tolist()}


class Scale(NamedTuple):
    """Numbers to compare a gain with, in the unit of the return.

    Attributes
    ----------
    step
        Price of one step of time; None if time costs nothing.
    lowest, highest
        Range of the returns.
    """

    step: float | None
    lowest: float
    highest: float

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return dict(self._asdict())
