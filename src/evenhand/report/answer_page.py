"""Write the page of an answer, and the page on the price of fairness."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.fairness import Frontier
from evenhand.report import answer_sentences, price_sentences, sections, task_lists
from evenhand.report.answer_layout import answer_html
from evenhand.report.chart_rows import cheapest_loads, load_rows, positions_of
from evenhand.report.proof_section import proof
from evenhand.report.template import Chapter, filled
from evenhand.report.units import Units
from evenhand.tables import CostTable, write_text
from evenhand.visible import shown_names

if TYPE_CHECKING:
    from evenhand.assignment.assignment_result import Assignment
    from evenhand.assignment.shards.sharded_assignment import ShardedAssignment
    from evenhand.assignment.verdict import Verdict
    from evenhand.tables.visit_times import Visit

NO_UNITS = Units()


def write_report(
    path: str | PathLike[str],
    answer: Assignment,
    *,
    table: CostTable,
    burdens: CostTable | None = None,
    frontiers: Sequence[Frontier] = (),
    verdict: Verdict | None = None,
    command: str | None = None,
    chapters: Sequence[Chapter] = (),
    units: Units = NO_UNITS,
    initial_loads: Sequence[float] | None = None,
    locked: Mapping[str, str] | None = None,
    cheapest: NDArray[np.float64] | None = None,
    times: Sequence[Visit | None] | None = None,
) -> Path:
    """Write a page on an answer: its cost and gap, each agent's load, a map, and what is proven.

    Parameters
    ----------
    path
        The HTML file to write, atomically.
    answer
        The answer, of any status.
    table
        The costs; if they have coordinates of the tasks, the page has a map.
    burdens
        What is shared fairly, if it differs from the costs.
    frontiers
        Prices of fairness to show in addition.
    verdict
        Result of :func:`evenhand.assignment.verify`; without it the page says that the answer has not been checked.
    command
        The command line that reproduces the answer.
    chapters
        Further chapters of the page, after the answer.
    units
        Units of costs and loads.
    initial_loads
        Load that each agent carried before, length n; None if not given.
    locked
        Name of the agent by name of the task, for tasks that were promised; None if not given.
    cheapest
        Loads of the cheapest plan without fairness, length n, where it is not each task with whom it costs least there,
        because tasks exclude each other.
    times
        When each task is done, length m; None without times.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the shapes of table and answer differ, or if the file cannot be written.
    MissingExtraError
        If Altair, Jinja2 or vl-convert is not installed.
    """
    _check_shape(answer, table, "table")
    if burdens is not None:
        _check_shape(answer, burdens, "burdens")
    promised = positions_of(table, locked or {})
    if cheapest is None:
        cheapest = cheapest_loads(table, burdens, initial_loads, promised, maximise=answer.maximise)
    # Names in the form in which they are displayed; nothing below compares them with others.
    answer = dataclasses.replace(answer, agents=shown_names(answer.agents), tasks=shown_names(answer.tasks))
    rows = load_rows(answer, initial_loads, cheapest)
    n = len(answer.agents)
    # The bounds on the CV hold for equal entitlements only.
    bounded = () if answer.fairness.entitlements is not None else frontiers
    lede = [*answer_sentences.headline(answer, rows, units), f"The rule: {answer_sentences.rule(answer.fairness)}."]
    page = answer_html(
        answer_sentences.title(answer),
        lede,
        chapters=chapters,
        key_figures=sections.key_figures(answer, rows, units),
        loads=sections.loads(answer, rows, units),
        place=sections.place(answer, table),
        price=sections.price(frontiers, units),
        dispersion=sections.dispersion(bounded, n),
        timetable=task_lists.timetable_section(answer, times),
        people=sections.people(answer, rows, table, burdens, units, promised, times),
        proof=proof(answer, verdict, units),
        tasks=sections.tasks(answer, table, burdens, units, promised, times),
        depends_on=sections.depends_on(sections.answer_facts(answer, table, burdens)),
        command_line=command,
    )
    return write_text(path, page)


def write_shards_report(
    path: str | PathLike[str],
    answer: ShardedAssignment,
    *,
    source: str,
    units: Units = NO_UNITS,
    initial_loads: Sequence[float] | None = None,
    command: str | None = None,
) -> Path:
    """Write a page on an answer whose tasks stand in files: its cost and gap, each agent's load, and what is proven.

    Parameters
    ----------
    path
        The HTML file to write, atomically.
    answer
        The answer, of any status.
    source
        Where the costs come from, for the list of what the answer depends on.
    units, initial_loads, command
        As for :func:`write_report`.

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
    shown = _without_tasks(answer)
    rows = load_rows(shown, initial_loads)
    lede = [*answer_sentences.headline(shown, rows, units), f"The rule: {answer_sentences.rule(answer.fairness)}."]
    shards = "1 shard" if len(answer.sizes) == 1 else f"{len(answer.sizes)} shards"
    facts = [
        ("Costs", f"{source} ({len(answer.agents)} × {answer.tasks:,}, {shards})"),
        ("Plan", str(answer.output)),
        *sections.asked_and_reached(shown),
        ("Passes over the table", str(answer.passes)),
    ]
    page = answer_html(
        answer_sentences.title(shown),
        lede,
        key_figures=sections.key_figures(shown, rows, units),
        loads=sections.loads(shown, rows, units),
        proof=proof(shown, None, units),
        depends_on=sections.depends_on(facts),
        command_line=command,
    )
    return write_text(path, page)


