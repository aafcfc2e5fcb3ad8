"""Which fairness the options ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evenhand.errors import InputError
from evenhand.tables.numbers import to_number
from evenhand.tables.table import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evenhand.fairness import Fairness


def read_order(text: str) -> float:
    """Return the order p that `text` names, a number or ``inf``; its range is checked where it is used.

    Raises
    ------
    InputError
        If it is neither.
    """
    try:
        return to_number(text)
    except ValueError:
        raise InputError(f"--p {shown(text)} must be a number of at least 2, or inf") from None


def asked_fairness(
    options: Mapping[str, float | None], p: str | None, n: int, entitlements: tuple[float, ...] | None
) -> Fairness:
    """Return the member of the family that the options ask for; see :func:`evenhand.fairness.asked.asked_fairness`."""
    from evenhand.fairness import asked

    order = None if p is None else read_order(p)
    return asked.asked_fairness(options, order, n, entitlements, option=_option)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
