"""The engine that runs trials on a Ray cluster, each behind a guard on a machine with a free core."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from evenhand.errors import InputError, MissingExtraError
from evenhand.sweeps.attempt import Terms, attempt
from evenhand.sweeps.machine import describe
from evenhand.sweeps.trial import Outcome, Trial
from evenhand.version import __version__

PATIENCE = 10.0
"""Time to wait for a connection to the cluster, in seconds."""


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
        ray = _ray()
        ours = not ray.is_initialized()
        if ours:
            _connect(ray)
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
                ray.cancel(
                    reference, force=True
                )  # kills Ray's worker; the guard's standard input ends, so it kills the trial
            if ours:
                ray.shutdown()


def _ray() -> Any:
    try:
        import ray
    except ImportError:
        raise MissingExtraError("ray", "distributed") from None
    return ray


def _connect(ray: Any) -> None:
    address = os.environ.get("RAY_ADDRESS", "")
    host, colon, port = address.rpartition("//")[2].rpartition(":")
    if colon and port.isdigit():
        # Test the address first, because Ray would keep trying for minutes.
        try:
            socket.create_connection((host, int(port)), PATIENCE).close()
        except OSError as error:
            raise InputError(
                f"Ray cannot be reached: there is no answer from RAY_ADDRESS {address!r} ({error})"
            ) from error
    try:
        ray.init(log_to_driver=False, logging_level="ERROR")
    except Exception as error:  # no such cluster, or one with another version of Python or Ray
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(f"Ray cannot be reached: {lines[0]}") from error


def _outcome(ray: Any, reference: Any, trial: Trial) -> Outcome:
    try:
        outcome: Outcome = ray.get(reference)
    except ray.exceptions.RayError as error:  # the machine died, or evenhand is not installed there
        trace = f"Ray lost the trial: {error}"
        return Outcome(trial, "failed", {}, trace, 0.0, 0.0, describe(), __version__)
    return outcome
