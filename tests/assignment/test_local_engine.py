"""Threads that work on shards: results in order, few in flight, and an end when the clock expires or somebody stops."""

from __future__ import annotations

import itertools
import threading
import time

import numpy as np
import pytest

from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.shards.engine import LocalEngine
from evenhand.assignment.shards.source import PAIRS, ArrayShards, LockedShards, cut


def test_results_come_in_the_order_of_the_shards() -> None:
    """The first shards take longest, and their results still come first."""

    def slow(k: int) -> int:
        time.sleep(0.02 if k < 3 else 0.0)
        return k * k

    assert list(LocalEngine(4).map(slow, range(20))) == [k * k for k in range(20)]


def test_few_shards_are_in_flight() -> None:
    """While nobody takes the first result, no more than a few shards are begun."""
    begun = []
    results = LocalEngine(2).map(begun.append, range(1000))
    next(results)
    time.sleep(0.1)
    results.close()
    assert len(begun) <= 6


def test_an_error_comes_in_its_turn() -> None:
    """The results before the shard at fault are still yielded."""

    def work(k: int) -> int:
        if k == 2:
            raise ValueError("shard 2")
        return k

    results = LocalEngine(3).map(work, range(6))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="shard 2"):
        next(results)


def test_an_expired_clock_ends_the_pass() -> None:
    """A shard that hangs holds nobody back longer than it takes itself; nothing is yielded after the limit."""
    gate = threading.Event()
    threading.Timer(0.6, gate.set).start()
    results = list(LocalEngine(2).map(lambda _: gate.wait(5.0), range(50), Clock(0.2, None)))
    assert len(results) < 50


def test_a_table_is_cut_into_runs_that_cover_it() -> None:
    """Every task is in one shard, whatever the sizes."""
    for m, n in ((1, 2), (1000, 5), (2 * PAIRS // 3 + 1, 3), (PAIRS, 200)):
        edges = cut(m, n)
        assert edges[0][0] == 0
        assert edges[-1][1] == m
        assert all(stop == first for (_, stop), (first, _) in itertools.pairwise(edges))
        assert max(stop - first for first, stop in edges) * n <= PAIRS + n


def test_decided_tasks_are_in_their_shard() -> None:
    """Positions in the whole table become places in the shard."""
    costs = np.ones((2, PAIRS))
    shards = LockedShards(ArrayShards(costs, None, ("a", "b")), np.array([3, PAIRS // 2 + 1]), np.array([1, 0]))
    first, second = shards.read(0), shards.read(1)
    assert first.locked is not None
    assert second.locked is not None
    assert np.flatnonzero(first.locked >= 0).tolist() == [3]
    assert first.locked[3] == 1
    assert second.first + np.flatnonzero(second.locked >= 0)[0] == PAIRS // 2 + 1
