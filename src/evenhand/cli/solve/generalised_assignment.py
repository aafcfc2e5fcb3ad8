"""``evenhand solve generalised-assignment``: tasks of different size for agents of limited capacity."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenhand.cli import options
from evenhand.cli.inputs import agent_values, match
from evenhand.cli.outputs import check_outputs
from evenhand.cli.solve import common
from evenhand.cli.solve.measures import NOTHING, Measures

if TYPE_CHECKING:
    from evenhand.applications.generalised_assignment import GeneralisedAssignment
    from evenhand.modeling import Fairest


def command(
    costs: options.Costs,
    sizes: Annotated[Path, typer.Option("--sizes", metavar="TABLE", help="What each task takes of each agent.")],
    capacities: Annotated[
        str, typer.Option("--capacities", metavar="LIST|FILE", help="Of each agent: 40,40,20 or a CSV of agent,number.")
    ],
    burdens: Annotated[
        Path | None,
        typer.Option("--burdens", metavar="TABLE", help="What is shared fairly, where it is not the capacity used."),
    ] = None,
    format: options.Format = "auto",
    relative: Annotated[
        bool, typer.Option("--relative", help="Share out loads in proportion to the capacities.")
    ] = False,
    measures: Measures = NOTHING,
    fairest: common.FairestToo = False,
    solver: common.Solver = "highs",
    gap: common.Gap = 1e-4,
    time_limit: common.TimeLimit = None,
    json: options.Json = None,
    csv: options.Csv = None,
    picture: common.Picture = None,
    quiet: options.Quiet = False,
) -> None:
    """Give each task to an agent within their capacities, as cheaply as possible, with loads as fair as you ask.

    What is shared is the capacity used, or --burdens. Without a measure of fairness: the cheapest.

    Example: evenhand solve generalised-assignment costs.csv --sizes hours.csv --capacities 40,40,20 --jain 0.95
    """
    from evenhand.applications import generalised_assignment as application
    from evenhand.tables import read_table, write_assignment

    common.check_files(json, picture, costs)
    check_outputs({"--csv": csv}, {"the costs": costs, "the sizes": sizes})
    common.hush_solvers()
    table = read_table(costs, format)
    taken = match(read_table(sizes, format), table).values
    carried = None if burdens is None else match(read_table(burdens, format), table).values
    limits = agent_values(capacities, table.agents, "--capacities")
    member = measures.member(len(table.agents), fairest=fairest)
    shared: dict[str, Any] = {"burdens": carried, "relative": relative, "time_limit": time_limit}
    names: dict[str, Any] = {"agents": table.agents, "tasks": table.tasks}
    answer = application.solve(table.values, taken, limits, member, solver=solver, gap=gap, **names, **shared)
    best = None
    if fairest and member is not None:
        best = application.fairest_assignment(table.values, taken, limits, member, **shared)
    common.write(answer, json, picture, lambda: _chart(answer))
    if csv is not None and answer.assignment is not None:
        write_assignment(csv, zip(table.tasks, (table.agents[agent] for agent in answer.assignment), strict=True))
    if not quiet:
        _show(answer, best)
    raise typer.Exit(common.exit_code(answer, found=answer.assignment is not None))


def _chart(answer: GeneralisedAssignment) -> Any:
    from evenhand.report.applications import capacity_chart

    return capacity_chart(answer)


def _show(answer: GeneralisedAssignment, best: Fairest | None) -> None:
    from evenhand.cli.show import show_facts
    from evenhand.cli.words import number, percent

    facts = common.status_facts(answer, found=answer.assignment is not None, told=best is not None)
    if answer.cost is not None and answer.gap is not None:
        fair = "" if answer.fairness is None else " fair one"
        facts.append(
            ("Cost", f"{number(answer.cost)}, at most {percent(common.share(answer.gap))} above the cheapest{fair}")
        )
        if answer.fairness is not None and answer.price is not None:
            facts.append(("Price of fairness", f"{percent(common.share(answer.price))} at most"))
        facts.append(("Shared", f"cv {answer.cv:.3f}, Jain's index {answer.jain:.3f}"))
    if best is not None:
        facts += common.fairest_facts(best)
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
