"""``evenhand solve generalised-assignment``: assign tasks of different size to agents of limited capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from evenhand.applications.generalised_assignment import GeneralisedAssignment
from evenhand.cli import options
from evenhand.cli.exits import exit_code
from evenhand.cli.fairness_options import Asked
from evenhand.cli.inputs import agent_values, check_left_out, check_other_sheet, read_said
from evenhand.cli.options import argument, count_option, flag, option
from evenhand.cli.outputs import check_outputs
from evenhand.cli.solve import common
from evenhand.errors import InputError
from evenhand.tables import CostTable, Reading
from evenhand.tables.matching import matched


def command(
    costs: Annotated[
        Path,
        argument(
            "COSTS", "Table of costs or, without --sizes and --capacities, a file of the OR-Library (gap1, gapa, ...)."
        ),
    ],
    sizes: Annotated[Path | None, option("TABLE", "Capacity that each task takes of each agent.")] = None,
    capacities: Annotated[
        str | None, option("LIST|FILE", "Agents' capacities: 40,40,20 or a CSV of agent,number.")
    ] = None,
    problem: Annotated[int | None, count_option("N", "Number of the problem in an OR-Library file.")] = None,
    burdens: Annotated[Path | None, option("TABLE", "What is shared fairly; by default the capacity used.")] = None,
    format: options.Format = "auto",
    decimal: options.Decimal = None,
    ignore_row: options.IgnoreRow = None,
    ignore_column: options.IgnoreColumn = None,
    sheet: options.Sheet = None,
    relative: Annotated[bool, flag("Share out loads in proportion to the capacities.", "--relative")] = False,
    maximise: Annotated[
        bool,
        flag("The table has profits instead of costs, as for the published optima of gap1 to gap12.", "--maximise"),
    ] = False,
    *,
    asked: Asked,
    fairest: common.FairestToo = False,
    solver: common.Solver = "highs",
    gap: common.Gap = 1e-4,
    time_limit: common.TimeLimit = None,
    json: options.Json = None,
    csv: options.Csv = None,
    plain_csv: options.PlainCsv = False,
    picture: common.Picture = None,
    quiet: options.Quiet = False,
) -> None:
    """Assign each task to an agent within the capacities, as cheaply as possible, with loads as fair as you ask.

    What is shared is the capacity used, or --burdens. Without a measure of fairness, the cheapest solution is found.

    Example: evenhand solve generalised-assignment costs.csv --sizes hours.csv --capacities 40,40,20 --jain 0.95

    Example: evenhand solve generalised-assignment gap1.txt --problem 2 --maximise --jain 0.95
    """
    from evenhand.applications import generalised_assignment as application
    from evenhand.tables import write_assignment

    common.check_files(json, picture, costs)
    check_outputs({"--csv": csv}, {"the costs": costs, "the sizes": sizes or costs})
    reading = replace(options.reading("columns", decimal, ignore_row, ignore_column, sheet), lenient=True)
    for name, file in (("--sizes", sizes), ("--burdens", burdens)):
        if file is not None:
            check_other_sheet(name, file, costs, sheet)
    said: list[str] = []
    table, taken, limits = _read(costs, sizes, capacities, problem, format, reading, said)
    carried = None if burdens is None else matched(read_said(burdens, format, reading, said), table).values
    check_left_out(reading, said, str(costs))
    member = asked.member_or_none(len(table.agents), fairest=fairest)
    clock = common.Clock(time_limit, fairest=fairest)
    shared: dict[str, Any] = {"burdens": carried, "relative": relative, "solver": solver}
    names: dict[str, Any] = {"agents": table.agents, "tasks": table.tasks}
    limit = clock.for_answer()
    with common.progress("generalised assignment", gap, quiet=quiet) as progress:
        answer = application.solve(
            table.values,
            taken,
            limits,
            member,
            gap=gap,
            maximise=maximise,
            time_limit=limit,
            progress=progress,
            **names,
            **shared,
        )
    common.write(answer, json, picture, "capacity_chart")
    if csv is not None and answer.assignment is not None:
        pairs = zip(table.tasks, (table.agents[agent] for agent in answer.assignment), strict=True)
        write_assignment(csv, pairs, protect=not plain_csv)
    if not quiet:
        _show(answer, has_fairest=fairest)
    if fairest and member is not None:
        search = partial(application.fairest_assignment, table.values, taken, limits, member)
        common.search_fairest(search, answer, json, clock, quiet=quiet, **shared)
    raise typer.Exit(exit_code(answer.status, found=answer.assignment is not None, interrupted=answer.interrupted))


def _read(
    costs: Path,
    sizes: Path | None,
    capacities: str | None,
    problem: int | None,
    format: str,
    reading: Reading,
    said: list[str],
) -> tuple[CostTable, NDArray[np.float64], Sequence[float]]:
    """Return the costs with their names, the sizes and the capacities."""
    from evenhand.applications.generalised_assignment import read_orlib
    from evenhand.tables import CostTable

    if sizes is not None and capacities is not None:
        if problem is not None:
            raise InputError(
                f"--problem {problem} is for OR-Library files; with --sizes and --capacities there is only one problem"
            )
        table = read_said(costs, format, reading, said)
        return (
            table,
            matched(read_said(sizes, format, reading, said), table).values,
            agent_values(capacities, table.agents, "--capacities", reading, said),
        )
    if sizes is not None or capacities is not None:
        missing = "--capacities" if capacities is None else "--sizes"
        raise InputError(f"Missing option '{missing}': a table of costs needs both --sizes and --capacities")
    problems = read_orlib(costs)
    if problem is None and len(problems) > 1:
        raise InputError(f"{costs}: holds {len(problems)} problems; choose one with --problem 1 to {len(problems)}")
    if problem is not None and not 1 <= problem <= len(problems):
        there = "one problem" if len(problems) == 1 else f"the problems 1 to {len(problems)}"
        raise InputError(f"--problem {problem}: {costs} has {there}")
    chosen = problems[(problem or 1) - 1]
    agents, tasks = chosen.costs.shape
    table = CostTable(
        chosen.costs,
        tuple(f"agent-{k + 1}" for k in range(agents)),
        tuple(f"task-{k + 1}" for k in range(tasks)),
        source=str(costs),
        named=(False, False),
    )
    return table, chosen.sizes, chosen.capacities.tolist()


def _show(answer: GeneralisedAssignment, *, has_fairest: bool) -> None:
    from evenhand.cli.readable_numbers import number
    from evenhand.cli.show import show_facts

    facts = common.status_facts(answer, found=answer.assignment is not None, has_fairest=has_fairest)
    if answer.cost is not None:
        fair = "" if answer.fairness is None else " fair one"
        what, best_one = ("Profit", "below the most profitable") if answer.maximise else ("Cost", "above the cheapest")
        total = number(answer.cost) + common.beyond_bound(answer, f"{best_one}{fair}")
        facts += common.value_facts(answer, (what, total), " at most")
    show_facts(facts)
    rows = [
        (
            (row["agent"], *(number(row[key]) for key in ("load", "used", "capacity"))),
            _part(row["used"], row["capacity"]),
        )
        for row in answer.to_rows()
    ]
    if rows:
        common.show_bars(("agent", "load", "used", "capacity"), rows, left=(0,))


def _part(used: float, capacity: float) -> float:
    return used / capacity if capacity else 0.0
