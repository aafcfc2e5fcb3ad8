"""Read the rows of an office's table by the words of its header; each cell knows where it stands."""

from __future__ import annotations

import datetime
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evenhand.errors import InputError
from evenhand.tables.clock import parse_duration, writes_digits
from evenhand.tables.cost_table import shown
from evenhand.tables.dates import day_order, parse_date, parse_moment
from evenhand.tables.header_words import Columns, Role, refuse_wider, roles_of, seems_header
from evenhand.tables.number_tokens import SIGNS, token_of
from evenhand.tables.numbers import CellError, is_number, read_numbers
from evenhand.tables.small_rows import small_rows
from evenhand.tables.spans import with_ends

MOST_ROWS = 100_000
"""Upper limit on the rows of a table."""

IDLE = ("staff", "personal", "shifts", "dienste", "over", "per", "pro", "plan")
"""Further words that add nothing to a header of an office's table."""

MUST = frozenset(["must", "muss", "inf", "infinite", "hard", "zwingend", "obligatoire"])
"""Words in the column ``weight`` that stand for infinity: a wish that has to be granted."""


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """A row of a table.

    Attributes
    ----------
    table
        The table.
    line
        Number of the line, from 1.
    cells
        Texts of the cells, by role; only the columns that are there.
    """

    table: OfficeTable
    line: int
    cells: Mapping[str, str]

    def where(self, role: str) -> str:
        """Return file, line and column of a cell, for messages."""
        header = self.table.header(role)
        return f"{self.table.source}, line {self.line}" + (f", column {shown(header)}" if header else "")

    def fault(self, role: str, what: str) -> InputError:
        """Return the error on a cell: where it stands, its text, and `what` is wrong with it."""
        return InputError(f"{self.where(role)}: {shown(self.text(role))} {what}")

    def text(self, role: str) -> str:
        """Return the text of a cell; empty if there is none."""
        return self.cells.get(role, "")

    def needed(self, role: str, example: str) -> str:
        """Return the text of a cell that must not be empty."""
        text = self.text(role)
        if not text:
            raise InputError(f"{self.where(role)}: the cell is empty; write one such as {example}")
        return text

    def number(self, role: str, default: float, *, finite: bool = True, kinds: Sequence[str] = ("number",)) -> float:
        """Return a number of at least 0, or `default` for an empty cell; infinity (``must``) if not `finite`.

        `kinds` are those of :func:`~evenhand.tables.number_tokens.token_of` that the column may have.
        """
        text = self.text(role)
        if not text:
            return default
        token = token_of(" ".join(text.translate(SIGNS).split()))
        if token is not None and token.kind not in kinds:
            kind = {"percent": "per cent", "duration": "a duration"}[token.kind]
            raise self.fault(role, f"is {kind}; write a plain number")
        value = math.inf if text.casefold() in MUST else self.table.numbers(role)[text]
        if value < 0.0 or math.isnan(value) or (finite and math.isinf(value)):
            raise self.fault(role, "must be a number of at least 0")
        return value

    def whole(self, role: str, default: int, least: int = 0) -> int:
        """Return a whole number of at least `least`, or `default` for an empty cell."""
        value = self.number(role, float(default))
        if not value.is_integer() or value < least or value > 1e6:
            raise self.fault(
                role, f"must be a whole number of at least {least}{' and at most 1,000,000' * (value > 1e6)}"
            )
        return int(value)

    def minutes(self, role: str, default: float) -> float:
        """Return hours as minutes: ``38.5``, ``38,5 h``, ``38:30``, and minutes if the header says so."""
        per_unit = 1.0 if self.table.columns.unit.get(role) == "min" else 60.0
        kinds = ("number",) if per_unit == 1.0 else ("number", "duration")
        return self.number(role, default / per_unit, kinds=kinds) * per_unit

    def pause(self, role: str) -> float:
        """Return a duration in minutes, 0 for an empty cell; plain numbers are minutes unless the header says hours."""
        text, unit = self.text(role), self.table.columns.unit.get(role)
        try:
            minutes = float(parse_duration(text, unit or "min")) if text else 0.0
        except ValueError as error:
            raise self.fault(role, str(error)) from None
        if 0.0 < minutes < 1.0 and not unit:
            raise self.fault(role, "is less than a minute; write minutes, or a duration such as 0:30")
        return minutes

    def date(self, role: str) -> datetime.date:
        """Return a date."""
        self.needed(role, "2026-03-02")
        try:
            return parse_date(self.text(role), self.table.day_order(role))
        except ValueError as error:
            raise self.fault(role, str(error)) from None

    def moment(self, role: str, *, hours: bool = False) -> tuple[datetime.date | None, float]:
        """Return a clock time in minutes after midnight, and the date before it, if there is one.

        With `hours`, a whole number up to 24 is the hour: no other unit makes sense.
        """
        text, table = self.needed(role, "06:00"), self.table
        if hours and text.isdecimal() and len(text) <= 2 and int(text) <= 24:
            text += ":00"
        try:
            date, minutes = parse_moment(
                text, order=table.day_order(role), digits=any(map(writes_digits, table.column(role)))
            )
        except ValueError as error:
            raise self.fault(role, str(error)) from None
        if minutes is None:
            raise self.fault(role, "is a date without a time; write a time such as 06:00")
        return date, float(minutes)


