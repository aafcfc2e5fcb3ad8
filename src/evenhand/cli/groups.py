"""Options that come in groups: a command takes a group as one argument, and Typer sees each option of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self


class OptionGroup(Protocol):
    """What a command may annotate an argument with."""

    @classmethod
    def declared(cls) -> Mapping[str, tuple[Any, Any]]:
        """Return the annotation and default of each option, by the name of its parameter."""

    @classmethod
    def gathered(cls, values: Mapping[str, Any]) -> Self:
        """Return the group of the values that were given."""


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """Return `command` with the options of each of its groups in the group's place."""
    own = inspect.signature(command, eval_str=True).parameters.values()
    groups = {taken.name: taken.annotation for taken in own if hasattr(taken.annotation, "declared")}
    if not groups:
        return command

    def with_options(**given: Any) -> None:
        for argument, group in groups.items():
            given[argument] = group.gathered({name: given.pop(name) for name in group.declared()})
        command(**given)

    taken = [parameter for argument in own for parameter in _parameters(argument, groups)]
    # Typer reads options from a signature, and takes them in its order.
    with_options.__doc__ = command.__doc__
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in taken}
    with_options.__signature__ = inspect.Signature(taken)  # type: ignore[attr-defined]
    return with_options


def _parameters(argument: inspect.Parameter, groups: Mapping[str, type[OptionGroup]]) -> list[inspect.Parameter]:
    kind = inspect.Parameter.KEYWORD_ONLY
    if argument.name not in groups:
        return [argument.replace(kind=kind)]
    return [
        inspect.Parameter(name, kind, annotation=annotation, default=default)
        for name, (annotation, default) in groups[argument.name].declared().items()
    ]
