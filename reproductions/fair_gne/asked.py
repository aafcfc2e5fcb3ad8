"""The configuration of a trial: how a team is trained, and how it is evaluated."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from evenhand.errors import InputError

STARTS = 1_000_000
"""Seed of the starts on which trained teams are evaluated; training has other seeds."""
SKILLS = ("own", "drawn")


@dataclass(frozen=True)
class Asked:
    """How a team is trained and evaluated.

    Attributes
    ----------
    config
        What differs from the default configuration, as in a TOML file.
    taus
        Thresholds at which it is evaluated, each under the multipliers picked for it; a team that was trained for a
        single multiplier plays under that one.
    margin
        Distance above a threshold at which the multipliers aim; None for the default, by windows of 200 episodes.
    episodes
        Number of fresh episodes per threshold.
    curve
        Whether to measure the trade-off curve as well.
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
    stationary
        Whether the KKT conditions of each record have the stationarity of every agent, by its best response.
    certified
        Thresholds at which it is certified as an equilibrium, each with the multiplier to play under; None for the
        lottery that meets the threshold.
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
    stationary: bool = False
    certified: tuple[tuple[float, float | None], ...] = ()

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
