"""Rows and columns that sum up the others: office tables end with them, and nobody can be given their work."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import numpy as np

from evenhand.errors import InputError
from evenhand.tables.table import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evenhand.tables.table import CostTable

_SUMS = """
    total totals totale totali totaal totalt totales totaux totais totalen sum sums sumy summe summen subtotal
    subtotals zwischensumme gesamt gesamtsumme gesamtergebnis insgesamt endsumme somma somme suma sumas soma
    som tot ges yhteensä summa altogether overall razem łącznie suma celkem součet összesen összeg yhteensa
    toplam итого всего сумма разом σύνολο 合計 总计 總計 合计 小計 합계 총계 कुल योग jumlah tổng
"""
_MEANS = """
    mean means average averages avg durchschnitt mittelwert mittel schnitt ø media medie medio promedio
    promedios moyenne moyennes moy gemiddelde gemiddeld genomsnitt medelvärde gennemsnit gjennomsnitt middel
    keskiarvo średnia średnio průměr átlag ortalama среднее средняя середнє μέσος 平均 평균 média médias rata-rata
"""
_SUM_WORDS, _MEAN_WORDS = frozenset(_SUMS.split()), frozenset(_MEANS.split())
# Totals in offices are rounded, and the cells that they sum up as well.
_ROUNDED = 5e-3


def check_totals(table: CostTable, remedy: str = "", kinds: tuple[str, str] = ("agent", "task")) -> tuple[str, ...]:
    """Refuse a row or column that is named like a total or a mean and is one.

    Parameters
    ----------
    table
        The table as it was read.
    remedy
        How to leave a row or column out, with ``{kind}`` (row or column) and ``{name}`` in it; for data frames nothing.
    kinds
        What the rows and the columns of the source are.

    Returns
    -------
    tuple of str
        What looks like a total by its name or its numbers alone, and is taken as it stands: a sentence each.

    Raises
    ------
    InputError
        Naming it and the remedy.
    """
    notes: list[str] = []
    finite = _scaled(table.values)
    for kind, names, values in (("agent", table.agents, finite), ("task", table.tasks, finite.T)):
        where = "row" if kind == kinds[0] else "column"
        notes += _check(where, names, values, table.source, remedy)
    return tuple(notes)


def check_total_of(names: Sequence[str], values: NDArray[np.float64], source: str, remedy: str) -> None:
    """Refuse one of `values` that is named like the total or mean of the others, and is; `names` has one for each."""
    _check("row", names, _scaled(values)[:, None], source, remedy)


def _scaled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values of at most 1, so that their sums are finite, and NaN in place of infinite ones."""
    there = np.isfinite(values)
    largest = float(np.abs(values[there]).max(initial=0.0))
    return np.where(there, values, np.nan) / (largest or 1.0)


def _check(kind: str, names: Sequence[str], values: NDArray[np.float64], source: str, remedy: str) -> list[str]:
    called = {position: what for position, name in enumerate(names) if (what := _called(name))}
    others = np.array([position not in called for position in range(len(names))])
    notes = []
    for position, what in called.items():
        if _sums_up(values, position, others, what):
            raise InputError(
                f"{source}: {kind} {shown(names[position])} is the {what} of the others, and would be given work; "
                + (remedy.format(kind=kind, name=shlex.quote(names[position])) if remedy else "leave it out")
            )
        if _words(names[position])[0] == names[position].strip(" :.").casefold():
            notes.append(
                f"{kind} {shown(names[position])} is called like a {what}, but is not that of the others; kept"
            )
    if len(names) > 2 and values.shape[1] > 1 and not np.isnan(values).all():
        filled = np.nan_to_num(values)
        total = filled.sum(axis=0)
        scale = np.abs(filled).sum(axis=0)
        sums = (np.abs(2 * filled - total) <= 1e-9 * scale).all(axis=1) & (scale > 0).all()
        for position in np.flatnonzero(sums).tolist():
            if position not in called:
                notes.append(
                    f"{kind} {shown(names[position])} is the sum of all others in every cell; if it is a total, "
                    + (remedy.format(kind=kind, name=shlex.quote(names[position])) if remedy else "leave it out")
                )
    return notes


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*|ø", name.casefold()) or [""]


def _called(name: str) -> str | None:
    """Return what a name calls itself: a total or a mean, in the languages that we know; None for other names."""
    words = _words(name)
    if any(word in _SUM_WORDS for word in words):
        return "total"
    return "mean" if any(word in _MEAN_WORDS for word in words) else None


def _sums_up(values: NDArray[np.float64], position: int, others: NDArray[np.bool_], what: str) -> bool:
    """Tell whether a row is the total or mean of the others, up to rounding, in every cell that both have."""
    rest = values[others]
    there = ~np.isnan(values[position]) & ~np.isnan(rest).all(axis=0)
    if not there.any():
        return bool(others.any()) and what == "total"
    rest, row = rest[:, there], values[position, there]
    expected = np.nansum(rest, axis=0) if what == "total" else np.nanmean(rest, axis=0)
    return bool((np.abs(row - expected) <= _ROUNDED * np.nansum(np.abs(rest), axis=0)).all())
