"""Lay out the page of an answer, under one rule or several: the sections for which there is something to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evenhand.report.template import Chapter, Exact, filled

SECTIONS = (
    "contradiction",
    "loads",
    "rules",
    "place",
    "timetable",
    "price",
    "dispersion",
    "rule_prices",
    "proof",
    "people",
    "tasks",
)
"""Sections of the page, in order; the template ``answer.html`` says what each is given."""


def answer_html(
    title: str,
    lede: Sequence[str],
    *,
    key_figures: Sequence[tuple[str, Exact, str]],
    depends_on: Sequence[tuple[str, str]],
    command_line: str | None,
    chapters: Sequence[Chapter] = (),
    **sections: Any,
) -> str:
    """Return the page of an answer.

    Parameters
    ----------
    title, lede
        As for :func:`~evenhand.report.template.filled`.
    key_figures
        Label, number and note of each.
    depends_on
        Names and values of what the answer depends on.
    command_line
        The command that makes it again; None if it is not known.
    chapters
        Further chapters.
    sections
        Contents of some of :data:`SECTIONS`; the others are left out, and so are those that are empty.

    Raises
    ------
    MissingExtraError
        If Altair, Jinja2 or vl-convert is not installed.
    """
    shown: dict[str, Any] = {**dict.fromkeys(SECTIONS), **sections}
    return filled(
        "answer.html",
        title,
        lede,
        chapters=chapters,
        key_figures=key_figures,
        depends_on=depends_on,
        command_line=command_line,
        **shown,
    )
