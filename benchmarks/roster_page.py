"""The page on rosters, from the committed result of :mod:`benchmarks.roster_rules`."""

from __future__ import annotations

from typing import Any

BEGIN, END = "<!-- roster rules -->", "<!-- end of roster rules -->"

BEST_KNOWN = {"1": 607, "2": 828, "3": 1001}
"""Best costs known without fairness, as the benchmark's site lists them."""

Row = dict[str, Any]


def quote(result: dict[str, Any]) -> str:
    """Return the page's tables for a result."""
    about, rows = result["machine"], result["cases"]
    lines = [
        f"`python -m benchmarks.roster_rules --data FOLDER --limit {result['limit']:g}`, {about['date'][:10]}, "
        f"{about['processor']}, {about['cores']} shared cores, at most {result['limit']:g} s of the clock for each "
        "solve. Seconds are of the clock, and in brackets of processor.",
        "",
        "## Without fairness",
        "",
        "| instance | people x days | best known | solver | cost | bound | seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row["count"] is None:
            known = BEST_KNOWN.get(row["instance"], "")
            lines.append(
                f"| {row['instance']} | {row['people']} x {row['days']} | {known} | {row['solver']} "
                f"| {_number(row['cost'])} | {_number(row['bound'])} | {_seconds(row)} |"
            )
    lines += [
        "",
        "## With fairness",
        "",
        "| instance | count | rule | solver | cost | price | bound | CV | largest over mean | seconds |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    free = _cheapest(rows)
    for row in rows:
        if row["count"] is not None:
            cost = row["cost"]
            price = "" if cost is None else f"{100.0 * (cost / free[row['instance']] - 1.0):.1f} %"
            lines.append(
                f"| {row['instance']} | {row['count']} | {row['rule']} | {row['solver']} | {_number(cost)} | {price} "
                f"| {_number(row['bound'])} | {_shared(row, 'cv')} | {_shared(row, 'largest_over_mean')} "
                f"| {_seconds(row)} |"
            )
    return "\n".join(lines)


def _cheapest(rows: list[Row]) -> dict[str, float]:
    """Return the least cost without fairness by instance: the best known, or the best of the run."""
    found: dict[str, float] = {name: float(cost) for name, cost in BEST_KNOWN.items()}
    for row in rows:
        if row["count"] is None and row["cost"] is not None:
            found[row["instance"]] = min(row["cost"], found.get(row["instance"], row["cost"]))
    return found


def _number(value: float | None) -> str:
    return "-" if value is None else f"{round(value, 1):g}"


def _shared(row: Row, measure: str) -> str:
    return f"{row[measure]:.3f}" if measure in row else "-"


def _seconds(row: Row) -> str:
    return f"{row['seconds']:.0f} ({row['processor']:.0f})"
