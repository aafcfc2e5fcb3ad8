"""The page of a reproduction, for someone who has the paper beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import evenhand
from evenhand.report.formats import count
from evenhand.report.sweeps.sweep_page import duration, machine_words, when
from evenhand.report.template import filled
from reproductions.pages import claims
from reproductions.pages.reading import checked
from reproductions.pages.sections import laid_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

QUICK = "These are quick runs"


def page(document: dict[str, Any]) -> str:
    """Return one self-contained HTML file that shows a reproduction.

    Parameters
    ----------
    document
        The summary that a reproduction makes, as :mod:`reproductions.pages.reading` checks it.

    Raises
    ------
    InputError
        In one line, if it is no such document.
    MissingExtraError
        If Altair, Jinja2 or vl-convert is not installed.
    """
    checked(document)
    parts: Sequence[Mapping[str, Any]] = document["sections"]
    return filled(
        "reproduction.html",
        document["title"],
        [claims.headline(parts), *_lede(document)],
        package=__package__,
        quick=QUICK if document.get("quick") else "",
        circumstances=_circumstances(document),
        claims=claims.all_claims(parts),
        signs=claims.SIGNS,
        parts=[laid_out(part) for part in parts],
        command_line=document["command"],
        depends_on=_depends_on(document),
    )


def _lede(document: Mapping[str, Any]) -> list[str]:
    paper = document.get("paper") or {}
    authors = f" by {paper['authors']}" if paper.get("authors") else ""
    link = f" ({paper['link']})" if paper.get("link") else ""
    return [f"A reproduction of “{paper['title']}”{authors}{link}."] if paper.get("title") else []


def _circumstances(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    machine = document.get("machine") or {}
    facts = [
        ("When", when({**machine, **({"date": document["date"]} if document.get("date") else {})})),
        ("Machine", machine_words(machine)),
        ("How long", _how_long(document)),
        ("Command", document["command"]),
    ]
    return [(name, value) for name, value in facts if value]


def _how_long(document: Mapping[str, Any]) -> str:
    if document.get("seconds") is None:
        return ""
    trials = document.get("trials")
    told = duration(float(document["seconds"]))
    return f"{told} for {count(trials, 'trial')}, their times added up" if isinstance(trials, int) else told


def _depends_on(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return all that is known of the machine, versions spelled out, and what made the page."""
    facts = []
    for key, value in (document.get("machine") or {}).items():
        if isinstance(value, dict):
            facts.append((key.replace("_", " "), ", ".join(f"{name} {what}" for name, what in value.items() if what)))
        elif value is not None:
            facts.append((key.replace("_", " "), str(value)))
    return [*facts, ("page made by", f"evenhand {evenhand.__version__}")]
