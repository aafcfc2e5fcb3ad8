"""The tasks that a trial can run, built-in or the user's.

A task is a function that takes a configuration and returns a result, both dictionaries of JSON values. A user's
function takes either the whole configuration as its only parameter, ``config``, or the configuration's keys as
parameters.
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
TASKS: dict[str, str] = {"assign": f"{_HERE}.assign:run", "train": f"{_HERE}.train:run", "plan": f"{_HERE}.plan:run"}
"""Functions of the built-in tasks, by name, as ``module:function``; the modules are cheap to import.

A module may have a function ``check(config, source)``, which raises an InputError for an invalid configuration before
anything is run.
"""


def function_of(task: str) -> Task:
    """Return the function of a task.

    Raises
    ------
    InputError
        If there is no such function, or if it cannot be imported.
    """
    function = _found(task)
    if task in TASKS or _takes_whole(_signature(function, task)):
        return function
    return lambda config: function(**config)


def check(task: str, config: dict[str, Any], source: str) -> None:
    """Raise an InputError if a configuration is not valid for a task.

    Raises
    ------
    InputError
        If it is not, or if there is no such task; the message names source and key and says what would be right.
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
        why = f"it calls sys.exit({error.code!r})" if isinstance(error, SystemExit) else error
        raise InputError(f"task {task!r}: module {module} cannot be imported: {why}") from error
    if not callable(found):
        raise InputError(f"task {task!r}: module {module} has no function {name}")
    function: Callable[..., dict[str, Any]] = found
    return function


def _signature(function: Callable[..., Any], task: str) -> Signature:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # some functions written in C have no signature
        raise InputError(f"task {task!r}: has no signature; give a function written in Python") from None


def _takes_whole(signature: Signature) -> bool:
    return list(signature.parameters) == ["config"]


def check_signature(signature: Signature, config: dict[str, Any], source: str) -> None:
    """Raise an InputError if a callable has no parameter for one of the keys, or requires one that is missing."""
    kinds = inspect.Parameter
    parameters = signature.parameters.values()
    named = [one for one in parameters if one.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)]
    if not any(one.kind is kinds.VAR_KEYWORD for one in parameters):
        refuse_unknown(config, [one.name for one in named], f"{source}: ")
    for one in named:
        if one.default is kinds.empty and one.name not in config:
            raise InputError(f"{source}: {one.name} is missing; the task needs it")
