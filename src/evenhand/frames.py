"""Rows of a result as a data frame of whichever library is there."""

from __future__ import annotations

import importlib
from typing import Any

LIBRARIES = ("pandas", "polars")
"""Libraries of data frames, the first that is installed first."""


class Tabular:
    """A result that is a table: rows, and a data frame of them."""

    __slots__ = ()

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each row."""
        raise NotImplementedError

    def to_frame(self) -> Any:
        """Return the rows as a ``pandas.DataFrame``, or, where pandas is not installed, a ``polars.DataFrame``.

        Raises
        ------
        ImportError
            Where neither is installed.
        """
        for library in LIBRARIES:
            try:
                frames = importlib.import_module(library)
            except ImportError:
                continue
            return frames.DataFrame(self.to_rows())
        raise ImportError("to_frame needs pandas or polars: pip install pandas; to_rows() needs neither")
