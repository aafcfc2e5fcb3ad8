"""Small teams, made by hand: no learner plays a part in the tests of their chapter."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from evenhand import hospital
from evenhand.hospital import playing
from evenhand.hospital.planner import TradeOff
from evenhand.learning.config import Config
from evenhand.learning.evaluation import Evaluation
from evenhand.learning.multiplier_curve import Point
from evenhand.learning.training import Run
from evenhand.learning.training_progress import Progress
from evenhand.report.teams import TeamRecord
from evenhand.statistics import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

AGENTS = ("agent_1", "agent_2", "agent_3")
"""Of the scenario lone-expert."""


def exactly(value: float) -> Estimate:
    """Return a number without doubt."""
    return Estimate(value, value, value)


def make_evaluation(
    work: Sequence[float] = (18.0, 1.0, 1.0), jain: float = 0.4, steps: float = 10.0, success: float = 1.0
) -> Evaluation:
    """Return a record of 1000 episodes that were asked for an index of 0.85."""
    one = exactly(1.0)
    return Evaluation(
        episodes=1000,
        success=exactly(success),
        episode_steps=exactly(steps),
        reward=one,
        jain=exactly(jain),
        jain_given_success=exactly(jain),
        idle_episodes=exactly(0.0),
        potential=exactly(jain),
        jain_satisfied=one,
        windows_satisfied=one,
        windows_strictly_satisfied=one,
        cv=one,
        workload={"useful": tuple(map(exactly, work))},
        workload_definition="useful",
        multiplier=exactly(0.25),
        gini=exactly(0.1),
        jain_by_definition={"useful": exactly(jain)},
        lottery=None,
        tau=0.85,
        shortfall=max(0.0, 0.85 - jain),
        kkt=None,
        seconds=1.0,
    )


def make_report(steps: int, jain: float | None, controlled: float | None, multiplier: float) -> Progress:
    """Return a report of training, of a million steps in all."""
    return Progress(
        steps=steps,
        total_steps=1_000_000,
        seconds=1.0,
        steps_per_second=None,
        seconds_left=None,
        success=0.5,
        jain=jain,
        episode_steps=20.0,
        jain_at_multiplier=controlled,
        multiplier=multiplier,
        loss=0.1,
        exploration=0.1,
    )


def make_run(reports: Sequence[Progress] | None = None) -> Run:
    """Return a run of 12 seconds in lone-expert that reported twice."""
    scenario = hospital.load("lone-expert")
    team = SimpleNamespace(env=SimpleNamespace(scenario=scenario))
    told = (
        (make_report(500_000, 0.7, None, 0.0), make_report(1_000_000, 0.6, 0.9, 0.25)) if reports is None else reports
    )
    config = Config(scenario="lone-expert", steps=1_000_000)
    return Run(config, SimpleNamespace(team=team, conditioned=True), None, tuple(told), True, 12.0, None)


def make_records(run: Run | None = None, **fair: float) -> tuple[TeamRecord, TeamRecord]:
    """Return a team whose expert does 18 of 20 units, and one in which it does 10; both wait while they are watched."""
    run = make_run() if run is None else run
    scenario = run.learner.team.env.scenario
    episodes = [playing.play(scenario, "wait", steps=steps) for steps in (1, 3)]
    shared = {"jain": 0.9, "steps": 15.0, **fair}
    return (
        TeamRecord("unconstrained", run, make_evaluation(), episodes[0]),
        TeamRecord("fair", run, make_evaluation((10.0, 6.0, 4.0), **shared), episodes[1]),
    )


def make_point(multiplier: float, jain: float, steps: float, success: float = 1.0) -> Point:
    """Return what a multiplier does; each step costs 0.03 of the reward, as in the hospital."""
    reward = success - 0.03 * steps
    return Point(multiplier, *(exactly(value) for value in (jain, success, steps, reward, jain)), 0.1, 1000)


CURVE = (
    make_point(0.0, 0.4, 10.0),
    make_point(0.1, 0.5, 13.0),
    make_point(0.25, 0.9, 15.0),
    make_point(2.0, 0.95, 40.0, 0.5),
)
"""The second is beaten by a lottery between the first and the third; under the last the team fails half the time."""

PLANNER = TradeOff("lone-expert/default", 4, True, None, 1.0, 100, (), ((0.4, 8.0), (0.8, 12.0), (1.0, 16.0)))
"""At an index of 0.9 plans take 14 steps."""
