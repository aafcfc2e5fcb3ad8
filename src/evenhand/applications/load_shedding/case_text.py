"""The text of MATPOWER case files: tables of numbers, each row with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evenhand.errors import InputError
from evenhand.tables.table import shown

BLOCK = re.compile(r"^[ \t]*%\{[ \t\r]*\n.*?^[ \t]*%\}[ \t\r]*$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"%[^\n]*|(?<=\.\.\.)[^\n]*")
"""To MATLAB, what follows three dots is a comment, and the row goes on below."""
NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[ed][+-]?\d+)?|inf|nan)", re.IGNORECASE | re.ASCII)
"""What MATLAB takes for a number, as far as tables hold it; Python would take more (1_000) and less (1d3)."""


@dataclass(frozen=True, slots=True)
class Row:
    """The numbers of a row, and the line it stands on, from 1."""

    line: int
    numbers: list[float]


def without_comments(text: str) -> str:
    """Return the text with comments cut out, every line where it was."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = BLOCK.sub(lambda block: "\n" * block.group().count("\n"), text)
    return COMMENT.sub("", text)


def refuse_statements(text: str, names: list[str], source: str) -> None:
    """Check that no statement changes a table after it is written: only tables are read.

    Raises
    ------
    InputError
        Naming the line of the first such statement.
    """
    found = re.search(
        rf"^[^\n]*?\bmpc\.({'|'.join(names)})\s*(?:\([^\n=]*\)\s*=(?!=)|=\s*[^\s\[=])", text, re.MULTILINE
    )
    if found is not None:
        line = text.count("\n", 0, found.start(1)) + 1
        raise InputError(
            f"{source}, line {line}: a statement changes mpc.{found.group(1)}; only tables of numbers are read, "
            f"so write its result into the table (MATPOWER's savecase does)"
        )


def table(text: str, name: str, columns: int, source: str) -> list[Row]:
    """Return the rows of ``mpc.name = [...]`` in a text without comments, each of at least so many `columns`.

    Raises
    ------
    InputError
        Naming the line and what would be right.
    """
    start = re.search(rf"\bmpc\.{name}\s*=\s*\[", text)
    if start is None:
        raise InputError(f"{source}: has no mpc.{name} = [...]; give a MATPOWER case file of version 2")
    first = text.count("\n", 0, start.end()) + 1
    end = text.find("]", start.end())
    if end < 0:
        raise InputError(f"{source}, line {first}: mpc.{name} is not closed by a ]")
    rows: list[Row] = []
    continued = ""
    for line, content in enumerate(text[start.end() : end].split("\n"), first):
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
    for column, word in enumerate(words, 1):
        if not NUMBER.fullmatch(word):
            raise InputError(f"{source}, line {line}: {shown(word)} in column {column} is not a number")
    return Row(line, [float(word.lower().replace("d", "e")) for word in words])