def _without_tasks(answer: ShardedAssignment) -> Assignment:
    """Return an answer in shards as an assignment whose tasks are not in memory."""
    from evenhand.assignment.assignment_result import Assignment
    from evenhand.tables.default_names import DefaultNames

    return Assignment(
        status=answer.status if answer.status in ("optimal", "infeasible") else "time_limit",
        assignment=None,
        loads=answer.loads,
        cost=answer.cost,
        bound=float("-inf") if answer.bound is None else answer.bound,
        certified_gap=answer.certified_gap,
        fairness=answer.fairness,
        certificate=answer.certificate,
        seconds=answer.seconds,
        agents=shown_names(answer.agents),
        tasks=DefaultNames("task", answer.tasks),
        maximise=answer.maximise,
        base_cost=answer.base_cost,
    )


def write_frontier_report(
    path: str | PathLike[str],
    frontiers: Sequence[Frontier],
    *,
    table: CostTable,
    entitlements: Sequence[float] | None = None,
    command: str | None = None,
    units: Units = NO_UNITS,
) -> Path:
    """Write a page on the price of fairness, without an answer.

    Parameters
    ----------
    path
        The HTML file to write, atomically.
    frontiers
        The frontiers, at least one.
    table
        The costs from which they were computed.
    entitlements
        Entitlements with which they were computed; with them, the bounds on the CV are left out, because they hold for
        equal entitlements only.
    command
        The command line that reproduces the frontiers.
    units
        Units of costs and loads.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If there is no frontier, or if the file cannot be written.
    MissingExtraError
        If Altair, Jinja2 or vl-convert is not installed.
    """
    if not frontiers:
        raise InputError("no frontier to show: give at least one")
    n, m = table.values.shape
    page = filled(
        "prices.html",
        f"The price of fairness for {m} tasks shared by {n} agents",
        price_sentences.frontier_headline(frontiers, units),
        price=sections.price(frontiers, units),
        dispersion=sections.dispersion(() if entitlements is not None else frontiers, n),
        depends_on=sections.depends_on([("Costs", f"{table.source} ({n} × {m})")]),
        command_line=command,
    )
    return write_text(path, page)


def _check_shape(answer: Assignment, table: CostTable, name: str) -> None:
    wanted = (len(answer.agents), len(answer.tasks))
    if table.values.shape != wanted:
        raise InputError(
            f"{name} has shape {table.values.shape}; the answer has {wanted[0]} agents and {wanted[1]} tasks"
        )
