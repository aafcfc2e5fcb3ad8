"""Progress reports of training, and of the stages of an evaluation."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

StageProgress = Callable[[str, int, int], None]
"""Function called with the name of a stage, the number of its steps that are done, and that of all."""

PICKING, PLAYING, RESPONDING = "picking multipliers", "playing", "measuring stationarity"
"""Names of the stages of an evaluation."""


@dataclass(frozen=True)
class Progress:
    """A progress report of training.

    Attributes
    ----------
    steps, total_steps
        Environment steps so far, and in the whole run.
    seconds
        Wall-clock time since training began in this process.
    steps_per_second, seconds_left
        Environment steps per second, gradient steps included, and the time that the rest will take; None in the first
        report.
    success, jain, episode_steps
        Success rate, mean of Jain's index at the end, and mean length of the episodes that ended since the last report,
        which are played with exploration; None if none ended.
    jain_at_multiplier
        Mean of Jain's index over those of them under the controller's multiplier; None if there are none.
    multiplier
        The controller's multiplier.
    loss
        The learner's mean loss since the last report.
    exploration
        Exploration rate, or for policy gradients the mean probability of all actions but the most probable.
    """

    steps: int
    total_steps: int
    seconds: float
    steps_per_second: float | None
    seconds_left: float | None
    success: float | None
    jain: float | None
    episode_steps: float | None
    jain_at_multiplier: float | None
    multiplier: float
    loss: float
    exploration: float

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return dataclasses.asdict(self)
