"""The options that say how fair, declared once for all commands of ``evenhand solve``."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evenhand.cli import options
from evenhand.cli.asked import asked_fairness
from evenhand.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evenhand.fairness import Fairness

OPTIONS: dict[str, Any] = {
    "epsilon": options.Epsilon,
    "p": options.Order,
    "jain": options.Jain,
    "cv": options.CV,
    "max_over_mean": options.MaxOverMean,
    "gini": options.Gini,
    "hoover": options.Hoover,
    "range_": options.Range,
}
"""Each measure of fairness, and the order of epsilon, by the name of its parameter."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What was given for each of the options; None where nothing was."""

    values: Mapping[str, float | None]
    p: str | None

    def member(self, n: int, *, fairest: bool = False) -> Fairness | None:
        """Return the member that is asked of `n` agents, None where none is.

        Raises
        ------
        InputError
            Where several are asked for, a value is out of range, or `fairest` asks how fair is possible by no measure.
        """
        if self.p is None and all(value is None for value in self.values.values()):
            if fairest:
                raise InputError("--fairest needs a measure of fairness: give --epsilon, --jain, ...")
            return None
        return asked_fairness(self.values, self.p, n, None)


NOTHING = Measures({}, None)
"""No option was given."""


def with_measures(command: Callable[..., None]) -> Callable[..., None]:
    """Return `command` with the options of :data:`OPTIONS` in place of its argument `measures`."""

    def with_options(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in OPTIONS}
        p = chosen.pop("p")
        values = {name.rstrip("_"): value for name, value in chosen.items()}
        command(measures=Measures(values, p), **given)

    own = list(inspect.signature(command, eval_str=True).parameters.values())
    place = next(k for k, parameter in enumerate(own) if parameter.name == "measures")
    kind = inspect.Parameter.KEYWORD_ONLY
    new = [inspect.Parameter(name, kind, default=None, annotation=option) for name, option in OPTIONS.items()]
    # Typer reads options from a signature, and takes them in its order.
    taken = [parameter.replace(kind=kind) for parameter in (*own[:place], *new, *own[place + 1 :])]
    with_options.__doc__ = command.__doc__
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in taken}
    with_options.__signature__ = inspect.Signature(taken)  # type: ignore[attr-defined]
    return with_options
