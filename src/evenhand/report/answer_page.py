"""The page of an answer and the page of the price of fairness, put together from their sections."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from evenhand.errors import InputError
from evenhand.fairness import Frontier
from evenhand.report import answer_sentences, sections
from evenhand.report.chart_rows import load_rows
from evenhand.report.template import Chapter, filled
from evenhand.tables import CostTable, write_text
from evenhand.visible import shown_names

if TYPE_CHECKING:
    from evenhand.assignment.assignment_result import Assignment


def write_report(
    path: str | PathLike[str],
    answer: Assignment,
    *,
    table: CostTable,
    burdens: CostTable | None = None,
    frontiers: Sequence[Frontier] = (),
    verdict: answer_sentences.Checked | None = None,
    command: str | None = None,
    chapters: Sequence[Chapter] = (),
) -> Path:
    """Write a page that shows an answer: cost, certainty, who carries what, where, and how it is proven.

    Parameters
    ----------
    path
        Where to; the file appears whole or not at all.
    answer
        Of any status.
    table
        The costs; with places of the tasks, the page has a map.
    burdens
        What is shared fairly, where it differs from the costs.
    frontiers
        Prices of fairness to show beside the answer.
    verdict
        What `verify` said; the page says so where it is missing.
    command
        The command line that makes the answer again.
    chapters
        What else the page shows, after the answer.

    Returns
    -------
    Path
        Where the page is.

    Raises
    ------
    InputError
        If the table's shape is not the answer's, or the path cannot be written.
    MissingExtraError
        If Altair, Jinja2 or vl-convert is not installed.
    """
    _check_shape(answer, table, "table")
    # As they are shown, not as they are: nothing below compares them.
    answer = dataclasses.replace(answer, agents=shown_names(answer.agents), tasks=shown_names(answer.tasks))
    if burdens is not None:
        _check_shape(answer, burdens, "burdens")
    rows = load_rows(answer)
    n = len(answer.agents)
    # The bounds on the CV count every agent alike.
    bounded = () if answer.fairness.entitlements is not None else frontiers
    lede = [*answer_sentences.headline(answer, rows), f"The rule: {answer_sentences.rule(answer.fairness)}."]
    page = filled(
        "answer.html",
        answer_sentences.title(answer),
        lede,
        chapters=chapters,
        key_figures=sections.key_figures(answer, rows),
        loads=sections.loads(answer, rows),
        place=sections.place(answer, table),
        price=sections.price(frontiers),
        dispersion=sections.dispersion(bounded, n),
        proof=sections.proof(answer, verdict),
        tasks=sections.tasks(answer, table, burdens),
        depends_on=sections.depends_on(sections.answer_facts(answer, table, burdens)),
        command_line=command,
    )
    return write_text(path, page)


def write_frontier_report(
    path: str | PathLike[str],
    frontiers: Sequence[Frontier],
    *,
    table: CostTable,
    entitlements: Sequence[float] | None = None,
    command: str | None = None,
) -> Path:
    """Write a page that shows the price of fairness alone.

    Parameters
    ----------
    path
        Where to; the file appears whole or not at all.
    frontiers
        At least one.
    table
        The costs they were made from.
    entitlements
        Those the frontiers were made with; the bounds on the CV hold for equal agents and are left out then.
    command
        The command line that makes them again.

    Returns
    -------
    Path
        Where the page is.

    Raises
    ------
    InputError
        If there is no frontier, or the path cannot be written.
    MissingExtraError
        If Altair, Jinja2 or vl-convert is not installed.
    """
    if not frontiers:
        raise InputError("no frontier to show: give at least one")
    n, m = table.values.shape
    page = filled(
        "prices.html",
        f"The price of fairness for {m} tasks shared by {n} agents",
        answer_sentences.frontier_headline(frontiers),
        price=sections.price(frontiers),
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
