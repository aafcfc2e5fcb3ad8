"""One run of HiGHS that Ctrl-C and our own clock can stop, and that is repeated without presolve if it fails."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from evenhand.modeling.library_imports import require

TROUBLE = "numerical_trouble"
"""Status of a run that ended without a solution although no limit was reached."""


GRACE = 0.02
"""Fraction of the time limit after its end at which a run is stopped from outside, if it has not stopped by itself."""


def run(highs: Any, time_limit: float = math.inf) -> str:
    """Run HiGHS; return its status in the terms of :class:`.solution.FairSolution`, or ``interrupted`` after Ctrl-C.

    A run that fails numerically is repeated once without presolve, within what is left of `time_limit` seconds.
    """
    deadline = time.perf_counter() + time_limit
    with _stoppable(highs, deadline + GRACE * time_limit) as pressed:
        _run_until(highs, deadline)
        if not pressed and status_of(highs) == TROUBLE and time.perf_counter() < deadline:
            before = highs.getOptionValue("presolve")[1]
            highs.setOptionValue("presolve", "off")
            _run_until(highs, deadline)
            highs.setOptionValue("presolve", before)
    return "interrupted" if pressed else status_of(highs)


def run_through(highs: Any) -> str:
    """Run HiGHS and return its status, like :func:`run`, but raise KeyboardInterrupt after Ctrl-C."""
    status = run(highs)
    if status == "interrupted":
        raise KeyboardInterrupt
    return status


def _run_until(highs: Any, deadline: float) -> None:
    """Run HiGHS until the deadline. Its clock adds up all its runs; an infinite deadline leaves its limit unchanged."""
    if math.isfinite(deadline):
        highs.setOptionValue("time_limit", highs.getRunTime() + max(deadline - time.perf_counter(), 0.0))
    highs.run()


def status_of(highs: Any) -> str:
    """Return the status of the last run in the terms of :class:`.solution.FairSolution`."""
    states = require("highspy").HighsModelStatus
    named = {
        states.kOptimal: "optimal",
        states.kObjectiveTarget: "optimal",
        states.kModelEmpty: "optimal",
        states.kInfeasible: "infeasible",
        states.kUnbounded: "unbounded",
        states.kUnboundedOrInfeasible: "infeasible_or_unbounded",
        **dict.fromkeys(
            (
                states.kTimeLimit,
                states.kIterationLimit,
                states.kSolutionLimit,
                states.kObjectiveBound,
                states.kMemoryLimit,
                states.kInterrupt,
            ),
            "time_limit",
        ),
    }
    return named.get(highs.getModelStatus(), TROUBLE)


@contextmanager
def _stoppable(highs: Any, latest: float) -> Iterator[list[int]]:
    """Let Ctrl-C, SIGTERM if the program handles it, or the time `latest` end a run.

    HiGHS occupies the main thread. An exception that a signal handler raises in its callbacks would be lost, so that it
    is recorded instead: the context is a list that is empty until a handler of the program raises KeyboardInterrupt.
    """
    pressed: list[int] = []
    handlers: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    mine = {number: handler for number, handler in handlers.items() if callable(handler)}

    def press(number: int, frame: Any) -> None:
        try:
            mine[number](number, frame)
        except KeyboardInterrupt:
            pressed.append(number)

    def stop(event: Any) -> None:
        if pressed or time.perf_counter() > latest:
            event.interrupt()

    asked = (highs.cbSimplexInterrupt, highs.cbIpmInterrupt, highs.cbMipInterrupt)
    for callback in asked if mine or math.isfinite(latest) else ():
        callback.subscribe(stop)
    for number in mine:
        signal.signal(number, press)
    try:
        yield pressed
    finally:
        for number, handler in mine.items():
            signal.signal(number, handler)
        for callback in asked if mine or math.isfinite(latest) else ():
            callback.unsubscribe(stop)
