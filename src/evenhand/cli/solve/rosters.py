"""``evenhand solve rosters``: plan who works which shift on which day, at the least cost and fairly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evenhand.applications.rosters import Roster
from evenhand.cli import options
from evenhand.cli.exits import exit_code
from evenhand.cli.fairness_options import Asked
from evenhand.cli.options import argument, count_option, option
from evenhand.cli.solve import common

_SHARE = option("COUNT,...", "Counts that the measure is for; repeatable.", "--share", panel=options.FAIR)
_FAIR = option("COUNT=MEASURE:X", "A count with a measure of its own; repeatable.", "--fair", panel=options.FAIR)


def command(
    file: Annotated[Path, argument("FILE", "Problem in the format of the shift-scheduling benchmark, FILE.txt.")],
    nights: Annotated[str | None, option("SHIFT,...", "Night shifts, if not those that begin with N.")] = None,
    late: Annotated[str | None, option("SHIFT,...", "Late shifts, if not those that begin with L or P.")] = None,
    share: Annotated[list[str] | None, _SHARE] = None,
    fair: Annotated[list[str] | None, _FAIR] = None,
    *,
    asked: Asked,
    gap: common.Gap = 1e-6,
    time_limit: common.TimeLimit = None,
    seed: Annotated[int, count_option("N", "Same seed, same search.", panel="The search")] = 0,
    json: options.Json = None,
    quiet: options.Quiet = False,
) -> None:
    """Plan the cheapest roster that obeys all rules and shares counts as fairly as you ask.

    Counts are minutes, nights, late, weekends and granted (requests). They are compared in proportion to contracts.

    Example: evenhand solve rosters ward.txt --share nights,weekends --cv 0.3 --time-limit 60 --json roster.json
    """
    from evenhand.applications import rosters as application
    from evenhand.cli.solve.fair_counts_option import fairness_asked

    common.check_files(json, None, file)
    problem = application.read_shift_benchmark(file, nights=_names(nights), late=_names(late))
    fairness = fairness_asked(problem, asked, share or [], fair or [])
    with common.progress("rosters", gap, quiet=quiet) as progress:
        answer = application.solve(problem, fairness, gap=gap, time_limit=time_limit, seed=seed, progress=progress)
    common.write(answer, json, None, "")
    if not quiet:
        show_roster(answer)
    raise typer.Exit(exit_code(answer.status, found=answer.plan is not None, interrupted=answer.interrupted))


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def show_roster(answer: Roster) -> None:
    """Print status, cost, price, each fair count, and the roster itself."""
    from evenhand.cli.readable_numbers import number, percent
    from evenhand.cli.show import show_facts

    facts = common.status_facts(answer, found=answer.plan is not None, has_fairest=True)
    if answer.cost is not None:
        proven = "" if answer.gap is None else f", at most {percent(common.share(answer.gap))} above the cheapest"
        facts.append(("Cost", number(answer.cost) + (proven if not answer.fairness else f"{proven} fair")))
        if answer.price is not None:
            facts.append(("Price of fairness", percent(common.share(answer.price))))
        for count in answer.fairness:
            one = answer.measured(count)
            facts.append((count.capitalize(), f"cv {one.cv:.3f}, largest over mean {one.max_over_mean:.3f}"))
        for count, names in answer.rounded.items():
            facts.append((f"Rounded {count}", f"next whole number for {', '.join(names)}"))
        for broken in answer.priced:
            where = "" if broken.day is None else f", {answer.problem.day_in_words(broken.day)}"
            what = f"{broken.rule} of {broken.person or broken.shift}{where}: {number(broken.amount)}"
            facts.append(("Rule not kept", what))
    show_facts(facts)
    _show_plan(answer)


def _show_plan(answer: Roster) -> None:
    from evenhand.cli.show import console
    from evenhand.visible import shown_name

    if answer.plan is None:
        return
    width = max(len(shift.name) for shift in answer.problem.shifts) + 1
    names = [shown_name(person.name) for person in answer.problem.people]
    margin = max(map(len, names)) + 1
    for name, row in zip(names, answer.plan, strict=True):
        cells = "".join(f"{shift or '.':<{width}}" for shift in row)
        console().print(f"{name:<{margin}}{cells}", soft_wrap=True, markup=False, highlight=False)
