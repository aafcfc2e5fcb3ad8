"""Compute the figures in the tables, on the page and in the README from the rows of results."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.assignment.checks import OURS, PROVEN, name

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

Row = dict[str, Any]

SHARES = (1e-3, 1e-4, 1e-5)
"""Gaps for which the share of cases is reported in which the certificate alone proves them."""


NOTICED = 0.02
"""Seconds below which it does not matter which of two solvers is faster."""


def counted(row: Row) -> float:
    """Return the seconds of a row. Where it was capped, ours count as the cap, a peer's as the time it had."""
    return float(row["seconds"] if row["status"] in PROVEN or row["solver"] != OURS else row["cap"])


@dataclass(frozen=True)
class Spread:
    """Statistics of the times of several cases."""

    cases: int
    solved: int
    median: float
    slowest: float
    slowest_case: str

    @classmethod
    def of(cls, rows: list[Row]) -> Spread:
        """Sum up rows, at least one."""
        slowest = max(rows, key=counted)
        return cls(
            len(rows),
            sum(row["status"] in PROVEN for row in rows),
            median(counted(row) for row in rows),
            counted(slowest),
            name(slowest),
        )


@dataclass(frozen=True)
class Ratio:
    """The time that a peer took as a multiple of ours, over the cases that both were given."""

    cases: int
    solved: int
    mean: float
    least: float
    most: float
    own_solved: int

    @property
    def means(self) -> str:
        """Return what the mean is where cases were stopped at the cap: a bound from one side, or neither."""
        if self.cases == self.solved == self.own_solved:
            return ""
        if self.own_solved == self.cases:
            return "at least "
        return "at most " if self.solved == self.cases else "about "

    @classmethod
    def of(cls, ours: list[Row], theirs: list[Row]) -> Ratio | None:
        """Compare case by case, by the geometric mean; None where there is no case in common."""
        own = {identity(row): row for row in ours}
        pairs = [(own[identity(row)], row) for row in theirs if identity(row) in own]
        if not pairs:
            return None
        ratios = [counted(their) / counted(our) for our, their in pairs]
        solved = sum(their["status"] in PROVEN for _, their in pairs)
        mean = math.exp(math.fsum(map(math.log, ratios)) / len(ratios))
        own_solved = sum(our["status"] in PROVEN for our, _ in pairs)
        return cls(len(pairs), solved, mean, min(ratios), max(ratios), own_solved)


def identity(row: Row) -> Hashable:
    """Return what tells one case from another, whoever solves it."""
    return row["part"], row["group"], row["number"], str(row["p"]), row["epsilon"]


def beside_best(ours: list[Row], theirs: list[Row]) -> tuple[int, float] | None:
    """Return how many cases took ours or the fastest peer longer than `NOTICED`, and the least ratio of their times.

    None where there is no such case.
    """
    own = {identity(row): counted(row) for row in ours}
    best: dict[Hashable, float] = {}
    for row in theirs:
        if (case := identity(row)) in own:
            best[case] = min(best.get(case, math.inf), counted(row))
    ratios = [best[case] / own[case] for case in best if max(best[case], own[case]) > NOTICED]
    return (len(ratios), min(ratios)) if ratios else None


def grouped(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    """Return rows by key, in the order of their first appearance."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def of_part(rows: Iterable[Row], part: str, solver: str = OURS) -> list[Row]:
    """Return the rows of a part and a solver."""
    return [row for row in rows if (row["part"], row["solver"]) == (part, solver)]


def certified(rows: list[Row]) -> tuple[float, ...]:
    """Return the shares of cases whose certificate alone proves each of the gaps of `SHARES`."""
    gaps = [row["certified_gap"] for row in rows]
    return tuple(sum(gap is not None and gap <= share for gap in gaps) / len(gaps) for share in SHARES)


def slack_ratios(rows: list[Row]) -> list[tuple[float, Row]]:
    """Return, for each case with a slack constraint, its seconds over those of the same instance without one."""
    free = {(row["group"], row["number"]): row["seconds"] for row in rows if row["epsilon"] == 0.0}
    return [(row["seconds"] / free[row["group"], row["number"]], row) for row in rows if row["epsilon"] > 0.0]


def duration(seconds: float) -> str:
    """Return seconds, or milliseconds below one."""
    return f"{seconds:.3g} s" if seconds >= 1.0 else f"{seconds * 1e3:.3g} ms"


def factor(ratio: float) -> str:
    """Return how many times, to two digits or whole."""
    return f"{ratio:.0f}" if ratio >= 10.0 else f"{ratio:.2g}"
