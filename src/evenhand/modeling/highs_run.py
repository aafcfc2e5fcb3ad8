"""One run of HiGHS that Ctrl-C stops, and that is tried again where it fails."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from evenhand.modeling.libraries import require

if TYPE_CHECKING:
    from collections.abc import Iterator

TROUBLE = "numerical_trouble"
"""What is said of a run that ended without an answer and without a limit."""


def run(highs: Any) -> str:
    """Run HiGHS and return its status in our words, or ``interrupted`` after Ctrl-C.

    What presolve made fail is run once more without it.
    """
    with _stoppable(highs) as pressed:
        highs.run()
        if not pressed and status_of(highs) == TROUBLE:
            before = highs.getOptionValue("presolve")[1]
            highs.setOptionValue("presolve", "off")
            highs.run()
            highs.setOptionValue("presolve", before)
    return "interrupted" if pressed else status_of(highs)


def status_of(highs: Any) -> str:
    """Return the status of the last run in our words."""
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
def _stoppable(highs: Any) -> Iterator[list[int]]:
    """Let Ctrl-C end a run: HiGHS holds on to the main thread, and Python's own handler would only act afterwards.

    Yield a list that is empty until then. Handlers of others, and threads but the main one, are left alone.
    """
    pressed: list[int] = []
    mine = threading.current_thread() is threading.main_thread()
    if not mine or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield pressed
        return

    def stop(event: Any) -> None:
        if pressed:
            event.interrupt()

    asked = (highs.cbSimplexInterrupt, highs.cbIpmInterrupt, highs.cbMipInterrupt)
    for callback in asked:
        callback.subscribe(stop)
    signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for callback in asked:
            callback.unsubscribe(stop)
