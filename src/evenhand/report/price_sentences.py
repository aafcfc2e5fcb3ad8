"""The sentences on the price of fairness, as plain text that the templates escape."""

from __future__ import annotations

from collections.abc import Sequence

from evenhand.fairness import Frontier, FrontierPoint
from evenhand.report.chart_rows import series_name
from evenhand.report.formats import percent, plain
from evenhand.report.units import Units


def price_notes(frontiers: Sequence[Frontier], units: Units) -> list[str]:
    """Return for each frontier a sentence on the price of the strictest level solved, and on levels out of reach."""
    return [said for frontier in frontiers if (said := _price_of(frontier, units))]


def _price_of(frontier: Frontier, units: Units) -> str:
    sentences = []
    solved = [point for point in frontier.points if point.cost is not None]
    if solved:
        last = solved[-1]
        cost = units.costs(last.cost)
        than = "of the best plan's profit" if frontier.maximise else "more than the cheapest plan"
        price = cost if last.price is None else f"{percent(max(last.price, 0.0))} {than}"
        verb = "brings" if frontier.maximise and last.price is None else "costs"
        sentences.append(f"{_at(frontier, last)} {verb} {price}{_dispersion(last)}.")
    refused = [point for point in frontier.points if point.status == "infeasible"]
    if refused:
        sentences.append(f"{_at(frontier, refused[0])} is proven impossible.")
    return " ".join(sentences)


def _at(frontier: Frontier, point: FrontierPoint) -> str:
    """Return the name of a level at the beginning of a sentence."""
    level, name = plain(point.parameter), series_name(frontier)
    return f"Level {level} ({name})" if frontier.p is None else f"At {name}, level {level}"


def _dispersion(point: FrontierPoint) -> str:
    return "" if point.cv is None else f", with a CV of {plain(point.cv, 3)}"


def price_caption(frontiers: Sequence[Frontier]) -> str:
    """Return the explanation of the marks that are present in the chart of prices."""
    statuses = {point.status for frontier in frontiers for point in frontier.points}
    said = ["Every point is an assignment found for that level."]
    if "time_limit" in statuses:
        said.append("Where the search was stopped early, a whisker reaches down to what is proven.")
    if "infeasible" in statuses:
        said.append("✕ on the upper edge: proven impossible.")
    return " ".join(said)


def frontier_headline(frontiers: Sequence[Frontier], units: Units) -> list[str]:
    """Return sentences on the cost of the cheapest plan and of the most expensive level solved."""
    maximise = frontiers[0].maximise
    best = "best plan brings" if maximise else "cheapest plan costs"
    base = f"Without any rule, the {best} {units.costs(frontiers[0].base_cost)}."
    priced = [(f, p) for f in frontiers for p in f.points if p.price is not None and p.cost is not None]
    if not priced:
        return ["The price of fairness.", base]
    frontier, dearest = max(priced, key=lambda pair: pair[1].price or 0.0)
    price = percent(max(dearest.price or 0.0, 0.0))
    return [
        f"Fairness costs up to {price}.",
        base,
        f"The dearest fairness that was solved ({series_name(frontier)}, level {plain(dearest.parameter)}) "
        f"{'brings' if maximise else 'costs'} {units.costs(dearest.cost)}, {price} {'less' if maximise else 'more'}.",
    ]
