"""The columns of a long table: labels, values, and which column to use."""

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
"""Labels, with units, of columns whose names are not clear by themselves."""

_SIGNS = {"inf": INFINITY, "Infinity": INFINITY, "-inf": f"−{INFINITY}"}


def columns(rows: Rows) -> list[str]:
    """Return the columns, in the order in which they first occur."""
    return list(dict.fromkeys(name for row in rows for name in row))


def label(column: str) -> str:
    """Return the label of a column."""
    if column in LABELS:
        return LABELS[column]
    for ending, word in (("_low", "from"), ("_high", "to")):
        if column.endswith(ending):
            return f"{label(column.removesuffix(ending))}, {word}"
    return column.replace("_", " ")


def number(value: Any) -> float | None:
    """Return a value as a float if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def numbers(rows: Rows, column: str) -> list[float]:
    """Return the finite numbers of a column."""
    return [found for row in rows if (found := number(row.get(column))) is not None]


def is_numeric(rows: Rows, column: str) -> bool:
    """Return whether a column contains numbers only, missing values aside."""
    held = [row.get(column) for row in rows if row.get(column) is not None]
    return bool(held) and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in held)


def word(value: Any) -> str:
    """Return a value as a word in a legend or a sentence."""
    if isinstance(value, str):
        return _SIGNS.get(value, value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return plain(float(value), 6)
    return "–" if value is None else str(value)


def named(column: str, value: Any) -> str:
    """Return a value with the name of its column, such as ``p = 2`` or ``ε = 0.9``; text is returned as it is."""
    sign = {"epsilon": "ε", "tau": "τ"}.get(column, column.replace("_", " "))
    alone = isinstance(value, str) and (column != "p" or " " in value)
    return word(value) if alone else f"{sign} = {word(value)}"


def distinct(rows: Rows, column: str) -> list[Any]:
    """Return the distinct values of a column: numbers in ascending order, text in the order of appearance."""
    values = list(dict.fromkeys(row[column] for row in rows if row.get(column) is not None))
    ranks = [_rank(value) for value in values]
    if all(rank is not None for rank in ranks):
        return [value for _, value in sorted(zip(ranks, values, strict=True), key=lambda pair: pair[0] or 0.0)]
    return values


def first_of(rows: Rows, names: Sequence[str]) -> str | None:
    """Return the first of `names` for which at least one row has a value; None if there is none."""
    return next((name for name in names if any(row.get(name) is not None for row in rows)), None)


def needed(rows: Rows, names: Sequence[str], figure: str) -> str:
    """Return the first of `names` for which at least one row has a value.

    Raises
    ------
    InputError
        If there is none; the message names the figure and the columns.
    """
    found = first_of(rows, names)
    if found is None:
        raise InputError(
            f"the figure {figure!r} needs a column {' or '.join(map(repr, names))}; "
            f"the rows have {', '.join(map(repr, columns(rows))) or 'none'}"
        )
    return found


def _rank(value: Any) -> float | None:
    """Return a value or text as a number, infinity included; None if it is not a number."""
    if isinstance(value, bool):
        return None
    try:
        rank = float(value)
    except (TypeError, ValueError):
        return None
    return None if math.isnan(rank) else rank
