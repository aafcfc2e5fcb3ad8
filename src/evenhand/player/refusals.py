"""The error of a value that cannot be used: evenhand's where it is installed, otherwise Python's ValueError."""

from __future__ import annotations

try:
    from evenhand.errors import InputError
except ImportError:  # the folder was copied
    InputError = ValueError  # type: ignore[misc, assignment]

__all__ = ["InputError"]
