"""Run the trials of the tables, one per core; results are kept on disk, so that an interrupted table can continue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from reproductions.fair_gne.asked import Asked as Trial
from rich.progress import Progress

from evenhand.sweeps import Local, Trial as Asked, run_all as sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evenhand.sweeps import State

__all__ = ["KEPT", "TASK", "Trial", "made", "run_all"]

KEPT = Path(__file__).parent.parent / "results"
"""Results of single trials are kept in ``trials`` below it; not committed."""
TASK = "reproductions.fair_gne.trial:run"


def run_all(trials: Mapping[str, Trial], kept: Path = KEPT) -> dict[str, dict[str, Any]]:
    """Run what has not been run yet; returns the results by the trials' names.

    Raises
    ------
    RuntimeError
        Where a trial failed, after all others have been run.
    """
    asked = [Asked(TASK, trial.to_dict()) for trial in trials.values()]
    with Progress() as progress:
        bar = progress.add_task("trials", total=None)

        def tell(state: State) -> None:
            progress.update(bar, total=state.total, completed=state.done + state.failed)

        outcomes = sweep(asked, kept, engine=Local(pinned=True), progress=tell)
    named = dict(zip(trials, outcomes, strict=True))
    failures = [f"{name}: {outcome.trace}" for name, outcome in named.items() if outcome.status != "done"]
    if failures:
        raise RuntimeError("\n".join(failures))
    return {name: {"machine": outcome.machine, **outcome.result} for name, outcome in named.items()}


def made(results: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return where and when the results were made: of the last one."""
    machine: dict[str, Any] = max((result["machine"] for result in results.values()), key=lambda one: one["date"])
    return machine
