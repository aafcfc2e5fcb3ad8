"""Write a page on routes: maps before and after, what each driver carries, who drives when, and sheets."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.applications.routes import Rotation, RoutePlan
from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.visit_rows import visit_rows
from evenhand.fairness import CVAtMost
from evenhand.report import answer_charts, answer_sentences, sections
from evenhand.report.chart_rows import LoadRow, allowed_band, fair_shares, spoken_of
from evenhand.report.formats import count, percent, plain, quantity
from evenhand.report.routes_chart import route_map
from evenhand.report.template import Exact, Table, exact, filled
from evenhand.report.units import Units, headed
from evenhand.tables import write_text
from evenhand.visible import shown_name, shown_names

Shown = dict[str, Any]


def write_routes_report(
    path: str | PathLike[str], answer: RoutePlan, *, rotation: Rotation | None = None, command: str | None = None
) -> Path:
    """Write a page on routes.

    Parameters
    ----------
    path
        The HTML file to write, atomically.
    answer
        The answer, of any status.
    rotation
        Who drives which of its routes on which day; None for one day.
    command
        The command line that makes the page again.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the file cannot be written.
    MissingExtraError
        If Altair, Jinja2 or vl-convert is not installed.
    """
    there, problem = answer.routes is not None, answer.problem
    stops, vehicles = count(len(problem.stops), "stop"), count(len(problem.vehicles), "vehicle")
    facts = [
        ("Size", f"{stops}, {vehicles}, {count(len(problem.depots), 'depot')}"),
        ("Shared", answer.burden),
        ("Rule", "none" if answer.fairness is None else answer_sentences.rule(answer.fairness)),
        *sections.how_it_ended(answer.status, answer.seconds),
    ]
    page = filled(
        "routes.html",
        f"Routes: {stops}, {vehicles}",
        _headline(answer),
        key_figures=_key_figures(answer) if there else [],
        maps=_maps(answer) if there and problem.coordinates is not None else [],
        loads=_loads(answer) if there and len(problem.vehicles) > 1 else None,
        days=None if rotation is None else _days(answer, rotation),
        sheets=_sheets(answer) if there else [],
        depends_on=sections.depends_on(facts),
        command_line=command,
    )
    return write_text(path, page)


def _headline(answer: RoutePlan) -> list[str]:
    unit = answer.units.suffix("distance")
    if answer.cost is None:
        known = "" if answer.base_cost is None else f" Without fairness, {quantity(answer.base_cost)}{unit} are enough."
        return [f"No {'fair ' if known else ''}routes were found.{known}", "Whether there are some is open."]
    price = "" if answer.price is None else f", {percent(answer.price)} more than without fairness"
    price = ", and fairness costs nothing" if answer.price == 0 else price
    said = [f"These routes are {quantity(answer.cost)}{unit} long{price}."]
    if answer.bound:
        which = "routes" if answer.fairness is None else "fair routes"
        said.append(f"It is proven that no {which} are shorter than {quantity(answer.bound)}{unit}.")
    return said


def _key_figures(answer: RoutePlan) -> list[tuple[str, Exact, str]]:
    used, unit = sum(map(bool, answer.routes or ())), answer.units.suffix("distance")
    figures = [("Distance", Exact(answer.cost, f"{quantity(answer.cost)}{unit}"), f"of {count(used, 'route')}")]
    if answer.fairness is not None and answer.price is not None:
        moved = f"{answer.stops_moved} of {count(len(answer.problem.stops), 'stop')} change hands"
        figures.append(("Fairness costs", Exact(answer.price, percent(answer.price)), moved))
    if answer.cv is not None:
        figures.append(("Coefficient of variation", exact(answer.cv, plain, 3), f"of the {answer.burden}"))
    return figures


def _maps(answer: RoutePlan) -> list[Shown]:
    assert answer.routes is not None
    unit = answer.units.suffix("distance")
    plans = [("Fair routes" if answer.fairness is not None else "Shortest routes", answer.routes, answer.cost)]
    if answer.base_routes not in (None, answer.routes):
        assert answer.base_routes is not None
        plans.insert(0, ("Without fairness", answer.base_routes, answer.base_cost))
    note = "A square is a depot."
    return [
        {"title": f"{what}: {quantity(cost)}{unit}", "chart": route_map(answer, routes, "", named=True), "note": note}
        for what, routes, cost in plans
    ]


def _loads(answer: RoutePlan) -> Shown:
    problem, per = answer.problem, answer.units.of(answer.burden)
    assert answer.loads is not None
    costs = RouteCosts(problem, answer.burden)
    fairness = answer.fairness or CVAtMost(len(problem.vehicles), entitlements=problem.entitlements)
    loads, shares = answer.loads, fair_shares(fairness, answer.loads)
    bands = spoken_of(fairness, allowed_band(fairness, loads), float(loads.sum()))
    names = shown_names([vehicle.name for vehicle in problem.vehicles])
    base = None if answer.fairness is None or answer.base_routes is None else costs.loads(answer.base_routes) / per
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.where(shares > 0, loads / shares - 1, 0.0)
    rows = [
        LoadRow(
            *(names[k], float(loads[k]), float(shares[k]), float(bands[k, 0]), float(bands[k, 1]), float(excess[k])),
            None,
            problem.vehicles[k].carried / per,
            None if base is None else float(base[k]),
        )
        for k in range(len(names))
    ]
    unit = answer.units.suffix(answer.burden).strip()
    rule = "" if answer.fairness is None else f"The rule: {answer_sentences.rule(answer.fairness)}. "
    burdens = answer.burdens()
    heads = [headed(kind.capitalize(), answer.units.suffix(kind).strip()) for kind in burdens]
    cells = [
        (row.agent, *(exact(burdens[kind][k], plain, 6) for kind in burdens), exact(row.carried, plain, 6),
         exact(row.share, plain, 4))
        for k, row in enumerate(rows)
    ]  # fmt: skip
    return {
        "finding": f"{rule}Reached: CV {plain(answer.cv, 3)}, Jain's index {plain(answer.jain, 3)}.",
        "chart": answer_charts.chart_of_loads(rows, Units("", unit)),
        "note": answer_sentences.band_note(rows, entitled=True),
        "table": Table("What each driver does", ("Driver", *heads, "Carried before", "Fair share"), cells),
    }


def _days(answer: RoutePlan, rotation: Rotation) -> Shown:
    routes, days = answer.routes or (), range(len(rotation.cv))
    totals = rotation.loads[-1] / answer.units.of(answer.burden)
    names = shown_names([vehicle.name for vehicle in answer.problem.vehicles])
    rows = [
        (
            name,
            *(str(route + 1) if routes[route] else "–" for route in rotation.route_of[:, k].tolist()),
            exact(float(totals[k]), plain, 6),
        )
        for k, name in enumerate(names)
    ]
    head = headed(f"{answer.burden.capitalize()} in all", answer.units.suffix(answer.burden).strip())
    finding = f"The coefficient of variation is {plain(rotation.cv[0], 3)} after the first day"
    return {
        "finding": f"{finding}, and {plain(rotation.cv[-1], 3)} after {count(len(days), 'day')}.",
        "table": Table(
            "The route of each driver on each day; 1 is the route of the first sheet below",
            ("Driver", *(f"Day {day + 1}" for day in days), head),
            rows,
        ),
    }


def _sheets(answer: RoutePlan) -> list[Shown]:
    found = []
    for k, (vehicle, route) in enumerate(zip(answer.problem.vehicles, answer.routes or (), strict=True)):
        rows = [(str(row[0]), shown_name(str(row[1])), *row[2:]) for row in visit_rows(answer, k, route)]
        name = shown_name(vehicle.name)
        what = f"{count(len(route), 'stop')}, {rows[0][4]} to {rows[-1][2]}" if rows else "stays"
        headers = ("Position", "Stop", "Arrival", "Begin", "Leave", "Load on board")
        found.append({"summary": f"{k + 1}. {name}: {what}", "table": Table(f"The route of {name}", headers, rows, 2)})
    return found
