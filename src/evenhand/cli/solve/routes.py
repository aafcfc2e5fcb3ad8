"""``evenhand solve routes``: plan short routes whose hours, distances, stops or loads are shared fairly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from evenhand.applications.routes import Rotation, RoutePlan, RoutingProblem
from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.user_units import UserUnits
from evenhand.cli import options
from evenhand.cli.exits import exit_code
from evenhand.cli.fairness_options import Asked
from evenhand.cli.options import argument, count_option, number_option, option
from evenhand.cli.solve import common


def command(
    stops: Annotated[
        Path,
        argument(
            "FILE | STOPS",
            "A file of VRPLIB or Solomon; or a table of stops: name, x and y (km) or latitude and longitude, demand, "
            "minutes of service, from and to.",
        ),
    ],
    vehicles: Annotated[
        Path | None,
        argument(
            "VEHICLES",
            "With STOPS, a table of vehicles: driver, depot, capacity, from, to, must drive, carried, share, most "
            "hours, most km.",
        ),
    ] = None,
    burden: Annotated[
        str, option("distance|duration|stops|load", "What is shared.", "--burden", panel=options.FAIR)
    ] = "duration",
    fleet: Annotated[
        int | None,
        count_option(
            "N", "Number of alike vehicles of FILE; otherwise as many as the cheapest plan uses.", "--vehicles"
        ),
    ] = None,
    rounding: Annotated[
        str | None,
        option("nearest|tenths|thousandths", "How the distances of FILE become whole numbers.", "--rounding"),
    ] = None,
    distances: Annotated[Path | None, option("FILE", "Table of kilometres from stop to stop.", "--distances")] = None,
    durations: Annotated[Path | None, option("FILE", "Table of minutes from stop to stop.", "--durations")] = None,
    speed: Annotated[float | None, number_option("KM/H", "Speed where there are no durations.", "--speed")] = None,
    begin: Annotated[
        Path | None, option("FILE", "A finished plan (JSON, or .sol of VRPLIB) to make fair.", "--from")
    ] = None,
    before: Annotated[
        Path | None, option("FILE", "JSON of the days before, whose hours (or --burden) are carried on.", "--after")
    ] = None,
    days: Annotated[
        int | None, count_option("N", "Exchange these routes daily over N days, and say who drives which.", "--days")
    ] = None,
    *,
    asked: Asked,
    time_limit: common.TimeLimit = 60.0,
    seed: Annotated[int, count_option("N", "Seed of all random choices.", panel="The search")] = 0,
    sheets: Annotated[
        Path | None, option("FILE", "Route sheets: a row for each visit, as CSV.", panel="Output")
    ] = None,
    json: options.Json = None,
    picture: common.Picture = None,
    report: options.Report = None,
    quiet: options.Quiet = False,
) -> None:
    """Plan short routes whose burdens are as fair as you ask.

    Without a measure of fairness, the shortest routes that PyVRP finds are printed, and how fair the same routes become
    when drivers exchange them over some days: often that costs nothing.

    Example: evenhand solve routes stops.csv vehicles.csv --burden duration --cv 0.1 --time-limit 60 --json t.json

    Example: evenhand solve routes town.vrp --burden distance --cv 0.2 --picture routes.svg
    """
    from evenhand.applications import routes as application
    from evenhand.cli.outputs import check_outputs, write_values
    from evenhand.cli.solve.route_days import days_as_json
    from evenhand.cli.solve.route_sheets import write_sheets
    from evenhand.number_checks import checked_whole

    data = [path for path in (vehicles, distances, durations, begin, before) if path is not None]
    common.check_files(json, picture, stops)
    outputs = {"--json": json, "--picture": picture, "--sheets": sheets, "--report": report}
    check_outputs(outputs, {"the data": stops, **{str(path): path for path in data}})
    if days is not None:
        checked_whole("--days", days, 1, 366)
    problem, units, open_fleet = _read(
        stops, vehicles, burden, fleet, rounding, distances, durations, speed, quiet=quiet
    )
    if before is not None:
        problem, notes = application.with_day_before(problem, before, burden, units)
        _say_notes(notes, quiet=quiet)
    start = None if begin is None else application.read_finished_plan(begin, problem)
    member = asked.member_or_none(len(problem.vehicles), fairest=False)
    with common.progress("routes", 0.0, quiet=quiet) as progress:
        answer = application.solve(
            problem,
            member,
            burden=burden,
            time_limit=60.0 if time_limit is None else time_limit,
            seed=seed,
            start=start,
            as_many_as_used=open_fleet,
            units=units,
            progress=progress,
        )
    rotation = None
    if days is not None and answer.routes is not None:
        rotation = application.rotate(answer.problem, answer.routes, days, burden)
    write_values(json, lambda: {**answer.to_dict(), **days_as_json(answer, rotation)})
    if picture is not None and answer.routes is not None:
        from evenhand.report.answer_charts import save_chart
        from evenhand.report.routes_chart import routes_chart

        save_chart(routes_chart(answer), picture)
    if report is not None:
        from evenhand.cli.pictures import command_line
        from evenhand.report.routes_page import write_routes_report

        write_routes_report(report, answer, rotation=rotation, command=command_line())
    if sheets is not None and answer.routes is not None:
        write_sheets(sheets, answer, rotation)
    if not quiet:
        _show(answer, rotation)
    raise typer.Exit(exit_code(answer.status, found=answer.routes is not None, interrupted=answer.interrupted))


def _read(
    stops: Path,
    vehicles: Path | None,
    burden: str,
    fleet: int | None,
    rounding: str | None,
    distances: Path | None,
    durations: Path | None,
    speed: float | None,
    *,
    quiet: bool,
) -> tuple[RoutingProblem, UserUnits, bool]:
    """Return the problem, its units in the user's, and whether its fleet is as large as anybody could need."""
    from evenhand.applications.routes.route_tables import read_route_tables
    from evenhand.applications.routes.user_units import OFFICE
    from evenhand.applications.routes.vrplib_files import SCALES, costs_not_used, read_routes
    from evenhand.errors import InputError

    if vehicles is None:
        given = {"--distances": distances, "--durations": durations, "--speed": speed}
        for name, value in given.items():
            if value is not None:
                raise InputError(f"{name} is for tables of stops and vehicles; {stops} is read as a file of VRPLIB")
        if stops.suffix.lower() in (".csv", ".tsv", ".xlsx", ".xlsm"):
            raise InputError(f"{stops}: give the table of vehicles, too: evenhand solve routes STOPS VEHICLES")
        problem = read_routes(stops, rounding=rounding or "nearest", vehicles=fleet)
        scale, open_fleet = float(SCALES[rounding or "nearest"]), fleet is None and problem.alike
        notes = [f"{name} is not used: routes are as short as possible" for name in costs_not_used(stops)]
        if open_fleet:
            notes.append(
                f"of {len(problem.vehicles)} vehicles, those that the cheapest plan uses are compared; --vehicles N "
                "says another number"
            )
        _say_notes(notes, quiet=quiet)
        return problem, UserUnits(scale, scale, scale), open_fleet
    if fleet is not None or rounding is not None:
        raise InputError("--vehicles and --rounding are for files of VRPLIB; the table of vehicles says who drives")
    found = read_route_tables(stops, vehicles, burden=burden, distances=distances, durations=durations, speed=speed)
    _say_notes(found.notes, quiet=quiet)
    return found.problem, OFFICE, False


