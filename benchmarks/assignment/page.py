"""The page on how fast the assignment is: ``python -m benchmarks.assignment.page`` writes the committed result into it.

`tests/benchmarks/test_assignment_page.py` holds the page to the result.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.assignment.result import read
from benchmarks.assignment.sections import sections
from benchmarks.quote import put

if TYPE_CHECKING:
    from benchmarks.assignment.sections import Section

ROOT = Path(__file__).parent.parent.parent
RESULT = ROOT / "benchmarks" / "results" / "assignment-5x250.json"
PAGE = ROOT / "docs" / "reference" / "assignment-speed.md"


def quote(result: dict[str, Any]) -> str:
    """Return the page's tables for a result."""
    return "\n\n".join([conditions(result), *map(_markdown, sections(result))])


def conditions(result: dict[str, Any]) -> str:
    """Return by which command, where and when it was measured."""
    machine = result["machine"]
    versions = "".join(f", {name} {version}" for name, version in machine["versions"].items() if version)
    load = f" Load at the start {result['load_before']:.1f}." if "load_before" in result else ""
    return (
        f"`{result['command']}`, {machine['date'][:10]}, {machine['processor']}, {machine['cores']} shared cores, "
        f"Python {machine['python']}{versions}.{load}"
    )


def _markdown(section: Section) -> str:
    return "\n".join(
        [
            f"## {section.title}",
            "",
            section.about,
            "",
            f"| {' | '.join(section.heads)} |",
            "|---" * len(section.heads) + "|",
            *(f"| {' | '.join(line)} |" for line in section.lines),
        ]
    )


if __name__ == "__main__":
    put(PAGE, quote(read(RESULT)))
