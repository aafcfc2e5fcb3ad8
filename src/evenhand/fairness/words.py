"""How a member of the family is asked for and spoken of, on the command line and in reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """How a member is asked for and spoken of.

    Attributes
    ----------
    metavar
        What its option's value looks like: ``0..1``.
    help
        Its line in the help of the command line.
    brief
        What it asks, in a few words, for terminals. ``{value}`` stands for the parameter, ``{p}`` and
        the like for what else the member holds; so below.
    sentence
        What it asks, as the end of a sentence of a report. ``{percent}`` is the parameter in per cent.
    kind
        Type of the option's value: a number, or text that the member reads itself.
    """

    metavar: str
    help: str
    brief: str
    sentence: str
    kind: type = float
