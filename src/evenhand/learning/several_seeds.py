"""Several runs that differ by their seed only, trained one after the other and evaluated together.

They are kept in one folder, as ``seed-0``, ``seed-1`` and so on.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from evenhand.errors import InputError
from evenhand.learning.allowed_ranges import SIZE, check
from evenhand.learning.build import learner_of
from evenhand.learning.cloning import Clone, as_clone, refuse_uncloned, scripted_policy
from evenhand.learning.config import Config
from evenhand.learning.record import Record, Terms, record_of
from evenhand.learning.run_folder import SEED_FOLDER, differ_by_seed_only, prepare, read_config, refuse_taken, seeds_in
from evenhand.learning.training import Run, load, load_beside, train
from evenhand.learning.training_progress import Progress, StageProgress
from evenhand.statistics import Estimate, stratified_bootstrap
from evenhand.tables.exclusive import exclusive

Report = Callable[[int, Progress], None]

METRICS = (
    "success",
    "episode_steps",
    "reward",
    "jain",
    "jain_given_success",
    "idle_episodes",
    "potential",
    "jain_satisfied",
    "windows_satisfied",
    "windows_strictly_satisfied",
    "cv",
    "gini",
    "multiplier",
)
"""Metrics that are aggregated over seeds; attributes of an evaluation."""


@dataclass(frozen=True)
class Several:
    """The evaluations of several seeds.

    Attributes
    ----------
    records
        One record per seed.
    together
        For each of METRICS, the interquartile mean over the seeds in which it was measured, with a percentile bootstrap
        interval that resamples seeds. There is no interval if it was measured in one seed only.
    """

    records: tuple[Record, ...]
    together: Mapping[str, Estimate]

    def __repr__(self) -> str:
        return f"Several({len(self)} seeds, success {self.together['success']}, Jain {self.together['jain']})"

    def __len__(self) -> int:
        return len(self.records)

    @property
    def met(self) -> int:
        """Number of seeds that meet the constraint."""
        return sum(not record.evaluation.constraint_unmet for record in self.records)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values: ``seeds``, a list of records each with its ``seed``, and the aggregates ``together``."""
        return {
            "seeds": [{"seed": record.seed, **record.to_dict()} for record in self.records],
            "together": {name: estimate.to_dict() for name, estimate in self.together.items()},
        }


def train_several(
    config: Config,
    *,
    seeds: int,
    folder: str | Path,
    clone: Clone | str | None = None,
    progress: Report | None = None,
    env: Any = None,
) -> tuple[Run, ...]:
    """Train runs with consecutive seeds, beginning with the configuration's.

    Parameters
    ----------
    config
        The configuration of the first run.
    seeds
        Number of seeds.
    folder
        Parent folder of the runs' folders.
    clone
        A scripted policy that each run starts from, by name or with the settings of cloning; each clones it anew.
    progress
        Called with the seed and a report, up to 100 times per seed.
    env
        A custom environment to train in instead of the configuration's hospital scenario.

    Returns
    -------
    tuple of Run
        The runs. After Ctrl-C the last one is unfinished, and :func:`resume_several` continues.

    Raises
    ------
    InputError, TrainingError
        As :func:`evenhand.learning.train`; and if `folder` holds seeds already.
    """
    seeds = check("seeds", seeds, SIZE)
    asked = [dataclasses.replace(config, seed=seed) for seed in range(config.seed, config.seed + seeds)]
    lesson = None if clone is None else as_clone(clone)
    learner = learner_of(config, env)  # Raises for what cannot be trained, before anything is written.
    if lesson is not None:
        if callable(lesson.policy):
            raise InputError("several seeds are started from a scripted policy by name, which their folders can hold")
        refuse_uncloned(learner)
        scripted_policy(learner.team.env, lesson)
    home = Path(folder)
    with exclusive(home):
        refuse_taken(home)
        for one in asked:
            prepare(home / f"{SEED_FOLDER}{one.seed}", one, resume=False, env=env, clone=lesson)
        return _go_on(home, progress, env)


def resume_several(
    folder: str | Path, *, steps: int | None = None, progress: Report | None = None, env: Any = None
) -> tuple[Run, ...]:
    """Continue the unfinished runs of a folder.

    Parameters
    ----------
    folder
        The folder that was given to :func:`train_several`.
    steps
        New number of steps of every run, at least the present one; None to leave it as it is.
    progress, env
        As in :func:`train_several`.

    Raises
    ------
    InputError, TrainingError
        As :func:`evenhand.learning.train`; and if the folder holds no seeds.
    """
    _some(Path(folder))
    with exclusive(Path(folder)):
        return _go_on(Path(folder), progress, env, steps)


def _go_on(folder: Path, progress: Report | None, env: Any, steps: int | None = None) -> tuple[Run, ...]:
    runs: list[Run] = []
    for home in _some(folder):
        config = read_config(home)
        if steps is not None:
            config = dataclasses.replace(config, steps=steps)
        report = None if progress is None else partial(progress, config.seed)
        runs.append(train(config, folder=home, resume=True, progress=report, env=env))
        if not runs[-1].finished:
            break
    return tuple(runs)


def load_several(folder: str | Path, env: Any = None) -> tuple[Run, ...]:
    """Load the runs of a folder, each in the state of its latest checkpoint.

    Raises
    ------
    InputError
        If there are none, if one has no checkpoint yet, or if they differ by more than their seed.
    CheckpointError
        If a checkpoint is damaged.
    """
    first, *others = _some(Path(folder))
    run = load(first, env)
    return (run, *(load_beside(other, run) for other in others))


def evaluate_several(runs: Sequence[Run], terms: Terms | None = None, progress: StageProgress | None = None) -> Several:
    """Evaluate the teams of several runs, each under the multipliers with which it meets the threshold.

    Parameters
    ----------
    runs
        The runs, at least one; they may differ by their seed only.
    terms
        Settings of the evaluation, the same for all runs.
    progress
        As in :func:`~evenhand.learning.record.record_of`.

    Raises
    ------
    InputError
        If there are no runs, or if they differ by more than their seed.
    """
    if not runs:
        raise InputError("there are no runs to evaluate; give at least one")
    for run in runs:
        if not differ_by_seed_only(run.config, runs[0].config):
            raise InputError(f"the runs of the seeds {runs[0].config.seed} and {run.config.seed} differ by more")
    # All runs share one learner, so that playing is compiled once.
    records = tuple(record_of(dataclasses.replace(run, learner=runs[0].learner), terms, progress) for run in runs)
    together = {name: _together([getattr(record.evaluation, name).value for record in records]) for name in METRICS}
    return Several(records, together)


def _some(folder: Path) -> list[Path]:
    found = seeds_in(folder)
    if not found:
        raise InputError(f"{folder}: no runs of several seeds here ({SEED_FOLDER}0 and so on)")
    return found


def _together(values: Sequence[float]) -> Estimate:
    measured = [value for value in values if math.isfinite(value)]
    if len(measured) < 2:
        return Estimate(measured[0] if measured else math.nan, math.nan, math.nan)
    return stratified_bootstrap(measured)
