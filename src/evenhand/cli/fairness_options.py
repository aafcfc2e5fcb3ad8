"""The options for fairness: one for each measure in the registry, declared once for all commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from evenhand.cli import options
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, Fairness
from evenhand.fairness.asked import asked_fairness
from evenhand.fairness.member_words import Words
from evenhand.fairness.registry import MEMBERS
from evenhand.tables.cost_table import shown
from evenhand.tables.numbers import to_number


def option(name: str) -> str:
    """Return the option for a measure, such as ``--max-over-mean``."""
    return f"--{name.replace('_', '-')}"


def _declared(name: str, words: Words) -> Any:
    parser = options.read_number if words.kind is float else None
    declared = options.option(words.metavar, words.help, option(name), panel=options.FAIR, parser=parser)
    return Annotated[words.kind | None, declared]


_ORDER = Annotated[
    str | None,
    options.option(
        "2|3|..|inf", "Order of the norm for --epsilon; inf bounds only the largest load.", "--p", panel=options.FAIR
    ),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """The values of the fairness options; None for those not given."""

    values: Mapping[str, Any]
    p: str | None

    @classmethod
    def declared(cls) -> Mapping[str, tuple[Any, Any]]:
        """Return an option for each measure, and one for the order; see :class:`evenhand.cli.groups.OptionGroup`."""
        # With an underscore, so that no parameter shadows a function that the command uses.
        members = {f"{name}_": _declared(name, member.words) for name, member in MEMBERS.items()}
        return {name: (option, None) for name, option in {**members, "p": _ORDER}.items()}

    @classmethod
    def gathered(cls, values: Mapping[str, Any]) -> Self:
        """Return the group, given the values of its options."""
        return cls({name: values[f"{name}_"] for name in MEMBERS}, values["p"])

    def __bool__(self) -> bool:
        return self.p is not None or any(value is not None for value in self.values.values())

    def member(self, n: int, entitlements: tuple[float, ...] | None = None) -> Fairness:
        """Return the fairness that the options ask of `n` agents.

        Raises
        ------
        InputError
            If no measure is given or several are, or if a value is out of range.
        """
        order = None if self.p is None else read_order(self.p)
        return asked_fairness(self.values, order, n, entitlements, option=option)

    def floor(self, n: int, entitlements: tuple[float, ...] | None = None) -> Fairness:
        """Return the measure that ``--fairest`` improves, with the least that is asked for; (0, p)-fairness by default.

        Raises
        ------
        InputError
            As :meth:`member`, if an option is given.
        """
        if any(value is not None for value in self.values.values()):
            return self.member(n, entitlements)
        order = 2.0 if self.p is None else read_order(self.p)
        return EpsilonFairness(0.0, order, entitlements=entitlements)

    def member_or_none(self, n: int, *, fairest: bool = False) -> Fairness | None:
        """Return the fairness that the options ask of `n` agents, or None if no option is given.

        Raises
        ------
        InputError
            As :meth:`member`; and if no option is given although `fairest` needs a measure.
        """
        if self:
            return self.member(n)
        if fairest:
            raise InputError("--show-fairest needs a measure of fairness: give --epsilon, --jain, ...")
        return None


@dataclass(frozen=True, slots=True)
class AskedLevels:
    """Several values of one of the fairness options, each as typed; None for those not given."""

    values: Mapping[str, str | None]

    @classmethod
    def declared(cls) -> Mapping[str, tuple[Any, Any]]:
        """Return an option for each measure but epsilon; see :class:`evenhand.cli.groups.OptionGroup`."""
        members = {name: member.words for name, member in MEMBERS.items() if name != "epsilon"}
        return {f"{name}_": (_declared_levels(name, words), None) for name, words in members.items()}

    @classmethod
    def gathered(cls, values: Mapping[str, Any]) -> Self:
        """Return the group, given the values of its options."""
        return cls({name.removesuffix("_"): value for name, value in values.items()})

    def __bool__(self) -> bool:
        return any(value is not None for value in self.values.values())

    def members(self, order: float | None, n: int, entitlements: tuple[float, ...] | None) -> list[Fairness]:
        """Return the fairness at each level, from loose to strict.

        Raises
        ------
        InputError
            If several measures are given, or if a value cannot be used.
        """
        lists = {name: value for name, value in self.values.items() if value is not None}
        name, text = next(iter(lists.items()))
        members = {
            asked_fairness({**lists, name: _one_level(name, part)}, order, n, entitlements, option=option)
            for part in text.split(",")
        }
        return sorted(members, key=lambda member: _strictness(member, n))


def _declared_levels(name: str, words: Words) -> Any:
    metavar = f"{words.metavar},..."
    return Annotated[str | None, options.option(metavar, words.help, option(name), panel=options.FAIR)]


def _one_level(name: str, text: str) -> Any:
    if MEMBERS[name].words.kind is not float:
        return text
    try:
        return to_number(text)
    except ValueError:
        raise InputError(f"{option(name)}: {shown(text)} is not a number; give levels such as 1.5,1.2") from None


def _strictness(member: Fairness, n: int) -> float:
    loosest, strictest = member.parameter_range(n)
    return member.parameter if strictest > loosest else -member.parameter


def read_order(text: str) -> float:
    """Return the order p, a number or ``inf``; its range is checked where it is used.

    Raises
    ------
    InputError
        If `text` is neither.
    """
    try:
        return to_number(text)
    except ValueError:
        raise InputError(f"--p {shown(text)} must be a number of at least 2, or inf") from None
