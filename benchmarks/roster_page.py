"""The page on rosters, from the committed result of :mod:`benchmarks.rosters`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

BEGIN, END = "<!-- rosters -->", "<!-- end of rosters -->"
PAGE = Path(__file__).parent.parent / "docs" / "reference" / "roster-speed.md"
RESULT = Path(__file__).parent / "results" / "rosters.json"

BEST_KNOWN = dict(
    zip(
        map(str, range(1, 25)),
        (607, 828, 1001, 1716, 1143, 1950, 1056, 1300, 439, 4631, 3443, 4040, 1348, 1278, 3834, 3225, 5746, 4459, 3149,
         4769, 21133, 30244, 17428, 42463),
        strict=True,
    )
)  # fmt: skip
"""Best costs known without fairness, by number of the instance."""

Row = dict[str, Any]


def quote(result: dict[str, Any]) -> str:
    """Return the page's tables for a result."""
    about, parts = result["machine"], result["parts"]
    lines = [
        f"`python -m benchmarks.rosters --data FOLDER`, {about['date'][:10]}, {about['processor']}, {about['cores']} "
        "shared cores. Seconds are of the clock, and in brackets of processor.",
    ]
    if "free" in parts:
        lines += _free(parts["free"])
    for name, title in (("rules", "Instances under a rule"), ("wards", "Generated wards under a rule")):
        if name in parts:
            lines += _beside(title, parts[name])
    return "\n".join(lines)


def _free(part: Row) -> list[str]:
    return [
        "",
        "## Without fairness",
        "",
        f"At most {part['limit']:g} s of the clock (`--part free --limit {part['limit']:g}`).",
        "",
        "| instance | people x days | best known | cost | bound | above best known | seconds |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {row['name']} | {row['people']} x {row['days']} | {BEST_KNOWN[row['name']]} | {_number(row['cost'])} "
            f"| {_number(row['bound'])} | {_above(row['cost'], BEST_KNOWN[row['name']])} | {_seconds(row)} |"
            for row in part["rows"]
        ),
    ]


def _beside(title: str, part: Row) -> list[str]:
    """Return a line for each case: ours, and the cheapest roster of CP-SAT that keeps the rule."""
    lines = [
        "",
        f"## {title}",
        "",
        f"At most {part['limit']:g} s of the clock for *evenhand*, and for each of CP-SAT's three weights.",
        "",
        "| case | people x days | count | rule | cost | bound | CV | seconds | CP-SAT: cost | CV | seconds |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    wins = {"cheaper": 0, "equal": 0, "dearer": 0}
    for ours in (row for row in part["rows"] if row["solver"] == "evenhand"):
        case = [row for row in part["rows"] if row["solver"] == "CP-SAT" and _case(row) == _case(ours)]
        kept = [row for row in case if row.get("keeps")]
        peer: Row = min(kept, key=lambda row: row["cost"], default={"cost": None})
        wins[_compared(ours, peer)] += 1
        found = "infeasible" if ours["status"] == "infeasible" else _number(ours["cost"])
        lines.append(
            f"| {ours['name']} | {ours['people']} x {ours['days']} | {ours['count']} | {ours['rule']} "
            f"| {found} | {_number(ours['bound'])} | {_cv(ours)} | {_seconds(ours)} "
            f"| {_number(peer['cost'])} | {_cv(peer)} | {_sum(case)} |"
        )
    return [
        *lines,
        "",
        f"*evenhand* is cheaper in {wins['cheaper']} cases, as cheap in {wins['equal']}, and dearer in "
        f"{wins['dearer']}.",
    ]


def _case(row: Row) -> tuple[str, str, str]:
    return row["name"], row["count"], row["rule"]


def _compared(ours: Row, peer: Row) -> str:
    if ours["cost"] is None or peer["cost"] is None:
        return "equal" if ours["cost"] == peer["cost"] else "dearer" if ours["cost"] is None else "cheaper"
    difference = ours["cost"] - peer["cost"]
    return "equal" if abs(difference) < 1e-6 else "cheaper" if difference < 0 else "dearer"


def _above(cost: float | None, best: float) -> str:
    return "-" if cost is None else f"{100.0 * (cost / best - 1.0):.1f} %"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{round(value, 1):g}" if value < 1e5 else f"{value:.0f}"


def _cv(row: Row) -> str:
    return f"{row['cv']:.3f}" if "cv" in row else "-"


def _seconds(row: Row) -> str:
    return f"{row['seconds']:.0f} ({row['processor']:.0f})"


def _sum(rows: list[Row]) -> str:
    return f"{sum(row['seconds'] for row in rows):.0f} ({sum(row['processor'] for row in rows):.0f})"
