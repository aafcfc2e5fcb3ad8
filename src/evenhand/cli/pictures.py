"""Write reports from the command line, after computing what they need in addition to the answer."""

from __future__ import annotations

import math
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evenhand.assignment import Assignment
    from evenhand.cli.inputs import Given
    from evenhand.fairness import Frontier

_LEVELS = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Levels epsilon of the trade-off on the page, besides the answer's own."""


def report_answer(
    path: Path, answer: Assignment, given: Given, *, gap: float, seed: int, workers: int, quiet: bool
) -> None:
    """Write the report of an answer, with the price of fairness at several levels and the verdict of `verify`."""
    from evenhand import assignment, report
    from evenhand.cli.levels import epsilon_levels, solve_levels

    frontiers: list[Frontier] = []
    if not answer.interrupted:
        # The picture should not take much longer than the answer, so each level gets about twice the answer's time.
        limit = min(max(2 * answer.seconds, 1.0), 5.0)
        levels = epsilon_levels({*_LEVELS, *_own_level(answer)}, _order(answer), given)
        frontiers.append(solve_levels(given, levels, gap, limit, seed, workers, quiet, maximise=answer.maximise))
    verdict = assignment.verify(given.costs, answer, **given.rest)
    report.write_report(
        path,
        answer,
        table=given.costs,
        burdens=given.burdens,
        frontiers=frontiers,
        verdict=verdict,
        command=command_line(),
    )


def report_frontiers(path: Path, frontiers: Sequence[Frontier], given: Given) -> None:
    """Write a report of frontiers without an answer."""
    from evenhand import report

    report.write_frontier_report(
        path, frontiers, table=given.costs, entitlements=given.entitlements, command=command_line()
    )


def command_line() -> str:
    """Return the present command line, quoted for a shell."""
    return shlex.join(["evenhand", *sys.argv[1:]])


def _order(answer: Assignment) -> float:
    """Return the order p whose frontier is closest to the fairness that was asked."""
    if answer.fairness.name == "max_over_mean":
        return math.inf
    return float(getattr(answer.fairness, "p", 2.0))


def _own_level(answer: Assignment) -> tuple[float, ...]:
    return (answer.fairness.parameter,) if answer.fairness.name == "epsilon" else ()
