"""``evenhand solve load-shedding``: shed as little power as possible, fairly shared among the loads."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from evenhand.applications.load_shedding import LoadShedding
from evenhand.cli import options
from evenhand.cli.exits import exit_code
from evenhand.cli.fairness_options import Asked
from evenhand.cli.options import argument, flag, option
from evenhand.cli.solve import common
from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.numbers import to_whole


def command(
    case: Annotated[Path, argument("CASE", "MATPOWER case file of version 2, FILE.m.")],
    outages: Annotated[str, option("LIST", "Branches that are out, by their number in the file: 1,2,7.")] = "",
    fractions: Annotated[
        bool, flag("Share the fraction of its demand that each load sheds, not its MW.", "--fractions")
    ] = False,
    approximation: Annotated[
        str, option("series|reactance", "Susceptances of the series impedance, or 1/(x tap).")
    ] = "series",
    must_run: Annotated[
        bool, flag("Generators always produce at least Pmin, and shunts always draw Gs.", "--must-run")
    ] = False,
    *,
    asked: Asked,
    fairest: common.FairestToo = False,
    json: options.Json = None,
    picture: common.Picture = None,
    quiet: options.Quiet = False,
) -> None:
    """Shed the least power that a network cannot serve, fairly shared among its loads.

    Without a measure of fairness, the least power is shed, no matter by whom.

    Example: evenhand solve load-shedding case14.m --outages 1,2 --jain 0.8 --picture shed.svg
    """
    from evenhand.applications import load_shedding as application

    common.check_files(json, picture, case)
    network = application.read_case(case)
    out = _branches(outages)
    member = asked.member_or_none(int((network.demand > 0.0).sum()), fairest=fairest)
    settings: dict[str, Any] = {"outages": out, "approximation": approximation, "must_run": must_run}
    settings |= {"fractions": fractions}
    clock = common.Clock(None, fairest=fairest)
    with common.progress("load shedding", 1e-6, quiet=quiet):
        answer = application.solve(network, member, **settings)
    common.write(answer, json, picture, "shedding_chart")
    if not quiet:
        _show(answer, has_fairest=fairest)
    if fairest and member is not None:
        search = partial(application.fairest_shedding, network, member)
        common.search_fairest(search, answer, json, clock, quiet=quiet, **settings)
    raise typer.Exit(exit_code(answer.status, found=answer.shed is not None, interrupted=answer.interrupted))


def _branches(text: str) -> list[int]:
    try:
        return [to_whole(word) for word in text.split(",") if word.strip()]
    except ValueError:
        raise InputError(f"--outages {shown(text)} must be whole numbers, such as 1,2,7") from None


def _show(answer: LoadShedding, *, has_fairest: bool) -> None:
    from evenhand.cli.show import show_facts

    facts = common.status_facts(answer, found=answer.shed is not None, has_fairest=has_fairest)
    if answer.total_shed is not None and answer.shed is not None:
        total = f"{answer.total_shed:.4g} of {answer.demand.sum():.4g} MW"
        above = "" if answer.least_shed is None else f" above the least, {answer.least_shed:.4g} MW"
        facts += common.value_facts(answer, ("Shed in all", total), above)
    if answer.status == "infeasible" and answer.least_shed is None and answer.fairness is not None:
        facts.append(("Without fairness", "infeasible, too: supply and demand cannot be balanced"))
    show_facts(facts)
    if answer.shed is not None:
        rows = [
            ((str(row["bus"]), f"{row['demand']:.1f}", f"{row['shed']:.1f}"), row["shed"] / row["demand"])
            for row in answer.to_rows()
        ]
        common.show_bars(("bus", "demand", "shed"), rows)
