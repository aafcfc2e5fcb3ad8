"""The engine that works on shards on the machines of a Ray cluster: each is read by a worker, from the worker's disk.

Only the work (a source, which says where the shards are, and n prices) and the results travel. A shard goes to the same
machine in every pass, where its file is still in memory, unless another machine has nothing left to do. If a worker is
lost, Ray runs its shard again; as results are handed out in the order of the shards, nothing else changes.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from evenhand import ray_cluster
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.shards.engine import PAUSE, Found
from evenhand.errors import InputError
from evenhand.version import __version__

RETRIES = 3
"""Upper limit on how often a shard is begun again after its worker or its machine was lost."""

IN_FLIGHT = 2
"""Shards handed out per core at a time: one that is worked on, and one that waits, so that no core does."""

AHEAD = 4
"""Upper limit on the shards handed out whose results are not fetched, as a multiple of those in flight: a slow shard
holds back the results after it, which take memory."""

SILENCE = 5.0
"""Time without any result after which the engine looks whether a machine is left, in seconds."""


class RayEngine:
    """Works on shards on a Ray cluster, one core for each; it connects when it is first used.

    The machines need the same version of evenhand, and the shards under the same names: in a folder that all of them
    can read, or copied.

    Parameters
    ----------
    address
        As in :func:`~evenhand.ray_cluster.connected`.

    Raises
    ------
    MissingExtraError
        When it is first used, if Ray is not installed.
    InputError
        When it is first used, if the cluster cannot be reached.
    """

    def __init__(self, address: str | None = None) -> None:
        self._address = address
        self._opened = contextlib.ExitStack()
        self._ray: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the cluster; a temporary one ends."""
        self._ray = None
        self._opened.close()

    def map(self, work: Callable[[int], Found], shards: Sequence[int], clock: Clock | None = None) -> Iterator[Found]:
        """Yield the results of `work` in the order of `shards`; see :class:`~evenhand.assignment.shards.engine.Engine`.

        Raises
        ------
        InputError
            If `work` raises one, if a shard loses its worker too often, or if no machine with a core is left.
        """
        if self._ray is None:
            self._ray = self._opened.enter_context(ray_cluster.connected(self._address))
        handed = _HandedOut(self._ray, work, shards)
        try:
            while handed.left:
                handed.fill()
                yield from handed.results()
                if clock is not None and clock.expired:
                    return
        finally:
            handed.cancel()


def _attempt(version: str, folder: str, work: Callable[[int], Found], shard: int) -> Found:
    """Do the work in a worker, if its version of evenhand is the caller's: another might compute other bits.

    Paths are relative to the caller's folder, if the machine has one of that name.
    """
    if version != __version__:
        raise InputError(
            f"the machine {socket.gethostname()} of the Ray cluster has evenhand {__version__}, the caller's {version}"
            "; install the same version on all of them"
        )
    with contextlib.suppress(OSError):
        os.chdir(folder)
    return work(shard)


@dataclass
class _Machine:
    """A machine of the cluster: its number of cores, and of the shards that it has been given and not finished."""

    cores: int
    busy: int = 0


class _HandedOut:
    """The shards of one pass: which wait, which are handed out to which machine, and which results are there.

    The *place* of a shard is its position in the pass.
    """

    def __init__(self, ray: Any, work: Callable[[int], Any], shards: Sequence[int]) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        self._ray, self._shards, self._affinity = ray, shards, NodeAffinitySchedulingStrategy
        self._task = ray.remote(_attempt)
        # Put into Ray's store, from which a machine fetches it once, however many shards it works on.
        self._work = ray.put(work)
        self._folder = str(Path.cwd())
        self._machines = _machines(ray)
        # A shard's machine depends on its number alone, so that it is the same in every pass.
        self._seats = [name for name, machine in self._machines.items() for _ in range(machine.cores)]
        self._waiting = dict.fromkeys(range(len(shards)))
        self._running: dict[Any, tuple[int, _Machine]] = {}
        self._results: dict[int, Any] = {}
        self._next = 0
        self._silent_since = time.monotonic()

    @property
    def left(self) -> bool:
        """Whether there are shards whose results have not been taken."""
        return self._next < len(self._shards)

    def fill(self) -> None:
        """Hand out shards until every machine has enough of them: first its own, then, rather than idle, others'."""
        window = self._next + AHEAD * IN_FLIGHT * len(self._seats)
        near = [place for place in itertools.islice(self._waiting, window) if place < window]
        for name, machine in self._machines.items():
            own = (place for place in near if self._seats[self._shards[place] % len(self._seats)] == name)
            self._hand_out(name, itertools.islice(own, max(0, IN_FLIGHT * machine.cores - machine.busy)))
        for name, machine in self._machines.items():
            others = (place for place in near if place in self._waiting)
            self._hand_out(name, itertools.islice(others, max(0, machine.cores - machine.busy)))

    def _hand_out(self, name: str, places: Iterator[int]) -> None:
        """Give a machine the shards at some places; if it is lost, Ray gives them to another one."""
        strategy = self._affinity(name, soft=True)
        task = self._task.options(num_cpus=1, max_retries=RETRIES, scheduling_strategy=strategy)
        for place in list(places):
            del self._waiting[place]
            self._machines[name].busy += 1
            reference = task.remote(__version__, self._folder, self._work, self._shards[place])
            self._running[reference] = (place, self._machines[name])

    def results(self) -> Iterator[Any]:
        """Wait for a shard, but not for long, and yield the results whose turn it is; raise an error in its turn."""
        ready, _ = self._ray.wait(list(self._running), num_returns=1, timeout=PAUSE)
        for reference in ready:
            place, machine = self._running.pop(reference)
            machine.busy -= 1
            self._results[place] = self._result(reference, self._shards[place])
        self._check_machines(heard=bool(ready))
        while self._next in self._results:
            result = self._results.pop(self._next)
            if isinstance(result, Exception):
                raise result
            self._next += 1
            yield result

    def _result(self, reference: Any, shard: int) -> Any:
        """Return the result of a shard that has ended, or the exception that stands for it."""
        errors = self._ray.exceptions
        try:
            return self._ray.get(reference)
        except errors.RayTaskError as error:
            if not isinstance(error.cause, Exception):
                return error
            if "function failed to import" in str(error.cause):  # so says Ray where it cannot load our module
                return InputError(
                    f"a machine of the Ray cluster cannot load evenhand; install version {__version__} on all of them"
                )
            error.cause.__cause__ = error  # which has the worker's traceback
            return error.cause
        except errors.RayError as error:
            why = str(error).strip().partition("\n")[0]
            return InputError(
                f"shard {shard + 1} was begun {RETRIES + 1} times, and Ray lost its worker each time: {why}"
            )

    def _check_machines(self, *, heard: bool) -> None:
        """Raise an InputError if all machines are lost, for Ray would wait for others for ever."""
        now = time.monotonic()
        if heard:
            self._silent_since = now
        elif now - self._silent_since > SILENCE:
            _machines(self._ray)
            self._silent_since = now

    def cancel(self) -> None:
        """End the shards that are worked on, with their worker processes."""
        for reference in self._running:
            self._ray.cancel(reference, force=True)


def _machines(ray: Any) -> dict[str, _Machine]:
    """Return the machines that are alive and have cores, by name, in the order of their names.

    Raises
    ------
    InputError
        If there is none.
    """
    cores = {node["NodeID"]: int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]}
    machines = {name: _Machine(cores[name]) for name in sorted(cores) if cores[name] > 0}
    if not machines:
        raise InputError("no machine with a core is left in the Ray cluster; start one: ray start --address=HOST:PORT")
    return machines
