"""Read workbooks (.xlsx) as rows of cells, which are then parsed like those of a text."""

from __future__ import annotations

import datetime
import functools
import re
import shlex
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenhand.errors import InputError, MissingExtraError, RemediedError
from evenhand.tables.cost_table import shown
from evenhand.tables.numbers import Cell, UnitNumber

# Upper limit on a table's cells, empty ones included.
_MOST_CELLS = 100_000_000
# Upper limits on the uncompressed size of a workbook, against zip bombs: in bytes; as a multiple of its compressed
# size, which matters only from _MUCH bytes on; and in XML tags, of which there are about four per cell.
_LARGEST, _MOST_TIMES, _MUCH, _MOST_TAGS = 1 << 28, 200, 1 << 24, 10_000_000
# Numbers of the formats that show the currency which the system is set to.
_LOCAL_CURRENCY = frozenset({5, 6, 7, 8, 42, 44})
# The first section of a number format; and the signs in it that are shown as they are: "text", \ before a sign,
# [$currency-locale], and some signs alone. Not shown are the sign after _ (its width is) and after * (it fills).
_SECTION = re.compile(r"""(?:"[^"]*"|\\.|[_*].|\[[^\]]*\]|[^;])*""")
_SCALED = re.compile("[0#?],+(?![0#?,])")
_SHOWN = re.compile(r"""[_*].|"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|([%$€£¥+\-():' ])""")
# The part that lists the sheets, and the beginning of the namespaces of the strict form.
_BOOK, _STRICT = "xl/workbook.xml", b"http://purl.oclc.org/ooxml/"
# Bytes that are uncompressed at a time.
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class TypedRows:
    """The non-blank rows of a sheet, from the header on; the counterpart of `split_rows.Rows`."""

    source: str
    cells: tuple[tuple[int, tuple[Cell, ...]], ...]
    notes: tuple[str, ...]

    def __iter__(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        return iter(self.cells)


def read_workbook(file: Path, source: str, sheet: str | None) -> TypedRows:
    """Return the rows of a sheet: numbers as numbers, durations as ``h:mm:ss``, everything else as text.

    The value of a formula is the one that the spreadsheet last computed; an empty text leaves the cell empty. Hidden
    rows and columns are read like others, with a note.

    Parameters
    ----------
    file
        The workbook.
    source
        Its name, for messages.
    sheet
        Name of the sheet; None if only one visible sheet has any content.

    Raises
    ------
    InputError
        If the file is not a workbook, if the sheet does not exist, is empty or not the only one, if cells of the table
        are merged, or if a formula has no value.
    MissingExtraError
        If openpyxl is not installed.
    """
    try:
        import openpyxl
    except ImportError:
        raise MissingExtraError("openpyxl", "tables") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions, which do not matter here
            _check_package(file, source)
            values = openpyxl.load_workbook(file, data_only=True)
            formulas = openpyxl.load_workbook(file)
    except (OSError, InputError):
        raise
    except Exception as error:  # a broken file raises errors of zipfile, XML parsers or openpyxl
        detail = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise InputError(
            f"{source}: not a usable workbook ({detail}); if it is text, let its name end in .csv, otherwise save the "
            "sheet as 'Excel Workbook (.xlsx)' or 'CSV UTF-8'"
        ) from None
    name = _sheet(values, sheet, source)
    filled = _filled_cells(values[name], formulas[name], source)
    # The table is as wide as its widest row of values; cells that have a format only do not count.
    width = max((position for line in filled.values() for position in line), default=0)
    rows: list[tuple[int, tuple[Cell, ...]]] = []
    titles: list[str] = []
    merged = values[name].merged_cells.ranges
    for number, line in sorted(filled.items()):
        if not rows and list(line) == [1] and width > 1:
            titles.append(f"line {number} ({shown(line[1])}) is skipped as a title")
            continue
        spread = next((area for area in merged if area.min_row <= number <= area.max_row), None)
        if spread is not None:
            raise InputError(f"{source}, line {number}: cells {spread} are merged; give each cell its own value")
        if len(rows) * width > _MOST_CELLS:
            raise InputError(
                f"{source}: sheet {shown(name)} has {len(filled)} rows and {width} columns, nearly all empty; clear "
                "the cells far from the table"
            )
        rows.append((number, tuple(line.get(position, "") for position in range(1, width + 1))))
    if not rows:
        raise InputError(f"{source}: sheet {shown(name)} has no table; it needs a header with names and rows below it")
    titles += _hidden(values[name], {number for number, _ in rows})
    return TypedRows(source, tuple(rows), tuple(titles))


def _check_package(file: Path, source: str) -> None:
    """Raise an InputError for a zip package that is too large uncompressed, before openpyxl reads it into memory.

    The sizes are those in the zip directory. A part that is longer than stated there is not read beyond that size.
    """
    with zipfile.ZipFile(file) as package:
        parts = package.infolist()
        size, packed = sum(part.file_size for part in parts), file.stat().st_size
        if any(part.filename == _BOOK for part in parts):
            with package.open(_BOOK) as stream:
                if _STRICT in stream.read(_PIECE):
                    raise InputError(
                        f"{source}: a workbook in the form 'Strict Open XML', which is not read; save it as 'Excel "
                        "Workbook (.xlsx)' or as 'CSV UTF-8'"
                    )
        if size > _LARGEST or size > max(_MUCH, _MOST_TIMES * packed):
            raise InputError(
                f"{source}: a workbook of {packed:,} bytes, {size:,} uncompressed; the limits are {_LARGEST:,} bytes "
                f"and {_MOST_TIMES} times the compressed size; save the sheet as 'CSV UTF-8'"
            )
        tags = 0
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels")):
                with package.open(part) as stream:
                    while piece := stream.read(_PIECE):
                        tags += piece.count(b"<")
        if tags > _MOST_TAGS:
            raise InputError(
                f"{source}: a workbook of more than {_MOST_TAGS // 4:,} cells; save the sheet as 'CSV UTF-8'"
            )


def _filled_cells(page: Any, formulas: Any, source: str) -> dict[int, dict[int, Cell]]:
    """Return the non-blank cells by row and column, both counted from 1.

    Only the cells stored in the file are visited. Iterating over openpyxl's rows would include every position up to the
    farthest cell that was ever edited, which can be 17 billion.
    """
    filled: dict[int, dict[int, Cell]] = {}
    for (row, column), cell in page._cells.items():
        value = _cell(cell, formulas._cells[row, column], source)
        if _filled(value):
            filled.setdefault(row, {})[column] = value
    return filled


def _hidden(page: Any, lines: set[int]) -> list[str]:
    """Return a note for each hidden row of the table and each hidden column."""
    rows = [f"row {number}" for number, row in sorted(page.row_dimensions.items()) if row.hidden and number in lines]
    columns = [f"column {letter}" for letter, column in sorted(page.column_dimensions.items()) if column.hidden]
    return [f"{place} is hidden, but read like the others" for place in rows + columns]


def _sheet(book: Any, sheet: str | None, source: str) -> str:
    names = [page.title for page in book.worksheets if page.sheet_state == "visible"]
    if sheet is not None:
        if sheet not in [page.title for page in book.worksheets]:
            raise InputError(f"{source}: no sheet is called {shown(sheet)}; there are {', '.join(map(shown, names))}")
        return sheet
    filled = [name for name in names if book[name].max_row > 1 or book[name].max_column > 1]
    if len(filled) > 1:
        several = ", ".join(map(shown, filled[:5]))
        raise RemediedError(
            f"{source}: {len(filled)} sheets, {several}; choose one with --sheet {shlex.quote(filled[0])}, "
            f"or name it behind the file: {shlex.quote(f'{source}#{filled[0]}')}",
            *({"sheet": name} for name in filled),
        )
    if not names:
        raise InputError(f"{source}: a workbook without a visible sheet")
    return str((filled or names)[0])


def _filled(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(cell.strip())


def _cell(cell: Any, formula: Any, source: str) -> Cell:
    """Return the value of a cell as a number or as text."""
    value = cell.value
    # The type "str" is that of a computed text, here the empty one: =IF(D2=0,"",D2) leaves the cell empty.
    if value is None and cell.data_type != "str" and isinstance(formula.value, str) and formula.value.startswith("="):
        raise InputError(
            f"{source}, cell {cell.coordinate}: a formula without a value; open and save the file in a spreadsheet"
        )
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        if isinstance(value, datetime.time):
            return f"{value.hour}:{value.minute:02}:{value.second:02}"
        if isinstance(value, datetime.timedelta):
            hours, rest = divmod(round(value.total_seconds()), 3600)
            return f"{hours}:{rest // 60:02}:{rest % 60:02}"
        if isinstance(value, datetime.datetime) and value.time() == datetime.time():
            return value.date().isoformat()
        return str(value)
    unit = _unit(cell._style.numFmtId, cell.number_format)
    return UnitNumber(value, unit) if unit else value


@functools.lru_cache(maxsize=1024)
def _unit(number: int, number_format: str) -> str:
    """Return the unit that a number format shows: ``%``, a currency, or a text such as ``h``; empty if there is none.

    Only the section of the format for positive numbers counts.
    """
    if number in _LOCAL_CURRENCY:
        return "in local currency"
    section = _SECTION.match(number_format)[0]  # type: ignore[index]
    if _SCALED.search(section):
        return ""  # what follows is the scale, such as "k", and no unit
    shown = "".join(map("".join, _SHOWN.findall(section)))
    return "%" if "%" in shown else shown.strip(" ()+-/:,.'").replace("\u00a0", " ")
