"""Compiled loops on disk: where a file is damaged, the loop is compiled again."""

from __future__ import annotations

import contextlib
from typing import Any


def forgive_damage(dispatcher: Any) -> Any:
    """Return a loop of numba's whose cache counts as empty where its files cannot be read, and as full where it is.

    numba trusts its files. One that was cut off, by a full disk or a machine that was switched off, would end every
    later call with an error of pickle's.
    """
    dispatcher._cache = _ForgivingCache(dispatcher._cache)
    return dispatcher


class _ForgivingCache:
    """A cache of numba's that never fails."""

    def __init__(self, cache: Any) -> None:
        self._inner = cache

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def load_overload(self, signature: Any, target: Any) -> Any:
        try:
            return self._inner.load_overload(signature, target)
        except MemoryError:
            raise
        except Exception:  # whatever pickle and numba raise on bytes that are no loop
            with contextlib.suppress(Exception):
                self._inner.flush()
            return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        with contextlib.suppress(OSError):  # a full disk, say: the loop is compiled and can be used
            self._inner.save_overload(signature, compiled)
