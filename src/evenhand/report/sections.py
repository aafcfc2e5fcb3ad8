"""Contents of the sections of an answer's page; the template ``answer.html`` lays them out.

Each function returns None (or an empty list) if the result has nothing for its section.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from evenhand.fairness import Frontier
from evenhand.report import answer_charts, answer_sentences, price_sentences, task_lists
from evenhand.report.chart_rows import LoadRow, measured, paid_costs, price_rows, series_name
from evenhand.report.dispersion_chart import bound_rows
from evenhand.report.formats import (
    NOTHING,
    at_most_percent,
    count,
    percent,
    plain,
    proven_bound,
    quantity,
    signed_percent,
)
from evenhand.report.map import MOST_TASKS, has_map
from evenhand.report.template import Exact, Table, exact
from evenhand.report.units import Units, headed
from evenhand.tables import CostTable
from evenhand.version import __version__
from evenhand.visible import shown_names

if TYPE_CHECKING:
    from evenhand.assignment.assignment_result import Assignment
    from evenhand.tables.visit_times import Visit

Shown = dict[str, Any]


def key_figures(answer: Assignment, rows: Sequence[LoadRow], units: Units) -> list[tuple[str, Exact, str]]:
    """Return the key figures (cost, heaviest load, dispersion, gap) as triples of label, number and note."""
    if answer.cost is None or not rows:
        return []
    most = rows[0]
    entitled = answer.fairness.entitlements is not None
    guaranteed = answer.cv_bound
    of = "of loads over entitlements" if entitled else "of the loads"
    promise = of if guaranteed is None else f"the rule guarantees {plain(guaranteed, 3)}"
    what, beyond, done = ("Profit", "above", "gained") if answer.maximise else ("Cost", "below", "saved")
    bound = units.bound(answer.bound, maximise=answer.maximise)
    return [
        (headed(what, units.cost), exact(answer.cost, quantity), f"no fair plan {beyond} {bound}"),
        (
            headed("Heaviest for its share" if entitled else "Heaviest load", units.load),
            exact(most.load, quantity),
            f"{most.agent}, {signed_percent(most.excess)}",
        ),
        ("Spread (CV)", exact(answer.cv, plain, 3), promise),
        (f"Could still be {done}", *_left(answer, units)),
    ]


def _left(answer: Assignment, units: Units) -> tuple[Exact, str]:
    """Return what could still be saved at most, and by what that is proven."""
    proof, gap = answer_sentences.by_certificate(answer), answer.gap
    if gap is not None and gap <= answer_sentences.NOTHING_LEFT:
        return exact(gap, lambda _: "nothing"), proof
    assert gap is not None
    assert answer.cost is not None
    return exact(gap, at_most_percent), f"at most, or {units.costs(gap * abs(answer.cost))}; {proof}"


def loads(answer: Assignment, rows: Sequence[LoadRow], units: Units) -> Shown | None:
    """Return the section on the agents' loads."""
    if not rows:
        return None
    entitled = answer.fairness.entitlements is not None
    note = with_number_drawn(answer_sentences.band_note(rows, entitled=entitled), rows)
    finding = answer_sentences.loads_finding(rows, units, entitled=entitled)
    chart = answer_charts.chart_of_loads(rows, units)
    return {"finding": finding, "chart": chart, "note": note, "table": _loads_table(rows, units)}


def with_number_drawn(note: str, rows: Sequence[LoadRow]) -> str:
    """Return a note on a chart of loads, with how many of them are drawn if these are not all."""
    half = answer_charts.MOST_BARS // 2
    if len(rows) <= answer_charts.MOST_BARS:
        return note
    return f"{note} Drawn are the {half} most and the {half} least loaded of {len(rows)}."


def _loads_table(rows: Sequence[LoadRow], units: Units) -> Table:
    carries = any(row.carried > 0.0 for row in rows)
    cells = [
        (
            row.agent,
            exact(row.load, quantity),
            *([exact(row.carried, quantity)] if carries else []),
            exact(row.share, quantity),
            signed_percent(row.excess),
            quantity(row.low),
            quantity(row.high),
            quantity(row.cheapest),
            NOTHING if row.tasks is None else row.tasks,
        )
        for row in rows
    ]
    before = ["From before"] if carries else []
    headers = (
        *("Agent", headed("Load", units.load), *before, "Fair share", "Off by", "Least allowed", "Most allowed"),
        *("In the cheapest plan", "Tasks"),
    )
    return Table("Load of each agent", headers, cells)


def place(answer: Assignment, costs: CostTable) -> Shown | None:
    """Return the section with the map, if there are coordinates."""
    if not has_map(answer, costs):
        return None
    m = len(answer.tasks)
    note = "Each mark is a task, tied to its agent by a line; colour and shape are the agent's. "
    note += "Click a mark to single out its agent."
    if m > MOST_TASKS:
        note += f" Drawn are {count(MOST_TASKS, 'task')} of {count(m, 'task')}, each agent in proportion."
    return {"chart": answer_charts.map_chart(answer, costs), "note": note}


def price(frontiers: Sequence[Frontier], units: Units) -> Shown | None:
    """Return the section on the price of fairness, with a figure for each measure."""
    figures = []
    for measure in dict.fromkeys(frontier.measure for frontier in frontiers):
        same = [frontier for frontier in frontiers if frontier.measure == measure]
        drawn = {
            "chart": answer_charts.price_chart(same),
            "note": price_sentences.price_caption(same),
            "table": _price_table(same, units),
            "sliders": [_slider(frontier, units) for frontier in same if len(frontier) > 1],
        }
        figures.append({"name": f"price-{measure}", **drawn})
    return {"findings": price_sentences.price_notes(frontiers, units), "figures": figures} if figures else None