def _say_notes(notes: Sequence[str], *, quiet: bool) -> None:
    from evenhand.cli.door import say

    for note in () if quiet else notes:
        say(f"read: {note}")


def _show(answer: RoutePlan, rotation: Rotation | None) -> None:
    from evenhand.cli.readable_numbers import number, percent
    from evenhand.cli.show import show_facts
    from evenhand.cli.solve.route_days import days_facts, show_days

    facts = common.status_facts(answer, found=answer.routes is not None, has_fairest=True)
    if answer.routes is None or answer.cost is None:
        show_facts([*facts, *_unknown_facts(answer)])
        return
    facts.append(("Distance", f"{number(answer.cost)}{answer.units.suffix('distance')}"))
    if answer.fairness is not None and answer.base_cost:
        facts.append(("Price of fairness", f"{percent(answer.cost / answer.base_cost - 1.0)} over the plan without it"))
        facts.append(("Change hands", f"{answer.stops_moved} of {len(answer.problem.stops)} stops"))
    if answer.bound:
        which = "routes" if answer.fairness is None else "fair routes"
        facts.append(("Proven", f"no {which} are shorter than {number(answer.bound)}{answer.units.suffix('distance')}"))
    if answer.cv is not None:
        facts.append(("Shared", f"{answer.burden}: cv {answer.cv:.3f}, Jain's index {answer.jain:.3f}"))
    facts += days_facts(answer, rotation)
    show_facts(facts)
    burdens = answer.burdens()
    heads = [f"{kind}{answer.units.suffix(kind)}" for kind in burdens]
    unit, carried = answer.units.of(answer.burden), [vehicle.carried for vehicle in answer.problem.vehicles]
    if any(carried):
        heads.append("carried before")
        burdens["carried"] = [one / unit for one in carried]
    loads = [own / unit for own in RouteCosts(answer.problem, answer.burden).loads(answer.routes)]
    largest = max(*loads, 1e-300)
    rows = [
        ((vehicle.name, *(number(burdens[kind][k]) for kind in burdens)), loads[k] / largest)
        for k, vehicle in enumerate(answer.problem.vehicles)
    ]
    stops = [", ".join(route) if route else "stays" for route in answer.named_routes()]
    common.show_bars(("vehicle", *heads), rows, left=(0,), last=("route", stops))
    if rotation is not None:
        show_days(answer, rotation)


def _unknown_facts(answer: RoutePlan) -> list[tuple[str, str]]:
    """Return what was found if no fair routes were."""
    from evenhand.cli.readable_numbers import number
    from evenhand.fairness.dispersion import dispersion

    if answer.base_routes is None or answer.base_cost is None:
        return [("Found", "no routes that keep all limits; nothing proves that there are none")]
    loads = RouteCosts(answer.problem, answer.burden).loads(answer.base_routes)
    return [
        ("Found", "no fair routes; nothing proves that there are none: allow more, or a longer --time-limit"),
        (
            "Without fairness",
            f"{number(answer.base_cost)}{answer.units.suffix('distance')}, {answer.burden}: "
            f"cv {dispersion(loads, answer.fairness).cv:.3f}",
        ),
    ]
