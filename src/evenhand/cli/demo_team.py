"""The second chapter of ``evenhand demo``: a team that learns to share its work."""

from __future__ import annotations

import dataclasses
import shlex
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evenhand.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from evenhand.hospital.planner import TradeOff
    from evenhand.learning.config import Config
    from evenhand.learning.curve import Point
    from evenhand.learning.lottery import Lottery
    from evenhand.learning.train import Run
    from evenhand.report.html import Chapter
    from evenhand.report.teams import TeamRecord

SCENARIO, TAU, STEPS = "lone-expert", 0.85, 2_000_000
"""One agent so much better than the rest that fairness costs time; steps that two cores do in under a minute."""
FOLDER = "team"
_EPISODES, _SEED = 1000, 1


@dataclass(frozen=True)
class Trained:
    """Two teams of one run, what each multiplier does with it, and the best there is by exact search."""

    records: Sequence[TeamRecord]
    curve: Sequence[Point]
    planner: TradeOff
    folder: Path


def ask(output: Path, steps: int) -> Config | None:
    """Return what is to be trained; None, and a line that says why, where a library is missing.

    Raises
    ------
    InputError
        If the run would replace another than one of this demonstration.
    """
    if not steps:
        return None
    try:
        from evenhand.hospital.drawing.canvas import pillow
        from evenhand.learning.config import Config

        pillow()
    except MissingExtraError as error:
        _say(f"Without the second chapter, a team that learns: it needs pip install 'evenhand[{error.extra}]'.\n")
        return None
    config = Config(scenario=SCENARIO, tau=TAU, steps=steps)
    _check_replaceable(output / FOLDER, config)
    return config


def train_team(config: Config, folder: Path) -> Trained:
    """Train, and let the network play with and without a multiplier.

    Raises
    ------
    KeyboardInterrupt
        If training was stopped.
    """
    from evenhand import hospital
    from evenhand.hospital.planner import trade_off
    from evenhand.learning.curve import trade_off_curve
    from evenhand.learning.lottery import Lottery
    from evenhand.learning.picking import pick_from

    run = _train(config, folder)
    curve = trade_off_curve(run.learner, run.parameters)
    fair = pick_from(curve, run.learner.team.constraint).lottery
    records = (_record("unconstrained", run, Lottery.always(0.0)), _record("fair", run, fair))
    return Trained(records, curve, trade_off(hospital.load(config.scenario)), folder)


def tell(trained: Trained) -> None:
    """Print what the teams do, side by side."""
    from evenhand.cli.show import show_table

    heads = ["team", "success", "steps", "least", "Jain", *trained.records[0].agents]
    rows = [
        [
            record.name,
            f"{100 * record.evaluation.success.value:.1f} %",
            f"{record.evaluation.steps.value:.2f}",
            _least(trained.planner, record),
            f"{record.evaluation.jain.value:.3f}",
            *(f"{work:.2f}" for work in record.workload),
        ]
        for record in trained.records
    ]
    _say("")
    show_table(heads, rows)
    _say("\n" + _story(*trained.records))


def chapter_of(trained: Trained) -> Chapter:
    """Return the chapter of the report."""
    from evenhand.report.teams import team_chapter

    config, folder = trained.records[-1].run.config, shlex.quote(str(trained.folder))
    steps = f"{config.steps:_}".replace("_", "")
    commands = [
        f"evenhand train --scenario {config.scenario} --tau {config.tau:g} --steps {steps} --out {folder}",
        f"evenhand evaluate {folder} --tau {config.tau:g}",
        f"evenhand play {folder} -o episode.gif",
    ]
    return team_chapter(trained.records, curve=trained.curve, planner=trained.planner, commands=commands)


def _check_replaceable(folder: Path, config: Config) -> None:
    """Refuse a folder that holds a run which this demonstration, of whatever length, did not make."""
    from evenhand.learning.train import read_config

    if not (folder / "config.json").exists():
        return
    if dataclasses.replace(read_config(folder), steps=config.steps) != config:
        raise InputError(f"--output: {folder} holds another run; choose another folder")


def _train(config: Config, folder: Path) -> Run:
    from evenhand.cli.train import ProgressLine
    from evenhand.learning.train import train

    if (folder / "config.json").exists():
        shutil.rmtree(folder)
    _say(f"\nA team of three: {config.scenario}, {config.steps:,} steps, Jain's index at least {config.tau:g}.")
    line = ProgressLine(show=True)
    try:
        run = train(config, folder=folder, progress=line)
    finally:
        line.close()
    if not run.finished:
        raise KeyboardInterrupt
    return run


def _record(name: str, run: Run, lottery: Lottery) -> TeamRecord:
    """Let the network play under a lottery; the episode to watch is under its likelier multiplier."""
    from evenhand.learning.evaluate import evaluate
    from evenhand.learning.watch import watch
    from evenhand.report.teams import TeamRecord

    likelier = lottery.high if lottery.share >= 0.5 else lottery.low
    return TeamRecord(
        name=name,
        run=run,
        evaluation=evaluate(run.learner, run.parameters, episodes=_EPISODES, seed=_SEED, multiplier=lottery),
        episode=watch(run, multiplier=likelier),
    )


def _least(planner: TradeOff, record: TeamRecord) -> str:
    from evenhand.report.teams.records import least_steps

    least = least_steps(planner, record.evaluation)
    return "–" if least is None else f"{least:.2f}"


def _story(first: TeamRecord, last: TeamRecord) -> str:
    agent, before = first.busiest
    after = last.evaluation
    said = (
        f"One network, asked with and without a price of unfairness. Without, {agent} does {before:.0%} of the work; "
        f"with it {last.part_of(agent):.0%}, for {after.steps.value - first.evaluation.steps.value:.1f} steps more. "
        "Least: the best that plans can do at that index, by exact search."
    )
    return said + (" The bound is not met." if after.constraint_unmet else "")


def _say(words: str) -> None:
    from evenhand.cli.show import console

    console().print(words)
