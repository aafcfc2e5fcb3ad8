"""Lazy rows: rows of a model that are added only when a point violates them, such as subtour elimination."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

LazyRow = tuple[Any, Any, float, float]
"""Columns, coefficients, lower and upper bound of one row."""


class LazyRows(Protocol):
    """Separation of a model's own lazy rows."""

    def __call__(self, values: NDArray[np.float64], integral: bool, /) -> Sequence[LazyRow]:
        """Return rows that `values` of the model's variables, shape (k,), violate.

        At an ``integral`` point that is not allowed, at least one violated row must be returned. At a fractional point,
        rows are optional and only affect speed.
        """
