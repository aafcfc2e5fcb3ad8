"""Run the cases on all solvers, one after the other, each solver in a separate process, and keep each row."""

from __future__ import annotations

import time
from contextlib import ExitStack
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
    """The cases of one part for some solvers, which take turns: a machine's moods then hit all alike."""

    part: str
    solvers: tuple[str, ...]
    cases: list[Case]


def measure(batches: list[Batch], journal: Journal) -> dict[tuple[Case, str], Row]:
    """Return the row of each case and solver, those of an interrupted run taken from its journal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    rows: dict[tuple[Case, str], Row] = {}
    with Progress(*columns, console=CONSOLE, transient=True) as progress:
        for batch in batches:
            started, what = time.perf_counter(), f"{batch.part}: {', '.join(batch.solvers)}"
            bar = progress.add_task(what, total=len(batch.cases))
            with ExitStack() as stack:
                solvers = {name: stack.enter_context(Solver(name)) for name in batch.solvers}
                for case in batch.cases:
                    for name, solver in solvers.items():
                        row = journal.get(case, name) or _asked(solver, name, case, journal)
                        if row:
                            rows[case, name] = row
                    progress.advance(bar)
            progress.remove_task(bar)
            CONSOLE.print(f"{what}, {len(batch.cases)} cases in {time.perf_counter() - started:.0f} s")
    return rows


def _asked(solver: Solver, name: str, case: Case, journal: Journal) -> Row | None:
    """Return the row of a case; None where the solver cannot take it."""
    told = solver.ask(case)
    if "refused" in told:
        return None
    row = judged(case, name, told)
    journal.keep(case, name, row)
    return row
