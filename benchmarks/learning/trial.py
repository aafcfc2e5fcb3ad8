"""One trial, in a process of its own: train a team, let it play, print what it did as JSON.

``python -m benchmarks.learning.trial`` reads a :class:`Trial` as JSON from its standard input.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenhand.learning.train import Run

STARTS = 1_000_000
"""Seed of the starts on which finished teams are judged; training draws its own."""


@dataclass(frozen=True)
class Trial:
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
    """

    config: dict[str, Any]
    taus: tuple[float, ...] = (0.85,)
    margin: float | None = None
    episodes: int = 4000
    curve: bool = False
    orders: tuple[tuple[int, float | None], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the trial as JSON values."""
        return dataclasses.asdict(self)


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


def run(trial: Trial) -> dict[str, Any]:
    """Train and judge."""
    from evenhand.learning.config import Config
    from evenhand.learning.train import train

    clock = Clock()
    run = train(Config.from_dict(trial.config, "trial"))
    result: dict[str, Any] = {"training": clock.look()}
    result["reports"] = [_report(report.to_dict()) for report in run.reports]
    result["multiplier"] = run.multiplier
    result["records"] = [_judged(run, trial, tau) for tau in trial.taus]
    if trial.curve:
        result["curve"] = _curve(run)
    if trial.orders:
        result["followed"] = _followed(run, trial)
    result["judging"] = clock.look()
    return result


def _report(report: dict[str, Any]) -> dict[str, Any]:
    kept = ("steps", "success", "jain", "controlled_jain", "episode_steps", "multiplier", "loss")
    return {name: report[name] for name in kept}


def _judged(run: Run, trial: Trial, tau: float) -> dict[str, Any]:
    from evenhand.learning.evaluate import evaluate
    from evenhand.learning.picking import pick

    picked = pick(run.learner, run.parameters, tau=tau, margin=trial.margin) if run.learner.conditioned else None
    record = evaluate(
        run.learner,
        run.parameters,
        episodes=trial.episodes,
        seed=STARTS,
        multiplier=run.multiplier if picked is None else picked.lottery,
        tau=tau,
    )
    return record.to_dict() | {"picked": None if picked is None else picked.to_dict()}


def _curve(run: Run) -> list[dict[str, Any]]:
    from evenhand.learning.curve import trade_off_curve

    points = trade_off_curve(run.learner, run.parameters, episodes=2000, seed=STARTS)
    names = ("success", "steps", "reward", "jain")
    return [{"lambda": point.multiplier} | {name: getattr(point, name).value for name in names} for point in points]


def _followed(run: Run, trial: Trial) -> dict[str, Any]:
    """Return how the team followed the supervisor's orders: by the controller, and by the curve it has measured."""
    from evenhand.learning.curve import trade_off_curve
    from evenhand.learning.supervisor import Controlled, Read, supervise

    team = run.learner.team
    orders = {first: tau for first, tau in trial.orders if tau is not None}
    ways = {
        "controller": Controlled(team.constraint, cap=team.cap),
        "curve": Read(team.constraint, trade_off_curve(run.learner, run.parameters, episodes=2000, seed=1)),
    }
    last = trial.orders[-1][0]
    return {
        name: supervise(run.learner, run.parameters, way, orders, episodes=last, seed=STARTS).to_dict()
        for name, way in ways.items()
    }


def main() -> None:
    """Run the trial that stands on the standard input."""
    values = json.loads(sys.stdin.read())
    print(json.dumps(run(Trial(**values))))


if __name__ == "__main__":
    main()
