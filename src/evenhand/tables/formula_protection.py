"""Protect names that a spreadsheet would execute as formulas: an apostrophe is written before them and removed again.

A cell that begins with one of ``= + - @``, a tab or a line break may start a program or send data away when somebody
opens the file in a spreadsheet. An apostrophe in front makes it text (OWASP, "CSV injection").
"""

from __future__ import annotations

import re

# Spreadsheets also accept the full-width forms of these characters.
_FORMULA = re.compile("'*[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-]")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?%?")


def protected(cell: str) -> str:
    """Return a cell as it is written to a file: with an apostrophe in front if it could be a formula.

    Examples
    --------
    >>> protected("=1+1"), protected("-3"), protected("Ann")
    ("'=1+1", '-3', 'Ann')
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def unprotected(cell: str) -> str:
    """Return a cell as it was before :func:`protected`.

    Examples
    --------
    >>> unprotected("'=1+1"), unprotected("'Ann'")
    ('=1+1', "'Ann'")
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
