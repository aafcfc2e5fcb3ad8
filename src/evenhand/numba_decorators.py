"""Decorators that compile loops with numba: cached on disk, no zero-division checks, the interpreter lock released."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

from evenhand.numba_cache import forgive_damage

Loop = TypeVar("Loop", bound="Callable[..., Any]")

_ENTRY: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True}
_ALLOCATING: dict[str, Any] = {**_ENTRY, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_INNER: dict[str, Any] = {**_ALLOCATING, "_nrt": False}


def entry(loop: Loop) -> Loop:
    """Compile a loop that Python calls."""
    compiled: Loop = forgive_damage(njit(**_ENTRY)(loop))
    return compiled


def inner(loop: Loop) -> Loop:
    """Compile a loop that only other loops call: without wrappers it takes less time and memory to compile.

    It must not allocate arrays, and counts no references to those that it is given. Where short loops call each other
    millions of times, counting, which is atomic, would take longer than all that they compute.
    """
    compiled: Loop = forgive_damage(njit(**_INNER)(loop))
    return compiled


def allocating(loop: Loop) -> Loop:
    """Compile a loop that only other loops call, and that allocates arrays."""
    compiled: Loop = forgive_damage(njit(**_ALLOCATING)(loop))
    return compiled
