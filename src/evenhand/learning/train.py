"""Train: one call from a configuration to a run."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from evenhand.errors import InputError
from evenhand.learning import checkpoint
from evenhand.learning.build import environment_of, iterations_of, learner_of
from evenhand.learning.failure import TrainingError, enough_memory
from evenhand.learning.folder import Keeper, differ_by_seed_only, owner_of, prepare, read_config
from evenhand.learning.interruption import Interruption
from evenhand.learning.logs import Logs
from evenhand.tables.exclusive import exclusive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evenhand.learning.config import Config
    from evenhand.learning.metrics import Metrics

REPORTS = 100
"""Reports of a run, evenly spaced; after each, training can be interrupted."""


@dataclass(frozen=True)
class Progress:
    """A report of training.

    Attributes
    ----------
    steps, total_steps
        Environment steps so far, and of the whole run.
    seconds, steps_per_second, seconds_left
        Since this process began; speed, learning included; None before it can be told.
    success, jain, episode_steps
        Means over the episodes that ended since the last report (exploration included): None where none did.
    controlled_jain
        Jain's index of those under the controller's multiplier.
    multiplier
        The controller's.
    loss, exploration
        Of the learner.
    """

    steps: int
    total_steps: int
    seconds: float
    steps_per_second: float | None
    seconds_left: float | None
    success: float | None
    jain: float | None
    episode_steps: float | None
    controlled_jain: float | None
    multiplier: float
    loss: float
    exploration: float

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, eq=False)
class Run:
    """A trained team.

    Attributes
    ----------
    config
        What was asked.
    learner
        Chooses actions with the parameters.
    training
        The learner's state after the last iteration.
    reports
        What was reported on the way, by this process.
    finished
        Whether all steps were done; False after Ctrl-C.
    seconds
        Wall clock of this process, compilation included.
    folder
        Where it was written; None if nowhere.
    """

    config: Config
    learner: Any
    training: Any
    reports: tuple[Progress, ...]
    finished: bool
    seconds: float
    folder: Path | None

    @property
    def parameters(self) -> Any:
        """The networks' parameters."""
        return self.training.parameters

    @property
    def multiplier(self) -> float:
        """The controller's multiplier at the end."""
        return float(self.training.dual.multiplier)


def train(
    config: Config,
    *,
    folder: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
    env: Any = None,
) -> Run:
    """Train a team.

    Parameters
    ----------
    config
        What is asked.
    folder
        Where configuration, logs and checkpoints go; None to keep everything in memory.
    resume
        Go on from the latest checkpoint in `folder`; the result is the same, bit for bit, as without the break.
    progress
        Called with a report some hundred times.
    env
        An environment of one's own instead of the configuration's scenario.

    Returns
    -------
    Run
        Ctrl-C ends training early; what has been learned is returned and, with a folder, saved.

    Raises
    ------
    InputError
        If the folder holds a run already, another process trains in it, or it cannot be written.
    TrainingError
        If the loss or a parameter is no longer a number (what was learned before is kept as a checkpoint), or there
        is not enough memory.
    """
    if resume and folder is None:
        raise InputError("resume needs the folder of the run that is to go on")
    began = time.monotonic()
    with Interruption() as ctrl_c, enough_memory():
        env = environment_of(config) if env is None else env
        learner = learner_of(config, env, iterations=math.prod(_chunks(config)))
        with _home(folder, config, resume) as home:
            return _train(config, learner, home, resume, progress, ctrl_c, began)


@contextlib.contextmanager
def _home(folder: str | Path | None, config: Config, resume: bool) -> Iterator[Path | None]:
    """Keep the folder of a run for this process alone, prepared; None for none."""
    if folder is None:
        yield None
        return
    home = Path(folder)
    if resume:
        read_config(home)  # says that there is no run, before the lock makes a folder
    with exclusive(home):
        yield prepare(home, config, resume=resume)


