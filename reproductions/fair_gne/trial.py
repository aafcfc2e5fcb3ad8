"""One trial: train a team, evaluate it in all the ways asked for, and return the results as JSON values.

``run`` is a task of :mod:`evenhand.sweeps`. Teams are evaluated with their final parameters, on starts that training
did not see. For a team that is conditioned on the multiplier, the lottery that meets a threshold is picked first.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reproductions.fair_gne.asked import Asked

if TYPE_CHECKING:
    from evenhand.learning.training import Run


@dataclass
class Clock:
    """Seconds of wall clock and of this process since the last look."""

    wall: float = field(default_factory=time.monotonic)
    processor: float = field(default_factory=time.process_time)

    def look(self) -> dict[str, float]:
        """Return both, and begin anew."""
        wall, processor = time.monotonic(), time.process_time()
        passed = {"seconds": wall - self.wall, "processor_seconds": processor - self.processor}
        self.wall, self.processor = wall, processor
        return passed


def run(config: dict[str, Any]) -> dict[str, Any]:
    """Train and judge; `config` holds the fields of :class:`Asked`."""
    from evenhand.learning.training import train
    from reproductions.fair_gne import judging

    asked = Asked.from_dict(config)
    clock = Clock()
    learned = _learned(asked, train)
    result: dict[str, Any] = {"training": clock.look()}
    result["reports"] = [_report(report.to_dict()) for report in learned.reports]
    result["multiplier"] = learned.multiplier
    result |= judging.judged(learned, asked)
    result["judging"] = clock.look()
    return result


def _learned(asked: Asked, train: Any) -> Run:
    from evenhand import hospital
    from evenhand.learning.config import Config
    from reproductions.fair_gne.aligning import AligningHospital
    from reproductions.fair_gne.shifting import ShiftingHospital

    config = Config.from_dict(asked.config, "trial")
    scenario = hospital.load(config.scenario).model_copy(update={"workload": config.workload})
    env: Any = None
    if asked.aligned:
        env = AligningHospital(scenario)
    elif asked.skills == "drawn":
        env = ShiftingHospital(scenario)
    run: Run = train(config, env=env)
    return run


def _report(report: dict[str, Any]) -> dict[str, Any]:
    kept = ("steps", "success", "jain", "jain_at_multiplier", "episode_steps", "multiplier", "loss")
    return {name: report[name] for name in kept}
