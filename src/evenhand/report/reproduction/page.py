"""The page of a reproduction, for someone who has the paper beside them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import evenhand
from evenhand.report.formats import count, quantity
from evenhand.report.html import escaped, section
from evenhand.report.reproduction import claims
from evenhand.report.reproduction.document import checked
from evenhand.report.reproduction.sections import listed, section_html
from evenhand.report.template import filled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

QUICK = "These are quick runs"
_QUICK_WHY = (
    "fewer instances, seeds or steps than the paper’s, to see that everything runs. "
    "What they find says little; leave --quick away for figures to compare."
)
_MINUTE, _HOUR = 60, 3600


def page(document: dict[str, Any]) -> str:
    """Return one self-contained HTML file that shows a reproduction.

    Parameters
    ----------
    document
        The summary that a reproduction makes, as :mod:`evenhand.report.reproduction.document` checks it.

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


def duration(seconds: float) -> str:
    """Return a time as people say it: seconds, minutes, or hours and minutes."""
    if seconds < 2 * _MINUTE:
        return f"{quantity(round(seconds, 1 if seconds < 10 else 0))} s"
    if seconds < 2 * _HOUR:
        return f"{round(seconds / _MINUTE)} min"
    hours, minutes = divmod(round(seconds / _MINUTE), 60)
    return f"{hours} h {minutes} min"


def when(machine: Mapping[str, Any]) -> str:
    """Return the day of a measurement; as it is written where it is not a date."""
    written = str(machine.get("date") or "")
    try:
        day = datetime.datetime.fromisoformat(written)
    except ValueError:
        return written
    return f"{day.day} {day:%B %Y}"


def machine_words(machine: Mapping[str, Any]) -> str:
    """Return a machine in a few words."""
    cores = machine.get("cores")
    parts = [str(machine.get("processor") or "")]
    parts += [count(cores, "core")] if isinstance(cores, int) else []
    parts += [str(machine[key]) for key in ("system",) if machine.get(key)]
    return ", ".join(part for part in parts if part)


def machine_facts(machine: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return all that is known of a machine, versions spelled out."""
    facts = []
    for key, value in machine.items():
        if isinstance(value, dict):
            facts.append((key.replace("_", " "), ", ".join(f"{name} {what}" for name, what in value.items() if what)))
        elif value is not None:
            facts.append((key.replace("_", " "), str(value)))
    return facts


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


def _again(document: Mapping[str, Any]) -> str:
    facts = [*machine_facts(document.get("machine") or {}), ("page made by", f"evenhand {evenhand.__version__}")]
    shown = f"<pre><code>{escaped(document['command'])}</code></pre>"
    return section("reproduce", "How to make all of this again", shown, listed(facts))
