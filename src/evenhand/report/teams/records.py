"""What the chapter is about: teams, each with its run and its record, and the numbers that its pictures draw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenhand.hospital.planner import TradeOff
    from evenhand.hospital.playing import Episode
    from evenhand.learning.curve import Point
    from evenhand.learning.evaluation import Evaluation
    from evenhand.learning.training import Run

RELIABLE = 0.99
"""Success rate from which on a mean number of steps tells how quick a team is, not how often it fails."""


@dataclass(frozen=True, eq=False)
class TeamRecord:
    """A team on the page.

    Attributes
    ----------
    name
        What the page calls it, in a word or two.
    run
        Which trained it. Teams that one network plays under different multipliers share a run.
    evaluation
        What it does, under the multiplier that makes it this team.
    episode
        One to watch; None for no animation.
    episode_multiplier
        In force in it.
    """

    name: str
    run: Run
    evaluation: Evaluation
    episode: Episode | None = None
    episode_multiplier: float | None = None

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents' names: those of the scenario in the hospital, numbers elsewhere."""
        scenario = getattr(self.run.learner.team.env, "scenario", None)
        if scenario is None:
            return tuple(f"agent {number + 1}" for number in range(len(self.workload)))
        return tuple(agent.name for agent in scenario.agents)

    @property
    def workload(self) -> tuple[float, ...]:
        """Mean workload of each agent, by the definition that is shared."""
        return tuple(agent.value for agent in self.evaluation.workload[self.evaluation.workload_definition])

    @property
    def busiest(self) -> tuple[str, float]:
        """The agent that works most, and its part of all work (0 where nobody works)."""
        total = sum(self.workload)
        most = max(range(len(self.workload)), key=lambda agent: self.workload[agent])
        return self.agents[most], self.workload[most] / total if total else 0.0

    def part_of(self, agent: str) -> float:
        """Return the part of all work that an agent does."""
        total = sum(self.workload)
        return dict(zip(self.agents, self.workload, strict=True))[agent] / total if total else 0.0


def learning_rows(records: Sequence[TeamRecord]) -> list[dict[str, Any]]:
    """Return the reports of each run, under the name of the last of its teams; steps in millions."""
    named = {id(record.run): record for record in records}
    return [
        {
            "team": record.name,
            "steps": report.steps / 1e6,
            "success": report.success,
            "jain": report.jain if report.jain_at_multiplier is None else report.jain_at_multiplier,
            "multiplier": report.multiplier,
        }
        for record in named.values()
        for report in record.run.reports
    ]


def workload_rows(records: Sequence[TeamRecord]) -> list[dict[str, Any]]:
    """Return the mean work of each agent in each team, and its part of the team's."""
    return [
        {"team": record.name, "agent": agent, "work": work, "part": record.part_of(agent)}
        for record in records
        for agent, work in zip(record.agents, record.workload, strict=True)
    ]


def curve_rows(points: Sequence[Point]) -> list[dict[str, Any]]:
    """Return what each multiplier does, and whether no lottery between others beats it."""
    from evenhand.learning.curve import hull

    best = {point.multiplier for point in hull([point for point in points if reliable(point)])}
    return [
        {
            "multiplier": point.multiplier,
            "jain": point.jain.value,
            "steps": point.episode_steps.value,
            "success": point.success.value,
            "best": point.multiplier in best,
        }
        for point in points
    ]


def reliable(measured: Point | Evaluation) -> bool:
    """Tell whether a team succeeds so often that its mean number of steps is comparable with a plan's."""
    return measured.success.value >= RELIABLE


def least_steps(planner: TradeOff | None, evaluation: Evaluation) -> float | None:
    """Return the planner's least mean time at the index that a team reached; None where it does not compare."""
    if planner is None or math.isnan(evaluation.jain.value) or not reliable(evaluation):
        return None
    return planner.time_at(evaluation.jain.value)
