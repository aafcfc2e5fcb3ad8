"""The measured process's side: reads orders line by line and writes answers, with the standard library only."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

Line = dict[str, Any]


class Orders:
    """Orders from standard input, answers to standard output, where nothing that libraries print gets between."""

    def __enter__(self) -> Self:
        self._out = os.fdopen(os.dup(1), "w")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()

    def __iter__(self) -> Iterator[Line]:
        return map(json.loads, sys.stdin)

    def next(self) -> Line:
        """Wait for the next order."""
        line: Line = json.loads(sys.stdin.readline())
        return line

    def answer(self, line: Line) -> None:
        """Send an answer."""
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()


def paced(orders: Orders, about: Line, warm_up: int) -> Generator[None, int]:
    """Let a training go on only while it is measured: to be sent the steps done so far at each of its reports.

    The first report pays for imports done late and for compiling; after it, `warm_up` steps go by unmeasured. Then
    `about` is answered, and each order ``{"seconds": s}`` with the steps that s seconds of training took, or a little
    more.

    Raises
    ------
    StopIteration
        From ``send``, when there are no more orders: the training may end.
    """
    began = time.perf_counter()
    steps = yield
    first, at, since = time.perf_counter() - began, steps, time.perf_counter()
    while steps < warm_up or steps == at:
        steps = yield
    steady = (time.perf_counter() - since) * at / (steps - at)
    orders.answer({**about, "start_seconds": max(0.0, first - steady)})
    for order in orders:
        at, clock, processor = steps, time.perf_counter(), time.process_time()
        while time.perf_counter() - clock < order["seconds"]:
            steps = yield
        seconds = time.perf_counter() - clock
        orders.answer({"steps": steps - at, "seconds": seconds, "cores": (time.process_time() - processor) / seconds})


def versions(*names: str) -> dict[str, str]:
    """Return the versions of the libraries that are installed."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
