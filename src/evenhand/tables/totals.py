"""Find rows and columns that sum up the others, with which office tables often end; they are not agents or tasks.

They are totals, means, medians, maxima, minima, ranges, counts, standard deviations, and columns of ranks and running
numbers. A row is refused only if both its name and its numbers say so. If just one of them does, it is kept, with a
note.
"""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import RemediedError
from evenhand.tables.cost_table import CostTable, shown
from evenhand.tables.summary_words import (
    COUNT,
    DEVIATION,
    FIRST_NAMES,
    MAXIMUM,
    MEAN,
    MEDIAN,
    MINIMUM,
    PARTS,
    RANGE,
    RANK,
    RUNNING,
    TOTAL,
    WORDS,
    normalised,
)

_MOST_NOTES = 3  # upper limit on the rows, or columns, that the notes list one by one
_MOST_STATISTICS = 10  # upper limit on those above a statistic of which some may be its rows
_BETWEEN_WORDS = re.compile(r"[\s\d.,:;()\[\]/*=_\"'\-–]+")
_LONGEST_PART = 100  # upper limit on the rows that a subtotal sums
_FEW_COLUMNS = 4  # number of columns that are looked at before all others
# Relative difference up to which a sum counts as equal to its total, because both may have been rounded.
_ROUNDED = 5e-3


def check_totals(table: CostTable, remedy: str = "", kinds: tuple[str, str] = ("agent", "task")) -> tuple[str, ...]:
    """Raise an InputError if a row or column sums up the others, by its name and its numbers.

    Parameters
    ----------
    table
        The table as it was read.
    remedy
        Option that leaves a row or column out, with ``{kind}`` (row or column) and ``{name}`` in it; empty for data
        frames, which have no such option.
    kinds
        What the rows and the columns of the source contain.

    Returns
    -------
    tuple of str
        Sentences on rows and columns of which either the name or the numbers say so, and which are kept.

    Raises
    ------
    InputError
        If there is such a row or column; the message names it and the remedy.
    """
    notes: list[str] = []
    values, unit = _scaled(table.values)
    for kind, names, rows in (("agent", table.agents, values), ("task", table.tasks, values.T)):
        where = "row" if kind == kinds[0] else "column"
        notes += _check(where, names, rows, unit, table.source, remedy)
    return tuple(notes)


def check_total_of(
    names: Sequence[str], values: NDArray[np.float64], source: str, remedy: str, known: Collection[str] = ()
) -> None:
    """Raise an InputError if one of `values` sums up the others, by its name and its number; `known` names do not."""
    scaled, unit = _scaled(values)
    _check("row", names, scaled[:, None], unit, source, remedy, set(known))


