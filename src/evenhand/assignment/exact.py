"""Exact sums of floating-point tables, in integers: every float is an integer times a power of two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import NEW

_MANTISSA_BITS = 53
DUAL_BITS = 96  # bits of its largest entry to which a dual vector is rounded: far more than its own accuracy
_BLOCK = 32_768  # pairs converted to integers at once, so that those of a large table are never all in memory


def common_exponent(*arrays: NDArray[np.float64]) -> int:
    """Return an e such that every entry of the finite `arrays` is an integer times 2**e."""
    lowest = 0
    for array in arrays:
        exponents = np.frexp(array)[1][array != 0]
        if exponents.size:
            lowest = min(lowest, int(exponents.min()) - _MANTISSA_BITS)
    return lowest


def integers(array: NDArray[np.float64], exponent: int) -> NDArray[np.object_]:
    """Return the finite `array` as Python integers, in units of 2**`exponent`."""
    mantissas, exponents = np.frexp(array)
    whole = np.ldexp(mantissas, _MANTISSA_BITS).astype(np.int64).astype(object)
    shifts = np.where(array == 0, 0, exponents - _MANTISSA_BITS - exponent)
    return np.asarray(np.left_shift(whole, shifts.astype(object)), dtype=object)


def fraction(units: int, exponent: int) -> Fraction:
    """Return units * 2**exponent."""
    return Fraction(units << exponent) if exponent >= 0 else Fraction(units, 1 << -exponent)


def exact_sum(values: NDArray[np.float64]) -> Fraction:
    """Return the exact sum of finite `values`, shape (k,)."""
    exponent = common_exponent(values)
    return fraction(sum(integers(values, exponent).tolist()), exponent)


def exact_sums(values: NDArray[np.floating[Any]], owner: NDArray[np.integer[Any]], count: int) -> list[Fraction]:
    """Return the exact sum of the finite `values`, shape (k,), of each owner, length `count`.

    Mantissas of one exponent and owner are added up in halves, whose sums are whole numbers below 2^53 for up to 2^26
    values, and hence exact in floating point: a hundred times faster than in Python's integers.
    """
    totals = [Fraction(0)] * count
    for first in range(0, len(values), 1 << 22):
        piece = slice(first, first + (1 << 22))
        mantissas, exponents = np.frexp(values[piece].astype(np.float64))
        whole = np.ldexp(mantissas, _MANTISSA_BITS).astype(np.int64)
        kinds, kind = np.unique(exponents, return_inverse=True)
        key = owner[piece].astype(np.int64) * len(kinds) + kind
        high, low = (
            np.bincount(key, part.astype(np.float64), minlength=count * len(kinds)).reshape(count, -1)
            for part in (whole >> 27, whole & ((1 << 27) - 1))
        )
        for place, column in zip(*np.nonzero((high != 0) | (low != 0)), strict=True):
            units = (int(high[place, column]) << 27) + int(low[place, column])
            totals[place] += fraction(units, int(kinds[column]) - _MANTISSA_BITS)
    return totals


def exact_loads(
    burdens: NDArray[np.float64], initial_loads: NDArray[np.float64], assignment: NDArray[np.intp]
) -> list[Fraction]:
    """Return the exact load of each agent, length n.

    Parameters
    ----------
    burdens
        Burden of each pair, shape (n, m).
    initial_loads
        Loads carried before, shape (n,).
    assignment
        Agent of each task, shape (m,).
    """
    carried = burdens[assignment, np.arange(len(assignment))]
    return [
        exact_sum(np.append(carried[assignment == agent], initial_loads[agent])) for agent in range(len(initial_loads))
    ]


@dataclass(frozen=True, slots=True)
class Surcharge:
    """A price of each task that changes hands, and the number of changes that are free: a multiplier of their limit.

    Attributes
    ----------
    price
        Price of a change, at least 0.
    before
        Agent who had each task before, shape (m,); NEW for tasks that were not there, whose agent is free.
    free
        Number of changes that may be made.
    """

    price: Fraction
    before: NDArray[np.intp]
    free: int


def lagrangian_bound(
    costs: NDArray[np.float64] | None,
    burdens: NDArray[np.float64],
    initial_loads: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    dual: Sequence[Fraction],
    surcharge: Surcharge | None = None,
    between: Callable[[], object] = lambda: None,
) -> Fraction:
    r"""Return :math:`\sum_j \min_i (c_{ij} - v_i b_{ij} + \lambda d_{ij}) - v \cdot x^0 - \lambda K` exactly.

    With a surcharge, :math:`d_{ij} = 1` if task j changes hands with agent i, and K changes are allowed.

    The dual vector is first rounded *up* to multiples of a power of two. That keeps it in the dual cone, because loads
    are not negative, and so the bound stays valid.

    Parameters
    ----------
    costs
        Shape (n, m); None for zero costs, with which a positive result proves that no assignment is fair (Farkas'
        lemma).
    burdens, initial_loads
        Shapes (n, m) and (n,).
    allowed
        Pairs that may be used, shape (n, m); entries of `costs` and `burdens` elsewhere are ignored.
    dual
        The vector v, length n.
    surcharge
        The price of changes :math:`\lambda`, who had each task before, and K; None for a price of 0.
    between
        Called after every few thousand tasks; an exception that it raises ends the sum.
    """
    shift = DUAL_BITS - magnitude(dual)
    units = [ceiling(entry, shift) for entry in dual]
    burdens = np.where(allowed, burdens, 0.0)
    burden_exponent = common_exponent(burdens, initial_loads)
    cost_exponent = 0
    if costs is not None:
        costs = np.where(allowed, costs, 0.0)
        cost_exponent = common_exponent(costs)
    # All terms are integers in units of 2**unit, the finest of those of costs, products v_i b_ij and surcharge.
    price = Fraction(0) if surcharge is None else surcharge.price
    unit = min(cost_exponent, burden_exponent - shift, 1 - price.denominator.bit_length())
    product_factor = 1 << (burden_exponent - shift - unit)
    cost_factor = 1 << (cost_exponent - unit)
    weights = np.array([[entry * product_factor] for entry in units], dtype=object)
    total = -sum((integers(initial_loads, burden_exponent) * weights[:, 0]).tolist())
    charged = int(price / Fraction(2) ** unit)
    total -= 0 if surcharge is None else charged * surcharge.free
    for block in blocks(*burdens.shape):
        reduced = -weights * integers(burdens[:, block], burden_exponent)
        if costs is not None:
            reduced = reduced + cost_factor * integers(costs[:, block], cost_exponent)
        if surcharge is not None:
            before, agents = surcharge.before[block], np.arange(len(burdens))[:, np.newaxis]
            reduced = reduced + charged * ((before != NEW) & (before != agents)).astype(object)
        total += _sum_of_minima(reduced, allowed[:, block])
        between()
    return fraction(total, unit)


def round_down(value: Fraction) -> float:
    """Return the largest float not above `value`; raise ``OverflowError`` beyond the range of floats."""
    nearest = float(value)
    return nearest if Fraction(nearest) <= value else float(np.nextafter(nearest, -np.inf))


def _sum_of_minima(reduced: NDArray[np.object_], allowed: NDArray[np.bool_]) -> int:
    if not allowed.all():
        reduced[~allowed] = reduced.max() + 1
    return int(sum(reduced.min(axis=0).tolist()))


def blocks(n: int, m: int) -> Iterator[slice]:
    """Return blocks of the m columns of a table with n rows, small enough to be made to Python's integers."""
    width = max(1, _BLOCK // n)
    for start in range(0, m, width):
        yield slice(start, min(start + width, m))


def magnitude(dual: Sequence[Fraction]) -> int:
    """Return an exponent e with abs(v) <= 2**(e + 1) for the largest entry, tight to a factor of four."""
    largest: Any = max((abs(entry) for entry in dual), default=Fraction(0))
    return int(largest.numerator.bit_length() - largest.denominator.bit_length()) if largest else 0


def ceiling(value: Fraction, shift: int) -> int:
    """Return the least integer not below value * 2**shift."""
    if shift >= 0:
        return -((-value.numerator << shift) // value.denominator)
    return -(-value.numerator // (value.denominator << -shift))
