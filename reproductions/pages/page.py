"""The page of a reproduction, for someone who has the paper beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import evenhand
from evenhand.report.circumstances import duration, listed, machine_words, when
from evenhand.report.formats import count
from evenhand.report.html import escaped, section
from evenhand.report.template import filled
from reproductions.pages import claims
from reproductions.pages.reading import checked
from reproductions.pages.sections import section_html

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

QUICK = "These are quick runs"
_QUICK_WHY = (
    "fewer instances, seeds or steps than the paper’s, to see that everything runs. "
    "What one seed finds has no verdict; leave --quick away for figures to compare."
)


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
        If Altair or vl-convert is not installed.
    """
    checked(document)
    parts: Sequence[Mapping[str, Any]] = document["sections"]
    body = (
        banner() if document.get("quick") else "",
        _circumstances(document),
        claims.glance(parts),
        _contents(parts),
        *(section_html(part) for part in parts),
        _again(document),
    )
    return filled(document["title"], [claims.headline(parts), *_lede(document)], body)


def banner() -> str:
    """Return what stands above quick runs."""
    return f'<p class="banner" role="note"><strong>{QUICK}</strong>: {escaped(_QUICK_WHY)}</p>'


def _lede(document: Mapping[str, Any]) -> list[str]:
    paper = document.get("paper") or {}
    authors = f" by {paper['authors']}" if paper.get("authors") else ""
    link = f" ({paper['link']})" if paper.get("link") else ""
    return [f"A reproduction of “{paper['title']}”{authors}{link}."] if paper.get("title") else []


def _circumstances(document: Mapping[str, Any]) -> str:
    machine = document.get("machine") or {}
    facts = [
        ("When", when({**machine, **({"date": document["date"]} if document.get("date") else {})})),
        ("Machine", machine_words(machine)),
        ("How long", _how_long(document)),
        ("Command", document["command"]),
    ]
    return section("circumstances", "How it was made", listed([(name, value) for name, value in facts if value]))


def _how_long(document: Mapping[str, Any]) -> str:
    if document.get("seconds") is None:
        return ""
    trials = document.get("trials")
    told = duration(float(document["seconds"]))
    return f"{told} for {count(trials, 'trial')}, their times added up" if isinstance(trials, int) else told


def _contents(parts: Sequence[Mapping[str, Any]]) -> str:
    links = "".join(
        f'<li><a href="#section-{escaped(part["key"])}">{escaped(part["title"])}</a></li>' for part in parts
    )
    return f'<nav aria-label="Sections"><h2>Sections</h2><ol class="contents">{links}</ol></nav>'


def _machine_facts(machine: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return all that is known of a machine, versions spelled out."""
    facts = []
    for key, value in machine.items():
        if isinstance(value, dict):
            facts.append((key.replace("_", " "), ", ".join(f"{name} {what}" for name, what in value.items() if what)))
        elif value is not None:
            facts.append((key.replace("_", " "), str(value)))
    return facts


def _again(document: Mapping[str, Any]) -> str:
    facts = [*_machine_facts(document.get("machine") or {}), ("page made by", f"evenhand {evenhand.__version__}")]
    shown = f"<pre><code>{escaped(document['command'])}</code></pre>"
    return section("reproduce", "How to make all of this again", shown, listed(facts))
