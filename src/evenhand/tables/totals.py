"""Find rows and columns of totals and means, with which office tables often end; they are not agents or tasks.

A row is refused only if both its name and its numbers say that it is a total or mean. If just one of them does, it is
kept, with a note.
"""

from __future__ import annotations

import functools
import re
import shlex
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.tables.cost_table import CostTable, shown

_SUMS = """
    total totals totale totali totaal totalt totales totaux totais totalen sum sums sumy summe summen subtotal
    subtotals zwischensumme gesamt gesamtsumme gesamtergebnis insgesamt endsumme somma somme suma sumas soma
    som tot ges yhteensä summa altogether overall all razem łącznie suma celkem součet összesen összeg yhteensa
    toplam ukupno skupaj spolu kokku kopā viso итого всего сумма разом общо σύνολο σ ∑ 合計 总计 總計 合计 小計 小计
    합계 총계 कुल योग jumlah tổng รวม المجموع مجموع إجمالي الإجمالي סה סך
"""
_MEANS = """
    mean means average averages avg durchschnitt mittelwert mittel schnitt ø media medie medio promedio
    promedios moyenne moyennes moy gemiddelde gemiddeld genomsnitt medelvärde gennemsnit gjennomsnitt middel
    keskiarvo średnia średnio průměr átlag ortalama keskmine prosjek среднее средняя середнє средно μέσος
    平均 平均値 平均值 均值 평균 média médias rata المتوسط متوسط ממוצע
"""
_SUM_WORDS, _MEAN_WORDS = frozenset(_SUMS.split()), frozenset(_MEANS.split())
# Shortest word, in characters, that is also recognised as a part of a longer one: Gesamtkosten, RowTotal.
_SHORTEST_PART = 4
_BETWEEN_WORDS = re.compile(r"[\s\d.,:;()\[\]/*=_\"'\-–]+")
_LONGEST_PART = 100  # upper limit on the rows that a subtotal sums
# Relative difference up to which a sum counts as equal to its total, because both may have been rounded.
_ROUNDED = 5e-3


def check_totals(table: CostTable, remedy: str = "", kinds: tuple[str, str] = ("agent", "task")) -> tuple[str, ...]:
    """Raise an InputError if a row or column is a total or a mean of the others, by its name and its numbers.

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
        Sentences on rows and columns that look like a total by either their name or their numbers, and are kept.

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


def check_total_of(names: Sequence[str], values: NDArray[np.float64], source: str, remedy: str) -> None:
    """Raise an InputError if one of `values` is the total or mean of the others, by its name and its number."""
    scaled, unit = _scaled(values)
    _check("row", names, scaled[:, None], unit, source, remedy)


def _scaled(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return the values divided by the largest, so that sums cannot overflow, and the quotient that stands for 1.

    Infinite values become NaN.
    """
    there = np.isfinite(values)
    largest = float(np.abs(values[there]).max(initial=0.0)) or 1.0
    return np.where(there, values, np.nan) / largest, 1.0 / largest


def _check(
    kind: str, names: Sequence[str], values: NDArray[np.float64], unit: float, source: str, remedy: str
) -> list[str]:
    called = {position: found for position, name in enumerate(names) if (found := announces_total(name))}
    notes = []
    for position, (what, exact) in called.items():
        groups = _summed_up(position, [p for p, (_, sure) in called.items() if sure], len(names))
        if any(_sums_up(values, position, group, what, unit) for group in groups):
            raise InputError(
                f"{source}: {kind} {shown(names[position])} is the {what} of the others, not one of them; "
                + _remedy(remedy, kind, names[position])
                + f", or rename it if it is not a {what}"
            )
        if exact and len(_words(names[position])) == 1:
            notes.append(f"{kind} {shown(names[position])} is named like a {what}, but its numbers are not; it is kept")
    notes += [
        f"{kind} {shown(names[position])} is the sum of all others in every cell; if it is a total, "
        + _remedy(remedy, kind, names[position])
        for position in _sums_of_all_others(values)
        if position not in called
    ]
    return notes


def _remedy(remedy: str, kind: str, name: str) -> str:
    return remedy.format(kind=kind, name=shlex.quote(name)) if remedy else "leave it out"


def _words(name: str) -> list[str]:
    return [word for word in _BETWEEN_WORDS.split(unicodedata.normalize("NFKC", name).casefold()) if word]


def announces_total(name: str) -> tuple[str, bool] | None:
    """Return ``total`` or ``mean`` if a name says so, and whether it does in a separate word; None if it does not."""
    called = [found for word in _words(name) if (found := _meaning(word))]
    return max(called, key=lambda found: found[1], default=None)


@functools.lru_cache(maxsize=4096)  # thousands of names share their words, as in task 1, task 2, ...
def _meaning(word: str) -> tuple[str, bool] | None:
    for exact in (True, False):
        for what, known in (("total", _SUM_WORDS), ("mean", _MEAN_WORDS)):
            parts = tuple(part for part in known if len(part) >= _SHORTEST_PART)
            if word in known if exact else (word.startswith(parts) or word.endswith(parts)):
                return what, exact
    return None


def _summed_up(position: int, called: Sequence[int], count: int) -> list[NDArray[np.intp]]:
    """Return the sets of rows that a total may sum: all that are not totals, all others, or those just above it."""
    everybody = np.arange(count)
    plain = np.setdiff1d(everybody, [*called, position])
    above = plain[plain < position]
    parts = [above[-length:] for length in range(2, min(len(above), _LONGEST_PART) + 1)]
    return [plain, np.delete(everybody, position), *parts]


def _sums_up(values: NDArray[np.float64], position: int, others: NDArray[np.intp], what: str, unit: float) -> bool:
    """Return whether a row is the total or mean of the others, up to rounding, wherever both have numbers."""
    rest = values[others]
    there = ~np.isnan(values[position]) & ~np.isnan(rest).all(axis=0)
    if not there.any():
        return bool(len(others)) and what == "total"
    rest, row = rest[:, there], values[position, there]
    expected = np.nansum(rest, axis=0) if what == "total" else np.nanmean(rest, axis=0)
    rounded = _ROUNDED * np.nansum(np.abs(rest), axis=0)
    if (np.abs(row / unit - np.round(row / unit)) < 1e-6).all():
        rounded = np.maximum(rounded, 0.5 * unit)  # rounded to whole numbers
    return bool((np.abs(row - expected) <= rounded).all())


def _sums_of_all_others(values: NDArray[np.float64]) -> list[int]:
    if len(values) < 3 or values.shape[1] < 2 or np.isnan(values).all():
        return []
    filled = np.nan_to_num(values)
    scale = np.abs(filled).sum(axis=0)
    sums = (np.abs(2 * filled - filled.sum(axis=0)) <= 1e-9 * scale).all(axis=1) & (scale > 0).all()
    return [int(position) for position in np.flatnonzero(sums)]
