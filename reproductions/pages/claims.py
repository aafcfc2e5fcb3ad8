"""Summarise the claims of a paper, our findings, and whether they agree."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from evenhand.report.formats import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SIGNS = {"holds": "✓", "partly": "◐", "differs": "✕", "not tested": "–"}
"""Each verdict with a sign, so that colour never speaks alone."""

_TOLD = {
    "holds": ("holds", "hold"),
    "partly": ("holds in part", "hold in part"),
    "differs": ("differs", "differ"),
    "not tested": ("is not tested", "are not tested"),
}


def all_claims(sections: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Return each claim with its section."""
    return [(claim, each) for each in sections for claim in each.get("claims") or []]


def headline(sections: Sequence[Mapping[str, Any]]) -> str:
    """Return how many claims hold, and how many do not, in a sentence."""
    verdicts = Counter(claim["verdict"] for claim, _ in all_claims(sections))
    if not verdicts:
        return "No claims are compared here; the figures stand for themselves."
    total = sum(verdicts.values())
    if len(verdicts) == 1 and total > 1:
        (verdict,) = verdicts
        return f"All {total} claims {_TOLD[verdict][1]}."
    parts = [f"{verdicts[verdict]} {_TOLD[verdict][verdicts[verdict] != 1]}" for verdict in SIGNS if verdicts[verdict]]
    told = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"Of {count(total, 'claim')}, {told}."
