"""What a trial can do, by name.

A task is a function from a configuration to a result, both dicts of JSON values. A function of a user's own may take
the whole configuration as its only argument, ``config``, or the keys of it as arguments.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from inspect import Signature
from typing import Any

from evenhand.errors import InputError, nearest
from evenhand.tables.shapes import refuse_unknown

Task = Callable[[dict[str, Any]], dict[str, Any]]

_HERE = "evenhand.sweeps.tasks"
TASKS: dict[str, str] = {
    "assign": f"{_HERE}.assign:run",
    "train": f"{_HERE}.train:run",
    "plan": f"{_HERE}.plan:run",
}
"""Short names of the built-in tasks; each stands for a ``module:function`` that is cheap to import.

The module may have a function ``check(config, source)``, which refuses a configuration before anything is run.
"""


def function_of(task: str) -> Task:
    """Return the function that a task's name stands for.

    Raises
    ------
    InputError
        Where there is none, or it cannot be imported.
    """
    function = _found(task)
    if task in TASKS or _takes_whole(_signature(function, task)):
        return function
    return lambda config: function(**config)


def check(task: str, config: dict[str, Any], source: str) -> None:
    """Refuse a configuration that the task cannot take.

    Raises
    ------
    InputError
        Naming source, key and what would be right; also where there is no such task.
    """
    function = _found(task)
    if task in TASKS:
        checked = getattr(importlib.import_module(TASKS[task].partition(":")[0]), "check", None)
        if checked is not None:
            checked(config, source)
        return
    signature = _signature(function, task)
    if not _takes_whole(signature):
        check_signature(signature, config, source)


def _found(task: str) -> Callable[..., dict[str, Any]]:
    module, colon, name = TASKS.get(task, task).partition(":")
    if not (module and colon and name):
        near = nearest(task, TASKS)
        hint = f"did you mean {near!r}?" if near else f"use one of {', '.join(TASKS)}"
        raise InputError(f"task {task!r} is not known; {hint} (or module:function, for one of your own)")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except (Exception, SystemExit) as error:  # whatever a module raises while it is imported
        why = f"it ends the process, by sys.exit({error.code!r})" if isinstance(error, SystemExit) else error
        raise InputError(f"task {task!r}: module {module} cannot be imported: {why}") from error
    if not callable(found):
        raise InputError(f"task {task!r}: module {module} has no function {name}")
    function: Callable[..., dict[str, Any]] = found
    return function


def _signature(function: Callable[..., Any], task: str) -> Signature:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # some functions that are written in C tell nothing of their arguments
        raise InputError(f"task {task!r}: does not tell its arguments; give a function written in Python") from None


def _takes_whole(signature: Signature) -> bool:
    return list(signature.parameters) == ["config"]


def check_signature(signature: Signature, config: dict[str, Any], source: str) -> None:
    """Raise an InputError where a function or a dataclass has no parameter for a key, or needs one that is missing."""
    kinds = inspect.Parameter
    parameters = signature.parameters.values()
    named = [one for one in parameters if one.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)]
    if not any(one.kind is kinds.VAR_KEYWORD for one in parameters):
        refuse_unknown(config, [one.name for one in named], f"{source}: ")
    for one in named:
        if one.default is kinds.empty and one.name not in config:
            raise InputError(f"{source}: {one.name} is missing; the task needs it")
