"""A trained team on the desk: a slider for the threshold, the multiplier that meets it, and an episode played so."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.errors import InputError
from evenhand.learning.multiplier_curve import trade_off_curve
from evenhand.learning.pick_multiplier import pick_from, settled_curve
from evenhand.learning.watching import watch
from evenhand.report.teams.film import PACE, REST, in_words

if TYPE_CHECKING:
    from evenhand.hospital.playing import Episode
    from evenhand.learning.training import Run

LEVELS, MOST_SEEDS = 21, 1000
"""Positions of the slider, and upper limit on the seeds of starts."""


class Stage:
    """A run, and what it does at each threshold.

    The curve of the team over the multipliers is played once; each threshold is read from it.

    Parameters
    ----------
    run
        A run in a scenario of the hospital.
    name
        Name of its folder.
    """

    def __init__(self, run: Run, name: str) -> None:
        self.run, self.name = run, name
        learner, parameters = run.learner, run.parameters
        self._constraint = learner.team.constraint
        if learner.conditioned:
            curve, _ = settled_curve(learner, parameters, tau=self._constraint.tau)
        else:  # trained under one multiplier, which every threshold gets
            curve = trade_off_curve(learner, parameters, multipliers=[run.multiplier])
        self._curve = curve
        self._turn = threading.Lock()
        self._films = lru_cache(maxsize=32)(self._film)

    @property
    def levels(self) -> list[float]:
        """Thresholds of the slider: around what the team reaches under all multipliers, and the run's own."""
        reached = [point.jain.value for point in self._curve]
        start = float(np.floor(20 * max(0.0, min(reached) - 0.1)) / 20)
        return sorted({*(round(float(level), 4) for level in np.linspace(start, 1.0, LEVELS)), self._constraint.tau})

    def state(self) -> dict[str, Any]:
        """Return what the page shows before the first movement."""
        return {
            "name": self.name,
            "levels": self.levels,
            "tau": self._constraint.tau,
            "conditioned": bool(self.run.learner.conditioned),
            "curve": [{"multiplier": point.multiplier, "jain": point.jain.value} for point in self._curve],
        }

    def at(self, tau: float) -> dict[str, Any]:
        """Return the multiplier that meets a threshold, and what the team reaches under it.

        Raises
        ------
        InputError
            If the threshold is none of the team's measure.
        """
        self._constraint.with_parameter(tau)
        picked = pick_from(self._curve, self._constraint, tau=tau)
        shown = picked.lottery.likelier
        point = min(self._curve, key=lambda point: abs(point.multiplier - shown))
        return {
            "tau": tau,
            "low": picked.lottery.low,
            "high": picked.lottery.high,
            "share": picked.lottery.share,
            "multiplier": shown,
            "expected": picked.expected,
            "unmet": picked.constraint_unmet,
            "success": point.success.value,
            "steps": point.episode_steps.value,
        }

    def film(self, multiplier: float, seed: int) -> tuple[bytes, list[str]]:
        """Return the animation of an episode as a GIF, and its steps in words.

        Raises
        ------
        InputError
            If the multiplier or the seed is out of range.
        """
        if not 0.0 <= multiplier <= self.run.learner.team.cap:
            raise InputError(f"multiplier {multiplier:g} should be from 0 to {self.run.learner.team.cap:g}")
        if not 0 <= seed < MOST_SEEDS:
            raise InputError(f"seed {seed} should be from 0 to {MOST_SEEDS - 1}")
        with self._turn:
            return self._films(multiplier, seed)

    def _film(self, multiplier: float, seed: int) -> tuple[bytes, list[str]]:
        from evenhand.hospital import render

        episode: Episode = watch(self.run, multiplier=multiplier, seed=seed)
        moving = render.animate(
            episode.scenario, episode.states, absent=episode.absent, size=(720, 405), pace=PACE, rest=REST
        )
        return moving, in_words(episode)