def _train(
    config: Config,
    learner: Any,
    home: Path | None,
    resume: bool,
    progress: Callable[[Progress], None] | None,
    ctrl_c: Interruption,
    began: float,
) -> Run:
    env = learner.team.env
    chunk, chunks = _chunks(config)
    owner = owner_of(config, env)
    training, done = learner.init(config.seed), 0
    # A run that was killed before its first checkpoint begins again.
    if resume and home is not None and checkpoint.saved(home):
        training, done = checkpoint.restore(checkpoint.latest(home), training, owner)
    advance = jax.jit(lambda state: jax.lax.scan(lambda s, _: learner.iterate(s), state, None, length=chunk))
    logs = None if home is None else Logs(home, done * learner.steps_per_iteration)
    keeper = Keeper(home, owner, done)
    reports: list[Progress] = []
    try:
        for number in range(done // chunk, chunks):
            ctrl_c.check()
            after, metrics = advance(training)
            report = _report(metrics, learner, chunk * chunks, number + 1, chunk, began, reports)
            if not (np.isfinite(report.loss) and _finite(after.parameters)):
                keeper.save(training, done)
                raise TrainingError(_lost(report, home))
            training, done = after, (number + 1) * chunk
            reports.append(report)
            if logs is not None:
                logs.write(report)
            if progress is not None:
                progress(report)
            keeper.save_now_and_then(training, done)
    except KeyboardInterrupt:
        pass
    finally:
        if logs is not None:
            logs.close()
    keeper.save(training, done)
    return Run(config, learner, training, tuple(reports), done == chunk * chunks, time.monotonic() - began, home)


def load(folder: str | Path, env: Any = None) -> Run:
    """Return the run that a folder holds, as its latest checkpoint left it.

    Raises
    ------
    InputError
        If there is none.
    CheckpointError
        If it is damaged.
    """
    home = Path(folder)
    config = read_config(home)
    env = environment_of(config) if env is None else env
    chunk, chunks = _chunks(config)
    learner = learner_of(config, env, iterations=chunk * chunks)
    return _restored(home, config, learner, learner.init(config.seed))


def load_beside(folder: str | Path, other: Run) -> Run:
    """Return the run that a folder holds, as :func:`load`, where it differs from another by its seed only.

    The other's learner serves both, so that nothing is compiled again.

    Raises
    ------
    InputError
        If there is none, or it differs by more.
    CheckpointError
        If it is damaged.
    """
    home = Path(folder)
    config = read_config(home)
    if not differ_by_seed_only(config, other.config):
        raise InputError(f"{home}: differs from {other.folder} by more than its seed")
    return _restored(home, config, other.learner, other.training)


def _restored(home: Path, config: Config, learner: Any, like: Any) -> Run:
    owner = owner_of(config, learner.team.env)
    training, done = checkpoint.restore(checkpoint.latest(home), like, owner)
    return Run(config, learner, training, (), done == learner.iterations, 0.0, home)


def _chunks(config: Config) -> tuple[int, int]:
    """Return the iterations from one report to the next, and the number of reports."""
    iterations = iterations_of(config)
    chunk = -(-iterations // REPORTS)
    return chunk, -(-iterations // chunk)


def _report(
    metrics: Metrics, learner: Any, iterations: int, number: int, chunk: int, began: float, before: list[Progress]
) -> Progress:
    sums = {name: float(np.asarray(value, np.float64).sum()) for name, value in metrics._asdict().items()}
    seconds = time.monotonic() - began
    steps, total = number * chunk * learner.steps_per_iteration, iterations * learner.steps_per_iteration
    # The first report pays for compilation; speed is told from then on.
    speed = (steps - before[0].steps) / (seconds - before[0].seconds) if before else None
    return Progress(
        steps=steps,
        total_steps=total,
        seconds=seconds,
        steps_per_second=speed,
        seconds_left=(total - steps) / speed if speed else None,
        success=_mean(sums["success"], sums["episodes"]),
        jain=_mean(sums["fairness"], sums["episodes"]),
        episode_steps=_mean(sums["steps"], sums["episodes"]),
        controlled_jain=_mean(sums["controlled_fairness"], sums["controlled"]),
        multiplier=float(np.asarray(metrics.multiplier)[-1]),
        loss=sums["loss"] / chunk,
        exploration=float(np.asarray(metrics.exploration)[-1]),
    )


def _mean(total: float, count: float) -> float | None:
    return total / count if count else None


def _finite(parameters: Any) -> bool:
    return all(bool(np.isfinite(part).all()) for part in jax.tree.leaves(parameters))


def _lost(report: Progress, home: Path | None) -> str:
    kept = checkpoint.saved(home) if home is not None else []
    where = f"the last good checkpoint is {kept[-1]}" if kept else "no checkpoint was written yet"
    return f"the loss or a parameter is no longer a number before step {report.steps:,}; {where}"
