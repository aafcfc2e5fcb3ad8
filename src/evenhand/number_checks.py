"""Checks of what users give in numbers: one for each notion, with one message."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from evenhand.errors import InputError


def is_number(value: object) -> bool:
    """Return whether a value is a number of Python or NumPy; truth values and text are none."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Tell whether a value is an integer of Python or NumPy; truth values and floats are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def check_gap(gap: float, most: float = math.inf, name: str = "gap") -> None:
    """Raise `InputError` unless `gap`, called `name`, is a relative gap from 0 to below `most`."""
    if not (is_number(gap) and 0.0 <= gap < most):
        allowed = "a finite number of at least 0" if math.isinf(most) else f"a number in [0, {most:g})"
        raise InputError(f"{name} is {gap!r}; it must be a relative gap, {allowed}, such as 1e-4")


def check_time_limit(time_limit: float | None) -> None:
    """Raise `InputError` unless the limit is a number of seconds above 0, or None."""
    if time_limit is not None and not (is_number(time_limit) and time_limit > 0.0):
        raise InputError(f"time_limit is {time_limit!r}; it must be a number of seconds above 0, or None")


def check_seed(seed: int) -> None:
    """Raise `InputError` unless the seed is a whole number from 0."""
    checked_whole("seed", seed, 0)


def checked_whole(name: str, value: Any, least: int, most: int | None = None, *, what: str = "") -> int:
    """Return an integer of any type as an int.

    Raises
    ------
    InputError
        If it is not an integer from `least` to `most`, the largest that is allowed, if any; the message says so, and
        that it is `what`.
    """
    try:
        whole = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        whole = None
    if whole is None or whole < least or (most is not None and whole > most):
        allowed = f"a whole number from {least}{'' if most is None else f' to {most}'}"
        raise InputError(f"{name} is {value!r}; it must be {f'{what}, ' if what else ''}{allowed}")
    return whole


def as_number(value: Any) -> float:
    """Return a number of any type as a float; NaN for everything else, including text and booleans."""
    if isinstance(value, str | bytes | bool | np.bool_):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
    except OverflowError:
        return math.inf
