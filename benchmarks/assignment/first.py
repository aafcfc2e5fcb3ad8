"""Measure the first call: with everything to compile, in a new process, and warm."""

from __future__ import annotations

import tempfile
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.assignment.process import Solver

if TYPE_CHECKING:
    from benchmarks.assignment.cases import Case

PROCESSES = 3
"""Number of new processes, whose median is reported."""
COMPILING = 600.0
"""Seconds that compiling may take."""


def first_calls(case: Case) -> dict[str, Any]:
    """Solve one case in new processes, the very first of which has an empty cache of compiled loops."""
    with tempfile.TemporaryDirectory() as empty:
        cold = _process(case, empty)
        # The cache that was filled just now is read by the others: it is surely that of this code.
        again = [_process(case, empty) for _ in range(PROCESSES)]
    return {
        "case": case.name,
        "compiling_seconds": cold["first"],
        "compiling_peak_bytes": cold["peak_bytes"],
        "import_seconds": median(one["import_seconds"] for one in again),
        "first_seconds": median(one["first"] for one in again),
        "warm_seconds": median(one["warm"] for one in again),
        "peak_bytes": max(one["peak_bytes"] for one in again),
    }


def _process(case: Case, numba_cache: str) -> dict[str, Any]:
    with Solver("evenhand", warm=False, numba_cache=numba_cache) as solver:
        first = solver.ask(case, COMPILING)
        second = solver.ask(case)
        return {
            "first": first["seconds"],
            "warm": second["seconds"],
            "peak_bytes": second["peak_bytes"],
            "import_seconds": solver.about["import_seconds"],
        }
