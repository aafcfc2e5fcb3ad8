"""The page of a run: its team in fresh episodes and, if it is conditioned, the same team without a constraint."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evenhand.report.teams import team_sentences
from evenhand.report.teams.chapter import shown_of
from evenhand.report.teams.records import TeamRecord
from evenhand.report.template import filled

if TYPE_CHECKING:
    from evenhand.learning.multiplier_curve import Point
    from evenhand.learning.record import Record, Terms
    from evenhand.learning.training import Run
    from evenhand.learning.training_progress import StageProgress

UNFINISHED = "It is not trained to the end."


def team_page(
    run: Run, terms: Terms | None = None, *, progress: StageProgress | None = None, commands: Sequence[str] = ()
) -> str:
    """Return a self-contained HTML page on a run in the hospital, for which its team plays fresh episodes.

    A team that is conditioned on the multiplier is also evaluated under the multiplier 0, without a constraint.

    Parameters
    ----------
    run
        The run. If it has a folder, the page also shows its training.
    terms
        Settings of the evaluation; with the same settings, the results are those of
        :func:`evenhand.learning.record.record_of`.
    progress
        Called with the name of the stage, the number of episodes played in it, and their total.
    commands
        Command lines that reproduce the page.

    Raises
    ------
    InputError
        If every team would meet the threshold, or if the multiplier is above the run's cap.
    MissingExtraError
        If Altair, Jinja2, Pillow or vl-convert is not installed.
    """
    from evenhand.learning.record import Terms, record_of

    asked = Terms() if terms is None else terms
    if run.folder is not None and not run.reports:
        from evenhand.learning.logs import reports_in

        run = dataclasses.replace(run, reports=reports_in(run.folder))
    record = record_of(run, asked, progress)
    records, curve = _teams(run, record, asked, progress)
    alone = len(records) == 1
    headline = team_sentences.headline_alone(records[0]) if alone else team_sentences.headline(records[0], records[-1])
    lede = team_sentences.lede_alone(records[0]) if alone else team_sentences.lede(records[0], records[-1])
    return filled(
        "run.html",
        f"A run of {run.config.learner} in {run.config.scenario}",
        [headline, *lede, *([] if run.finished else [UNFINISHED])],
        level=2,
        **shown_of(records, curve, None, commands),
    )


def _teams(
    run: Run, record: Record, asked: Terms, progress: StageProgress | None
) -> tuple[list[TeamRecord], Sequence[Point]]:
    """Return the run's team, preceded by the same team under the multiplier 0, and the trade-off curve."""
    from functools import partial

    from evenhand.learning.evaluation import evaluate
    from evenhand.learning.multiplier_curve import trade_off_curve
    from evenhand.learning.record import APART
    from evenhand.learning.training_progress import PLAYING
    from evenhand.learning.watching import watch

    if not run.learner.conditioned:
        return [TeamRecord("trained", run, record.evaluation, watch(run))], ()
    playing = None if progress is None else partial(progress, PLAYING)
    free = evaluate(
        run.learner,
        run.parameters,
        episodes=asked.episodes,
        seed=asked.seed + APART,
        multiplier=0.0,
        tau=asked.tau,
        progress=playing,
    )
    lottery = record.evaluation.lottery
    force = record.evaluation.multiplier.value if lottery is None else lottery.high
    curve = trade_off_curve(
        run.learner, run.parameters, episodes=asked.episodes, seed=asked.seed, tau=asked.tau, progress=playing
    )
    teams = [
        TeamRecord("unconstrained", run, free, watch(run, multiplier=0.0), 0.0),
        TeamRecord("fair", run, record.evaluation, watch(run, multiplier=force), force),
    ]
    return teams, curve