def _scaled(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return the values divided by the largest, so that sums cannot overflow, and the quotient that stands for 1.

    Infinite values become NaN.
    """
    there = np.isfinite(values)
    largest = float(np.abs(values[there]).max(initial=0.0)) or 1.0
    return np.where(there, values, np.nan) / largest, 1.0 / largest


def _check(
    kind: str,
    names: Sequence[str],
    values: NDArray[np.float64],
    unit: float,
    source: str,
    remedy: str,
    known: Collection[str] = (),
) -> list[str]:
    called = {
        position: found for position, name in enumerate(names) if name not in known and (found := announced(name))
    }
    sure = [position for position, found in called.items() if any(found.values())]
    proven: dict[int, str] = {}
    for position, found in called.items():
        for what in found:
            if _sums_up(values, position, names, sure, what, unit):
                proven[position] = what
                break
    if proven:
        raise RemediedError(
            f"{source}: {_refusal(kind, {names[k]: what for k, what in proven.items()}, remedy)}",
            {f"ignore_{kind}s": tuple(names[k] for k in proven)},
        )
    notes = [
        f"{kind} {shown(names[position])} is named like a {next(iter(called[position]))}, but its numbers are not; "
        "it is kept"
        for position in sure
    ]
    if len(notes) > _MOST_NOTES:
        others = len(notes) - _MOST_NOTES
        notes = [*notes[:_MOST_NOTES], f"{others} more {kind}{'s are' if others > 1 else ' is'} so named and kept"]
    notes += [
        f"{kind} {shown(names[position])} is the sum of all others in every cell; if it is a total, "
        + _remedy(remedy, kind, names[position])
        for position in _sums_of_all_others(values)
        if position not in called
    ]
    return notes


def _refusal(kind: str, proven: dict[str, str], remedy: str) -> str:
    """Return the line on the rows `proven` to sum up the others: the first in full, the others beside it."""
    (first, what), *others = proven.items()
    also = "".join(f", {kind} {shown(name)} the {other}" for name, other in others)
    remedies = " ".join(_remedy(remedy, kind, name) for name in proven) if remedy else "leave them out"
    if not others:
        remedies, rename = _remedy(remedy, kind, first), f"rename it if it is not a {what}"
        if set(_words(first)) <= FIRST_NAMES:
            rename = f"write {shown(f'{first} M.')} or the like if it is not a {what}"
    else:
        rename = "rename what is none"
    return f"{kind} {shown(first)} is the {what} of the others, not one of them{also}; {remedies}, or {rename}"


def _remedy(remedy: str, kind: str, name: str) -> str:
    return remedy.format(kind=kind, name=shlex.quote(name)) if remedy else "leave it out"


def _words(name: str) -> list[str]:
    return [word for word in _BETWEEN_WORDS.split(normalised(name)) if word]


def announced(name: str) -> dict[str, bool]:
    """Return what a name says of its row (``total``, ``mean``, ``maximum``, ...), and whether a separate word does."""
    # Digits stand between words: of a million names such as task 17, one is looked at.
    stem = name.rstrip("0123456789")
    return _announced(name if stem == name else f"{stem}0")


@functools.lru_cache(maxsize=4096)
def _announced(name: str) -> dict[str, bool]:
    words = _words(name)
    alone = len(words) == 1
    found: dict[str, bool] = {}
    for word in words if alone else [*words, "".join(words)]:
        if word not in ("#" if alone else FIRST_NAMES):
            for what, exact in _meanings(word):
                found[what] = found.get(what, False) or exact
    if words and WORDS[RUNNING].issuperset(words) and not any(map(str.isdigit, name)):
        found[RUNNING] = False  # which is no word to make a note of
    return found


@functools.lru_cache(maxsize=4096)  # thousands of names share their words, as in task 1, task 2, ...
def _meanings(word: str) -> tuple[tuple[str, bool], ...]:
    exact = tuple((what, True) for what, known in WORDS.items() if word in known and what != RUNNING)
    return exact or tuple(
        (what, False) for what, parts in PARTS.items() if word.startswith(parts) or word.endswith(parts)
    )


def _sums_up(
    values: NDArray[np.float64], position: int, names: Sequence[str], sure: Sequence[int], what: str, unit: float
) -> bool:
    """Return whether a row is the total, the mean, ... of some others, wherever both have numbers."""
    if set(_words(names[position])) <= FIRST_NAMES:
        filled = ~np.isnan(values[position])
        if filled.sum() < 2 or (values[:, filled] == values[position, filled]).all():
            return False
        plain = np.setdiff1d(np.arange(len(names)), sure)
        if plain.min(initial=position) < position < plain.max(initial=position):
            return False  # a person among others: statistics stand above or below
    return any(_fits(values, position, group, what, unit) for group in _groups(position, sure, len(names), what))


def _groups(position: int, sure: Sequence[int], count: int, what: str) -> list[NDArray[np.intp]]:
    """Return the sets of rows that a row may sum up: all that sum up nothing, all others, or those above it."""
    everybody = np.arange(count)
    plain = np.setdiff1d(everybody, [*sure, position])
    groups = [plain, np.delete(everybody, position)]
    if what in (TOTAL, MEAN):
        above = plain[plain < position]
        return groups + [above[-length:] for length in range(2, min(len(above), _LONGEST_PART) + 1)]
    # A statistic below others may be of some of these, too.
    return groups + [
        everybody[:end] for end in range(max(2, position - min(len(sure), _MOST_STATISTICS)), position + 1)
    ]


def _fits(values: NDArray[np.float64], position: int, others: NDArray[np.intp], what: str, unit: float) -> bool:
    """Return whether a row is what its name says of the rows `others`, up to rounding."""
    rest = values[others]
    there = ~np.isnan(values[position]) & ~np.isnan(rest).all(axis=0)
    if not there.any():
        return bool(len(others)) and what == TOTAL
    rest, row = rest[:, there], values[position, there]
    if what == RANK:
        row = np.sort(row)  # in any order
    rounded = _tolerance(rest, row, what, unit)
    return any(bool((np.abs(row - expected) <= rounded).all()) for expected in _expected(rest, what, unit))


def _tolerance(
    rest: NDArray[np.float64], row: NDArray[np.float64], what: str, unit: float
) -> NDArray[np.float64] | float:
    """Return the differences that rounding explains; a cell that was copied or counted has hardly any."""
    if what in (COUNT, RANK, RUNNING):
        return 1e-6 * unit
    size = np.abs(rest)
    rounded = _ROUNDED * np.nansum(size, axis=0) if what in (TOTAL, MEAN) else _ROUNDED * np.nanmax(size, axis=0)
    if what in (MAXIMUM, MINIMUM):
        rounded = 1e-6 * np.nanmax(size, axis=0)
    if (np.abs(row / unit - np.round(row / unit)) < 1e-6).all():
        rounded = np.maximum(rounded, 0.5 * unit)  # rounded to whole numbers
    return np.asarray(rounded, dtype=np.float64)


def _expected(rest: NDArray[np.float64], what: str, unit: float) -> list[Any]:
    """Return the values, one for each column or for all, that a row of this name may hold."""
    if what == COUNT:
        return [unit * (~np.isnan(rest)).sum(axis=0), unit * len(rest)]
    if what == RANK:
        return [unit * np.arange(1.0, rest.shape[1] + 1)] if rest.shape[1] > 1 else []
    if what == RUNNING:
        return [unit * (start + np.arange(rest.shape[1])) for start in (0, 1) if rest.shape[1] > 1]
    if what == DEVIATION:
        return [np.nanstd(rest, axis=0, ddof=free) for free in (0, 1) if len(rest) > free]
    if what == RANGE:
        return [np.nanmax(rest, axis=0) - np.nanmin(rest, axis=0)]
    of: dict[str, Callable[..., Any]] = {
        TOTAL: np.nansum,
        MEAN: np.nanmean,
        MAXIMUM: np.nanmax,
        MINIMUM: np.nanmin,
        MEDIAN: np.nanmedian,
    }
    return [of[what](rest, axis=0)]


def _sums_of_all_others(values: NDArray[np.float64]) -> list[int]:
    if len(values) < 3 or values.shape[1] < 2 or np.isnan(values).all():
        return []
    for some in (values[:, :_FEW_COLUMNS], values):  # the first columns of most tables show that no row is
        filled = np.nan_to_num(some)
        scale = np.abs(filled).sum(axis=0)
        sums = (np.abs(2 * filled - filled.sum(axis=0)) <= 1e-9 * scale).all(axis=1) & (scale > 0).all()
        if not sums.any():
            return []
    return [int(position) for position in np.flatnonzero(sums)]
