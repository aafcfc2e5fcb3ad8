"""The text of MATPOWER case files: removal of comments, and tables of numbers, each row with its line number."""

from __future__ import annotations

import re

from evenhand.applications.load_shedding.case_expressions import Expression, Row
from evenhand.errors import InputError
from evenhand.tables.cost_table import shown

BLOCK = re.compile(r"^[ \t]*%\{[ \t\r]*\n.*?^[ \t]*%\}[ \t\r]*$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"(?P<string>(?<![\w)\]}'.])'(?:[^'\n]|'')*')|%[^\n]*|(?<=\.\.\.)[^\n]*")
"""In MATLAB, three dots continue a row on the next line, and the text after them is a comment. In a string, % does not
start a comment."""
NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[ed][+-]?\d+)?|inf|nan)", re.IGNORECASE | re.ASCII)
"""MATLAB's syntax of numbers in tables; Python's differs, for example in 1_000 and 1d3."""


def without_comments(text: str) -> str:
    """Return the text without comments, with the same line numbers."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = BLOCK.sub(lambda block: "\n" * block.group().count("\n"), text)
    return COMMENT.sub(lambda found: found["string"] or "", text)


def rows_of(text: str, name: str, columns: int, first: int, source: str) -> list[Row]:
    """Return the rows of the table mpc.`name`, each with at least `columns` numbers.

    Parameters
    ----------
    text
        Text within the table's brackets, without comments.
    name
        Name of the table.
    columns
        Least number of columns.
    first
        Line number at which the text begins.
    source
        Name of the file, for error messages.

    Raises
    ------
    InputError
        If a row cannot be read; the message names its line, and what would be right.
    """
    rows: list[Row] = []
    continued = ""
    for line, content in enumerate(text.split("\n"), first):
        content, continues, _ = (continued + content).partition("...")
        continued = f"{content} " if continues else ""
        if not continues:
            rows += [_row(part, name, columns, line, source) for part in content.split(";") if part.strip(" \t,")]
    if not rows:
        raise InputError(f"{source}, line {first}: mpc.{name} is empty")
    return rows


def _row(text: str, name: str, columns: int, line: int, source: str) -> Row:
    words = text.replace(",", " ").split()
    if len(words) < columns:
        raise InputError(
            f"{source}, line {line}: a row of mpc.{name} has {len(words)} numbers; at least {columns} are needed"
        )
    return Row(line, [_cell(word, column, line, source) for column, word in enumerate(words, 1)])


def _cell(word: str, column: int, line: int, source: str) -> float:
    if NUMBER.fullmatch(word):
        return float(word.lower().replace("d", "e"))
    try:
        return Expression(word, {}, {}).number()
    except ValueError:
        raise InputError(f"{source}, line {line}: {shown(word)} in column {column} is not a number") from None