class OfficeTable:
    """The rows of a table below its header.

    Parameters
    ----------
    path
        A text file or workbook.
    what
        What the table holds, for messages.
    wanted
        The columns that it may have.
    needed
        The columns without which it cannot be read; a tuple stands for any of some.
    watched
        The columns that must not be missed because a header has further words.
    idle
        Words of headers that add nothing, beside :data:`IDLE`.
    joined
        Roles of columns whose cells may hold a beginning with its end, and the function that takes them apart
        (:func:`~evenhand.tables.spans.with_ends`); None if there are none.

    Raises
    ------
    InputError
        If the file cannot be read, or a column that is needed is missing.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        what: str,
        wanted: Mapping[str, Role],
        needed: Sequence[str | tuple[str, ...]],
        watched: Sequence[str] = (),
        idle: Iterable[str] = (),
        joined: tuple[Role, Callable[[str], tuple[str, str] | None]] | None = None,
    ) -> None:
        idle = (*IDLE, *idle)
        self.source = str(path)
        small = small_rows(Path(path))
        found = small.texts()
        if joined is not None:
            found = with_ends(found, lambda title: seems_header([title], {"span": joined[0]}, IDLE), joined[1])
        if not found:
            raise InputError(f"{path}: the file is empty; it needs a header and the {what}")
        if len(found) > MOST_ROWS:
            raise InputError(f"{path}: {len(found):,} rows; a table of {what} has at most {MOST_ROWS:,}")
        line, header = found[0]
        where = f"{path}, line {line}"
        if not seems_header(header, wanted, idle):
            raise InputError(f"{where}: no header such as {', '.join(list(wanted)[:5])} above the {what}; add one")
        refuse_wider(found, str(path))
        self.columns: Columns = roles_of(header, wanted, where, needed=needed, watched=watched, empty=idle)
        place = self.columns.place
        self.rows = tuple(
            OfficeRow(self, line, {role: cells[k] if k < len(cells) else "" for role, k in place.items()})
            for line, cells in found[1:]
        )
        if not self.rows:
            raise InputError(f"{path}: no {what} below the header; add a row for each")
        self._above, self._cells = small.notes, [cells for _, cells in found[1:]]
        self._numbers: dict[str, dict[str, float]] = {}
        self._orders: dict[str, str] = {}

    def __contains__(self, role: str) -> bool:
        return role in self.columns

    def header(self, role: str) -> str:
        """Return the header of a role's column; empty if there is none."""
        return self.columns.headers[self.columns.place[role]] if role in self.columns else ""

    def column(self, role: str) -> list[str]:
        """Return the texts of a role's column without empty ones."""
        return [row.text(role) for row in self.rows if row.text(role)]

    def notes(self) -> list[str]:
        """Return sentences on lines above the header and on the columns that are not used."""
        return [f"{self.source}: {note}" for note in (*self._above, *self.columns.notes())]

    def numbers_unread(self) -> list[tuple[str, float]]:
        """Return the headers of columns that are not used and hold nothing but numbers, each with the largest."""
        found = []
        for k in self.columns.unused:
            texts = [cells[k] for cells in self._cells if k < len(cells) and cells[k]]
            try:
                values = read_numbers([[text] for text in texts]).values if all(map(is_number, texts)) else None
            except (CellError, InputError):
                continue
            if texts and values is not None and self.columns.headers[k]:
                found.append((self.columns.headers[k], float(values.max())))
        return found

    def numbers(self, role: str) -> dict[str, float]:
        """Return the numbers of a column by text: points and commas mean the same in all of its cells."""
        if role not in self._numbers:
            filled = [row for row in self.rows if row.text(role) and row.text(role).casefold() not in MUST]
            for row in filled:
                if not is_number(row.text(role)):
                    raise row.fault(role, "is not a number; write a number such as 2 or 38.5")
            try:
                values = read_numbers([[row.text(role)] for row in filled]).values.ravel().tolist()
            except CellError as error:
                raise filled[error.row].fault(role, error.reason) from None
            except InputError as error:
                # The option that the message names is one of other commands.
                reason = str(error).partition("; give the decimal separator")[0]
                raise InputError(f"{filled[0].where(role)}: {reason}; write it without the mark") from None
            self._numbers[role] = {row.text(role): value for row, value in zip(filled, values, strict=True)}
        return self._numbers[role]

    def day_order(self, role: str) -> str:
        """Return whether day or month comes first in a column's dates, as far as they prove it."""
        if role not in self._orders:
            try:
                self._orders[role] = day_order(self.column(role))
            except ValueError as error:
                raise InputError(f"{self.source}, column {shown(self.header(role))}: {error}") from None
        return self._orders[role]
