"""Fairness of one count as linear rows over the loads, exact or nearly so because counts are whole numbers.

Members with linear rows keep them; ratio caps of whole counts allow the next whole number. A bound on a power mean
(CV, Jain, epsilon) becomes rows in two parts: each load's power by the chords between its neighbouring possible values,
which are exact there, and the power of the sum by a line: a tangent (inner: fair at least) or a secant over the
possible sums (outer: a valid relaxation).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.shares import shares_of

WHOLE_COUNTS = ("nights", "late", "weekends", "granted")
"""Counts whose ratio caps allow the next whole number."""

ALMOST = 1.0 - 1e-6
"""Nearly one unit: a whole count above a cap by less than one unit is the next whole number above it."""

MOST_CHORDS = 400
"""Upper limit on the chords of one load; with more, neighbouring chords are merged, which keeps the rows inner."""


@dataclass(frozen=True, slots=True)
class CountLoads:
    """What a count may be for those it compares.

    Attributes
    ----------
    count
        Name of the count.
    people
        Positions of those compared, length k.
    carried
        What each carries from earlier, shape (k,).
    unit
        Step of what is added to it.
    most
        Largest that may be added, shape (k,), in the count's unit.
    """

    count: str
    people: tuple[int, ...]
    carried: Array
    unit: float
    most: Array


@dataclass(slots=True)
class FairnessRows:
    """Rows ``lower <= loads @ x + auxiliaries @ t <= upper`` over loads x (k,) and auxiliary variables t >= 0.

    Attributes
    ----------
    auxiliaries
        Number of auxiliary variables.
    rows
        For each row: coefficients by position of a load, coefficients by auxiliary variable, lower and upper bound.
    """

    auxiliaries: int
    rows: list[tuple[dict[int, float], dict[int, float], float, float]]


def _is_ratio_cap(member: Fairness, n: int) -> bool:
    """Return whether a member bounds each load alone by a multiple of the mean."""
    rows = member.rows(n)
    if rows is None or rows.auxiliaries or len(rows.loads) != n:
        return False
    others = rows.loads - np.diag(np.diag(rows.loads))
    off = rows.loads[~np.eye(n, dtype=bool)]
    return bool(np.allclose(off, off[0])) and bool((np.abs(np.diag(others)) == 0).all())


def allowances(member: Fairness, count: str, n: int) -> Array:
    """Return by how much each load may miss its cap, shape (n,): nearly one unit for ratio caps of whole counts."""
    return np.full(n, ALMOST if count in WHOLE_COUNTS and _is_ratio_cap(member, n) else 0.0)


def fairness_rows(member: Fairness, loads: CountLoads, sums: tuple[float, float]) -> FairnessRows:
    """Return rows for one count.

    Parameters
    ----------
    member
        The member, with the entitlements of those compared.
    loads
        What the loads may be.
    sums
        Twice the same number: the sum at which the power of the sum is replaced by its tangent. Two different ones: the
        least and largest possible sum, for the secant.
    """
    n = len(loads.people)
    exact = member.rows(n)
    if exact is not None:
        return _linear(member, loads, n)
    form = member.power_form(n)
    shares = shares_of(n, member.entitlements)
    if form is None:
        mean = np.full((n, n), 1.0 / n) - np.diag(1.0 / (n * shares))
        if not member.contains(n * shares) or member.contains(n * shares + np.eye(n)[0] * n * 1e-3):
            raise InputError(f"{member} has no rows for {loads.count!r}; ask another measure of it")
        return FairnessRows(0, [(_sparse(row), {}, 0.0, 0.0) for row in mean])
    return _power(form, shares, loads, sums)


def _linear(member: Fairness, loads: CountLoads, n: int) -> FairnessRows:
    exact = member.rows(n)
    assert exact is not None
    auxiliary: list[dict[int, float]] = [{} for _ in exact.loads]
    for row, column, value in zip(exact.row.tolist(), exact.column.tolist(), exact.value.tolist(), strict=True):
        auxiliary[row][column] = auxiliary[row].get(column, 0.0) + value
    allowed = allowances(member, loads.count, n)
    found = []
    for index, row in enumerate(exact.loads):
        slack = 0.0 if not allowed.any() else abs(float(row[index]) - _off_diagonal(row, index)) * float(allowed[index])
        found.append((_sparse(row), auxiliary[index], -slack, np.inf))
    return FairnessRows(exact.auxiliaries, found)


def _off_diagonal(row: Array, index: int) -> float:
    return float(row[index - 1]) if len(row) > 1 else 0.0


def _sparse(row: Array) -> dict[int, float]:
    return {int(position): float(row[position]) for position in np.flatnonzero(row)}


def _power(form: tuple[float, float], shares: Array, loads: CountLoads, sums: tuple[float, float]) -> FairnessRows:
    """Return rows for sum_i share_i (u_i / m)^p <= limit^p (S / S0)^p, with m the mean at the reference sum S0."""
    p, limit = form
    n, reference = len(shares), max(0.5 * (sums[0] + sums[1]), loads.unit)
    rows: list[tuple[dict[int, float], dict[int, float], float, float]] = []
    for index in range(n):
        scale = shares[index] * reference  # the load at which u_i is the mean
        steps = round(float(loads.most[index]) / loads.unit)
        stride = max(1, -(-steps // MOST_CHORDS))
        points = loads.carried[index] + loads.unit * np.unique([*range(0, steps, stride), max(steps, 1)])
        powers = (points / scale) ** p
        for start, (low, high) in enumerate(itertools.pairwise(points)):
            slope = float((powers[start + 1] - powers[start]) / (high - low))
            rows.append(({index: -slope}, {index: 1.0}, float(powers[start] - slope * low), np.inf))
    low, high = (value / reference for value in sums)
    slope = p * low ** (p - 1) if low == high else (high**p - low**p) / (high - low)
    factor = limit**p
    everyone = dict.fromkeys(range(n), factor * slope / reference)
    rows.append((everyone, {i: -float(shares[i]) for i in range(n)}, factor * (slope * low - low**p), np.inf))
    return FairnessRows(n, rows)
