"""The bound that a certificate of several rules proves, in exact arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import Certificate
from evenhand.assignment.certificate_dual import DualVectorError, dual_vector
from evenhand.assignment.exact import DUAL_BITS, blocks, ceiling, common_exponent, fraction, integers, magnitude
from evenhand.assignment.rules.ruled_certificate import RowMultipliers, RuledCertificate
from evenhand.assignment.rules.ruled_problem import Row, RuledProblem

Units = NDArray[np.object_]
"""Python's integers, in units of a power of two."""


def exact_ruled_bound(problem: RuledProblem, certificate: RuledCertificate | None, *, costs: bool = True) -> Fraction:
    r"""Return the least cost that a certificate leaves to any plan which keeps all rules.

    With multipliers :math:`v^r` of each burden, in the dual cone of its rule or :math:`\lambda - \mu` for limits
    :math:`l \le x^r \le h`, and :math:`\nu` of the cliques K, every such plan costs at least

    .. math:: \sum_j \text{the } k_j \text{ least of } \Big(c_{ij} - \sum_r v^r_i b^r_{ij} + \sum_{K \ni j} \nu_{K i}
              \Big) - \sum_r v^r \cdot x^{0, r} + \lambda \cdot l - \mu \cdot h - \sum_{K, i} \nu_{K i}.

    Prices of a rule of fairness are rounded up, multipliers down, to 96 bits of the largest: both keep the bound valid.

    Parameters
    ----------
    problem
        The checked problem.
    certificate
        The multipliers; None for zeros.
    costs
        Whether costs count. Without them, a positive result proves that no plan keeps all rules.

    Raises
    ------
    DualVectorError
        If a multiplier or a point is negative, or a point admits no cut.
    """
    paid = np.where(problem.allowed, problem.costs, 0.0) if costs else np.zeros((1, 1))
    cost_exponent = common_exponent(paid)
    n = len(problem.agents)
    prices, constant = [], Fraction(0)
    for number, row in enumerate(problem.rows):
        price, gained = _prices(row, None if certificate is None else certificate.rules[number], n)
        constant += gained - sum(
            (v * Fraction(x) for v, x in zip(price, row.carried.tolist(), strict=True)), Fraction(0)
        )
        prices.append((row, price))
    cliques = _cliques(problem, certificate)
    constant -= sum((Fraction(value) for _, multipliers in cliques for value in multipliers.tolist()), Fraction(0))
    total = Fraction(0)
    for block in blocks(*problem.costs.shape):
        total += _least_priced(problem, block, prices, cliques, cost_exponent if costs else None)
    return total + constant


def _prices(row: Row, given: RowMultipliers | None, n: int) -> tuple[list[Fraction], Fraction]:
    """Return a row's price of a unit of burden for each agent, on a coarse grid, and what its limits add."""
    zero = [Fraction(0)] * n
    if given is None:
        return zero, Fraction(0)
    if row.fairness is not None:
        dual = dual_vector(row.fairness, Certificate("", given.multipliers, given.points), len(row.counted))
        rounded = _on_grid(dual)
        prices = list(zero)
        for agent, price in zip(row.counted.tolist(), rounded, strict=True):
            prices[agent] = price
        return prices, Fraction(0)
    gained = Fraction(0)
    prices = list(zero)
    for multipliers, limits, sign in ((given.least, row.least, 1), (given.most, row.most, -1)):
        if (multipliers < 0).any():
            raise DualVectorError(f"a multiplier of the limits {row.name!r} is negative: it proves nothing")
        for agent in np.flatnonzero((multipliers > 0) & np.isfinite(limits)).tolist():
            value = sign * Fraction(float(multipliers[agent]))
            prices[agent] += value
            gained += value * Fraction(float(limits[agent]))
    return prices, gained


def _on_grid(dual: Sequence[Fraction]) -> list[Fraction]:
    """Return a dual vector rounded up to multiples of a power of two, which are short fractions."""
    shift = DUAL_BITS - magnitude(dual)
    return [fraction(ceiling(entry, shift), -shift) for entry in dual]


def _cliques(
    problem: RuledProblem, certificate: RuledCertificate | None
) -> list[tuple[tuple[int, ...], NDArray[np.float64]]]:
    """Return the cliques that have multipliers, with these, shape (n,)."""
    if certificate is None:
        return []
    if (certificate.exclusive < 0).any():
        raise DualVectorError("a multiplier of tasks that exclude each other is negative: it proves nothing")
    return [
        (clique, multipliers)
        for clique, multipliers in zip(problem.exclusive, certificate.exclusive, strict=True)
        if multipliers.any()
    ]


def _least_priced(
    problem: RuledProblem,
    block: slice,
    prices: Sequence[tuple[Row, Sequence[Fraction]]],
    cliques: Sequence[tuple[tuple[int, ...], NDArray[np.float64]]],
    cost_exponent: int | None,
) -> Fraction:
    """Return the sum over a block of units of the least priced costs, as many for each as it needs agents."""
    allowed = problem.allowed[:, block]
    terms: list[tuple[Units, int]] = []
    if cost_exponent is not None:
        terms.append((integers(np.where(allowed, problem.costs[:, block], 0.0), cost_exponent), cost_exponent))
    for row, price in prices:
        if any(price):
            burden = np.where(allowed, row.burden[:, block], 0.0)
            exponent = common_exponent(burden)
            bits = max(entry.denominator.bit_length() - 1 for entry in price)
            weights = np.array([[-int(entry * 2**bits)] for entry in price], dtype=object)
            terms.append((weights * integers(burden, exponent), exponent - bits))
    for clique, multipliers in cliques:
        inside = [unit - block.start for unit in clique if block.start <= unit < block.stop]
        if inside:
            exponent = common_exponent(multipliers)
            raised = np.zeros(allowed.shape, dtype=object)
            raised[:, inside] = integers(multipliers, exponent)[:, np.newaxis]
            terms.append((raised, exponent))
    unit = min((exponent for _, exponent in terms), default=0)
    priced: Any = np.zeros(allowed.shape, dtype=object)
    for values, exponent in terms:
        priced = priced + values * (1 << (exponent - unit))
    return fraction(_sum_of_least(problem, block, priced, allowed), unit)


def _sum_of_least(problem: RuledProblem, block: slice, priced: Units, allowed: NDArray[np.bool_]) -> int:
    total = 0
    for place, unit in enumerate(range(block.start, block.stop)):
        locked = problem.agents_locked_to.get(unit, [])
        free = int(problem.needs[unit]) - len(locked)
        total += sum(priced[locked, place].tolist())
        if free > 0:
            rest = allowed[:, place].copy()
            rest[locked] = False
            values = priced[rest, place].tolist()
            total += min(values) if free == 1 else sum(sorted(values)[:free])
    return total
