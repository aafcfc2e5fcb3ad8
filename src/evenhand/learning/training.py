"""Train a team from a configuration, and load a trained one."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import jax
import numpy as np

from evenhand.errors import InputError
from evenhand.learning import checkpoint
from evenhand.learning.build import beyond_reach, iterations_of, learner_of
from evenhand.learning.cloning import Clone, Scripted, as_clone, cloned, refuse_uncloned, scripted_policy
from evenhand.learning.config import Config
from evenhand.learning.disturbance import inner
from evenhand.learning.entity_team import EntityTeam
from evenhand.learning.failure import TrainingError, enough_memory
from evenhand.learning.host.environment import FromPettingZoo
from evenhand.learning.host.error import HostError
from evenhand.learning.host.rollout import HostTraining
from evenhand.learning.interruption import Interruption
from evenhand.learning.logs import Logs
from evenhand.learning.metrics import Metrics
from evenhand.learning.run import Run as Run
from evenhand.learning.run_folder import (
    Keeper,
    clone_of,
    differ_by_seed_only,
    own_environment,
    owner_of,
    prepare,
    read_config,
    refuse_own_environment,
)
from evenhand.learning.signals import in_words
from evenhand.learning.training_progress import Progress
from evenhand.tables.exclusive import exclusive

logger = logging.getLogger(__name__)

REPORTS = 100
"""Largest number of progress reports per run; training can be interrupted after each."""


def train(
    config: Config,
    *,
    folder: str | Path | None = None,
    resume: bool = False,
    start: str | Path | None = None,
    clone: Clone | str | Scripted | None = None,
    progress: Callable[[Progress], None] | None = None,
    env: Any = None,
) -> Run:
    """Train a team.

    Parameters
    ----------
    config
        The configuration of the run.
    folder
        Folder for the configuration, logs and checkpoints; None to keep everything in memory. While training runs, the
        folder is locked against other processes.
    resume
        Continue from the latest checkpoint in `folder`. The result is bit for bit the same as without the break. If
        `config` has more steps than the run had, it is trained for longer, and schedules that span the run (learning
        rate, exploration, entropy) are those of the longer run.
    start
        Folder of another run whose parameters training starts from. The optimiser and the controller start afresh. The
        learner and the networks' sizes must be the same, and with the network ``flat`` the environment's, too.
    clone
        A scripted policy that training starts from: a name that the environment knows, such as the hospital's
        ``"greedy"``, a function from the state of one episode to an action for each agent, or a
        :class:`~evenhand.learning.cloning.Clone`, which has the settings of cloning. Only for ``ippo`` and ``mappo``.
    progress
        Called with a report up to 100 times during the run.
    env
        A custom environment to train in instead of the configuration's hospital scenario: one that JAX can compile
        (:class:`~evenhand.learning.environment.Environment`), a function that makes a PettingZoo environment, or a
        :class:`~evenhand.learning.FromPettingZoo`.

    Returns
    -------
    Run
        The trained team. After Ctrl-C (or SIGTERM, if the program turns it into KeyboardInterrupt) training ends early:
        the run is returned as far as it got and, with a folder, saved.

    Raises
    ------
    InputError
        If the folder holds a run already, cannot be written, or another process trains in it, or if the parameters of
        `start` do not fit.
    TrainingError
        If the environment returns an invalid reward, observation, mask or workload (the message says which, for which
        agent and at which step), if the loss or a parameter is no longer finite, or if memory runs out. The last
        good state is kept as a checkpoint.
    """
    if resume and folder is None:
        raise InputError("resume needs the folder of the run that is to go on")
    if resume and start is not None:
        raise InputError("a run that is resumed goes on from its own parameters; leave out start")
    if start is not None and clone is not None:
        raise InputError("start and clone both say what parameters training begins with; leave out one of them")
    lesson = None if clone is None else as_clone(clone)
    began = time.monotonic()
    with Interruption() as ctrl_c, enough_memory():
        if resume and folder is not None:
            read_config(Path(folder))  # says that there is no run, before anything is made
            if env is None:
                refuse_own_environment(Path(folder))
        learner = learner_of(config, env, iterations=math.prod(_chunks(config)))
        world = learner.team.env
        beyond = beyond_reach(config, world)
        if beyond is not None:
            logger.warning("%s", beyond)
        first = learner.init(config.seed)
        if start is not None:
            first = _started(first, start, learner, env)
        if lesson is not None:
            refuse_uncloned(learner)
            scripted_policy(world, lesson)
        if folder is None:
            if lesson is not None:
                first = cloned(first, learner, lesson, config.seed)
            return _train(config, learner, first, 0, None, progress, ctrl_c, began)
        with exclusive(Path(folder)):
            own = None if env is None else world
            home = prepare(Path(folder), config, resume=resume, env=own, start=start, clone=lesson)
            owner = owner_of(config, world)
            done = 0
            # A run that was killed before its first checkpoint starts over.
            if resume and checkpoint.saved(home):
                first, done = checkpoint.restore(checkpoint.latest(home), first, owner)
            elif (lesson := lesson or clone_of(home)) is not None:
                first = cloned(first, learner, lesson, config.seed)
                checkpoint.save(home, first, 0, owner)
            elif start is not None:
                checkpoint.save(home, first, 0, owner)
            return _train(config, learner, first, done, home, progress, ctrl_c, began)


def _train(
    config: Config,
    learner: Any,
    training: Any,
    done: int,
    home: Path | None,
    progress: Callable[[Progress], None] | None,
    ctrl_c: Interruption,
    began: float,
) -> Run:
    """Run the iterations that remain after the first `done`."""
    chunk, chunks = _chunks(config)
    total = chunk * chunks
    host = HostTraining(learner) if isinstance(learner.team.env, FromPettingZoo) else None
    advance = _advance(learner) if host is None else host.advance
    logs = None if home is None else Logs(home, done * learner.steps_per_iteration)
    keeper = Keeper(home, owner_of(config, learner.team.env), done)
    reports: list[Progress] = []
    try:
        while done < total:
            ctrl_c.check()
            # The first chunk after a resumption ends at the next multiple of `chunk`. A run that has been extended
            # since had shorter chunks, so its checkpoint may lie between two multiples.
            length = chunk - done % chunk
            after, metrics = advance(training, length)
            report = _report(metrics, learner, total, done + length, length, began, reports)
            lost = _nonsense(metrics, learner, done)
            if lost is None and not (np.isfinite(report.loss) and _finite(after.parameters)):
                lost = f"the loss or a parameter is no longer a number before step {report.steps:,}"
            if lost is not None:
                keeper.save(training, done)
                raise TrainingError(f"{lost}; {_last_good(home)}")
            training, done = after, done + length
            reports.append(report)
            if logs is not None:
                logs.write(report)
            if progress is not None:
                progress(report)
            keeper.save_now_and_then(training, done)
    except KeyboardInterrupt:
        pass
    except HostError as error:
        keeper.save(training, done)
        raise TrainingError(f"{error}; {_last_good(home)}") from error
    finally:
        if host is not None:
            host.close()
        if logs is not None:
            logs.close()
    keeper.save(training, done)
    return Run(config, learner, training, tuple(reports), done >= total, time.monotonic() - began, home)


@lru_cache(maxsize=4)
def _advance(learner: Any) -> Callable[[Any, int], tuple[Any, Metrics]]:
    """Return the compiled loop over a number of iterations; it is kept for the next run of the same learner."""
    return jax.jit(
        lambda state, length: jax.lax.scan(lambda s, _: learner.iterate(s), state, None, length=length),
        static_argnums=1,
    )


def load(folder: str | Path, env: Any = None) -> Run:
    """Load a run from its folder, in the state of its latest checkpoint.

    Parameters
    ----------
    folder
        The folder that was given to :func:`train`.
    env
        The custom environment, if the run was trained in one.

    Raises
    ------
    InputError
        If there is no run or no checkpoint, or if the run was trained in a custom environment and `env` is missing.
    CheckpointError
        If the checkpoint is damaged or does not fit.
    """
    home = Path(folder)
    config = read_config(home)
    if env is None:
        refuse_own_environment(home)
    chunk, chunks = _chunks(config)
    learner = learner_of(config, env, iterations=chunk * chunks)
    return _restored(home, config, learner, learner.blank())


def load_beside(folder: str | Path, other: Run) -> Run:
    """Load a run that differs from a loaded one by its seed only.

    Both share one learner, so that its compiled functions are reused.

    Raises
    ------
    InputError
        If there is no run, or if it differs by more than its seed.
    CheckpointError
        If the checkpoint is damaged.
    """
    home = Path(folder)
    config = read_config(home)
    if not differ_by_seed_only(config, other.config):
        raise InputError(f"{home}: differs from {other.folder} by more than its seed")
    return _restored(home, config, other.learner, other.training)


def _restored(home: Path, config: Config, learner: Any, like: Any) -> Run:
    owner = owner_of(config, learner.team.env)
    training, done = checkpoint.restore(checkpoint.latest(home), like, owner)
    return Run(config, learner, training, (), done >= learner.iterations, 0.0, home)


def _chunks(config: Config) -> tuple[int, int]:
    """Return the number of iterations between two reports, and the number of reports."""
    iterations = iterations_of(config)
    chunk = -(-iterations // REPORTS)
    return chunk, -(-iterations // chunk)


def _report(
    metrics: Metrics, learner: Any, iterations: int, done: int, length: int, began: float, before: list[Progress]
) -> Progress:
    sums = {
        name: float(np.asarray(value, np.float64).sum()) for name, value in metrics._asdict().items() if name != "fault"
    }
    seconds = time.monotonic() - began
    steps, total = done * learner.steps_per_iteration, iterations * learner.steps_per_iteration
    # The time of the first report includes compilation, so the speed is measured from the first report on.
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
        jain_at_multiplier=_mean(sums["controlled_fairness"], sums["controlled"]),
        multiplier=float(np.asarray(metrics.multiplier)[-1]),
        loss=sums["loss"] / length,
        exploration=float(np.asarray(metrics.exploration)[-1]),
    )


def _nonsense(metrics: Metrics, learner: Any, done: int) -> str | None:
    """Return a sentence on the environment's first invalid signal in the iterations after the first `done`, or None."""
    places = np.asarray(metrics.fault.place)
    bad = np.flatnonzero(places >= 0)
    if not bad.size:
        return None
    first = jax.tree.map(lambda values: np.asarray(values)[bad[0]], metrics.fault)
    sizes, team = learner.settings, learner.team
    said = in_words(first, (sizes.num_steps, sizes.num_envs, team.env.n_agents))
    return f"{type(inner(team.env)).__name__}: {said} (iteration {done + bad[0] + 1})"


