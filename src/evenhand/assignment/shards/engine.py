"""Engines: what works on the shards of a table, one after the other or many at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

from evenhand.assignment.progress_clock import Clock

Found = TypeVar("Found")

PAUSE = 0.1
"""Time between two looks at the clock while a shard is waited for, in seconds."""


class Engine(Protocol):
    """Works on shards wherever it likes; results come in the order of the shards, so that sums have the same bits."""

    def map(self, work: Callable[[int], Found], shards: Sequence[int], clock: Clock | None = None) -> Iterator[Found]:
        """Yield the results of `work` for each of `shards`, in their order, with a bounded number in flight.

        Parameters
        ----------
        work
            Can be pickled, uses one processor, and may be called again for a shard whose worker was lost. Its results
            may come back read-only.
        shards
            Numbers of the shards.
        clock
            If it expires, fewer results are yielded than shards were given.
        """
        ...


class LocalEngine:
    """Works on shards with threads of this process: compiled loops, reading and NumPy release the interpreter lock.

    Parameters
    ----------
    workers
        Number of threads; None for one more than there are processors, so that a shard is read while others are
        computed.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._workers = (os.cpu_count() or 1) + 1 if workers is None else workers

    def map(self, work: Callable[[int], Found], shards: Sequence[int], clock: Clock | None = None) -> Iterator[Found]:
        """Yield the results of `work` in the order of `shards`; see :class:`Engine`."""
        waiting = iter(shards)
        running: deque[Future[Found]] = deque()
        pool = ThreadPoolExecutor(min(self._workers, max(1, len(shards))), "evenhand-shard")
        try:
            # Half as many again wait, so that no thread does while the oldest result is the slowest one.
            for _ in range(self._workers + self._workers // 2 + 1):
                _begin(pool, work, waiting, running)
            while running:
                while not _done(running[0]):
                    if clock is not None and clock.expired:
                        return
                result = running.popleft().result()
                _begin(pool, work, waiting, running)
                yield result
                if clock is not None and clock.expired:
                    return
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin(
    pool: ThreadPoolExecutor, work: Callable[[int], Found], waiting: Iterator[int], running: deque[Future[Found]]
) -> None:
    for shard in waiting:
        running.append(pool.submit(work, shard))
        return


def _done(future: Future[Found]) -> bool:
    """Wait for a result, but not for long; return whether it is there, or an exception in its stead."""
    try:
        future.exception(PAUSE)
    except TimeoutError:
        return False
    return True
