"""Putting the page together: one file, nothing fetched, the same bytes for the same results."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from evenhand.errors import InputError
from evenhand.report import libraries, palette, sections, text
from evenhand.report.html import embedded_json, escaped
from evenhand.report.rows import load_rows
from evenhand.tables import write_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from os import PathLike
    from pathlib import Path

    from evenhand.assignment.result import Assignment
    from evenhand.fairness import Frontier
    from evenhand.report.html import Chapter
    from evenhand.tables import CostTable


def write_report(
    path: str | PathLike[str],
    answer: Assignment,
    *,
    table: CostTable,
    burdens: CostTable | None = None,
    frontiers: Sequence[Frontier] = (),
    verdict: text.Checked | None = None,
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
        If Altair or vl-convert is not installed.
    """
    _check_shape(answer, table, "table")
    if burdens is not None:
        _check_shape(answer, burdens, "burdens")
    rows = load_rows(answer)
    n = len(answer.agents)
    # The bounds on the CV count every agent alike.
    bounded = () if answer.fairness.entitlements is not None else frontiers
    body = (
        sections.tiles(answer, rows),
        sections.loads(answer, rows),
        sections.place(answer, table),
        sections.price(frontiers),
        sections.dispersion(bounded, n),
        sections.proof(answer, verdict),
        sections.tasks(answer, table, burdens),
        sections.reproduce(sections.answer_facts(answer, table, burdens), command),
    )
    lede = [*text.headline(answer, rows), f"The rule: {text.rule(answer.fairness)}."]
    return write_text(path, _page(text.title(answer), lede, body, chapters))


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
        If Altair or vl-convert is not installed.
    """
    if not frontiers:
        raise InputError("no frontier to show: give at least one")
    n, m = table.values.shape
    facts = [("Costs", f"{table.source} ({n} × {m})")]
    body = (
        sections.price(frontiers),
        sections.dispersion(() if entitlements is not None else frontiers, n),
        sections.reproduce(facts, command),
    )
    title = f"The price of fairness for {m} tasks shared by {n} agents"
    return write_text(path, _page(title, text.frontier_headline(frontiers), body))


def _check_shape(answer: Assignment, table: CostTable, name: str) -> None:
    wanted = (len(answer.agents), len(answer.tasks))
    if table.values.shape != wanted:
        raise InputError(
            f"{name} has shape {table.values.shape}; the answer has {wanted[0]} agents and {wanted[1]} tasks"
        )


def _page(title: str, lede: Sequence[str], body: Iterable[str], chapters: Sequence[Chapter] = ()) -> str:
    """Fill the template. Scripts are named by their hashes, so that a browser runs these two and no other."""
    drawing = _asset("page.js")
    scripts = (_vega(), drawing)
    allowed = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    themes = {"light": palette.light_theme(), "dark": palette.dark_theme(), "numbers": palette.NUMBERS}
    return Template(_asset("page.html")).substitute(
        scripts=allowed,
        title=escaped(title),
        style=_asset("style.css"),
        lead=escaped(lede[0]),
        lede=escaped(" ".join(lede[1:])),
        further=_further(chapters),
        body="\n".join([*(part for part in body if part), *map(str, chapters)]),
        themes=embedded_json(themes),
        vega=scripts[0],
        drawing=drawing,
    )


def _further(chapters: Sequence[Chapter]) -> str:
    """Return links to the chapters, nothing without any."""
    links = ", ".join(f'<a href="#{escaped(chapter.name)}">{escaped(chapter.title)}</a>' for chapter in chapters)
    return f'<nav aria-label="Chapters"><p class="further">Further down: {links}</p></nav>' if links else ""


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _asset(name: str) -> str:
    return files("evenhand.report").joinpath("assets", name).read_text(encoding="utf-8")


@cache
def _vega() -> str:
    """Return the drawing library as one script, safe within a script element."""
    bundle: str = libraries.vl_convert().javascript_bundle(vl_version=libraries.vega_lite_version())
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
