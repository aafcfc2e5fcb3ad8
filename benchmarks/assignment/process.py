"""Run a solver in a separate process, which may be slow, die or hang without stopping the benchmark."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Self

from benchmarks.processes import Worker

if TYPE_CHECKING:
    from benchmarks.assignment.cases import Case

BUSY = 8.0
"""How much longer than an idle machine a busy one may take."""
GRACE = 60.0
"""Seconds beyond its caps after which a solver that does not answer is ended."""


class Solver:
    """A warm solver, started when first asked and anew after it died.

    Parameters
    ----------
    name
        ``evenhand`` or a peer.
    warm
        Whether to solve something small before the first case.
    numba_cache
        Where compiled loops are kept; the usual place by default.
    """

    def __init__(self, name: str, *, warm: bool = True, numba_cache: str | None = None) -> None:
        self._job = {"solver": name, "warm": warm}
        self._environment = {} if numba_cache is None else {"NUMBA_CACHE_DIR": numba_cache}
        self._worker: Worker | None = None
        self.about: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """End the process."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def ask(self, case: Case, grace: float = GRACE) -> dict[str, Any]:
        """Return how it went; without an answer where the process died, or had to be ended `grace` after its caps."""
        worker = self._started()
        patience = threading.Timer(BUSY * case.repeats * case.cap + grace, worker.kill)
        patience.start()
        try:
            worker.say(case.to_dict())
            return worker.hear()
        except (SystemExit, BrokenPipeError):
            self.end()
            return {"seconds": case.cap, "answer": None}
        finally:
            patience.cancel()

    def _started(self) -> Worker:
        if self._worker is None:
            self._worker = Worker(sys.executable, "benchmarks.assignment.worker", self._job, self._environment)
            self.about = self._worker.hear()
        return self._worker
