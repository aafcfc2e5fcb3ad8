"""Groups of options: a command takes a group as a single argument, and Typer sees the options in it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self


class OptionGroup(Protocol):
    """A class that can be the annotation of a command's argument, to stand for a group of options."""

    @classmethod
    def declared(cls) -> Mapping[str, tuple[Any, Any]]:
        """Return the annotation and default of each option, by the name of its parameter."""

    @classmethod
    def gathered(cls, values: Mapping[str, Any]) -> Self:
        """Return the group, given the values of its options."""


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command in which each argument that is a group is replaced by the group's options."""
    own = inspect.signature(command, eval_str=True).parameters.values()
    groups = {taken.name: taken.annotation for taken in own if hasattr(taken.annotation, "declared")}
    if not groups:
        return command

    def with_options(**given: Any) -> None:
        for argument, group in groups.items():
            given[argument] = group.gathered({name: given.pop(name) for name in group.declared()})
        command(**given)

    taken = [parameter for argument in own for parameter in _parameters(argument, groups)]
    # Typer takes the options, and their order in the help, from the signature.
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
