"""The engine that runs trials on a Ray cluster, each behind a guard on a machine with a free core."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from evenhand import ray_cluster
from evenhand.sweeps.attempt import Terms, attempt
from evenhand.sweeps.machine import describe
from evenhand.sweeps.trial import Outcome, Trial
from evenhand.version import __version__


@dataclass(frozen=True)
class OnRay:
    """Runs trials on a Ray cluster.

    The cluster is the one at ``RAY_ADDRESS``, else the one that ``ray start`` started on this machine, else a temporary
    one. Each trial takes one core. The machines must have the same version of evenhand, and the user's modules,
    installed or in a shared folder.
    """

    def run(
        self, trials: Sequence[Trial], terms: Terms, running: Callable[[int], None]
    ) -> Generator[Outcome, None, None]:
        """Yield outcomes as trials end; see :class:`~evenhand.sweeps.run.Engine`."""
        with ray_cluster.connected() as ray:
            yield from _run(ray, trials, terms, running)


def _run(
    ray: Any, trials: Sequence[Trial], terms: Terms, running: Callable[[int], None]
) -> Generator[Outcome, None, None]:
    # No retries, because a trial that brought its machine down would do it again. The next call runs it.
    remote = ray.remote(attempt).options(num_cpus=1, max_retries=0)
    waiting = iter(trials)
    pending: dict[Any, Trial] = {}
    try:
        while True:
            # Without a limit, all trials are submitted at once, because autoscaling reacts to waiting tasks.
            room = len(trials) if terms.workers is None else terms.workers - len(pending)
            pending |= {remote.remote(trial, terms): trial for trial in itertools.islice(waiting, room)}
            running(min(len(pending), int(ray.cluster_resources().get("CPU", 0))))
            if not pending:
                return
            ready, _ = ray.wait(list(pending), num_returns=1)
            for reference in ready:
                yield _outcome(ray, reference, pending.pop(reference))
    finally:
        for reference in pending:
            # This kills Ray's worker; the guard's standard input ends, so it kills the trial.
            ray.cancel(reference, force=True)


def _outcome(ray: Any, reference: Any, trial: Trial) -> Outcome:
    try:
        outcome: Outcome = ray.get(reference)
    except ray.exceptions.RayError as error:  # the machine died, or evenhand is not installed there
        trace = f"Ray lost the trial: {error}"
        return Outcome(trial, "failed", {}, trace, 0.0, 0.0, describe(), __version__)
    return outcome
