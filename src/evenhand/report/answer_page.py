"""Write the page of an answer, and the page on the price of fairness."""

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
    from evenhand.assignment.verdict import Verdict


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
    # Names in the form in which they are displayed; nothing below compares them with others.
    answer = dataclasses.replace(answer, agents=shown_names(answer.agents), tasks=shown_names(answer.tasks))
    if burdens is not None:
        _check_shape(answer, burdens, "burdens")
    rows = load_rows(answer)
    n = len(answer.agents)
    # The bounds on the CV hold for equal entitlements only.
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
