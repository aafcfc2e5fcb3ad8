"""What a trial can do, by name: a task is a function from a configuration to a result, both dicts of JSON values."""

from __future__ import annotations

import importlib
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    Task = Callable[[dict[str, Any]], dict[str, Any]]

TASKS: dict[str, str] = {}
"""Short names of the built-in tasks; each stands for a ``module:function`` that is cheap to import."""


def function_of(task: str) -> Task:
    """Return the function that a task's name stands for.

    Raises
    ------
    InputError
        Where there is none, or it cannot be imported.
    """
    module, colon, name = TASKS.get(task, task).partition(":")
    if not (module and colon and name):
        near = get_close_matches(task, TASKS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(TASKS)}"
        raise InputError(f"task {task!r} is not known; {hint} (or module:function, for one of your own)")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except Exception as error:  # whatever a module raises while it is imported
        raise InputError(f"task {task!r}: module {module} cannot be imported: {error}") from error
    if not callable(found):
        raise InputError(f"task {task!r}: module {module} has no function {name}")
    function: Task = found
    return function
