"""Compile loops over arrays with Numba: the result is cached on disk, and runs without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

from evenhand.numba_cache import forgive_damage

_OPTIONS: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True}

Loop = TypeVar("Loop", bound="Callable[..., Any]")


def compiled(loop: Loop) -> Loop:
    """Compile a loop over arrays when it is first called."""
    result: Loop = forgive_damage(njit(**_OPTIONS)(loop))
    return result
