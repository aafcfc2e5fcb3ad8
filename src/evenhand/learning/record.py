"""Evaluate a run: its team plays fresh episodes under the multipliers with which it meets a threshold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from evenhand.learning.allowed_ranges import COUNT, MARGIN, NOT_NEGATIVE, POSITIVE_SHARE, SEED, Range, check
from evenhand.learning.disturbance import Disturbed, under
from evenhand.learning.disturbance_level import Level
from evenhand.learning.episode_windows import RARE
from evenhand.learning.episodes import Played
from evenhand.learning.evaluation import Evaluation, evaluate
from evenhand.learning.lottery import Lottery
from evenhand.learning.multiplier_curve import trade_off_curve
from evenhand.learning.pick_multiplier import Picked, pick, pick_from
from evenhand.learning.training_progress import PICKING, PLAYING, RESPONDING, StageProgress

if TYPE_CHECKING:
    from evenhand.learning.training import Run

ALLOWED = {"episodes": COUNT, "seed": SEED, "tau": POSITIVE_SHARE, "margin": MARGIN, "multiplier": NOT_NEGATIVE}
APART = 1000
"""Offset between the seeds for picking the multipliers and for evaluating them, so that no episode serves both."""


@dataclass(frozen=True)
class Terms:
    """Settings of an evaluation.

    Attributes
    ----------
    episodes
        Number of episodes to play.
    tau
        Threshold of the index; None for the run's own.
    margin
        Distance above the threshold to aim at when picking multipliers, as in :func:`evenhand.learning.pick`.
    multiplier
        A multiplier to play under; None to pick those that meet the threshold at the least cost.
    seed
        Seed of the episodes' starts.
    kkt
        Whether to measure stationarity, too, for the KKT conditions: each agent's best response over all starts of a
        scenario of the hospital, in seconds to a minute.
    level
        Disturbances to play under; None for those of the training.

    Raises
    ------
    InputError
        If a number is outside its range.
    """

    episodes: int = 1000
    tau: float | None = None
    margin: float | None = None
    multiplier: float | None = None
    seed: int = 1
    kkt: bool = False
    level: Level | None = None

    def __post_init__(self) -> None:
        for name, allowed in ALLOWED.items():
            value = getattr(self, name)
            if value is not None or name in ("episodes", "seed"):
                object.__setattr__(self, name, check(name, value, allowed))


@dataclass(frozen=True)
class Record:
    """The evaluation of a run.

    Attributes
    ----------
    seed
        Seed that the run was trained with.
    finished
        Whether its training is complete.
    evaluation
        Evaluation on fresh episodes.
    picked
        The choice of the multipliers; None if one was given.
    level
        The disturbances; None for those of the training.
    undisturbed_choice
        Evaluation at the same level under the multipliers that are picked for the team undisturbed; None if there is no
        level, or if a multiplier was given.
    """

    seed: int
    finished: bool
    evaluation: Evaluation
    picked: Picked | None
    level: Level | None = None
    undisturbed_choice: Evaluation | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Reasons why figures may mislead.

        ``unfinished``: the training is not complete. ``rarely_succeeds``: the team succeeds in less than half of the
        episodes, so its index says little. ``never_works``: nobody works in any episode, which is perfectly fair.
        """
        found = self.evaluation
        reasons = {
            "unfinished": not self.finished,
            "rarely_succeeds": found.success.value < RARE,
            "never_works": found.idle_episodes.value == 1.0,
        }
        return tuple(name for name, there in reasons.items() if there)

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as JSON values, with `warnings`, and the choice of the multipliers as ``picked``."""
        picked = None if self.picked is None else self.picked.to_dict()
        values = {**self.evaluation.to_dict(), "warnings": list(self.warnings), "picked": picked}
        if self.level is None:
            return values
        kept = None if self.undisturbed_choice is None else self.undisturbed_choice.to_dict()
        return {**values, "disturbance": self.level.to_dict(), "under_undisturbed_multipliers": kept}


def record_of(run: Run, terms: Terms | None = None, progress: StageProgress | None = None) -> Record:
    """Evaluate the team of a run.

    Parameters
    ----------
    run
        The run.
    terms
        Settings of the evaluation; default ``Terms()``.
    progress
        Called with the name of the stage, the number of episodes played in it, and their total.

    Raises
    ------
    InputError
        If every team would meet the threshold, if the multiplier is above the run's cap, or if stationarity is to be
        measured where states cannot be enumerated, or if the environment does not allow the level's disturbances.
    """
    asked = Terms() if terms is None else terms
    calm, run = run, at_level(run, asked.level)
    force, picked = _multipliers(run, asked, progress)
    seed = asked.seed + APART
    exact = None
    if asked.kkt:
        if progress is not None:
            progress(RESPONDING, 0, 1)
        from evenhand.learning.certificates.team_stationarity import stationarity_of

        exact = stationarity_of(run, force if isinstance(force, Lottery) else Lottery.always(force), asked.tau)
    evaluation = evaluate(
        run.learner,
        run.parameters,
        episodes=asked.episodes,
        seed=seed,
        multiplier=force,
        tau=asked.tau,
        exact=exact,
        aim=None if picked is None else picked.aim,
        progress=None if progress is None else partial(progress, PLAYING),
    )
    kept = None
    if asked.level is not None and picked is not None:
        undisturbed, _ = _multipliers(at_level(calm, Level()), asked, progress)
        kept = evaluate(
            run.learner, run.parameters, episodes=asked.episodes, seed=seed, multiplier=undisturbed, tau=asked.tau
        )
    return Record(run.config.seed, run.finished, evaluation, picked, asked.level, kept)


def at_level(run: Run, level: Level | None) -> Run:
    """Return the run with the disturbances of a level instead of those of its training; None changes nothing."""
    if level is None:
        return run
    # Where nothing is disturbed and nothing was, the environment needs no wrapper.
    plain = level == Level() and not isinstance(run.learner.team.env, Disturbed)
    return run if plain else replace(run, learner=under(run.learner, level))


def multiplier_to_show(run: Run, terms: Terms) -> float:
    """Return the more probable multiplier of a run's lottery; parameters and errors as in :func:`record_of`."""
    force, _ = _multipliers(at_level(run, terms.level), terms)
    return force if isinstance(force, float) else force.likelier


def _multipliers(
    run: Run, asked: Terms, progress: StageProgress | None = None
) -> tuple[float | Lottery, Picked | None]:
    if asked.tau is not None:
        run.learner.team.constraint.with_parameter(asked.tau)
    if asked.multiplier is not None:
        check("multiplier", asked.multiplier, Range(0.0, run.config.dual.cap))
        return float(asked.multiplier), None
    picked = _picked(run, asked, None if progress is None else partial(progress, PICKING))
    return picked.lottery, picked


def _picked(run: Run, asked: Terms, progress: Played | None) -> Picked:
    """Return the multipliers for a threshold; without conditioning, the one that the learner was trained under."""
    if run.learner.conditioned:
        return pick(run.learner, run.parameters, tau=asked.tau, margin=asked.margin, seed=asked.seed, progress=progress)
    only = trade_off_curve(
        run.learner, run.parameters, multipliers=[run.multiplier], seed=asked.seed, tau=asked.tau, progress=progress
    )
    return pick_from(only, run.learner.team.constraint, tau=asked.tau, margin=asked.margin)
