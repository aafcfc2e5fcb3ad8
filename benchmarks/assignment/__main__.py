"""Run the benchmark and write its results: ``python -m benchmarks.assignment``; see ``--help``."""

from __future__ import annotations

import os
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
        "load_before": os.getloadavg()[0],
        "command": options.command(given),
    }
    if "first" in given.parts:
        about["first"] = first_calls(Case("first", extent.seeds[0], 2.0, 0.9, extent.gap, extent.cap))
    rows = _rows(given, extent, journal)
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


def _rows(given: argparse.Namespace, extent: parts.Extent, journal: Journal) -> list[dict[str, Any]]:
    """Measure, first what only ours is measured on; return the rows by solver, part and case."""
    cases = {part: parts.spread(parts.CASES[part](extent), given.cases) for part in given.parts if part in parts.CASES}
    everyone = (checks.OURS, *given.peers)
    compared = given.peer_parts if given.peers else ()
    shared = {part: parts.for_peers(part, some, extent) if part in compared else [] for part, some in cases.items()}
    alone = {part: [case for case in some if case not in shared[part]] for part, some in cases.items()}
    batches = [Batch(part, (checks.OURS,), some) for part, some in alone.items() if some]
    batches += [Batch(part, everyone, some) for part, some in shared.items() if some]
    found = measure(batches, journal)
    order = [(case, solver) for solver in everyone for some in cases.values() for case in some]
    return [found[key] for key in order if key in found]


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
