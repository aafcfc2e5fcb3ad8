"""The measured process, which runs one solver case by case and answers as :mod:`benchmarks.orders` says.

It imports what its solver needs and nothing else, so that its peak memory is that of solving. Seconds are of processor
time, all threads of the process together: whatever else the machine does leaves them alone. Solvers know caps by the
clock only, so a cap is lengthened as much as the machine's other work lengthens a second of processor time.
"""

from __future__ import annotations

import time

STARTED = time.perf_counter()

import os  # noqa: E402 - the clock starts before the imports it measures
import resource  # noqa: E402
import sys  # noqa: E402
from statistics import median  # noqa: E402
from typing import TYPE_CHECKING, Any  # noqa: E402

import evenhand  # noqa: E402
from benchmarks.assignment.cases import Case, Source  # noqa: E402
from benchmarks.orders import Orders  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    Solve = Callable[[Case, float], dict[str, Any]]

SAMPLE, SAMPLED_EVERY = 0.1, 60.0
"""Seconds of processor time by which the machine's other work is judged, and how often it is."""
RSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes per unit of ru_maxrss."""
WARMING = tuple(Case("warm-up", Source("plane", 1, 4, 40), p, 0.9, 1e-4, 60.0) for p in (2.0, float("inf")))


def main() -> None:
    """Answer with the seconds of importing and warming up, then each case with how it went."""
    with Orders() as orders:
        job = orders.next()
        solve = _ours() if job["solver"] == "evenhand" else _peer(job["solver"])
        imported = time.perf_counter() - STARTED
        if job["warm"]:
            for case in WARMING:
                solve(case, case.cap)
        orders.answer({"import_seconds": imported, "warm_seconds": time.perf_counter() - STARTED - imported})
        stretch = Stretch()
        for order in orders:
            case = Case.from_dict(order)
            case.source.instance()  # read or drawn before the clock starts
            runs = [solve(case, case.cap * stretch.now()) for _ in range(case.repeats)]
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT
            orders.answer({**runs[-1], "seconds": median(run["seconds"] for run in runs), "peak_bytes": peak})


class Stretch:
    """How long a second of processor time lasts by the clock, as sampled a minute ago at most."""

    def __init__(self) -> None:
        self._at, self._value = -SAMPLED_EVERY, 1.0

    def now(self) -> float:
        """Return it, at least 1."""
        if time.perf_counter() - self._at >= SAMPLED_EVERY:
            clock, processor = time.perf_counter(), time.process_time()
            while time.process_time() - processor < SAMPLE:
                pass
            self._at = time.perf_counter()
            self._value = max(1.0, (self._at - clock) / SAMPLE)
        return self._value


def _ours() -> Solve:
    evenhand.assign  # noqa: B018 - loads the engine, which `import evenhand` leaves for later

    def solve(case: Case, limit: float) -> dict[str, Any]:
        instance = case.source.instance()
        start = time.process_time()
        answer = evenhand.assign(
            instance.costs, case.fairness, burdens=instance.burdens, gap=case.gap, time_limit=limit
        )
        return {"seconds": time.process_time() - start, "answer": answer.to_dict()}

    return solve


def _peer(name: str) -> Solve:
    from benchmarks.assignment import peers
    from benchmarks.assignment.peers.result import NotMeasurableError

    _mute()
    peer = peers.load(name)

    def solve(case: Case, limit: float) -> dict[str, Any]:
        instance = case.source.instance()
        burdens = None if instance.burdens is None else instance.burdens.values
        start = time.process_time()
        try:
            found = peer.solve(instance.costs.values, case.fairness, case.gap, limit, burdens)
        except NotMeasurableError as error:
            return {"seconds": 0.0, "refused": str(error)}
        seconds = time.process_time() - start
        assignment = None if found.assignment is None else found.assignment.tolist()
        bound = None if found.bound is None or abs(found.bound) == float("inf") else found.bound
        answer = {"status": found.status, "cost": found.cost, "bound": bound, "assignment": assignment}
        return {"seconds": seconds, "answer": answer, "effort": found.effort}

    return solve


def _mute() -> None:
    """Silence what libraries write to the error output, but not Python's own messages."""
    sys.stderr = os.fdopen(os.dup(2), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


if __name__ == "__main__":
    main()
