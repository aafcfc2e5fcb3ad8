"""Teams on a page, each with its run and evaluation, and the rows of numbers that the charts draw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenhand.hospital.planner import TradeOff
    from evenhand.hospital.playing import Episode
    from evenhand.learning.evaluation import Evaluation
    from evenhand.learning.multiplier_curve import Point
    from evenhand.learning.training import Run

RELIABLE = 0.99
"""Success rate from which the mean number of steps measures a team's speed rather than how often it fails."""


@dataclass(frozen=True, eq=False)
class TeamRecord:
    """A team on a page.

    Attributes
    ----------
    name
        Name of the team on the page, a word or two.
    run
        The run that trained it. The same policy under different multipliers counts as several teams of one run.
    evaluation
        Its evaluation, under the multiplier that defines the team.
    episode
        An episode to animate; None for no animation.
    episode_multiplier
        Multiplier of that episode.
    """

    name: str
    run: Run
    evaluation: Evaluation
    episode: Episode | None = None
    episode_multiplier: float | None = None

    @property
    def agents(self) -> tuple[str, ...]:
        """Names of the agents: those in the hospital scenario, or numbered ones in other environments."""
        scenario = getattr(self.run.learner.team.env, "scenario", None)
        if scenario is None:
            return tuple(f"agent {number + 1}" for number in range(len(self.workload)))
        return tuple(agent.name for agent in scenario.agents)

    @property
    def workload(self) -> tuple[float, ...]:
        """Mean workload of each agent, by the definition that the constraint applies to."""
        return tuple(agent.value for agent in self.evaluation.workload[self.evaluation.workload_definition])

    @property
    def busiest(self) -> tuple[str, float]:
        """The agent with the most work, and its fraction of all work (0 if nobody works)."""
        total = sum(self.workload)
        most = max(range(len(self.workload)), key=lambda agent: self.workload[agent])
        return self.agents[most], self.workload[most] / total if total else 0.0

    def part_of(self, agent: str) -> float:
        """Return the fraction of all work that an agent does."""
        total = sum(self.workload)
        return dict(zip(self.agents, self.workload, strict=True))[agent] / total if total else 0.0


def learning_rows(records: Sequence[TeamRecord]) -> list[dict[str, Any]]:
    """Return the progress reports of each run as rows, with steps in millions, under the name of its last team."""
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
    """Return a row for each team and agent, with the agent's mean work and its fraction of the team's work."""
    return [
        {"team": record.name, "agent": agent, "work": work, "part": record.part_of(agent)}
        for record in records
        for agent, work in zip(record.agents, record.workload, strict=True)
    ]


def curve_rows(points: Sequence[Point]) -> list[dict[str, Any]]:
    """Return a row for each multiplier, and whether it is on the hull, where no lottery between others beats it."""
    from evenhand.learning.multiplier_curve import hull

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
    """Return whether a team succeeds often enough for its mean number of steps to be compared with a plan's."""
    return measured.success.value >= RELIABLE


def least_steps(planner: TradeOff | None, evaluation: Evaluation) -> float | None:
    """Return the smallest mean number of steps at a team's mean index, by exact search; None if not comparable."""
    if planner is None or math.isnan(evaluation.jain.value) or not reliable(evaluation):
        return None
    return planner.time_at(evaluation.jain.value)
