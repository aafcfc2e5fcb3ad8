"""Names that a spreadsheet would take for a formula, and run: written with an apostrophe before them, read without.

A cell that begins with one of ``= + - @``, a tab or a line end may call a program or send the table away when somebody
opens the file in a spreadsheet. With an apostrophe in front it is text (OWASP, "CSV injection").
"""

from __future__ import annotations

import re

# The wide forms are taken for the narrow ones where those are typed.
_FORMULA = re.compile("'*[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-]")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?%?")


def protected(cell: str) -> str:
    """Return a cell as it is written: with an apostrophe more where it begins like a formula and is no number.

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
