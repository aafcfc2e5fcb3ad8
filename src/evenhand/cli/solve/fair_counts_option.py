"""The options that say which counts of a roster must be fair, and how fair."""

from __future__ import annotations

from collections.abc import Sequence

from evenhand.applications.rosters import COUNTS, RosterProblem
from evenhand.applications.rosters.counts import people_compared
from evenhand.cli.fairness_options import Asked, read_order
from evenhand.errors import InputError, choices
from evenhand.fairness import MEMBERS, Fairness
from evenhand.fairness.asked import asked_fairness
from evenhand.tables.cost_table import shown
from evenhand.tables.numbers import to_number

EXAMPLE = "--fair nights=cv:0.3"
_TITLES = {"hours": "minutes", "wishes": "granted", "requests": "granted"}
"""Counts by the titles that a roster has."""


def fairness_asked(
    problem: RosterProblem, asked: Asked, shares: Sequence[str], fair: Sequence[str]
) -> dict[str, Fairness]:
    """Return the fairness of each count that the options ask for.

    Parameters
    ----------
    problem
        The problem.
    asked
        The measure that all counts of `shares` get.
    shares
        Values of ``--share``: counts separated by commas.
    fair
        Values of ``--fair``, such as ``nights=cv:0.3``.

    Raises
    ------
    InputError
        If a value cannot be used.
    """
    counts = [_count("--share", name) for value in shares for name in value.split(",")]
    if counts and not asked:
        raise InputError("--share says which counts must be fair, but not how fair; add a measure such as --cv 0.3")
    if asked and not counts:
        raise InputError(
            f"say which counts must be fair: --share {','.join(list(COUNTS)[:2])} (any of {_all_counts()})"
        )
    found = {count: asked.member(len(people_compared(problem, count))) for count in counts}
    for value in fair:
        name, equals, measure = value.partition("=")
        if not equals:
            raise InputError(f"--fair {shown(value)} has no '='; write it like {EXAMPLE}")
        count = _count("--fair", name)
        if count in found:
            raise InputError(f"{count!r} is asked for twice; leave out one of --share and --fair")
        found[count] = _member(value, measure, len(people_compared(problem, count)))
    return found


def _all_counts() -> str:
    return ", ".join(COUNTS)


def _count(option: str, name: str) -> str:
    count = _TITLES.get(name.strip().lower(), name.strip().lower())
    if count not in COUNTS:
        raise InputError(f"{option} {shown(name)}: no such count; {choices(count, COUNTS, quoted=False)}")
    return count


def _member(value: str, measure: str, n: int) -> Fairness:
    """Return the member for ``cv:0.3``, or ``epsilon:0.9:3`` with an order."""
    name, *numbers = (part.strip() for part in measure.split(":"))
    known = name.replace("-", "_")
    is_number = known in MEMBERS and MEMBERS[known].words.kind is float
    if known in MEMBERS and not is_number and len(numbers) > 1:
        numbers = [":".join(numbers)]  # top-share:2:0.5
    if known not in MEMBERS or not 1 <= len(numbers) <= 2:
        names = [member.replace("_", "-") for member in MEMBERS]
        hint = f"write it like {EXAMPLE}" if known in MEMBERS else choices(name, names, quoted=False)
        raise InputError(f"--fair {shown(value)}: {shown(measure)} is no measure with its value; {hint}")
    try:
        level = to_number(numbers[0]) if is_number else numbers[0]
    except ValueError:
        raise InputError(
            f"--fair {shown(value)}: {shown(numbers[0])} is not a number; write it like {EXAMPLE}"
        ) from None
    order = read_order(numbers[1]) if len(numbers) > 1 else None
    return asked_fairness({known: level}, order, n)
