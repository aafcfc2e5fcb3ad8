"""Who drives which route on which day, printed and as JSON."""

from __future__ import annotations

from typing import Any

from evenhand.applications.routes import Rotation, RoutePlan, rotate

OFFERED = 5
"""Number of days over which an exchange of routes is offered."""

MOST_SHOWN = 14
"""Upper limit on the days that are printed; the JSON has all."""


def days_as_json(answer: RoutePlan, rotation: Rotation | None) -> dict[str, Any]:
    """Return the days' key of the JSON, in the user's units; nothing without days."""
    if rotation is None:
        return {}
    loads = (rotation.loads / answer.units.of(answer.burden)).tolist()
    return {"days": {"route_of": rotation.route_of.tolist(), "loads": loads, "cv": list(rotation.cv)}}


def days_facts(answer: RoutePlan, rotation: Rotation | None) -> list[tuple[str, str]]:
    """Return how fair these routes and the shortest become over some days, by exchanging them among the drivers."""
    assert answer.routes is not None
    said, days = [], OFFERED if rotation is None else len(rotation.cv)
    if rotation is not None:
        said.append(("these routes", rotation.cv))
    if answer.base_routes is not None and (answer.fairness is not None or rotation is None):
        what = "these routes" if answer.fairness is None else "the shortest routes"
        said.append((what, rotate(answer.problem, answer.base_routes, days, answer.burden).cv))
    heading = f"Over {days} day{'s' if days > 1 else ''}"
    return [
        (heading, f"{what}, exchanged daily: cv {cv[0]:.3f} after the first, {cv[-1]:.3f} after all")
        for what, cv in said
        if cv[0] > 0.0
    ]


def show_days(answer: RoutePlan, rotation: Rotation) -> None:
    """Print a row for each driver: the route of each day, counted from 1 in the order of the routes above."""
    from rich.table import Table

    from evenhand.cli.readable_numbers import number
    from evenhand.cli.show import console
    from evenhand.visible import shown_name

    routes, shown = answer.routes or (), min(len(rotation.cv), MOST_SHOWN)
    unit, suffix = answer.units.of(answer.burden), answer.units.suffix(answer.burden)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("route of day")
    for day in range(shown):
        table.add_column(str(day + 1), justify="right", no_wrap=True)
    table.add_column(f"{answer.burden}{suffix} in all", justify="right", no_wrap=True)
    for index, vehicle in enumerate(answer.problem.vehicles):
        own = [int(route) for route in rotation.route_of[:shown, index]]
        total = number(float(rotation.loads[-1, index]) / unit)
        table.add_row(shown_name(vehicle.name), *(str(k + 1) if routes[k] else "-" for k in own), total)
    console().print(table)
    if shown < len(rotation.cv):
        console().print(f"... and {len(rotation.cv) - shown} more days; --json and --sheets have all")
