"""Results as numbers."""

from __future__ import annotations

import math
from typing import Any


def number_of(value: Any) -> float:
    """Return a result as a finite number, NaN where it is none."""
    number = float(value) if isinstance(value, (int, float)) else math.nan
    return number if math.isfinite(number) else math.nan
