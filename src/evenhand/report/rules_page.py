"""Write the page of an answer under several rules: a section for each, with the loads as bars and their band."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evenhand.report import answer_charts, answer_sentences, sections, task_lists
from evenhand.report.answer_layout import answer_html
from evenhand.report.chart_rows import LoadRow, allowed_band, fair_shares, spoken_of
from evenhand.report.formats import NOTHING, count, plain, quantity
from evenhand.report.proof_section import proven_lists
from evenhand.report.template import Exact, Table, exact
from evenhand.report.units import Units, headed
from evenhand.tables import CostTable, write_text
from evenhand.visible import shown_name, shown_names

if TYPE_CHECKING:
    from evenhand.assignment import RuledAssignment, RuledExplanation, Verdict
    from evenhand.assignment.rules.ruled_assignment import RuleResult
    from evenhand.tables.visit_times import Visit

Shown = dict[str, Any]
NO_UNITS = Units()


def write_rules_report(
    path: str | PathLike[str],
    answer: RuledAssignment,
    *,
    table: CostTable,
    verdict: Verdict | None = None,
    explanation: RuledExplanation | None = None,
    command: str | None = None,
    units: Units = NO_UNITS,
    times: Sequence[Visit | None] | None = None,
) -> Path:
    """Write a page on an answer: its cost and gap, the loads of each rule with what it allows, and what is proven.

    Parameters
    ----------
    path
        The HTML file to write, atomically.
    answer
        The answer, of any status.
    table
        The costs.
    verdict
        Result of :func:`evenhand.assignment.verify`; without it the page says that the answer has not been checked.
    explanation
        Result of :func:`evenhand.assignment.explain_rules`, for what each rule costs.
    command
        The command line that reproduces the answer.
    units
        Unit of the costs.
    times
        When each task is done, length m; None without times.

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
    answer = dataclasses.replace(answer, agents=shown_names(answer.agents), tasks=shown_names(answer.tasks))
    who = f"{count(len(answer.tasks), 'task')} shared by {count(len(answer.agents), 'agent')}"
    facts = [
        ("Costs", f"{table.source} ({len(table.agents)} × {len(table.tasks)})"),
        *((shown_name(rule.name), rule.asked) for rule in answer.rules),
        *sections.how_it_ended(answer.status, answer.seconds),
    ]
    page = answer_html(
        f"{who}, under {count(len(answer.rules), 'rule')}",
        _headline(answer, units),
        key_figures=_key_figures(answer, units),
        contradiction=_contradiction(answer),
        rules=[_rule(answer, rule) for rule in answer.rules if rule.loads is not None],
        rule_prices=None if explanation is None else _prices(explanation, units),
        timetable=task_lists.timetable_section(answer, times),
        proof=proven_lists(verdict),
        people=task_lists.handouts(answer, _said_of_each(answer), times=times),
        tasks=None
        if answer.assignment is None
        else task_lists.task_list(answer, [_paid(answer, table, units)], times=times),
        depends_on=sections.depends_on(facts),
        command_line=command,
    )
    return write_text(path, page)


def _headline(answer: RuledAssignment, units: Units) -> list[str]:
    if answer.cost is None:
        if answer.status == "infeasible":
            return ["No plan keeps all rules.", "This is proven."]
        return ["The search was stopped before it found a plan.", "Whether one keeps all rules is open."]
    return [
        answer_sentences.cost_said(answer, units, "rules"),
        answer_sentences.certainty(answer, units, "plan that keeps all rules"),
    ]


def _key_figures(answer: RuledAssignment, units: Units) -> list[tuple[str, Exact, str]]:
    if answer.cost is None:
        return []
    what, beyond = ("Profit", "above") if answer.maximise else ("Cost", "below")
    proven = f"no plan that keeps all rules {beyond} {units.bound(answer.bound, maximise=answer.maximise)}"
    if (answer.gap or 0.0) <= answer_sentences.NOTHING_LEFT:
        proven = "nothing can be saved" if not answer.maximise else "nothing more can be gained"
    figures = [(headed(what, units.cost), exact(answer.cost, quantity), proven)]
    for rule in answer.rules[:3]:
        value = exact(rule.level, plain, 4) if rule.level is not None else _extent(rule)
        figures.append((shown_name(rule.name), value, f"asked: {rule.asked}"))
    return figures


def _extent(rule: RuleResult) -> Exact:
    """Return the range of the loads of a pair of limits."""
    assert rule.loads is not None
    least, most = float(rule.loads.min()), float(rule.loads.max())
    return Exact(None, quantity(least) if least == most else f"{quantity(least)} to {quantity(most)}")


