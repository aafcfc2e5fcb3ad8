"""Measure, show, write: ``python -m benchmarks.assignment``; ``--help`` tells the rest."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import machine
from benchmarks.assignment import checks, options, parts, peers, result, terminal
from benchmarks.assignment.cases import Case
from benchmarks.assignment.cuts import rounds_by_cut
from benchmarks.assignment.first import first_calls
from benchmarks.assignment.journal import Journal
from benchmarks.assignment.measure import Batch, measure
from benchmarks.table import CONSOLE

if TYPE_CHECKING:
    import argparse

RESULTS = Path(__file__).parent.parent / "results"


def main(arguments: list[str] | None = None) -> int:
    """Return 1 where an answer was wrong."""
    given = options.parse(arguments)
    extent = options.extent(given)
    journal = Journal((given.json or RESULTS / "assignment").with_suffix(".jsonl"))
    if len(journal):
        CONSOLE.print(f"going on: {len(journal)} cases were measured before")
    stored = tuple(name for name in given.peers if name not in peers.UNSTORED)
    about: dict[str, Any] = {
        "machine": machine.describe("numba", *(peers.LIBRARIES[name] for name in stored)),
        "command": options.command(given),
    }
    if "first" in given.parts:
        about["first"] = first_calls(Case("first", extent.seeds[0], 2.0, 0.9, extent.gap, extent.cap))
    rows = measure(_batches(given, extent), journal)
    own = [row for row in rows if row["solver"] not in peers.UNSTORED]
    about["published"] = checks.published(rows, extent.data)
    about["anchored"] = checks.anchored(rows, extent.data)
    about["cases"] = own
    terminal.show({**about, "cases": rows})
    if "cuts" in given.parts:
        terminal.show_cuts(rounds_by_cut(extent))
    path = given.json or RESULTS / f"assignment-{about['machine']['date'][:19].replace(':', '')}.json"
    result.write(about, path)
    CONSOLE.print(f"written to {path}", soft_wrap=True)
    if not given.keep:
        journal.remove()
    return failures(rows, about)


def _batches(given: argparse.Namespace, extent: parts.Extent) -> list[Batch]:
    """Return what is measured, in order: all of ours first, then each peer's."""
    cases = {part: parts.CASES[part](extent) for part in given.parts if part in parts.CASES}
    batches = [Batch(part, checks.OURS, some) for part, some in cases.items()]
    for part, some in cases.items():
        shared = parts.for_peers(part, some, extent)
        batches += [Batch(part, peer, shared) for peer in given.peers if shared]
    return batches


def failures(rows: list[dict[str, Any]], about: dict[str, Any]) -> int:
    """Name what is wrong; return 1 where something is."""
    published = about["published"] or {"dearer": []}
    wrong = [
        *(f"{row['solver']}, {checks.name(row)}: {row['wrong']}" for row in rows if row["wrong"]),
        *checks.contradictions(rows),
        *(f"dearer than published: {case}" for case in published["dearer"]),
        *(f"known optimum {row['optimum']}: {row['cost']}" for row in about["anchored"] if not row["agrees"]),
    ]
    for line in wrong:
        CONSOLE.print(f"WRONG: {line}", soft_wrap=True, highlight=False)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
