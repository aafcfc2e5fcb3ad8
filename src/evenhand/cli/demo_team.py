"""The second chapter of ``evenhand demo``: a team trained to share its work, and one trained without a constraint."""

from __future__ import annotations

import dataclasses
import shlex
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evenhand.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from evenhand.hospital.planner import TradeOff
    from evenhand.learning.config import Config
    from evenhand.learning.lottery import Lottery
    from evenhand.learning.multiplier_curve import Point
    from evenhand.learning.training import Run
    from evenhand.report.teams import TeamRecord
    from evenhand.report.template import Chapter

SCENARIO, TAU, STEPS = "lone-expert", 0.85, 1_000_000
"""Scenario in which one agent is so much better than the others that fairness costs time; threshold of Jain's index;
and steps per team, which two cores train in less than half a minute."""
METHODS = {"unconstrained": "none", "fair": "fair-gne"}
"""Method of each team, by its name."""
MARGIN = 0.015
"""Distance above the threshold at which the lottery aims; larger than the standard error of the mean index."""
_EPISODES, _EACH, _SEED = 1000, 500, 1
"""Number of episodes in which a team is evaluated, number per multiplier of the curve, and seed of their starts."""


@dataclass(frozen=True)
class Trained:
    """The evaluations of both teams, the fair team's trade-off curve, and the exact trade-off of the best plans."""

    records: Sequence[TeamRecord]
    curve: Sequence[Point]
    planner: TradeOff


def ask(output: Path, steps: int) -> dict[str, Config]:
    """Return the configurations to train, by name of the team.

    If a library is missing, a line says so, and there are none.

    Raises
    ------
    InputError
        If a run would replace one that is not from this demonstration.
    """
    if not steps:
        return {}
    try:
        from evenhand.hospital.drawing.canvas import pillow
        from evenhand.learning.config import Config

        pillow()
    except MissingExtraError as error:
        _say(f"The second chapter, on a team that learns, is left out: it needs pip install '.[{error.extra}]'.\n")
        return {}
    configs = {name: Config(scenario=SCENARIO, method=method, tau=TAU, steps=steps) for name, method in METHODS.items()}
    for name, config in configs.items():
        _check_replaceable(folder_of(output, name), config)
    return configs


def folder_of(output: Path, name: str) -> Path:
    """Return the folder of a team's run."""
    return output / f"{name}-team"


def train_teams(configs: dict[str, Config], output: Path) -> Trained:
    """Train and evaluate both teams.

    Raises
    ------
    KeyboardInterrupt
        If training was interrupted.
    """
    from evenhand import hospital
    from evenhand.hospital.planner import trade_off
    from evenhand.learning.lottery import Lottery
    from evenhand.learning.multiplier_curve import trade_off_curve
    from evenhand.learning.pick_multiplier import pick_from

    _say(f"\nA team of three learns to save a patient: {SCENARIO}, {configs['fair'].steps:,} steps.")
    plain, fair = (_train(configs[name], folder_of(output, name)) for name in METHODS)
    curve = trade_off_curve(fair.learner, fair.parameters, episodes=_EACH)
    lottery = pick_from(curve, fair.learner.team.constraint, margin=MARGIN).lottery
    records = (_record("unconstrained", plain, Lottery.always(0.0)), _record("fair", fair, lottery))
    return Trained(records, curve, trade_off(hospital.load(SCENARIO)))


def tell(trained: Trained) -> None:
    """Print the evaluations of both teams in one table."""
    from evenhand.cli.show import show_table

    heads = ["team", "success", "steps", "least", "Jain", *trained.records[0].agents]
    rows = [
        [
            record.name,
            f"{100 * record.evaluation.success.value:.1f} %",
            f"{record.evaluation.episode_steps.value:.2f}",
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
    """Return the chapter on both teams for the report."""
    from evenhand.report.teams import team_chapter

    commands = [_command(record.run) for record in trained.records]
    fair = trained.records[-1].run
    folder = shlex.quote(str(fair.folder))
    commands += [f"evenhand evaluate {folder} --tau {fair.config.tau:g}", f"evenhand play {folder} -o episode.gif"]
    return team_chapter(trained.records, curve=trained.curve, planner=trained.planner, commands=commands)


def _command(run: Run) -> str:
    config, folder = run.config, shlex.quote(str(run.folder))
    asked = f"--method {config.method}" if config.method == "none" else f"--tau {config.tau:g}"
    return f"evenhand train --scenario {config.scenario} {asked} --steps {config.steps} --out {folder}"


def _check_replaceable(folder: Path, config: Config) -> None:
    """Raise an InputError if a folder contains a run that is not from this demonstration, of any length."""
    from evenhand.learning.run_folder import read_config

    if not (folder / "config.json").exists():
        return
    if dataclasses.replace(read_config(folder), steps=config.steps) != config:
        raise InputError(f"--out: {folder} holds another run; choose another folder")


def _train(config: Config, folder: Path) -> Run:
    from evenhand.cli.train import ProgressLine
    from evenhand.learning.training import train
    from evenhand.tables.exclusive import exclusive

    if (folder / "config.json").exists():
        with exclusive(folder):
            shutil.rmtree(folder)
    bound = "Without a bound" if config.method == "none" else f"With a Jain index of at least {config.tau:g}"
    _say(f"{bound}:")
    with closing(ProgressLine(show=True)) as line:
        run = train(config, folder=folder, progress=line)
    if not run.finished:
        raise KeyboardInterrupt
    return run


def _record(name: str, run: Run, lottery: Lottery) -> TeamRecord:
    """Evaluate a team under a lottery; the recorded episode is played under the larger of its multipliers."""
    from evenhand.learning.evaluation import evaluate
    from evenhand.learning.watching import watch
    from evenhand.report.teams import TeamRecord

    record = evaluate(run.learner, run.parameters, episodes=_EPISODES, seed=_SEED, multiplier=lottery)
    episode = watch(run, multiplier=lottery.high)
    force = lottery.high if run.learner.conditioned else None
    return TeamRecord(name, run, record, episode, force)


def _least(planner: TradeOff, record: TeamRecord) -> str:
    from evenhand.report.teams.records import least_steps

    least = least_steps(planner, record.evaluation)
    return "–" if least is None else f"{least:.2f}"


def _story(first: TeamRecord, last: TeamRecord) -> str:
    agent, before = first.busiest
    after = last.evaluation
    said = (
        f"Unconstrained, {agent} does {before:.0%} of the work; under the bound {last.part_of(agent):.0%}, for "
        f"{after.episode_steps.value - first.evaluation.episode_steps.value:.1f} steps more. 'least' is the smallest "
        "number of steps with which plans reach that index, by exact search."
    )
    return said + (" The bound is not met." if after.constraint_unmet else "")


def _say(words: str) -> None:
    from evenhand.cli.show import console

    console().print(words)
