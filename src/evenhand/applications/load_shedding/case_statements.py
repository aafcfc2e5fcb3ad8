"""An interpreter of the statements of a MATPOWER case file: tables, and the arithmetic that converts their units.

It supports tables and ``mpc.baseMVA``; names of columns, such as ``[PQ, PV, ...] = idx_bus;``, or
``define_constants;``; named numbers, ``Sbase = mpc.baseMVA * 1e6;``; new values for columns or for one row,
``mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3;``; and ``if`` on a number, without ``else``. Other fields of mpc
are ignored. Every other statement is an error that names its line.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from evenhand.applications.load_shedding.case_expressions import Expression, Row
from evenhand.applications.load_shedding.case_text import rows_of
from evenhand.errors import InputError
from evenhand.tables.cost_table import shown

COLUMNS = {"bus": 13, "gen": 10, "branch": 11}
"""Least number of columns of each table."""

LARGEST_POWER = 1e9
"""Upper limit on powers in MW. A larger number must be a mistake, and solvers would lose small ones beside it."""

# The return values of MATPOWER's functions of these names, in order.
_NAMES: dict[str, dict[str, int]] = {
    "idx_bus": {
        "PQ": 1, "PV": 2, "REF": 3, "NONE": 4, "BUS_I": 1, "BUS_TYPE": 2, "PD": 3, "QD": 4, "GS": 5, "BS": 6,
        "BUS_AREA": 7, "VM": 8, "VA": 9, "BASE_KV": 10, "ZONE": 11, "VMAX": 12, "VMIN": 13, "LAM_P": 14, "LAM_Q": 15,
        "MU_VMAX": 16, "MU_VMIN": 17,
    },
    "idx_brch": {
        "F_BUS": 1, "T_BUS": 2, "BR_R": 3, "BR_X": 4, "BR_B": 5, "RATE_A": 6, "RATE_B": 7, "RATE_C": 8, "TAP": 9,
        "SHIFT": 10, "BR_STATUS": 11, "PF": 14, "QF": 15, "PT": 16, "QT": 17, "MU_SF": 18, "MU_ST": 19, "ANGMIN": 12,
        "ANGMAX": 13, "MU_ANGMIN": 20, "MU_ANGMAX": 21,
    },
    "idx_gen": {
        "GEN_BUS": 1, "PG": 2, "QG": 3, "QMAX": 4, "QMIN": 5, "VG": 6, "MBASE": 7, "GEN_STATUS": 8, "PMAX": 9,
        "PMIN": 10, "MU_PMAX": 22, "MU_PMIN": 23, "MU_QMAX": 24, "MU_QMIN": 25, "PC1": 11, "PC2": 12, "QC1MIN": 13,
        "QC1MAX": 14, "QC2MIN": 15, "QC2MAX": 16, "RAMP_AGC": 17, "RAMP_10": 18, "RAMP_30": 19, "RAMP_Q": 20, "APF": 21,
    },
    "idx_cost": {
        "PW_LINEAR": 1, "POLYNOMIAL": 2, "MODEL": 1, "STARTUP": 2, "SHUTDOWN": 3, "NCOST": 4, "COST": 5,
    },
}  # fmt: skip

_LITERAL = re.compile(r"mpc\.([\w.]+)\s*=\s*([\[{])")
_STRING = r"(?<![\w)\]}'.])'(?:[^'\n]|'')*'|\"[^\"\n]*\""
"""A string; after a name, number or bracket, a quotation mark would mean transposition."""
_PIECE = re.compile(rf"{_STRING}|\.\.\.[^\n]*\n?|[][(){{}}]|[;,\n]")
_BLANK = re.compile(r"(?:[\s;,]|\.\.\.[^\n]*)*")
_FIELD = re.compile(r"mpc\.([A-Za-z]\w*)")
_KEYWORD = re.compile(r"(if|elseif|else|for|while|switch|try|end)\b")
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(slots=True)
class Case:
    """The state of the interpreter: the tables and names that the statements so far have defined.

    Attributes
    ----------
    source
        Name of the file, for error messages.
    tables
        Rows of each table of :data:`COLUMNS` that the file has.
    names
        Numbers by name, ``mpc.baseMVA`` among them.
    """

    source: str
    tables: dict[str, list[Row]] = field(default_factory=dict)
    names: dict[str, float] = field(default_factory=dict)

    def fault(self, line: int, message: str) -> InputError:
        """Return an error that names the line."""
        return InputError(f"{self.source}, line {line}: {message}")


def run(text: str, source: str) -> Case:
    """Run the statements of `text`, whose comments have been removed.

    Raises
    ------
    InputError
        If a statement cannot be read; the message names its line, and what would be right.
    """
    case = Case(source)
    skipped: list[str] = []  # open blocks, from an if with a false condition inwards
    opened = 0
    for line, statement, table in _statements(text, case):
        word = _KEYWORD.match(statement)
        if skipped:
            if word and word[1] in ("else", "elseif") and len(skipped) == 1:
                raise _unread(case, line, statement)
            if word and word[1] == "end":
                skipped.pop()
            elif word and word[1] not in ("else", "elseif"):
                skipped.append(word[1])
        elif word and word[1] == "if":
            if _number(case, line, statement, statement[2:]):
                opened += 1
            else:
                skipped.append("if")
        elif word and word[1] == "end":
            opened = max(0, opened - 1)  # an end without an if closes the function
        elif table is not None:
            if table[0] in case.tables:
                raise case.fault(line, f"mpc.{table[0]} is written a second time; write it once")
            case.tables[table[0]] = rows_of(table[1], table[0], COLUMNS[table[0]], line, source)
        else:
            _do(case, line, statement)
    return case


def _do(case: Case, line: int, statement: str) -> None:
    if statement == "define_constants":
        for names in _NAMES.values():
            case.names.update(names)
        return None
    left, equals, right = (part.strip() for part in statement.partition("="))
    if not equals or right.startswith("=") or left[-1:] in ("~", "<", ">"):
        raise _unread(case, line, statement)
    if left.startswith("[") and right in _NAMES:
        return _name_columns(case, line, left, _NAMES[right])
    part = _FIELD.match(left)
    if part and part[1] not in (*COLUMNS, "baseMVA"):
        return None  # a field that is not used here
    if part and part[1] in COLUMNS:
        return _change(case, line, left, right)
    if left != "mpc.baseMVA" and not re.fullmatch(r"[A-Za-z]\w*", left):
        raise _unread(case, line, statement)
    value = _number(case, line, statement, right)
    if part and not 0.0 < value <= LARGEST_POWER:
        raise case.fault(line, f"mpc.baseMVA is {shown(right)}; it must be a positive number of MVA")
    case.names[left] = value
    return None


def _change(case: Case, line: int, left: str, right: str) -> None:
    """Assign new values to columns of a table."""
    try:
        place = Expression(left, case.names, case.tables).place()
        value = Expression(right, case.names, case.tables).value()
        shape = (len(place.rows), len(place.columns))
        if value.shape not in ((), shape):
            raise ValueError(f"{value.shape} rows and columns are given to {shape}")
    except ValueError as error:
        name = _FIELD.match(left)
        raise case.fault(
            line,
            f"a statement changes mpc.{name[1] if name else ''} so that it is not read: {error}; write its result into "
            f"the table (MATPOWER's savecase does)",
        ) from None
    for row, numbers in zip(place.rows, np.broadcast_to(value, shape).tolist(), strict=True):
        for column, number in zip(place.columns, numbers, strict=True):
            case.tables[place.table][row].numbers[column] = number


def _name_columns(case: Case, line: int, left: str, columns: Mapping[str, int]) -> None:
    names = left.strip("[]").replace(",", " ").split()
    if len(names) > len(columns) or not all(re.fullmatch(r"[A-Za-z]\w*|~", name) for name in names):
        raise case.fault(line, f"{shown(left)} must be at most {len(columns)} names, such as {', '.join(columns)}")
    case.names.update({name: value for name, value in zip(names, columns.values(), strict=False) if name != "~"})


def _number(case: Case, line: int, statement: str, text: str) -> float:
    try:
        value = Expression(text, case.names, case.tables).number()
    except ValueError as error:
        raise _unread(case, line, statement, str(error)) from None
    if math.isnan(value):
        raise _unread(case, line, statement, "its value is no number")
    return value


def _unread(case: Case, line: int, statement: str, reason: str = "") -> InputError:
    return case.fault(
        line,
        f"the statement {shown(statement)} is not read{f' ({reason})' if reason else ''}: only tables of numbers, and "
        f"arithmetic that converts their columns; write its result into the tables (MATPOWER's savecase does)",
    )


def _statements(text: str, case: Case) -> Iterator[tuple[int, str, tuple[str, str] | None]]:
    """Yield each statement with its line number; for a table that is used, its name and the text in its brackets."""
    breaks = [place for place, letter in enumerate(text) if letter == "\n"]
    place, functions = 0, 0
    while True:
        place = _BLANK.match(text, place).end()  # type: ignore[union-attr]  # it also matches the empty string
        if place >= len(text):
            return
        line = bisect_right(breaks, place - 1) + 1
        literal = _LITERAL.match(text, place)
        if literal and literal[1] in COLUMNS and literal[2] == "[":
            end = text.find("]", literal.end())
            if end < 0:
                raise case.fault(line, f"mpc.{literal[1]} is not closed by a ]")
            rest = _statement_end(text, end + 1, case, line)
            if text[end + 1 : rest].strip():
                raise case.fault(
                    line + text.count("\n", place, end), f"{shown(text[end:rest])} follows the table; a ; must"
                )
            yield line, "", (literal[1], text[literal.end() : end])
            place = rest
            continue
        end = _statement_end(text, place, case, line)
        statement = re.sub(r"\.\.\.[^\n]*\n?", " ", text[place:end])
        place = end
        if re.match(r"function\b", statement):
            functions += 1
        if functions > 1:
            raise _unread(case, line, statement, "a second function begins")
        if not re.match(r"function\b", statement):
            yield line, " ".join(statement.split()), None


def _statement_end(text: str, place: int, case: Case, line: int) -> int:
    """Return the end of the statement: the first semicolon, comma or line break outside all brackets."""
    depth = 0
    for piece in _PIECE.finditer(text, place):
        mark = piece.group()
        if mark in _OPENING:
            depth += 1
        elif mark in _CLOSING:
            depth -= 1
        elif mark in ";,\n" and depth <= 0:
            return piece.start()
    if depth > 0:
        raise case.fault(line, f"{shown(text[place : place + 40].split(chr(10))[0])} has a bracket that is not closed")
    return len(text)