def _started(training: Any, start: str | Path, learner: Any, env: Any) -> Any:
    """Return a learner's initial state with the parameters of another run."""
    home = Path(start)
    read_config(home)
    there = load(home, env if own_environment(home) else None)
    other = there.parameters
    if isinstance(learner.team, EntityTeam):
        here, known = (getattr(one.team.env, "entity_names", None) for one in (learner, there.learner))
        if here != known:
            raise InputError(
                f"{start}: its network knows entities of other kinds: {_listed(known)} there and {_listed(here)} here"
            )
    ours, theirs = (
        {jax.tree_util.keystr(path): np.shape(leaf) for path, leaf in jax.tree_util.tree_leaves_with_path(tree)}
        for tree in (training.parameters, other)
    )
    for name in {**ours, **theirs}:
        if ours.get(name) != theirs.get(name):
            raise InputError(
                f"{start}: its parameters do not fit this run: {name} is {theirs.get(name, 'missing')} there and "
                f"{ours.get(name, 'missing')} here; learner, network, hidden_size and num_layers must be the same, and "
                "the sizes of the environment unless the network is 'entity'"
            )
    begun = training._replace(parameters=other)
    return begun._replace(target=jax.tree.map(np.copy, other)) if hasattr(begun, "target") else begun


def _listed(names: Any) -> str:
    return "unnamed" if names is None else ", ".join(names)


def _mean(total: float, count: float) -> float | None:
    return total / count if count else None


def _finite(parameters: Any) -> bool:
    return all(bool(np.isfinite(part).all()) for part in jax.tree.leaves(parameters))


def _last_good(home: Path | None) -> str:
    kept = checkpoint.saved(home) if home is not None else []
    return f"the last good checkpoint is {kept[-1]}" if kept else "no checkpoint was written yet"
