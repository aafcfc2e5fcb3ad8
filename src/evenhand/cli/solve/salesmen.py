"""``evenhand solve salesmen``: plan several tours from one depot with the smallest total length and fair lengths."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from evenhand.applications.salesmen import Tours
from evenhand.cli import options
from evenhand.cli.exits import exit_code
from evenhand.cli.fairness_options import Asked
from evenhand.cli.options import argument, count_option, flag, number_option, option
from evenhand.cli.solve import common


def command(
    towns: Annotated[Path, argument("TOWNS", "Instance in TSPLIB's format, FILE.tsp.")],
    salesmen: Annotated[int, count_option("N", "Number of salesmen.", "--salesmen", "-n")],
    depot: Annotated[str | None, option("NODE|mean", "A node, or an extra one at the mean of the coordinates.")] = None,
    distances: Annotated[str, option("file|euclidean", "As the file says, or rounded Euclidean distances.")] = "file",
    least_load: Annotated[float | None, number_option("X", "Minimum length of each tour.")] = None,
    all_used: Annotated[bool, flag("Every salesman must leave the depot.", "--all-used")] = False,
    no_detours: Annotated[bool, flag("Forbid tours that are longer than their nodes require.", "--no-detours")] = False,
    *,
    asked: Asked,
    fairest: common.FairestToo = False,
    solver: common.Solver = "scip",
    gap: common.Gap = 1e-6,
    time_limit: common.TimeLimit = None,
    json: options.Json = None,
    picture: common.Picture = None,
    quiet: options.Quiet = False,
) -> None:
    """Plan the shortest tours of several salesmen whose lengths are as fair as you ask.

    Tours that are longer than necessary, just to make the lengths more equal, are pointed out. Without a measure of
    fairness, the shortest tours are found.

    Example: evenhand solve salesmen towns.tsp -n 3 --epsilon 0.9 --picture tours.svg
    """
    from evenhand.applications import salesmen as application

    common.check_files(json, picture, towns)
    node = int(depot) if depot is not None and depot.isdigit() else depot
    where = application.read_tsplib(towns, distances=distances, depot=node)
    member = asked.member_or_none(salesmen, fairest=fairest)
    allowed: dict[str, Any] = {"least_load": least_load, "all_used": all_used, "detours": not no_detours}
    allowed |= {"solver": solver}
    clock = common.Clock(time_limit, fairest=fairest)
    with common.progress("salesmen", gap, quiet=quiet):
        answer = application.solve(where, salesmen, member, gap=gap, time_limit=clock.for_answer(), **allowed)
    common.write(answer, json, picture, "tours_chart")
    if not quiet:
        _show(answer, has_fairest=fairest)
    if fairest and member is not None:
        search = partial(application.fairest_tours, where, salesmen, member)
        common.search_fairest(search, answer, json, clock, quiet=quiet, **allowed)
    raise typer.Exit(exit_code(answer.status, found=answer.tours is not None, interrupted=answer.interrupted))


def _show(answer: Tours, *, has_fairest: bool) -> None:
    from evenhand.cli.readable_numbers import number
    from evenhand.cli.show import show_facts

    facts = common.status_facts(answer, found=answer.tours is not None, has_fairest=has_fairest)
    if answer.cost is not None:
        fair = "" if answer.fairness is None else " fair"
        total = number(answer.cost) + common.beyond_bound(answer, f"above the shortest{fair}")
        facts += common.value_facts(answer, ("Length in all", total))
    show_facts(facts)
    if answer.lengths is None or answer.named_tours is None or answer.waste is None:
        return
    longest = max(float(answer.lengths.max()), 1e-300)
    wasteful = bool(answer.wasteful)
    heads = ("salesman", "length", *(["too long by"] if wasteful else []))
    rows = [
        ((str(position), number(length), *([number(waste) if waste else ""] if wasteful else [])), length / longest)
        for position, (length, waste) in enumerate(zip(answer.lengths.tolist(), answer.waste.tolist(), strict=True), 1)
    ]
    stops = [" ".join(tour) if tour else "stays at home" for tour in answer.named_tours]
    common.show_bars(heads, rows, last=("tour", stops))
