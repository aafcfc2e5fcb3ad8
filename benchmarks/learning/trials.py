"""Run trials in processes of their own, one to a core; results stay on disk, so that an interrupted table goes on."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import Progress

from benchmarks.machine import describe
from evenhand.learning.config import Config
from evenhand.tables.write import write_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.learning.trial import Trial

ROOT = Path(__file__).parent.parent.parent
KEPT = ROOT / "benchmarks" / "results" / "trials"
"""Where results of single trials are kept; not committed."""
COMPILED = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.3"}
"""Seeds of one configuration share their compiled programs, so most of them spend no time on compiling."""


@dataclass(frozen=True)
class Failure:
    """A trial that did not end well, with the last lines it printed."""

    trace: str


def run_all(trials: Mapping[str, Trial], kept: Path = KEPT) -> dict[str, dict[str, Any]]:
    """Run what has not been run yet; returns the results by the trials' names.

    Raises
    ------
    RuntimeError
        Where a trial failed, after all others have been run.
    """
    kept.mkdir(parents=True, exist_ok=True)
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name, trial in trials.items():
        if not file_of(trial, kept).exists():
            waiting.put(name)
    failures: dict[str, Failure] = {}
    with Progress() as progress:
        bar = progress.add_task("trials", total=len(trials), completed=len(trials) - waiting.qsize())

        def work(core: int) -> None:
            while True:
                try:
                    name = waiting.get_nowait()
                except queue.Empty:
                    return
                outcome = _run(trials[name], core)
                if isinstance(outcome, Failure):
                    failures[name] = outcome
                    progress.console.print(f"{name} failed: {outcome.trace.splitlines()[-1]}")
                else:
                    asked = {"name": name, "machine": describe("jax", "flax", "optax"), "trial": trials[name].to_dict()}
                    write_json(file_of(trials[name], kept), {**asked, **outcome})
                progress.advance(bar)

        threads = [threading.Thread(target=work, args=(core,)) for core in sorted(os.sched_getaffinity(0))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failures:
        raise RuntimeError("\n".join(f"{name}: {failure.trace}" for name, failure in failures.items()))
    return {name: json.loads(file_of(trial, kept).read_text("utf-8")) for name, trial in trials.items()}


def file_of(trial: Trial, kept: Path = KEPT) -> Path:
    """Return where a trial's result is kept: by everything that was asked, defaults included."""
    asked = trial.to_dict() | {"config": Config.from_dict(trial.config, "trial").to_dict()}
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:20]
    return kept / f"{digest}.json"


def made(results: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return where and when the results were made: of the last one."""
    machine: dict[str, Any] = max((result["machine"] for result in results.values()), key=lambda one: one["date"])
    return machine


def _run(trial: Trial, core: int) -> dict[str, Any] | Failure:
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.learning.trial"],
        input=json.dumps(trial.to_dict()),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | COMPILED | {"JAX_COMPILATION_CACHE_DIR": str(KEPT / "compiled")},
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    if ended.returncode != 0:
        return Failure(ended.stderr[-2000:] or f"exit code {ended.returncode}")
    return json.loads(ended.stdout.splitlines()[-1])
