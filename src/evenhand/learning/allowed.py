"""Which values a setting may have, said in one line where it has another."""

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
    """Numbers that are allowed, finite ones only.

    Attributes
    ----------
    least, most
        Limits.
    whole
        Whether only whole numbers are.
    beyond_least, below_most
        Whether a limit itself is left out.
    """

    least: float
    most: float = math.inf
    whole: bool = False
    beyond_least: bool = False
    below_most: bool = False

    def take(self, value: object) -> Any:
        """Return a number of Python or NumPy as Python's own, int where it must be whole (2e5 is); None if refused."""
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
"""32 bits, with room for seeds that are counted on from a given one."""
POSITIVE = Range(0.0, beyond_least=True)
NOT_NEGATIVE = Range(0.0)
SHARE = Range(0.0, 1.0)
POSITIVE_SHARE = Range(0.0, 1.0, beyond_least=True)


def setting(default: float, allowed: Range) -> Any:
    """Return a field of a dataclass of settings, with its default and the range that :func:`taken` holds it to."""
    return dataclasses.field(default=default, metadata={"allowed": allowed})


def check(name: str, value: Any, allowed: Range) -> Any:
    """Return the value as a number of Python's own; InputError that names it and what is right if it is not allowed."""
    number = allowed.take(value)
    if number is None:
        raise InputError(f"{name} is {_shown(value)}; it must be {allowed}")
    return number


def taken(settings: Any, section: str = "") -> dict[str, Any]:
    """Return the values of a dataclass of settings as Python's own, each checked; sections may be dictionaries.

    What a file, a script and the command line may say is decided here, once for all three.
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
