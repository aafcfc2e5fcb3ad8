"""``evenhand solve rosters``: plan who works which shift on which day, at the least cost and fairly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evenhand.cli import options
from evenhand.cli.exits import exit_code
from evenhand.cli.fairness_options import Asked
from evenhand.cli.options import argument, count_option, number_option, option
from evenhand.cli.solve import common
from evenhand.cli.solve.roster_inputs import RosterFiles
from evenhand.cli.solve.roster_outputs import RosterOutputs

_SHARE = option("COUNT,...", "Counts that the measure is for; repeatable.", "--share", panel=options.FAIR)
_FAIR = option("COUNT=MEASURE:X", "A count with a measure of its own; repeatable.", "--fair", panel=options.FAIR)
_PRICE = option(
    "RULE=X", "Cost of a unit by which a rule is broken, such as longest-run=50; repeatable.", "--price",
    panel="The problem",
)  # fmt: skip
_OVER = number_option("X", "Cost of each person above the preferred number of a shift.", panel="The problem")


def command(
    shifts: Annotated[
        Path,
        argument(
            "FILE | SHIFTS",
            "A file of the shift-scheduling benchmark; or a table of shifts: date, start, end, kind, skill, least, "
            "preferred, cost of too few and too many, break.",
        ),
    ],
    people: Annotated[
        Path | None,
        argument(
            "PEOPLE",
            "With SHIFTS, a table of people: name, contract hours per week, skills, least and most hours, longest and "
            "shortest run, rest, days off in a row, weekends, and nights, weekends, late and hours carried over.",
        ),
    ] = None,
    share: Annotated[list[str] | None, _SHARE] = None,
    fair: Annotated[list[str] | None, _FAIR] = None,
    price: Annotated[list[str] | None, _PRICE] = None,
    over_cost: Annotated[float | None, _OVER] = None,
    *,
    files: RosterFiles,
    asked: Asked,
    gap: common.Gap = 1e-6,
    time_limit: common.TimeLimit = None,
    seed: Annotated[int, count_option("N", "Same seed, same search.", panel="The search")] = 0,
    outputs: RosterOutputs,
    quiet: options.Quiet = False,
) -> None:
    """Plan the cheapest roster that obeys all rules and shares counts as fairly as you ask.

    Counts are minutes, nights, late, weekends and granted (requests). They are compared in proportion to contracts.
    Fairness may be met by extra work for those with less, where more people than preferred cost little: --over-cost.
    All rules hold unless they have a --price.
    In tables, a night has more than two hours between 23:00 and 06:00, and a late shift ends after 20:00.

    Example: evenhand solve rosters shifts.csv people.csv --wishes wishes.csv --share nights --cv 0.3 --picture r.svg

    Example: evenhand solve rosters ward.txt --share nights,weekends --cv 0.3 --time-limit 60 --json roster.json
    """
    from evenhand.applications import rosters as application
    from evenhand.applications.rosters.nearest_cover import people_missing
    from evenhand.cli.solve.fair_counts_option import fairness_asked
    from evenhand.cli.solve.roster_shown import show_roster
    from evenhand.cli.solve.rule_prices import with_prices

    outputs.check(files.files(shifts, people))
    problem, last = files.read(shifts, people, quiet=quiet)
    problem = with_prices(problem, price or [], over_cost)
    outputs.check_dates(problem.first_date is not None, problem.source)
    fairness = fairness_asked(problem, asked, share or [], fair or [])
    with common.progress("rosters", gap, quiet=quiet) as progress:
        answer = application.solve(problem, fairness, gap=gap, time_limit=time_limit, seed=seed, progress=progress)
    outputs.write(answer, last)
    if not quiet:
        missing = None
        if answer.status == "infeasible" and answer.base_found is None and not answer.interrupted:
            missing = people_missing(problem, seconds=_left(time_limit, answer.seconds), seed=seed)
        show_roster(answer, last, missing)
    raise typer.Exit(exit_code(answer.status, found=answer.plan is not None, interrupted=answer.interrupted))


def _left(time_limit: float | None, spent: float) -> float:
    """Return the seconds in which the command may look for the reason why there is no roster: 1 to 10."""
    return 10.0 if time_limit is None else min(10.0, max(1.0, time_limit - spent))
