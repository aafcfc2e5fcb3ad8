"""Run trials, one to a core; outcomes stay on disk, so that an interrupted table goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import Progress

from benchmarks.learning.trial import Trial, run
from benchmarks.machine import commit
from evenhand.experiments import sweeps
from evenhand.learning.config import Config

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT = Path(__file__).parent.parent / "results" / "trials"
"""Where outcomes of single trials are kept; not committed."""


def run_all(trials: Mapping[str, Trial], kept: Path = KEPT) -> dict[str, dict[str, Any]]:
    """Run what has not been run yet; returns the results by the trials' names.

    Raises
    ------
    RuntimeError
        Where a trial failed, after all others have been run.
    """
    with Progress() as progress:
        bar = progress.add_task("trials", total=len(trials))

        def tell(state: sweeps.State) -> None:
            progress.update(bar, completed=state.done + state.failed, total=state.total)

        asked = [trial_of(trial) for trial in trials.values()]
        outcomes = sweeps.run_all(asked, kept, engine=sweeps.Local(pinned=True), progress=tell)
    told = dict(zip(trials, outcomes, strict=True))
    failed = [f"{name}: {outcome.trace}" for name, outcome in told.items() if outcome.status != "done"]
    if failed:
        raise RuntimeError("\n".join(failed))
    return {name: _with_machine(outcome) for name, outcome in told.items()}


def trial_of(trial: Trial) -> sweeps.Trial:
    """Return a trial as sweeps have it, told from others by everything that is asked, defaults included."""
    asked = trial.to_dict() | {"config": Config.from_dict(trial.config, "trial").to_dict()}
    return sweeps.Trial(f"{__name__}:train_and_judge", asked)


def train_and_judge(config: dict[str, Any]) -> dict[str, Any]:
    """Run one trial: the task."""
    return {"commit": commit(), **run(Trial(**config))}


def made(results: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return where and when the results were made: of the last one."""
    machine: dict[str, Any] = max((result["machine"] for result in results.values()), key=lambda one: one["date"])
    return machine


def _with_machine(outcome: sweeps.Outcome) -> dict[str, Any]:
    return {**outcome.result, "machine": outcome.machine | {"commit": outcome.result["commit"]}}
