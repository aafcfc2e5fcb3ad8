"""Checks of what users give in numbers: one for each notion, with one message."""

from __future__ import annotations

import math

import numpy as np

from evenhand.errors import InputError


def is_number(value: object) -> bool:
    """Tell whether a value is a number of Python or NumPy; truth values and text are none."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def check_gap(gap: float, most: float = math.inf) -> None:
    """Raise `InputError` unless `gap` is a relative gap from 0 to below `most`."""
    if not (is_number(gap) and 0.0 <= gap < most):
        allowed = "a finite number of at least 0" if math.isinf(most) else f"a number in [0, {most:g})"
        raise InputError(f"gap is {gap!r}; it must be a relative gap, {allowed}, such as 1e-4")


def check_time_limit(time_limit: float | None) -> None:
    """Raise `InputError` unless the limit is a number of seconds above 0, or None."""
    if time_limit is not None and not (is_number(time_limit) and time_limit > 0.0):
        raise InputError(f"time_limit is {time_limit!r}; it must be a number of seconds above 0, or None")


def check_seed(seed: int) -> None:
    """Raise `InputError` unless the seed is a whole number from 0."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InputError(f"seed is {seed!r}; it must be a whole number from 0")
