"""A lottery between two multipliers, one of which is drawn for each episode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError

GOLDEN = (5.0**0.5 - 1.0) / 2.0
"""The golden ratio less 1; its multiples modulo 1 are spread as evenly as those of any number."""


@dataclass(frozen=True)
class Lottery:
    r"""A lottery that draws the multiplier `high` with probability `share`, and `low` otherwise.

    The index that a team reaches is a step function of its multiplier, because an optimal policy for the Lagrangian
    stays optimal over a range of multipliers. A threshold between two steps is met on average, and at the least cost,
    by mixing the policies on both sides: a point on the concave hull of what single policies reach.

    Parameters
    ----------
    low, high
        The multipliers, at least 0; equal if there is nothing to draw.
    share
        Probability of `high`, in [0, 1].

    Examples
    --------
    >>> Lottery(0.5, 2.0, share=0.4).draw(10, seed=1).tolist()
    [0.5, 2.0, 0.5, 2.0, 0.5, 0.5, 2.0, 0.5, 0.5, 2.0]
    """

    low: float
    high: float
    share: float

    def __post_init__(self) -> None:
        if not (0.0 <= self.share <= 1.0 and self.low >= 0.0 and self.high >= 0.0):
            raise InputError(f"{self!r}: the multipliers must be at least 0, and the share from 0 to 1")

    @classmethod
    def always(cls, multiplier: float) -> Lottery:
        """Return the lottery that always draws the same multiplier."""
        return cls(float(multiplier), float(multiplier), 0.0)

    @property
    def likelier(self) -> float:
        """The more probable multiplier; `high` if both are equally probable."""
        return self.high if self.share >= 0.5 else self.low

    @property
    def mean(self) -> float:
        """The expected multiplier."""
        return self.low + self.share * (self.high - self.low)

    def draw(self, episodes: int, seed: int) -> NDArray[np.float32]:
        r"""Draw the multipliers of a number of episodes, shape (episodes,).

        The draws form a low-discrepancy sequence: with :math:`u` uniform, episode k is played under `high` if the
        fractional part of :math:`u + k (\sqrt 5 - 1) / 2` is below `share`. Every episode then has `high` with
        probability `share`, and every stretch of episodes contains close to that fraction of them, so that no window of
        episodes misses the threshold by bad luck.
        """
        start = np.random.default_rng(seed).random()
        spread = (start + GOLDEN * np.arange(episodes)) % 1.0
        return np.where(spread < self.share, self.high, self.low).astype(np.float32)

    def to_dict(self) -> dict[str, Any]:
        """Return the lottery as JSON values."""
        return {"low": self.low, "high": self.high, "share": self.share}
