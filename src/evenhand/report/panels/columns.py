"""What columns of a long table are called, what they hold, and which one is meant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from evenhand.errors import InputError
from evenhand.report.formats import INFINITY, plain
from evenhand.report.panels.drawing import Rows

LABELS = {
    "agent": "agent",
    "bound_interpolated": "bound, interpolated",
    "bound_paper": "bound of the paper",
    "bound_sharp": "bound, sharp",
    "cv": "coefficient of variation",
    "epsilon": "fairness level ε",
    "episode": "episode",
    "episodes": "episodes",
    "index": "Jain’s index",
    "iqm": "interquartile mean",
    "jain": "Jain’s index",
    "largest": "largest attainable fairness level ε",
    "multiplier": "multiplier λ",
    "p": "order p",
    "price": "price of fairness, %",
    "published": "published",
    "q1": "first quartile",
    "q3": "third quartile",
    "seconds": "seconds",
    "share": "share of runs above the score",
    "steps": "steps",
    "success": "share of episodes that succeed",
    "tau": "threshold τ",
    "low": "interval from",
    "high": "interval to",
}
"""Columns that need more than their own name: what they hold, with its unit."""

_SIGNS = {"inf": INFINITY, "Infinity": INFINITY, "-inf": f"−{INFINITY}"}


def columns(rows: Rows) -> list[str]:
    """Return the columns, in the order in which they first occur."""
    return list(dict.fromkeys(name for row in rows for name in row))


def label(column: str) -> str:
    """Return what people call a column."""
    if column in LABELS:
        return LABELS[column]
    for ending, word in (("_low", "from"), ("_high", "to")):
        if column.endswith(ending):
            return f"{label(column.removesuffix(ending))}, {word}"
    return column.replace("_", " ")


def number(value: Any) -> float | None:
    """Return a finite number, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def numbers(rows: Rows, column: str) -> list[float]:
    """Return the finite numbers of a column."""
    return [found for row in rows if (found := number(row.get(column))) is not None]


def is_numeric(rows: Rows, column: str) -> bool:
    """Tell whether a column holds numbers and nothing else, where it holds anything."""
    held = [row.get(column) for row in rows if row.get(column) is not None]
    return bool(held) and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in held)


def word(value: Any) -> str:
    """Return a value as a name: an order or a level as people write it."""
    if isinstance(value, str):
        return _SIGNS.get(value, value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return plain(float(value), 6)
    return "–" if value is None else str(value)


def named(column: str, value: Any) -> str:
    """Return a value with what it is a value of: ``p = 2``, ``ε = 0.9``; a text stands for itself."""
    sign = {"epsilon": "ε", "tau": "τ"}.get(column, column.replace("_", " "))
    alone = isinstance(value, str) and (column != "p" or " " in value)
    return word(value) if alone else f"{sign} = {word(value)}"


def distinct(rows: Rows, column: str) -> list[Any]:
    """Return the values of a column, each once: numbers and orders ascending, texts as they first occur."""
    values = list(dict.fromkeys(row[column] for row in rows if row.get(column) is not None))
    ranks = [_rank(value) for value in values]
    if all(rank is not None for rank in ranks):
        return [value for _, value in sorted(zip(ranks, values, strict=True), key=lambda pair: pair[0] or 0.0)]
    return values


def first_of(rows: Rows, names: Sequence[str]) -> str | None:
    """Return the first of `names` that the rows have, with a value in at least one."""
    return next((name for name in names if any(row.get(name) is not None for row in rows)), None)


def needed(rows: Rows, names: Sequence[str], figure: str) -> str:
    """Return the first of `names` that the rows have.

    Raises
    ------
    InputError
        Naming figure and columns, if they have none of them.
    """
    found = first_of(rows, names)
    if found is None:
        raise InputError(
            f"the figure {figure!r} needs a column {' or '.join(map(repr, names))}; "
            f"the rows have {', '.join(map(repr, columns(rows))) or 'none'}"
        )
    return found


def _rank(value: Any) -> float | None:
    """Return the number that a value is or spells, infinity included."""
    if isinstance(value, bool):
        return None
    try:
        rank = float(value)
    except (TypeError, ValueError):
        return None
    return None if math.isnan(rank) else rank
