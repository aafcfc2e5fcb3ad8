"""The sections of the page, each from the results it shows to HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.report import charts, text
from evenhand.report.dispersion import bound_rows
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
from evenhand.report.html import bullets, escaped, exact, figure, folded, paragraph, section, table, tile
from evenhand.report.map import MOST_TASKS, has_map
from evenhand.report.rows import paid_costs, price_rows, series_name
from evenhand.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evenhand.assignment.result import Assignment
    from evenhand.fairness import Frontier
    from evenhand.report.rows import LoadRow
    from evenhand.tables import CostTable

_FEW = 2
MOST_ROWS = 5000
"""More tasks than this, and the page lists the dearest ones only."""


def tiles(answer: Assignment, rows: Sequence[LoadRow]) -> str:
    """Return the key figures: cost, heaviest load, dispersion, certainty."""
    if answer.cost is None or not rows:
        return ""
    most = rows[0]
    heaviest = "Heaviest load" if answer.fairness.entitlements is None else "Heaviest for its share"
    guaranteed = answer.cv_bound
    entitled = answer.fairness.entitlements is not None
    of = "of loads over entitlements" if entitled else "of the loads"
    promise = of if guaranteed is None else f"the rule guarantees {plain(guaranteed, 3)}"
    what, beyond = ("Profit", "above") if answer.maximise else ("Cost", "below")
    parts = [
        tile(
            what,
            exact(answer.cost, quantity(answer.cost)),
            f"no fair plan {beyond} {proven_bound(answer.lower_bound, maximise=answer.maximise)}",
        ),
        tile(heaviest, exact(most.load, quantity(most.load)), f"{most.agent}, {signed_percent(most.excess)}"),
        tile("Spread (CV)", exact(answer.cv, plain(answer.cv, 3)), promise),
        tile(
            "Could still be gained" if answer.maximise else "Could still be saved",
            exact(answer.gap, at_most_percent(answer.gap)),
            f"at most; {text.by_certificate(answer)}",
        ),
    ]
    return f'<dl class="tiles">{"".join(parts)}</dl>'


def loads(answer: Assignment, rows: Sequence[LoadRow]) -> str:
    """Return who carries what."""
    if not rows:
        return ""
    entitled = answer.fairness.entitlements is not None
    note = text.band_note(rows, entitled=entitled)
    if len(rows) > charts.MOST_BARS:
        half = charts.MOST_BARS // 2
        note += f" Drawn are the {half} most and the {half} least loaded of {len(rows)}."
    spec = specification(charts.loads_chart(answer))
    behind = folded("The numbers", _loads_table(rows))
    lede = paragraph(text.loads_finding(rows, entitled=entitled), "finding")
    return section("loads", "Who carries what", lede, figure("loads", spec, note, behind))


def _loads_table(rows: Sequence[LoadRow]) -> str:
    cells = [
        (
            escaped(row.agent),
            exact(row.load, quantity(row.load)),
            exact(row.share, quantity(row.share)),
            signed_percent(row.excess),
            quantity(row.low),
            quantity(row.high),
            str(row.tasks),
        )
        for row in rows
    ]
    headers = ("Agent", "Load", "Fair share", "Off by", "Least allowed", "Most allowed", "Tasks")
    return table("Load of each agent", headers, cells)


def place(answer: Assignment, costs: CostTable) -> str:
    """Return the map, where there are coordinates."""
    if not has_map(answer, costs):
        return ""
    m = len(answer.tasks)
    note = "Each mark is a task, tied to its agent by a line; colour and shape are the agent's. "
    note += "Click a mark to single out its agent."
    if m > MOST_TASKS:
        note += f" Drawn are {count(MOST_TASKS, 'task')} of {count(m, 'task')}, each agent in proportion."
    behind = paragraph("The same, as a table: see Tasks below.", "aside")
    return section("map", "Who goes where", figure("map", specification(charts.map_chart(answer, costs)), note, behind))


def price(frontiers: Sequence[Frontier]) -> str:
    """Return the price of fairness, one picture for each measure."""
    figures = []
    for measure in dict.fromkeys(frontier.measure for frontier in frontiers):
        same = [frontier for frontier in frontiers if frontier.measure == measure]
        note = text.price_caption(same)
        spec = specification(charts.price_chart(same))
        figures.append(figure(f"price-{measure}", spec, note, folded("The numbers", _price_table(same))))
    if not figures:
        return ""
    said = text.price_notes(frontiers)
    # A sentence or two read well in a row; one for each of many orders does not.
    lede = paragraph(" ".join(said), "finding") if len(said) <= _FEW else bullets(said)
    return section("price", "The price of fairness", lede, *figures)


def _price_table(frontiers: Sequence[Frontier]) -> str:
    maximise = frontiers[0].maximise
    cells = [
        (
            escaped(row["series"]),
            exact(row["level"], plain(row["level"])),
            escaped(row["status"]),
            exact(row["cost"], quantity(row["cost"])),
            exact(row["bound"], proven_bound(row["bound"], maximise=maximise)),
            percent(row["price"]),
            plain(row["cv"]),
            plain(row["jain"]),
            quantity(row["largest"]),
        )
        for row in price_rows(frontiers)
    ]
    value, extra = ("Profit", "Lost profit") if maximise else ("Cost", "Extra cost")
    headers = ("Order", "Level", "Status", value, "Proven bound", extra, "CV", "Jain", "Largest load")
    return table(f"{value} at each level of fairness", headers, cells, text_columns=1)


def dispersion(frontiers: Sequence[Frontier], n: int) -> str:
    """Return the CV reached against what each level guarantees, one picture for each order."""
    figures = []
    for frontier in frontiers:
        if frontier.p is None:
            continue
        name = series_name(frontier)
        spec = specification(charts.dispersion_chart([frontier], n))
        behind = folded("The numbers", _dispersion_table(frontier, n))
        figures.append(f"<div><h3>{escaped(name)}</h3>{figure(f'dispersion-{frontier.p:g}', spec, '', behind)}</div>")
    if not figures:
        return ""
    note = (
        "The coefficient of variation (CV) is the standard deviation of the loads over their mean. Dots: the "
        "CV of the plan solved at each level. Curves: what the level alone guarantees, whatever the costs; "
        "nothing lies above the sharp bound, and everything shaded can happen."
    )
    return section(
        "dispersion",
        "What a level guarantees",
        paragraph(note, "finding"),
        f'<div class="pair">{"".join(figures)}</div>',
    )


def _dispersion_table(frontier: Frontier, n: int) -> str:
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
    return table(f"CV at each level, {series_name(frontier)}", headers, cells)


def tasks(answer: Assignment, costs: CostTable, burdens: CostTable | None) -> str:
    """Return the table of tasks with a field to search it."""
    if answer.assignment is None:
        return ""
    paid, m = paid_costs(answer, costs), len(answer.tasks)
    chosen = np.arange(m) if m <= MOST_ROWS else np.sort(np.argsort(-paid, kind="stable")[:MOST_ROWS])
    borne = None if burdens is None else paid_costs(answer, burdens)
    cells = [
        (
            escaped(answer.tasks[j]),
            escaped(answer.agents[answer.assignment[j]]),
            exact(float(paid[j]), quantity(float(paid[j]))),
            *(() if borne is None else (exact(float(borne[j]), quantity(float(borne[j]))),)),
        )
        for j in chosen
    ]
    headers = ("Task", "Agent", "Profit" if answer.maximise else "Cost", *(() if borne is None else ("Burden",)))
    note = ""
    if m > MOST_ROWS:
        listed = f"Listed are the dearest {count(MOST_ROWS, 'task')} of {count(m, 'task')}"
        note = paragraph(f"{listed}; the JSON of the answer has them all.", "finding")
    search = (
        '<label class="search">Search '
        '<input type="search" id="search" autocomplete="off" placeholder="task or agent">'
        '<output id="found" for="search"></output></label>'
    )
    return section("tasks", "Tasks", note, search, table("Agent and cost of each task", headers, cells, text_columns=2))


def proof(answer: Assignment, verdict: text.Checked | None) -> str:
    """Return what is proven, by what, and what rests on the search alone."""
    if verdict is None or (verdict.verified and not text.gap_proven(verdict)):
        kind = "open"
    else:
        kind = "good" if verdict.verified else "bad"
    parts = [f'<p class="verdict {kind}">{escaped(text.verdict_title(verdict))}</p>']
    parts.append(bullets(text.proof_points(answer)))
    if verdict is not None:
        parts += _listed("Why not", verdict.reasons)
        parts += _listed("Proven without the solver", getattr(verdict, "proven", ()))
        parts += _listed("Rests on the search alone", verdict.search_only)
        parts += _listed("On trust", getattr(verdict, "on_trust", ()))
    return section("proof", "How certain this is", *parts)


def _listed(heading: str, sentences: Sequence[str]) -> list[str]:
    return [f"<h3>{escaped(heading)}</h3>", bullets(_sentence(said) for said in sentences)] if sentences else []


def _sentence(said: str) -> str:
    ended = said if said.endswith((".", "!", "?")) else f"{said}."
    return ended[:1].upper() + ended[1:]


def reproduce(facts: Sequence[tuple[str, str]], command: str | None) -> str:
    """Return the command that makes the result again, and what it depends on."""
    shown = f"<pre><code>{escaped(command)}</code></pre>" if command else ""
    listed = "".join(
        f"<div><dt>{escaped(name)}</dt><dd>{escaped(value)}</dd></div>"
        for name, value in (*facts, ("Version", f"evenhand {__version__}"))
    )
    return section("reproduce", "How to make this again", shown, f'<dl class="facts">{listed}</dl>')


def answer_facts(answer: Assignment, costs: CostTable, burdens: CostTable | None) -> list[tuple[str, str]]:
    """Return what the answer depends on, as names and values."""
    return [
        ("Costs", f"{costs.source} ({len(costs.agents)} × {len(costs.tasks)})"),
        ("Shared fairly", "the costs" if burdens is None else burdens.source),
        ("Rule", text.rule(answer.fairness)),
        ("Status", answer.status.replace("_", " ")),
        ("Level reached", plain(answer.level, 6) if answer.level is not None else NOTHING),
        ("Jain's index", plain(answer.jain, 6)),
        ("Time", f"{plain(answer.seconds, 3)} s"),
    ]


def specification(chart: Any) -> dict[str, Any]:
    """Return the specification without its theme, which the page sets for light and dark."""
    spec: dict[str, Any] = chart.to_dict()
    spec.pop("config", None)
    return spec
