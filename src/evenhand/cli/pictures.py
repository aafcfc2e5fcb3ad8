"""Write reports from the command line, after computing what they need in addition to the answer."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evenhand.cli.door import say

if TYPE_CHECKING:
    from evenhand.assignment import Assignment, ShardedAssignment
    from evenhand.cli.inputs import Given, Tables
    from evenhand.fairness import Fairness, Frontier
    from evenhand.report.units import Units

_TOWARDS, _BEYOND = (0.0, 0.25, 0.5, 0.75), (1 / 3, 2 / 3)
"""Levels of the trade-off on the page, besides the answer's own: parts of the way from the level of the cheapest plan
to the one asked for, and from there to equality."""

_VERIFYING, _SHORTEST = 1e-6, 0.2
"""Seconds of verifying per pair of agent and task, and least number of seconds for the levels of the trade-off."""


def _left(end: float | None) -> float:
    """Return the seconds until `end`; inf without one."""
    return float("inf") if end is None else end - time.perf_counter()


def report_answer(
    path: Path,
    answer: Assignment,
    given: Given,
    *,
    units: Units,
    gap: float,
    seed: int,
    workers: int,
    quiet: bool,
    end: float | None = None,
) -> None:
    """Write the report of an answer, with the price of fairness at several levels and the verdict of `verify`.

    What would take longer than until `end`, by ``time.perf_counter``, is left out, which is said.
    """
    from evenhand import assignment, report
    from evenhand.cli.levels import solve_levels
    from evenhand.report.chart_rows import cheapest_loads, positions_of

    frontiers: list[Frontier] = []
    left_out: list[str] = []
    verdict = None
    seconds = _VERIFYING * given.costs.values.size
    if _left(end) > seconds:
        verdict = assignment.verify(given.costs, answer, **given.rest)
    else:
        left_out.append("the verdict, which evenhand verify gives")
    if not answer.interrupted and _left(end) < _SHORTEST:
        left_out.append("the trade-off, which evenhand frontier shows")
    elif not answer.interrupted:
        # The picture should not take much longer than the answer, so each level gets about twice the answer's time.
        limit = min(max(2 * answer.seconds, 1.0), 5.0)
        locked = positions_of(given.costs, given.locked or {})
        cheapest = cheapest_loads(given.costs, given.burdens, given.initial_loads, locked, maximise=answer.maximise)
        # Nothing stricter can be had than the fairest.
        levels = _levels(answer.fairness, cheapest, beyond=_BEYOND if answer.attainable is None else ())
        limit = min(limit, _left(end) / max(1, len(levels)))
        frontiers.append(solve_levels(given, levels, gap, limit, seed, workers, quiet, maximise=answer.maximise))
    if left_out:
        say(f"{path}: without {' and '.join(left_out)}, because of the time limit")
    report.write_report(
        path,
        answer,
        table=given.costs,
        burdens=given.burdens,
        frontiers=frontiers,
        verdict=verdict,
        command=command_line(),
        units=units,
        initial_loads=given.initial_loads,
        locked=given.locked,
    )


def report_frontiers(path: Path, frontiers: Sequence[Frontier], given: Given, units: Units) -> None:
    """Write a report of frontiers without an answer."""
    from evenhand import report

    report.write_frontier_report(
        path, frontiers, table=given.costs, entitlements=given.entitlements, command=command_line(), units=units
    )


def report_shards(
    path: Path,
    unit: str,
    burden_unit: str,
    answer: ShardedAssignment,
    tables: Tables,
    initial_loads: Sequence[float] | None,
) -> None:
    """Write the report of an answer in shards."""
    from evenhand import report

    units = units_of(unit, burden_unit, tables)
    report.write_shards_report(
        path, answer, source=str(tables.costs), units=units, initial_loads=initial_loads, command=command_line()
    )


def units_of(unit: str, burden_unit: str, given: Given | Tables) -> Units:
    """Return the units that the options give; if the costs are what is shared, either option gives both."""
    from evenhand.report.units import Units

    if given.burdens is None:
        return Units(unit or burden_unit, burden_unit or unit)
    return Units(unit, burden_unit)


def command_line() -> str:
    """Return the present command line, quoted for a shell."""
    return shlex.join(["evenhand", *sys.argv[1:]])


def _levels(fairness: Fairness, cheapest: NDArray[np.float64], *, beyond: Sequence[float]) -> list[Fairness]:
    """Return the levels of the trade-off on the page, from loose to strict, given the loads of the cheapest plan."""
    asked, equality = fairness.parameter, fairness.parameter_range(len(cheapest))[1]
    start = float(fairness.level(cheapest))
    if abs(start - equality) <= abs(asked - equality):  # the rule binds nobody
        start = asked
    parts = [start + part * (asked - start) for part in _TOWARDS] + [
        asked + part * (equality - asked) for part in _BEYOND
    ]
    levels = {asked, *(float(f"{level:.3g}") for level in parts)}
    return [fairness.with_parameter(level) for level in sorted(levels, key=lambda level: -abs(level - equality))]