def _slider(frontier: Frontier, units: Units) -> Shown:
    """Return the levels of a frontier for a slider on the page: what each costs, in words, and each agent's load.

    Levels are ordered from loose to strict, as the slider is.
    """
    reach = max((load for point in frontier.points for load in point.loads), default=0.0) or 1.0
    more = "less" if frontier.maximise else "more"
    best = "best" if frontier.maximise else "cheapest"
    levels = []
    for point in frontier.points:
        said = f"{measured(frontier)} {plain(point.parameter)}"
        if point.cost is None:
            found = "no plan is that fair" if point.status == "infeasible" else "no plan was found in time"
        else:
            price = percent(None if point.price is None else max(point.price, 0.0))
            found = f"{units.costs(point.cost)}, {price} {more} than the {best} plan"
        shares = [round(load / reach, 4) for load in point.loads]
        levels.append(
            {"said": f"{said}: {found}.", "loads": [units.loads(load) for load in point.loads], "shares": shares}
        )
    label = f"Stricter, to the right ({series_name(frontier)})"
    return {"label": label, "data": {"agents": shown_names(frontier.agents), "levels": levels}}


def _price_table(frontiers: Sequence[Frontier], units: Units) -> Table:
    maximise = frontiers[0].maximise
    cells = [
        (
            row["series"],
            exact(row["level"], plain),
            row["status"],
            exact(row["cost"], quantity),
            Exact(row["bound"], proven_bound(row["bound"], maximise=maximise)),
            percent(row["price"]),
            plain(row["cv"]),
            plain(row["jain"]),
            quantity(row["largest"]),
        )
        for row in price_rows(frontiers)
    ]
    value, extra = ("Profit", "Lost profit") if maximise else ("Cost", "Extra cost")
    cost, largest = headed(value, units.cost), headed("Largest load", units.load)
    headers = ("Order", "Level", "Status", cost, "Proven bound", extra, "CV", "Jain", largest)
    return Table(f"{value} at each level of fairness", headers, cells)


def dispersion(frontiers: Sequence[Frontier], n: int) -> list[Shown]:
    """Return the CV reached against what each level guarantees, one figure for each order."""
    return [
        {
            "name": f"dispersion-{frontier.p:g}",
            "title": series_name(frontier),
            "chart": answer_charts.dispersion_chart([frontier], n),
            "table": _dispersion_table(frontier, n),
        }
        for frontier in frontiers
        if frontier.p is not None
    ]


def _dispersion_table(frontier: Frontier, n: int) -> Table:
    assert frontier.p is not None
    levels = [point.parameter for point in frontier.points]
    promised = bound_rows(frontier.p, n, levels)
    # The bounds come as three blocks of as many rows as there are levels.
    columns = [[row["cv"] for row in promised[k * len(levels) : (k + 1) * len(levels)]] for k in range(3)]
    cells = [
        (plain(point.parameter), plain(point.cv), *(plain(column[k]) for column in reversed(columns)))
        for k, point in enumerate(frontier.points)
    ]
    headers = ("Level", "CV reached", "Sharp bound", "Interpolated", "Published")
    return Table(f"CV at each level, {series_name(frontier)}", headers, cells)


def people(
    answer: Assignment,
    rows: Sequence[LoadRow],
    costs: CostTable,
    burdens: CostTable | None,
    units: Units,
    promised: Collection[int],
    times: Sequence[Visit | None] | None = None,
) -> list[Shown]:
    """Return a list of tasks for each agent, to hand out; an empty list if there are too many tasks for a page."""
    if answer.assignment is None:
        return []
    said = {}
    for row in rows:
        before = f", of which {units.loads(row.carried)} from before" if row.carried > 0.0 else ""
        said[row.agent] = f"{units.loads(row.load)}{before}; {signed_percent(row.excess)} of a fair share"
    asides = [exact(load, units.loads) for load in paid_costs(answer, costs if burdens is None else burdens)]
    return task_lists.handouts(answer, said, asides, promised, times)


def tasks(
    answer: Assignment,
    costs: CostTable,
    burdens: CostTable | None,
    units: Units,
    promised: Collection[int],
    times: Sequence[Visit | None] | None = None,
) -> Shown | None:
    """Return the section that lists the tasks with their agents and costs."""
    if answer.assignment is None:
        return None
    columns = [(headed("Profit" if answer.maximise else "Cost", units.cost), paid_costs(answer, costs))]
    if burdens is not None:
        columns.append((headed("Burden", units.load), paid_costs(answer, burdens)))
    return task_lists.task_list(answer, columns, promised, times)


def depends_on(facts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return names and values of everything that a result depends on, with the version of evenhand last."""
    return [*facts, ("Version", f"evenhand {__version__}")]


def answer_facts(answer: Assignment, costs: CostTable, burdens: CostTable | None) -> list[tuple[str, str]]:
    """Return names and values of what an answer depends on."""
    return [
        ("Costs", f"{costs.source} ({len(costs.agents)} × {len(costs.tasks)})"),
        ("Shared fairly", "the costs" if burdens is None else burdens.source),
        *asked_and_reached(answer),
    ]


def asked_and_reached(answer: Assignment) -> list[tuple[str, str]]:
    """Return names and values of the rule and of what was reached."""
    status, time = how_it_ended(answer.status, answer.seconds)
    return [
        ("Rule", answer_sentences.rule(answer.fairness)),
        status,
        ("Level reached", plain(answer.level, 6) if answer.level is not None else NOTHING),
        ("Jain's index", plain(answer.jain, 6)),
        time,
    ]


def how_it_ended(status: str, seconds: float) -> list[tuple[str, str]]:
    """Return names and values of a search's status and time."""
    return [("Status", status.replace("_", " ")), ("Time", f"{plain(seconds, 3)} s")]
