"""The text of MATPOWER case files: tables of numbers, each row with its line."""

from __future__ import annotations

import re

from evenhand.applications.load_shedding.case_expressions import Expression, Row
from evenhand.errors import InputError
from evenhand.tables.table import shown

BLOCK = re.compile(r"^[ \t]*%\{[ \t\r]*\n.*?^[ \t]*%\}[ \t\r]*$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"(?P<string>(?<![\w)\]}'.])'(?:[^'\n]|'')*')|%[^\n]*|(?<=\.\.\.)[^\n]*")
"""To MATLAB, what follows three dots is a comment, and the row goes on below. Within a string, a % is none."""
NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[ed][+-]?\d+)?|inf|nan)", re.IGNORECASE | re.ASCII)
"""What MATLAB takes for a number, as far as tables hold it; Python would take more (1_000) and less (1d3)."""


def without_comments(text: str) -> str:
    """Return the text with comments cut out, every line where it was."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = BLOCK.sub(lambda block: "\n" * block.group().count("\n"), text)
    return COMMENT.sub(lambda found: found["string"] or "", text)


def rows_of(text: str, name: str, columns: int, first: int, source: str) -> list[Row]:
    """Return the rows of the table mpc.`name`, each of at least so many `columns`.

    Parameters
    ----------
    text
        What stands within its brackets, without comments.
    name
        Of the table.
    columns
        Least number of columns.
    first
        Line on which the text begins.
    source
        Where it stands, for messages.

    Raises
    ------
    InputError
        Naming the line and what would be right.
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
