"""Convert results to numbers."""

from __future__ import annotations

import math
from typing import Any


def number_of(value: Any) -> float:
    """Return a result as a finite number, or NaN if it is not one."""
    number = float(value) if isinstance(value, (int, float)) else math.nan
    return number if math.isfinite(number) else math.nan
