"""Draw routes: a map before and after, and what each driver carries beside the band that fairness leaves."""

from __future__ import annotations

from typing import Any

from evenhand.applications.routes import RoutePlan, Routes
from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.errors import InputError
from evenhand.report import page_libraries, palette
from evenhand.visible import shown_name

_SIDE = 340
"""Width of a map in pixels."""

_NAMED = 12
"""Upper limit on the drivers whose names stand below a map."""

_BAR = 22
"""Height of a bar with the space below it, pixels."""


def routes_chart(answer: RoutePlan) -> Any:
    """Draw the routes on a map, beside those without fairness if there are any, and the loads of both as bars.

    Without coordinates there are bars alone.

    Raises
    ------
    InputError
        If the answer has no routes.
    MissingExtraError
        If Altair is not installed.
    """
    if answer.routes is None or answer.cost is None:
        raise InputError(f"the answer is {answer.status}; there is nothing to draw")
    alt = page_libraries.altair()
    plans = [("Fair" if answer.fairness is not None else "Shortest", answer.routes, answer.cost)]
    if answer.base_routes not in (None, answer.routes) and answer.base_cost is not None:
        assert answer.base_routes is not None
        plans.insert(0, ("Shortest", answer.base_routes, answer.base_cost))
    bars = alt.hconcat(*(_bars(answer, what, routes) for what, routes, _ in plans)).resolve_scale(x="shared")
    description = f"Maps of {len(answer.problem.vehicles)} routes, and bars of the {answer.burden} of each."
    if answer.problem.coordinates is None:
        return bars.properties(usermeta={"aspect": 1.0}, description=description)
    unit = answer.units.suffix("distance")
    maps = [route_map(answer, routes, f"{what}: {cost:,.6g}{unit}") for what, routes, cost in plans]
    return alt.vconcat(alt.hconcat(*maps), bars).properties(usermeta={"aspect": 1.0}, description=description)


def _names(answer: RoutePlan) -> list[str]:
    return [shown_name(vehicle.name) for vehicle in answer.problem.vehicles]


def _colour(answer: RoutePlan, *, named: bool = False) -> Any:
    alt, names = page_libraries.altair(), _names(answer)
    legend = alt.Legend(orient="bottom", title=None, columns=4) if named and len(names) <= _NAMED else None
    return alt.Color("vehicle:N", legend=legend, scale=alt.Scale(domain=names, range=palette.colours(len(names))))


def route_map(answer: RoutePlan, routes: Routes, title: str, *, named: bool = False) -> Any:
    """Draw a plan on a map, with the names of few drivers below if `named`; stops must have coordinates."""
    alt, places = page_libraries.altair(), answer.problem.coordinates
    assert places is not None
    rows, depots = [], []
    for vehicle, name, route in zip(answer.problem.vehicles, _names(answer), routes, strict=True):
        depots.append({"x": float(places[vehicle.depot, 0]), "y": float(places[vehicle.depot, 1])})
        for order, node in enumerate([vehicle.depot, *route, vehicle.depot] if route else []):
            at, stop = {"x": float(places[node, 0]), "y": float(places[node, 1])}, answer.problem.names[node]
            rows.append({"vehicle": name, "stop": shown_name(stop), "order": order, **at})
    low, high = places.min(axis=0), places.max(axis=0)
    wide = max(float((high - low).max()), 1e-9)
    middle = (low + high) / 2
    axes = []
    for k, (name, encode) in enumerate((("x", alt.X), ("y", alt.Y))):
        domain = [float(middle[k]) - 0.54 * wide, float(middle[k]) + 0.54 * wide]
        axes.append(
            encode(name, type="quantitative", axis=None, scale=alt.Scale(domain=domain, nice=False, zero=False))
        )
    x, y = axes
    base = alt.Chart(alt.InlineData(values=rows))
    colour = _colour(answer, named=named)
    lines = base.mark_line(strokeWidth=2).encode(x=x, y=y, order=alt.Order("order:Q"), color=colour)
    said = [alt.Tooltip("stop:N"), alt.Tooltip("vehicle:N"), alt.Tooltip("order:Q")]
    dots = base.mark_point(filled=True, size=28, opacity=1).encode(x=x, y=y, color=colour, tooltip=said)
    home = alt.Chart(alt.InlineData(values=depots)).mark_point(
        filled=True, shape="square", size=150, color="black", opacity=1
    )
    return alt.layer(lines, dots, home.encode(x=x, y=y)).properties(width=_SIDE, height=_SIDE, title=title)


def _bars(answer: RoutePlan, what: str, routes: Routes) -> Any:
    """Draw each driver's load, what was carried before included, and the share that they are entitled to."""
    alt, unit = page_libraries.altair(), answer.units.of(answer.burden)
    loads = (RouteCosts(answer.problem, answer.burden).loads(routes) / unit).tolist()
    shares = [vehicle.entitlement for vehicle in answer.problem.vehicles]
    mean = sum(loads) / sum(shares)
    rows = [
        {"vehicle": name, "load": load, "due": mean * share}
        for name, load, share in zip(_names(answer), loads, shares, strict=True)
    ]
    axis = alt.X("load:Q", title=f"{answer.burden}{answer.units.suffix(answer.burden)}; the line is the fair share")
    base = alt.Chart(alt.InlineData(values=rows))
    y = alt.Y("vehicle:N", title=None, sort=_names(answer))
    bars = base.mark_bar().encode(x=axis, y=y, color=_colour(answer))
    due = base.mark_tick(color="black", thickness=2, height=0.8 * _BAR).encode(x="due:Q", y=y)
    before = ", with what was carried" if any(vehicle.carried for vehicle in answer.problem.vehicles) else ""
    return alt.layer(bars, due).properties(
        width=_SIDE, height=_BAR * len(rows), title=f"{what}: {answer.burden} of each{before}"
    )
