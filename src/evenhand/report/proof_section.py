"""Contents of the section that says what is proven, and what rests on the search alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.report import answer_sentences
from evenhand.report.units import Units

if TYPE_CHECKING:
    from evenhand.assignment.assignment_result import Assignment
    from evenhand.assignment.verdict import Verdict

Shown = dict[str, Any]


def proof(answer: Assignment, verdict: Verdict | None, units: Units) -> Shown:
    """Return the section on what is proven by the certificate, and what rests on the search alone."""
    return {**proven_lists(verdict), "points": answer_sentences.proof_points(answer, units)}


def proven_lists(verdict: Verdict | None) -> Shown:
    """Return a verdict's headline, how good it is, and the lists of its sentences; `points` are others, none here."""
    if verdict is None or (verdict.verified and not answer_sentences.gap_proven(verdict)):
        kind = "open"
    else:
        kind = "good" if verdict.verified else "bad"
    lists = (
        ("Why not", "reasons"),
        ("Proven without the solver", "proven"),
        ("Rests on the search alone", "search_only"),
        ("On trust", "on_trust"),
    )
    return {
        "kind": kind,
        "title": answer_sentences.verdict_title(verdict),
        "points": [],
        "lists": [(heading, [_sentence(said) for said in getattr(verdict, name, ())]) for heading, name in lists],
    }


def _sentence(said: str) -> str:
    ended = said if said.endswith((".", "!", "?")) else f"{said}."
    return ended[:1].upper() + ended[1:]
