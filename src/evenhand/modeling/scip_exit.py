"""SCIP models at the end of the interpreter: their memory is left to the operating system.

SCIP calls a model's constraint handlers while it frees the model. What is still there when the interpreter ends is
freed in no order that would suit that: of a model that something keeps until then (some libraries keep ``__main__``)
the handlers may go first, and SCIP calls what is there no more (PySCIPOpt issue 1193). So before the interpreter is
taken apart, the models that are left give up the ownership of what SCIP has allocated. They still work, also for
functions that others registered with `atexit`. A model that is dropped earlier frees SCIP's memory itself, as ever.
"""

from __future__ import annotations

import atexit
from typing import Any
from weakref import WeakSet


class _Registry:
    """Handlers whose models may be alive when the interpreter ends."""

    def __init__(self) -> None:
        self._handlers: WeakSet[Any] = WeakSet()
        self._ended = False
        atexit.register(self._leave_all)

    def add(self, handler: Any) -> None:
        """Note the handler of a model, or, where functions of `atexit` are called already, leave its model."""
        self._handlers.add(handler)
        if self._ended:
            self._leave_all()

    def _leave_all(self) -> None:
        self._ended = True
        for handler in self._handlers:
            if handler.model is not None:
                handler.model._freescip = False


left_at_exit = _Registry()
"""The handlers of this process."""
