"""Put tables into the page that quotes them; a test holds page and results together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.tables.write import atomic_writer, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "reference" / "learned-fairness.md"
RESULTS = ROOT / "benchmarks" / "results" / "learning"
IMAGES = ROOT / "docs" / "images"


def marks(name: str) -> tuple[str, str]:
    """Return what stands before and after the table of a module."""
    return f"<!-- begin: python -m benchmarks.learning.{name} -->", f"<!-- end: {name} -->"


def put(name: str, text: str, page: Path = PAGE) -> None:
    """Write the text between the marks of a page."""
    begin, end = marks(name)
    before, rest = page.read_text("utf-8").split(begin)
    with atomic_writer(page) as stream:
        stream.write(f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}".encode())


def quoted(name: str, page: Path = PAGE) -> str:
    """Return what stands between the marks."""
    begin, end = marks(name)
    return page.read_text("utf-8").split(begin)[1].split(end)[0].strip("\n")


def save(name: str, result: dict[str, Any]) -> None:
    """Write the result that the page quotes."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    write_json(RESULTS / f"{name}.json", result)


def saved(name: str) -> dict[str, Any]:
    """Return the result that the page quotes."""
    result: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return result


def publish(name: str, result: dict[str, Any], text: str) -> None:
    """Write a result and its tables into the page, and print these."""
    save(name, result)
    put(name, text)
    print(text)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, its first column to the left and the others to the right."""
    lines = [f"| {' | '.join(heads)} |", "|---|" + "---:|" * (len(heads) - 1)]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def interval(estimate: dict[str, float], form: str = ".3f") -> str:
    """Return an estimate and its interval."""
    return f"{estimate['mean']:{form}} [{estimate['low']:{form}}, {estimate['high']:{form}}]"
