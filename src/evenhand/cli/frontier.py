"""``evenhand frontier``: compute what each level of fairness costs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from evenhand.cli import options
from evenhand.cli.assign_rules import refuse_beside_rules
from evenhand.cli.door import finished_first, say, stopped_by
from evenhand.cli.exits import INTERRUPTED, OK
from evenhand.cli.fairness_options import AskedLevels, read_order
from evenhand.cli.inputs import Tables
from evenhand.cli.levels import epsilon_levels, solve_levels
from evenhand.cli.options import option
from evenhand.cli.outputs import check_outputs, write_values
from evenhand.cli.rules_options import Several, read_question
from evenhand.errors import InputError
from evenhand.fairness import Frontier
from evenhand.tables.cost_table import shown
from evenhand.tables.numbers import to_number

EPSILONS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def command(
    tables: Tables,
    entitlements: options.Entitlements = None,
    maximise: options.Maximise = False,
    p: Annotated[list[str] | None, option("2|3|..|inf", "Order of the norm, 2 by default; repeatable.")] = None,
    epsilons: Annotated[
        str | None, option("LIST", "Levels, such as 0,0.5,0.9; twelve from 0 to 0.99 by default.")
    ] = None,
    *,
    asked: AskedLevels,
    several: Several,
    gap: options.Gap = 1e-4,
    time_limit: options.TimeLimit = None,
    seed: options.Seed = 0,
    workers: options.Workers = 1,
    json: options.Json = None,
    report: options.Report = None,
    unit: options.Unit = "",
    burden_unit: options.BurdenUnit = "",
    quiet: options.Quiet = False,
) -> None:
    """Solve at many levels of fairness and show what each costs.

    The levels are those of epsilon, or of one other measure: --max-over-mean 1.5,1.2,1.1. --time-limit applies to each.

    Rules that stay beside each level: --rules and the like.

    With entitlements, CV and Jain's index compare loads divided by entitlements; the largest load is undivided.

    Example: evenhand frontier costs.csv --p 2 --p inf --report out.html
    """
    if asked and epsilons is not None:
        raise InputError("give --epsilons or the levels of another measure, not both")
    orders = [read_order(text) for text in dict.fromkeys(p or [])]
    epsilon = EPSILONS if epsilons is None else _read_levels(epsilons)
    outputs = {"--json": json, "--report": report}
    check_outputs(outputs, {**tables.files, **several.files})
    given, beside = read_question(tables, several, entitlements, outputs, quiet=quiet)
    if several:
        refuse_beside_rules({"--workers": None if workers == 1 else workers}, several)
    frontiers: list[Frontier] = []
    if asked:
        n = len(given.costs.agents)
        families = [asked.members(order, n, given.entitlements) for order in orders or (None,)]
    else:
        families = [epsilon_levels(epsilon, order, given) for order in orders or [2.0]]
    for levels in families:
        rest: dict[str, Any] = {"maximise": maximise, "beside": beside}
        frontiers.append(solve_levels(given, levels, gap, time_limit, seed, workers, quiet, **rest))
        if not quiet:
            from evenhand.cli.show import show_frontier

            show_frontier(frontiers[-1])
        if len(frontiers[-1]) < len(levels):
            break
    stopped = len(frontiers[-1]) < len(levels)
    with finished_first():
        write_values(json, lambda: {"frontiers": [frontier.to_dict() for frontier in frontiers]})
    if stopped:
        say(f"stopped by {stopped_by()}; these are the levels so far")
    if report is not None:
        from evenhand.cli.pictures import report_frontiers, units_of

        report_frontiers(report, frontiers, given, units_of(unit, burden_unit, given))
    raise typer.Exit(OK if any(map(len, frontiers)) else INTERRUPTED)


def _read_levels(text: str) -> tuple[float, ...]:
    try:
        return tuple(to_number(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"--epsilons {shown(text)} must be levels in [0, 1] such as 0,0.5,0.9") from None
