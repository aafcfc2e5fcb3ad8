"""Passes over a large table that prove something of it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.screening import least_reduced
from evenhand.assignment.kernels.vertex import OUTWARD, TINY
from evenhand.assignment.parts import in_parts
from evenhand.assignment.problem import Problem


def lagrangian_value(problem: Problem, price: NDArray[np.float64]) -> float:
    """Return sum_j min_i (cost - price * burden) over allowed pairs, minus price . initial loads, rounded down.

    As :func:`~evenhand.assignment.kernels.vertex.dual_value`, but for the problem's own table and unscaled prices (n,).
    """
    tables = (problem.costs, problem.burdens, problem.burdens is problem.costs, problem.locked, price)
    sums = np.array(in_parts(lambda _, first, stop: least_reduced(*tables, first, stop), len(problem.tasks)))
    carried = price * problem.initial_loads
    total = np.concatenate([sums[:, 0], sums[:, 1], -carried])
    return math.fsum(total.tolist()) - OUTWARD * (float(sums[:, 2].sum() + np.abs(carried).sum()) + TINY)
