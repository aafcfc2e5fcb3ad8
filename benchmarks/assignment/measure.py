"""Ask each solver its cases, one after the other, in a process of its own; keep each row as it comes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.assignment.checks import judged
from benchmarks.assignment.process import Solver
from benchmarks.table import CONSOLE

if TYPE_CHECKING:
    from benchmarks.assignment.cases import Case
    from benchmarks.assignment.journal import Journal

Row = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """The cases of one part for one solver."""

    part: str
    solver: str
    cases: list[Case]


def measure(batches: list[Batch], journal: Journal) -> list[Row]:
    """Return the rows of all cases, those of an interrupted run taken from its journal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    rows: list[Row] = []
    with Progress(*columns, console=CONSOLE, transient=True) as progress:
        for batch in batches:
            started, kept = time.perf_counter(), 0
            bar = progress.add_task(f"{batch.part}: {batch.solver}", total=len(batch.cases))
            with Solver(batch.solver) as solver:
                for case in batch.cases:
                    row = journal.get(case, batch.solver)
                    kept += row is not None
                    row = row or _asked(solver, batch.solver, case, journal)
                    if row:
                        rows.append(row)
                    progress.advance(bar)
            progress.remove_task(bar)
            seconds = time.perf_counter() - started
            before = f", {kept} of them measured before" if kept else ""
            CONSOLE.print(f"{batch.part}: {batch.solver}, {len(batch.cases)} cases in {seconds:.0f} s{before}")
    return rows


def _asked(solver: Solver, name: str, case: Case, journal: Journal) -> Row | None:
    """Return the row of a case; None where the solver cannot take it."""
    told = solver.ask(case)
    if "refused" in told:
        return None
    row = judged(case, name, told)
    journal.keep(case, name, row)
    return row
