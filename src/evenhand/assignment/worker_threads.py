"""Run independent tasks on several threads, the caller's among them; compiled loops release the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

PAUSE = 0.05
"""Seconds between two calls of `meanwhile` while the caller's thread waits for the others."""


def run_all(
    tasks: Sequence[Callable[[], object]], workers: int, meanwhile: Callable[[], object], stop: Callable[[], object]
) -> None:
    """Run all tasks and return when the last one is done.

    Each thread takes the next task as soon as it is free. The caller's thread calls `meanwhile` after each of its own,
    and while it waits. If a task or `meanwhile` raises an exception, or Ctrl-C does, no task is begun any more, `stop`
    is called to end those that run, and the exception is raised once they have ended.
    """
    waiting = iter(tasks)

    def work(between: Callable[[], object] = lambda: None) -> None:
        try:
            for task in waiting:
                task()
                between()
        except BaseException:
            tuple(waiting)  # nobody begins another
            stop()
            raise

    helpers = min(workers, len(tasks)) - 1
    if helpers <= 0:
        work(meanwhile)
        return
    with ThreadPoolExecutor(helpers, "evenhand") as pool:
        others = [pool.submit(work) for _ in range(helpers)]
        try:
            work(meanwhile)
            while wait(others, PAUSE).not_done:
                meanwhile()
        except BaseException:
            tuple(waiting)
            stop()
            raise
    for other in others:
        other.result()
