"""Prove answers and check the proofs: ``python -m benchmarks.proofs [--data FOLDER]``, part of ``make bench``.

For the paper's instances (where the folder of them is given), clusters and lattices: the processor time of the solve
without a proof, of the solve with one, and of the check by `evenhand.check` alone, in files. Each case is kept as it is
measured, so that a run that was killed goes on. The figures go to `benchmarks/results/assignment-proofs.json` and from
there to `docs/explanation/search.md`; `tests/benchmarks/test_proofs.py` checks that page and result agree.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

import evenhand
from benchmarks import machine
from benchmarks.assignment.journal import Journal
from benchmarks.assignment.parts import CASES, Extent, spread
from benchmarks.quote import put
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.solve_assignment import prepare
from evenhand.check import check
from evenhand.tables import write_json

if TYPE_CHECKING:
    from benchmarks.assignment.cases import Case

PARTS = {"seed": "the paper's cases", "clusters": "clusters", "lattices": "equal and few-valued burdens"}
PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "search.md"
RESULT = Path(__file__).parent / "results" / "assignment-proofs.json"
JOURNAL = Path("build") / "proofs.jsonl"
BEGIN, END = "<!-- proofs -->", "<!-- end of proofs -->"
HEADS = (
    "",
    "proven",
    "nodes, median / most",
    "kB, median / most",
    "solve, median / slowest",
    "solve and prove",
    "check",
    "checks over 5 solves and over 2 s",
)
SOLVES, SECONDS = 5.0, 2.0
"""A check should take no longer than that many solves, or that many seconds."""

Row = dict[str, Any]


def measure(case: Case) -> Row:
    """Solve a case without and with a proof, write the files and check them."""
    instance, fairness = case.source.instance(), case.fairness
    given = {"burdens": instance.burdens, "gap": case.gap, "time_limit": case.cap}
    begun = time.process_time()
    evenhand.assign(instance.costs, fairness, **given)
    solved = time.process_time()
    answer = evenhand.assign(instance.costs, fairness, **given, certificate="tree")
    proven = time.process_time()
    row: Row = {
        "part": case.part,
        "case": case.name,
        "status": answer.status,
        "solve": solved - begun,
        "prove": proven - solved,
    }
    if answer.proof is None:
        return row
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [folder / "costs.npy", folder / "out.json", folder / "proof.json.gz", folder / "burdens.npy"]
        np.save(files[0], instance.costs.values)
        write_json(files[1], answer.to_dict())
        answer.proof.write(files[2])
        if instance.burdens is not None:
            np.save(files[3], instance.burdens.values)
        begun = time.process_time()
        check(*(str(file) for file in files if file.exists()))
        return {
            **row,
            "check": time.process_time() - begun,
            "nodes": answer.proof.nodes,
            "bytes": len(answer.proof.data),
        }


def quote(result: Row) -> str:
    """Return the page's table for a result."""
    about = result["machine"]
    lines = [
        f"`python -m benchmarks.proofs`, {about['date'][:10]}, {about['processor']}, {about['cores']} shared cores, "
        "processor time; gaps of 1e-4:",
        "",
        f"| {' | '.join(HEADS)} |",
        "|---" * len(HEADS) + "|",
    ]
    for part, words in PARTS.items():
        rows = [row for row in result["cases"] if row["part"] == part]
        proven = [row for row in rows if "check" in row]
        if not proven:
            continue
        over = sum(row["check"] > max(SOLVES * row["solve"], SECONDS) for row in proven)
        cells = [
            words,
            f"{len(proven)} of {len(rows)}",
            _spread([row["nodes"] for row in proven], "{:.0f}"),
            _spread([row["bytes"] / 1e3 for row in proven], "{:.0f}"),
            *(_spread([row[what] for row in proven], "{:.2g} s") for what in ("solve", "prove", "check")),
            str(over),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _spread(values: list[float], form: str) -> str:
    return f"{form.format(median(values))} / {form.format(max(values))}"


def main() -> None:
    """Measure what the journal does not have, write the result and the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proofs", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of the paper's instances")
    parser.add_argument("--cases", type=int, help="cases of each kind, at equal distances; all by default")
    options = parser.parse_args()
    prepare(None, Clock(None, None))
    journal, extent, rows = Journal(JOURNAL), Extent(data=options.data), []
    for part in PARTS:
        if part == "seed" and options.data is None:
            continue
        for case in spread(CASES[part](extent), options.cases):
            row = journal.get(case, "evenhand")
            if row is None:
                row = measure(case)
                journal.keep(case, "evenhand", row)
                print(f"{row['case']}: {row.get('nodes', 'no proof')}", flush=True)
            rows.append(row)
    result = {"machine": machine.describe("numpy", "numba"), "cases": rows}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(quote(result))
    put(PAGE, quote(result), BEGIN, END)
    journal.remove()


if __name__ == "__main__":
    main()
