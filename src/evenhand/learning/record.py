"""A run's record: what its team does in fresh episodes, under the multipliers that meet a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from evenhand.learning.allowed import COUNT, NOT_NEGATIVE, POSITIVE_SHARE, SEED, Range, check
from evenhand.learning.curve import trade_off_curve
from evenhand.learning.evaluation import evaluate
from evenhand.learning.picking import pick, pick_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from evenhand.learning.episodes import Played
    from evenhand.learning.evaluation import Evaluation
    from evenhand.learning.lottery import Lottery
    from evenhand.learning.picking import Picked
    from evenhand.learning.training import Run

    Told = Callable[[str, int, int], None]

MARGIN = Range(0.0, 1.0, below_most=True)
ALLOWED = {"episodes": COUNT, "seed": SEED, "tau": POSITIVE_SHARE, "margin": MARGIN, "multiplier": NOT_NEGATIVE}
PICKING, PLAYING = "picking multipliers", "playing"
"""Stages of an evaluation."""
APART = 1000
"""From the seed of the episodes that the multipliers are picked on to that of those they are judged on."""


@dataclass(frozen=True)
class Terms:
    """On which terms a team is evaluated.

    Attributes
    ----------
    episodes
        How many are played.
    tau
        Threshold of the index; None for the run's own.
    margin
        By how much to aim above it, as in :func:`evenhand.learning.picking.pick`.
    multiplier
        In force, instead of those that meet the threshold at least cost.
    seed
        Of the starts.

    Raises
    ------
    InputError
        Where a number is out of its range.
    """

    episodes: int = 1000
    tau: float | None = None
    margin: float | None = None
    multiplier: float | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        for name, allowed in ALLOWED.items():
            value = getattr(self, name)
            if value is not None or name in ("episodes", "seed"):
                object.__setattr__(self, name, check(name, value, allowed))


@dataclass(frozen=True)
class Record:
    """What a run's team does.

    Attributes
    ----------
    seed
        That the run was trained with.
    finished
        Whether it was trained to its end.
    evaluation
        Of fresh episodes.
    picked
        How the multipliers were chosen; None where one was given.
    """

    seed: int
    finished: bool
    evaluation: Evaluation
    picked: Picked | None

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as JSON values, and the choice of the multipliers under ``picked``."""
        return {**self.evaluation.to_dict(), "picked": None if self.picked is None else self.picked.to_dict()}


def record_of(run: Run, terms: Terms | None = None, progress: Told | None = None) -> Record:
    """Let a run's team play.

    Progress is told as a stage, the episodes played in it, and all of it.

    Raises
    ------
    InputError
        Where the threshold asks nothing of the team, or the multiplier is above the run's cap.
    """
    asked = Terms() if terms is None else terms
    force, picked = _force(run, asked, progress)
    seed = asked.seed + APART
    evaluation = evaluate(
        run.learner,
        run.parameters,
        episodes=asked.episodes,
        seed=seed,
        multiplier=force,
        tau=asked.tau,
        progress=None if progress is None else partial(progress, PLAYING),
    )
    return Record(run.config.seed, run.finished, evaluation, picked)


def multiplier_to_show(run: Run, terms: Terms) -> float:
    """Return the likelier of the multipliers that meet the terms; parameters and errors as in :func:`record_of`."""
    force, _ = _force(run, terms)
    return force if isinstance(force, float) else force.likelier


def _force(run: Run, asked: Terms, progress: Told | None = None) -> tuple[float | Lottery, Picked | None]:
    if asked.tau is not None:
        run.learner.team.constraint.with_parameter(asked.tau)
    if asked.multiplier is not None:
        check("multiplier", asked.multiplier, Range(0.0, run.config.dual.cap))
        return float(asked.multiplier), None
    picked = _picked(run, asked, None if progress is None else partial(progress, PICKING))
    return picked.lottery, picked


def _picked(run: Run, asked: Terms, progress: Played | None) -> Picked:
    """Return the multipliers for a threshold; the one there is for a learner that knows no other."""
    if run.learner.conditioned:
        return pick(run.learner, run.parameters, tau=asked.tau, margin=asked.margin, seed=asked.seed, progress=progress)
    only = trade_off_curve(
        run.learner, run.parameters, multipliers=[run.multiplier], seed=asked.seed, tau=asked.tau, progress=progress
    )
    return pick_from(only, run.learner.team.constraint, tau=asked.tau, margin=asked.margin)
