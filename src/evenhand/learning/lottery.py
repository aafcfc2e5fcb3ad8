"""A lottery between two multipliers, drawn for each episode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

GOLDEN = (5.0**0.5 - 1.0) / 2.0


@dataclass(frozen=True)
class Lottery:
    r"""The multiplier `low`, or with probability `share` the multiplier `high`.

    The index that a team reaches is a step function of its multiplier; a threshold between two steps is met, at the
    least cost, by drawing for each episode which of the two is in force.

    Parameters
    ----------
    low, high
        The multipliers, at least 0; equal where nothing is drawn.
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
            raise InputError(f"{self!r}: multipliers must be at least 0 and the share of the second from 0 to 1")

    @classmethod
    def always(cls, multiplier: float) -> Lottery:
        """Return the lottery without a draw."""
        return cls(float(multiplier), float(multiplier), 0.0)

    @property
    def likelier(self) -> float:
        """The multiplier that more episodes are played under."""
        return self.high if self.share >= 0.5 else self.low

    @property
    def mean(self) -> float:
        """The expected multiplier."""
        return self.low + self.share * (self.high - self.low)

    def draw(self, episodes: int, seed: int) -> NDArray[np.float32]:
        r"""Draw the multipliers of so many episodes, shape (episodes,).

        The draws are spread evenly: with :math:`u` uniform, episode k has `high` where the fractional part of
        :math:`u + k (\sqrt 5 - 1) / 2` is below `share`. Each episode has `high` with that probability, and any
        stretch of episodes has nearly its share, so that chance does not make one window of episodes unfair.
        """
        start = np.random.default_rng(seed).random()
        spread = (start + GOLDEN * np.arange(episodes)) % 1.0
        return np.where(spread < self.share, self.high, self.low).astype(np.float32)

    def to_dict(self) -> dict[str, Any]:
        """Return the lottery as JSON values."""
        return {"low": self.low, "high": self.high, "share": self.share}
