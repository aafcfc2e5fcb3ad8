"""The words for a member: its option on the command line, its help, and its description in reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The words for a member in options, help and reports.

    Attributes
    ----------
    metavar
        Pattern of the option's value in the help, such as ``0..1``.
    help
        The option's line in the help.
    brief
        The constraint in a few words, for terminals. ``{value}`` is replaced by the parameter, and ``{p}`` and the like
        by other fields of the member.
    sentence
        The constraint as the end of a sentence in a report, with the same placeholders; ``{percent}`` is replaced by
        the parameter in per cent.
    kind
        Type of the option's value: a number, or text that the member itself parses.
    """

    metavar: str
    help: str
    brief: str
    sentence: str
    kind: type = float

    @property
    def quantity(self) -> str:
        """What the member bounds, such as ``Gini index``: the help begins with it."""
        return self.help.partition(", at ")[0].partition(":")[0]
