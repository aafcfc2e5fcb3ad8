"""What the paper says, what we find, and whether they agree: at a glance, and section by section."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from evenhand.report.formats import count
from evenhand.report.html import escaped, paragraph, section

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SIGNS = {"holds": "✓", "partly": "◐", "differs": "✕", "not tested": "–"}
"""Each verdict with a sign, so that colour never speaks alone."""

_HEADERS = ("Claim", "Published", "Ours", "Verdict", "Why")
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


def badge(verdict: str) -> str:
    """Return a verdict with its sign."""
    kind = verdict.replace(" ", "-")
    sign = f'<span aria-hidden="true">{SIGNS[verdict]}</span>'
    return f'<span class="badge {escaped(kind)}">{sign} {escaped(verdict)}</span>'


def glance(sections: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of all claims, each with a link to its section."""
    claims = all_claims(sections)
    if not claims:
        return ""
    rows = [
        (
            f'<a href="#section-{escaped(each["key"])}">{escaped(claim["claim"])}</a>',
            escaped(claim["published"]),
            escaped(claim["ours"]),
            badge(claim["verdict"]),
            escaped(claim.get("why") or ""),
        )
        for claim, each in claims
    ]
    return section("claims", "The claims at a glance", stacked("All claims", _HEADERS, rows))


def own(claims: Sequence[Mapping[str, Any]]) -> str:
    """Return the claims of one section, and what of them does not agree and why."""
    if not claims:
        return ""
    rows = [
        (escaped(claim["claim"]), escaped(claim["published"]), escaped(claim["ours"]), badge(claim["verdict"]))
        for claim in claims
    ]
    parts = ["<h3>Claims</h3>", stacked("Claims of this section", _HEADERS[:4], rows)]
    apart = [claim for claim in claims if claim["verdict"] != "holds"]
    if apart:
        parts.append("<h3>What does not agree, and why</h3>")
        parts += [_apart(claim) for claim in apart]
    return "".join(parts)


def stacked(caption: str, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose rows become cards on a narrow screen; cells are HTML.

    Roles are spelled out because a browser forgets them when a style makes rows of a table into blocks.
    """
    head = "".join(f'<th scope="col" role="columnheader">{escaped(header)}</th>' for header in headers)
    body = "".join(_stacked_row(headers, row) for row in rows)
    return (
        f'<table class="stacked" role="table"><caption>{escaped(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{body}</tbody></table>'
    )


def _stacked_row(headers: Sequence[str], row: Sequence[str]) -> str:
    first, *rest = row
    cells = f'<th scope="row" role="rowheader">{first}</th>' + "".join(
        f'<td role="cell" data-label="{escaped(header)}">{cell}</td>' if cell else '<td role="cell" class="empty"></td>'
        for header, cell in zip(headers[1:], rest, strict=True)
    )
    return f'<tr role="row">{cells}</tr>'


def _apart(claim: Mapping[str, Any]) -> str:
    why = claim.get("why") or "No reason is known."
    heading = f"{badge(claim['verdict'])} <strong>{escaped(claim['claim'])}</strong>"
    return f'<div class="apart">{heading}{paragraph(str(why))}</div>'
