"""Compile the loops for tables of candidates before any clock runs."""

from __future__ import annotations

import functools

import numpy as np

from evenhand.assignment.kernels import candidates
from evenhand.assignment.kernels.candidates import Pairs
from evenhand.assignment.kernels.warm_up import warm_up_roundings


@functools.cache
def warm_up_candidates() -> None:
    """Run each loop once on a toy table in double precision; single precision is compiled when it is first met."""
    values = np.array([1.0, 2.0, 3.0])
    pairs = Pairs(np.array([0, 2, 3]), np.array([0, 1, 1], np.int32), values, values)
    price, slot, near, load = np.zeros(2), np.zeros(2, np.int32), np.zeros(2, np.bool_), np.zeros((2, 2))
    candidates.first_mistake(pairs, True, 2)
    candidates.survey_candidates(pairs, np.zeros((2, 3)), np.zeros((2, 2)), np.zeros((2, 2)))
    candidates.least_of_candidates(pairs, price, 0, 2, np.zeros(3))
    candidates.screen_candidates(pairs, price, price, 0, 2, slot, near, load)
    candidates.soft_dual_of_candidates(pairs, price, 1.0, 0, 2, np.zeros(2), np.zeros((2, 2)), np.zeros(2))
    candidates.gather(pairs, np.zeros(0, np.int64), pairs)
    candidates.settle_candidates(pairs, slot, load, np.zeros(2))
    warm_up_roundings()
