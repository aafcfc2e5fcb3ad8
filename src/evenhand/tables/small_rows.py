"""Read the rows of a small file beside a table: names and numbers, times, pairs or groups."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.files import decode, read_bytes, split_sheet
from evenhand.tables.numbers import Cell, UnitNumber
from evenhand.tables.split_rows import WORKBOOK, cut_rows, one_line_name, read_rows


@dataclass(frozen=True, slots=True)
class SmallRows:
    """The rows of a small file.

    Attributes
    ----------
    rows
        Line number and stripped cells of each row that is not blank. Only the last cell of a row may be a number, from
        a workbook.
    separator
        The character between cells; empty for a workbook.
    notes
        Sentences on lines that were skipped as titles, and on hidden rows and columns.
    """

    rows: list[tuple[int, list[Cell]]]
    separator: str
    notes: tuple[str, ...] = ()

    def texts(self) -> list[tuple[int, list[str]]]:
        """Return the rows with text in all cells."""
        return [(line, [_as_text(cell) for cell in cells]) for line, cells in self.rows]


def small_rows(file: Path, known: Collection[str] = ()) -> SmallRows:
    """Return the rows of a small file, a text or a workbook; one column is enough.

    A line above the others with one cell only is skipped as a title, with a note, unless it is one of the `known`
    names.

    Raises
    ------
    InputError
        If the file cannot be read or is not such a text.
    """
    file, sheet = split_sheet(file)
    data = read_bytes(file)
    if not data.strip():
        return SmallRows([], ",")
    if data.startswith(WORKBOOK):
        return _of_workbook(file, sheet, known)
    text = decode(data, str(file))
    rows: Iterable[tuple[int, Sequence[Cell]]]
    notes: list[str] = []
    try:
        found = read_rows(data, str(file), known)
        separator = found.separator
        above = [row for row in cut_rows(found.text, separator, str(file)) if row[0] <= found.skipped]
        titles = dict(zip((line for line, _ in above), found.notes, strict=False))
        named = [row for row in above if one_line_name(row[1][0]) in known]
        notes = [note for line, note in titles.items() if line not in [kept for kept, _ in named]]
        rows = [*named, *found]
    except InputError:
        if any(separator in text for separator in ("\t", ";", "|", ",")):
            raise
        separator = ","
        rows = cut_rows(text, separator, str(file))  # one column
    stripped = [(line, _without_tail([one_line_name(str(cell)) for cell in cells])) for line, cells in rows]
    return SmallRows(stripped, separator, tuple(notes))


def _as_text(cell: Cell) -> str:
    """Return a cell as text; a number with the unit that its workbook shows."""
    if isinstance(cell, str):
        return cell
    return str(cell) if isinstance(cell, UnitNumber) else f"{cell:.15g}"


def _of_workbook(file: Path, sheet: str | None, known: Collection[str]) -> SmallRows:
    from evenhand.tables.workbook import read_workbook

    book = read_workbook(file, str(file), sheet)
    for note in book.notes:
        if any(f"({shown(name)}) is skipped" in note for name in known):
            raise InputError(f"{file}: {note}, and is a name of the costs; give it a second cell, or take it away")
    found: list[tuple[int, list[Cell]]] = []
    for line, cells in book:
        *names, last = _without_tail([one_line_name(cell) if isinstance(cell, str) else cell for cell in cells])
        found.append((line, [*map(_as_text, names), last]))
    return SmallRows(found, "", book.notes)


def _without_tail(cells: list[Cell]) -> list[Cell]:
    """Return the cells without the empty ones at the end, which spreadsheets write for empty columns."""
    filled = [position for position, cell in enumerate(cells) if cell != ""]
    return cells[: filled[-1] + 1] if filled else []
