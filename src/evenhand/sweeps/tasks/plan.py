"""The task ``plan``: the trade-off between time and fairness in a hospital scenario, by exact search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evenhand.errors import prefixed
from evenhand.learning import allowed_ranges as ranges
from evenhand.sweeps.tasks.task_settings import settings_of


@dataclass(frozen=True)
class Settings:
    """The settings of the task.

    Attributes
    ----------
    scenario
        Name or TOML file of a scenario that is small enough for exact search.
    jain
        Lower bound on the mean of Jain's index, in [0, 1].
    starts
        Number of random starts; None for all possible ones.
    seed
        Seed of the random starts.
    """

    scenario: str
    jain: float = 0.0
    starts: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        ranges.check("jain", self.jain, ranges.SHARE)
        ranges.check("seed", self.seed, ranges.SEED)
        if self.starts is not None:
            ranges.check("starts", self.starts, ranges.COUNT)


def check(config: dict[str, Any], source: str) -> None:
    """Raise an InputError if the configuration is not valid."""
    from evenhand import hospital

    settings = settings_of(Settings, config, source)
    with prefixed(f"{source}: scenario"):
        hospital.load(settings.scenario)


def run(config: dict[str, Any]) -> dict[str, Any]:
    """Compute the trade-off.

    Returns
    -------
    dict
        Smallest mean number of steps with that index (None if it is out of reach), smallest mean number of steps and
        its index, highest mean index and its number of steps, fraction of the starts from which success is possible,
        and number of states searched.
    """
    from evenhand import hospital
    from evenhand.hospital.planner.trade_off import trade_off

    settings = settings_of(Settings, config, "plan")
    found = trade_off(hospital.load(settings.scenario), settings.starts, settings.seed)
    (quickest, quickest_jain), (fairest, fairest_jain) = [
        (time, jain) for jain, time in ((found.hull[0], found.hull[-1]) if found.hull else ((None, None),) * 2)
    ]
    return {
        "episode_steps": found.time_at(settings.jain),
        "quickest_steps": quickest,
        "quickest_jain": quickest_jain,
        "fairest_steps": fairest,
        "fairest_jain": fairest_jain,
        "success": found.success,
        "states": found.states,
    }
