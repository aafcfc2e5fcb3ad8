"""What a run reports of its training."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Progress:
    """A report of training.

    Attributes
    ----------
    steps, total_steps
        Environment steps so far, and of the whole run.
    seconds, steps_per_second, seconds_left
        Since this process began; speed, learning included; None until it is known.
    success, jain, episode_steps
        Means over the episodes that ended since the last report (exploration included): None where none did.
    controlled_jain
        Jain's index of those under the controller's multiplier.
    multiplier
        The controller's.
    loss, exploration
        Of the learner.
    """

    steps: int
    total_steps: int
    seconds: float
    steps_per_second: float | None
    seconds_left: float | None
    success: float | None
    jain: float | None
    episode_steps: float | None
    controlled_jain: float | None
    multiplier: float
    loss: float
    exploration: float

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return dataclasses.asdict(self)
