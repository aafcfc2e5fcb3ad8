"""SCIP models that are alive when the interpreter ends leave their memory to the operating system.

SCIP calls a model's constraint handlers while it frees the model. At the end of the interpreter, objects are freed in
an arbitrary order. If a model lives until then (some libraries keep ``__main__`` alive), its handlers may be freed
first, and SCIP calls freed memory (PySCIPOpt issue 1193). Therefore the models that are left give up the ownership of
SCIP's memory before the interpreter is torn down. They still work, also in functions that others have registered with
`atexit`. A model that is dropped earlier frees its memory as usual.
"""

from __future__ import annotations

import atexit
from typing import Any
from weakref import WeakSet


class _Registry:
    """The handlers of models that may be alive when the interpreter ends."""

    def __init__(self) -> None:
        self._handlers: WeakSet[Any] = WeakSet()
        self._ended = False
        atexit.register(self._leave_all)

    def add(self, handler: Any) -> None:
        """Register the handler of a model; if the interpreter is ending already, release its model at once."""
        self._handlers.add(handler)
        if self._ended:
            self._leave_all()

    def _leave_all(self) -> None:
        self._ended = True
        for handler in self._handlers:
            if handler.model is not None:
                handler.model._freescip = False


left_at_exit = _Registry()
"""The registry of this process."""
