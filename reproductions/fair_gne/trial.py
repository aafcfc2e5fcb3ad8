"""One trial: train a team, let it play in every way that is asked for, return what it did as JSON values.

``run`` is a task of :mod:`evenhand.sweeps`. Teams are judged by their last parameters, on starts of their
own; where a team knows all multipliers, the lottery that meets a threshold is picked first.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError

if TYPE_CHECKING:
    from evenhand.learning.train import Run

STARTS = 1_000_000
"""Seed of the starts on which finished teams are judged; training draws its own."""
SKILLS = ("own", "drawn")


@dataclass(frozen=True)
class Asked:
    """What is to be trained and how it is judged.

    Attributes
    ----------
    config
        What differs from the default configuration, as in a TOML file.
    taus
        Thresholds it is judged at, each under the multipliers picked for it; where the team knows one multiplier
        only, that one is in force.
    margin
        By how much the multipliers aim above a threshold; None for what windows of 200 episodes need.
    episodes
        Fresh episodes for each threshold.
    curve
        Whether to play the whole grid of multipliers, too.
    orders
        A supervisor's thresholds in a stream of episodes: (first episode, tau), the last with tau None for the end.
    skills
        ``own``, or ``drawn``: in every episode of training the agents have exchanged skills, as by chance.
    aligned
        Whether everybody sees who has done which step, and it is told how able those were who did it.
    noises, delays
        Disturbances of what a finished team sees, one at a time, under the multipliers of the first threshold.
    defectors
        Ways in which each agent in turn does not cooperate, under the same multipliers.
    steered
        Episodes in which the controller goes on, for each agent that defects in the first of these ways; 0 for none.
    exchanged
        Steps from which on the agents have exchanged skills; 0 for the whole episode.
    """

    config: dict[str, Any]
    taus: tuple[float, ...] = (0.85,)
    margin: float | None = None
    episodes: int = 4000
    curve: bool = False
    orders: tuple[tuple[int, float | None], ...] = ()
    skills: str = "own"
    aligned: bool = False
    noises: tuple[float, ...] = ()
    delays: tuple[int, ...] = ()
    defectors: tuple[str, ...] = ()
    steered: int = 0
    exchanged: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the trial as JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Asked:
        """Check what a sweep asks for.

        Raises
        ------
        InputError
            Where a key is unknown, or a disturbance has no threshold to be played at.
        """
        known = [part.name for part in dataclasses.fields(cls)]
        for key in values:
            if key not in known:
                raise InputError(f"{key} is not a key of a trial; known are {', '.join(known)}")
        if "config" not in values:
            raise InputError("config is missing: what differs from the usual run, {} for nothing")
        asked = cls(**values)
        if asked.skills not in SKILLS:
            raise InputError(f"skills is {asked.skills!r}; known are {', '.join(SKILLS)}")
        if not asked.taus and (asked.noises or asked.delays or asked.defectors or asked.exchanged):
            raise InputError("taus is empty; disturbances are played under the multipliers of the first threshold")
        return asked


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
    from evenhand.learning.train import train
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
    from evenhand.hospital.vectorized import ShiftingHospital
    from evenhand.learning.config import Config
    from reproductions.fair_gne.aligning import AligningHospital

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
    kept = ("steps", "success", "jain", "controlled_jain", "episode_steps", "multiplier", "loss")
    return {name: report[name] for name in kept}