def _contradiction(answer: RuledAssignment) -> list[str]:
    if answer.status != "infeasible":
        return []
    names = [shown_name(name) for name in answer.contradiction]
    if answer.shortage:
        return [f"{answer.shortage[0].upper()}{answer.shortage[1:]}."]
    if not names:
        return ["The work cannot be done even without any rule: too few agents for tasks that exclude each other."]
    if len(names) == 1:
        said = [f"{names[0]} cannot be kept, even without the other rules."]
    else:
        beyond = (
            "without any one of them, they can"
            if answer.irreducible
            else "whether fewer of them contradict each other already was not decided in time"
        )
        said = [f"{', '.join(names[:-1])} and {names[-1]} cannot be kept together; {beyond}."]
    members = {rule.name: rule.fairness for rule in answer.rules}
    for one in answer.nearest:
        member, value = members.get(one.rule), plain(one.reached, 6)
        nearest = f"at {one.what} {value}" if member is None else member.in_words(value)
        said.append(f"The nearest for {shown_name(one.rule)}, beside all other rules: {nearest}.")
    return said


def _rule(answer: RuledAssignment, rule: RuleResult) -> Shown:
    """Return the section of a rule: its loads as bars, with what it allows a single load."""
    rows = _ruled_rows(answer, rule)
    if rule.fairness is None:
        finding = f"Asked of every agent: {rule.asked}."
        note = "The band is what is allowed; the upright tick is the mean load."
    else:
        entitled = rule.fairness.entitlements is not None
        finding = f"The rule: {answer_sentences.rule(rule.fairness)}. Reached: {plain(rule.level, 6)}."
        note = answer_sentences.band_note(rows, entitled=entitled)
    if len(rule.counted) < len(answer.agents):
        finding += f" It counts {count(len(rule.counted), 'agent')}; the others are left out here."
    cells = [
        (row.agent, exact(row.load, quantity), exact(row.share, quantity), quantity(row.low), quantity(row.high))
        for row in rows
    ]
    headers = ("Agent", "Load", "Fair share" if rule.fairness is not None else "Mean", "Least allowed", "Most allowed")
    return {
        "name": shown_name(rule.name),
        "finding": finding,
        "chart": answer_charts.chart_of_loads(rows, NO_UNITS),
        "note": sections.with_number_drawn(note, rows),
        "table": Table(f"Load of each agent: {shown_name(rule.name)}", headers, cells),
    }


def _ruled_rows(answer: RuledAssignment, rule: RuleResult) -> list[LoadRow]:
    """Return a row for each agent that a rule counts, ordered by descending excess."""
    assert rule.loads is not None
    loads = rule.loads[rule.counted]
    total = float(loads.sum())
    if rule.fairness is None:
        shares = np.full(len(loads), total / len(loads))
        bands = np.column_stack([np.maximum(rule.least, 0.0), np.minimum(rule.most, max(total, 0.0))])
    else:
        shares = fair_shares(rule.fairness, loads)
        bands = spoken_of(rule.fairness, allowed_band(rule.fairness, loads), total)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.where(shares > 0, loads / shares - 1, 0.0)
    own = task_lists.tasks_of_each(task_lists.agents_of_each(answer), len(answer.agents))
    rows = [
        LoadRow(answer.agents[agent], float(x), float(s), float(low), float(high), float(e), len(own[agent]))
        for agent, x, s, (low, high), e in zip(rule.counted.tolist(), loads, shares, bands, excess, strict=True)
    ]
    return sorted(rows, key=lambda row: -row.excess)


def _prices(explanation: RuledExplanation, units: Units) -> Table:
    cells = [
        (
            shown_name(price.rule),
            "yes" if price.binds else "no",
            NOTHING if price.saving is None else exact(price.saving, quantity),
            exact(price.at_most, quantity),
        )
        for price in explanation.rules
    ]
    verb = "brings" if explanation.maximise else "saves"
    headers = ("Rule", "Binds", headed(f"Without it, a known plan {verb}", units.cost), headed("At most", units.cost))
    return Table("What the plan would gain without each rule, the others kept", headers, cells, text_columns=2)


def _said_of_each(answer: RuledAssignment) -> dict[str, str]:
    """Return the loads of each agent under the rules that count agents, in words."""
    said: dict[str, list[str]] = {agent: [] for agent in answer.agents}
    for rule in answer.rules:
        if rule.loads is None or rule.over != "agents":
            continue
        for agent in rule.counted.tolist():
            said[answer.agents[agent]].append(f"{shown_name(rule.name)} {quantity(float(rule.loads[agent]))}")
    return {agent: ", ".join(parts) for agent, parts in said.items()}


def _paid(answer: RuledAssignment, table: CostTable, units: Units) -> tuple[str, NDArray[np.float64]]:
    """Return the header of the costs, and what is paid for each task, shape (m,)."""
    who = task_lists.agents_of_each(answer)
    paid = np.array([sum(table.values[agent, task] for agent in agents) for task, agents in enumerate(who)])
    return headed("Profit" if answer.maximise else "Cost", units.cost), paid.astype(np.float64)
