"""What the pages under docs hold: their code and their commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def read(page: str) -> str:
    """Return the text of a page."""
    return (DOCS / page).read_text(encoding="utf-8")


def blocks(page: str, info: str) -> list[str]:
    """Return the fenced blocks whose opening fence says just that."""
    return re.findall(rf"^```{re.escape(info)}\n(.*?)^```", read(page), re.DOTALL | re.MULTILINE)


def commands(page: str) -> list[list[str]]:
    """Return the words after `evenhand` of each command, continued lines joined."""
    lines = "".join(blocks(page, "sh")).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("evenhand ")]


def tables(page: str) -> list[list[list[str]]]:
    """Return the Markdown tables, each a list of rows of cells, without the line of dashes."""
    found = re.findall(r"(?:^\|.*\|\n)+", read(page), re.MULTILINE)
    rows = [[[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()] for text in found]
    return [[table[0], *table[2:]] for table in rows]
