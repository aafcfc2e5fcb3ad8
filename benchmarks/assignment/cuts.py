"""Which cuts are the deepest: rounds of the relaxation in HiGHS by kind of cut."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rich.progress import track

import evenhand
from benchmarks.assignment.peers import highs
from benchmarks.assignment.peers.result import Model

if TYPE_CHECKING:
    from benchmarks.assignment.parts import Extent

INSTANCES = 5


def rounds_by_cut(extent: Extent) -> list[dict[str, Any]]:
    """Cut the relaxation to convergence with each kind of cut."""
    rows = []
    for source in track(extent.seeds[:INSTANCES], "cuts"):
        costs = source.instance().costs.values
        for p, epsilon in extent.levels:
            for separate in (highs.gradient, highs.supporting, highs.default):
                start = time.perf_counter()
                model = Model.of(costs, evenhand.EpsilonFairness(epsilon, p=p), None)
                rounds = highs.RoundsModel(model, separate).converge(start + extent.cap)
                seconds = time.perf_counter() - start
                rows.append(
                    {"p": p, "epsilon": epsilon, "kind": separate.__name__, "rounds": rounds, "seconds": seconds}
                )
    return rows
