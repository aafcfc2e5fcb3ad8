"""The engine of a Ray cluster: the same trials, each behind a guard on whatever machine has a core free."""

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
"""Seconds to wait for a cluster's answer."""


@dataclass(frozen=True)
class OnRay:
    """Runs trials on a Ray cluster.

    It is the one that ``RAY_ADDRESS`` names, else the one that ``ray start`` began on this machine, else one that is
    begun here for the time being. Each trial takes one core of it. evenhand, the same version, and modules of the
    user's own must be installed on its machines, or be in a folder that all of them see.
    """

    def run(
        self, trials: Sequence[Trial], terms: Terms, running: Callable[[int], None]
    ) -> Generator[Outcome, None, None]:
        """Yield outcomes as they come; see :class:`~evenhand.sweeps.run.Engine`."""
        ray = _ray()
        ours = not ray.is_initialized()
        if ours:
            _connect(ray)
        # A trial that takes its machine down with it would do so again: it is named, and run by the next call.
        remote = ray.remote(attempt).options(num_cpus=1, max_retries=0)
        waiting = iter(trials)
        pending: dict[Any, Trial] = {}
        try:
            while True:
                # All at once, unless there is a limit: a cluster grows by what waits.
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
                ray.cancel(reference, force=True)  # kills Ray's worker; the guard notices, and kills the trial
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
        # Ray itself tries for minutes.
        try:
            socket.create_connection((host, int(port)), PATIENCE).close()
        except OSError as error:
            raise InputError(
                f"Ray cannot be reached: RAY_ADDRESS is {address!r}, and nobody answers ({error})"
            ) from error
    try:
        ray.init(log_to_driver=False, logging_level="ERROR")
    except Exception as error:  # no such cluster, or one of another version of Python or Ray
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(f"Ray cannot be reached: {lines[0]}") from error


def _outcome(ray: Any, reference: Any, trial: Trial) -> Outcome:
    try:
        outcome: Outcome = ray.get(reference)
    except ray.exceptions.RayError as error:  # the machine died, or has no evenhand
        trace = f"Ray lost the trial: {error}"
        return Outcome(trial, "failed", {}, trace, 0.0, 0.0, describe(), __version__)
    return outcome
