"""Ranges of the settings' values, and the one-line errors for values outside them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.tables.shapes import refuse_unknown


@dataclass(frozen=True)
class Range:
    """An interval of finite numbers.

    Attributes
    ----------
    least, most
        Its ends.
    whole
        Whether it contains whole numbers only.
    beyond_least, below_most
        Whether the lower and the upper end are excluded.
    """

    least: float
    most: float = math.inf
    whole: bool = False
    beyond_least: bool = False
    below_most: bool = False

    def take(self, value: object) -> Any:
        """Return the value as a Python float, or int if it must be whole (2e5 is); None if it is out of range."""
        plain = value.item() if isinstance(value, np.number) else value
        if isinstance(plain, bool) or not isinstance(plain, int | float):
            return None
        try:
            number = float(plain)
        except OverflowError:
            return None
        if not math.isfinite(number) or (self.whole and not number.is_integer()):
            return None
        if (self.beyond_least and number == self.least) or (self.below_most and number == self.most):
            return None
        if not self.least <= number <= self.most:
            return None
        return int(plain) if self.whole else number

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        low = f"{'above' if self.beyond_least else 'from'} {self.least:g}"
        if math.isinf(self.most):
            return f"{kind} {low}"
        if self.beyond_least or self.below_most:
            return f"{kind} {low}, {'below' if self.below_most else 'at most'} {self.most:g}"
        return f"{kind} {low} to {f'{self.most:,.0f}' if self.whole else f'{self.most:g}'}"


COUNT = Range(1, whole=True)
SIZE = Range(1, 1_000_000, whole=True)
SEED = Range(0, 2_000_000_000, whole=True)
"""Seeds fit in 32 bits, with room to add the offsets by which further seeds are derived from a given one."""
POSITIVE = Range(0.0, beyond_least=True)
NOT_NEGATIVE = Range(0.0)
SHARE = Range(0.0, 1.0)
POSITIVE_SHARE = Range(0.0, 1.0, beyond_least=True)
MARGIN = Range(0.0, 1.0, below_most=True)


def setting(default: float, allowed: Range) -> Any:
    """Return a dataclass field with a default value and the range that :func:`taken` checks it against."""
    return dataclasses.field(default=default, metadata={"allowed": allowed})


def check(name: str, value: Any, allowed: Range) -> Any:
    """Return the value as a Python number, or raise an InputError that names it and the allowed range."""
    number = allowed.take(value)
    if number is None:
        raise InputError(f"{name} is {_shown(value)}; it must be {allowed}")
    return number


def check_ends(name: str, value: Any, allowed: Range) -> tuple[Any, Any]:
    """Return the two ends of a range of values, given as both ends or as one number for both.

    Raises
    ------
    InputError
        If an end is out of range, or the low end is above the high one.
    """
    given = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(given, list | tuple):
        given = (given, given)
    if len(given) != 2:
        raise InputError(f"{name} is {_shown(value)}; it must be one number, or the low and the high end of a range")
    low, high = (check(name, end, allowed) for end in given)
    if low > high:
        raise InputError(f"{name} is from {low:g} to {high:g}; the low end must not be above the high end")
    return low, high


def taken(settings: Any, section: str = "") -> dict[str, Any]:
    """Return the checked values of a settings dataclass as Python numbers and nested dataclasses.

    Nested settings may be given as dictionaries. Files, scripts and the command line all pass through this function, so
    that they accept the same values.
    """
    return {part.name: _taken(part, getattr(settings, part.name), section) for part in dataclasses.fields(settings)}


def _taken(part: dataclasses.Field[Any], value: Any, section: str) -> Any:
    kind: Any = part.default_factory
    path = section + part.name
    if isinstance(kind, type):
        if isinstance(value, Mapping):
            refuse_unknown(value, [one.name for one in dataclasses.fields(kind)], f"{path}.")
            value = kind(**value)
        if not isinstance(value, kind):
            raise InputError(f"{path} is {_shown(value)}; it must be a table of settings, or {kind.__name__}")
        return kind(**taken(value, f"{path}."))
    if isinstance(part.default, bool):
        if not isinstance(value, bool | np.bool_):
            raise InputError(f"{path} is {_shown(value)}; it must be true or false")
        return bool(value)
    return check(path, value, part.metadata["allowed"]) if "allowed" in part.metadata else value


def _shown(value: Any) -> str:
    try:
        return repr(value.item() if isinstance(value, np.generic) else value)
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        return "a number of thousands of digits"
