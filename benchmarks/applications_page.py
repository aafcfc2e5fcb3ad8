"""Tables of the studies reproduced: ``python -m benchmarks.applications_page`` writes them into the docs.

`tests/benchmarks/test_applications_page.py` holds the page to the results.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.assignment.page import conditions
from benchmarks.quote import put

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference" / "applications.md"
SHEDDING = ROOT / "benchmarks" / "results" / "load-shedding.json"
SHEDDING_MARKS = ("<!-- load shedding -->", "<!-- end of load shedding -->")
SALESMEN = ROOT / "benchmarks" / "results" / "salesmen.json"
SALESMEN_MARKS = ("<!-- salesmen -->", "<!-- end of salesmen -->")

Result = dict[str, Any]


def shedding(result: Result) -> str:
    """Return the study of load shedding, published and ours."""
    published, ours, study = result["published"], result["all"], result.get("study")
    columns = [("the study", published), *([("ours, on its scenarios", study)] if study else []), ("ours, all", ours)]
    prices = [published["prices"], *(column["largest price"] for _, column in columns[1:])]
    lines = [
        f"| {name} | {' | '.join(f'{value:.2f}' for value in row)} |"
        for (name, _), row in zip(columns, prices, strict=True)
    ]
    levels = [f"{step / 10:g}" for step in range(1, 11)]
    counts = sorted(set(ours["first infeasible"]) | set(published["first infeasible"]))
    tally = []
    for name, column in columns:
        cells = [str(column["first infeasible"].get(level, "")) for level in counts]
        tally.append(f"| {name} | {' | '.join(cells)} | {column['kept']} |")
    checked = result["checked"]
    return "\n".join(
        [
            conditions(result),
            "",
            "Largest price of fairness over all scenarios in which the level is possible:",
            "",
            f"| epsilon | {' | '.join(levels)} |",
            "|---" * 11 + "|",
            *lines,
            "",
            "Scenarios by the first level (in steps of 0.05) at which nothing is fair enough, and how many there are:",
            "",
            f"| | {' | '.join(counts)} | kept |",
            "|---" * (len(counts) + 2) + "|",
            *tally,
            "",
            "How unequal the least shed is, without fairness, on average (of several cheapest ones, solvers find "
            "different ones):",
            "",
            "| | Gini | Jain |",
            "|---|---|---|",
            *(f"| {name} | {column['gini']:.2f} | {column['jain']:.2f} |" for name, column in columns),
            "",
            f"Our {ours['kept']:,} scenarios at up to ten levels took {result['seconds'] / 60.0:.1f} minutes of "
            f"{result['jobs']} core(s). {checked['sample']} scenarios and levels, drawn at random, were solved again "
            f"by CVXPY and Clarabel: {len(checked['disagree'])} disagree, the largest relative difference is "
            f"{checked['largest relative difference']:.0e}; on {checked['gave up']} that solver gave up.",
        ]
    )


def tours(result: Result) -> str:
    """Return the study of fair salesmen: what we found, and what was published where that is something else."""
    columns = [("min", 0.0), *((model, level) for model in ("epsilon", "gini") for level in (0.1, 0.3, 0.5, 0.7, 0.9))]
    heads = ["shortest", *(f"{'eps' if model == 'epsilon' else 'Delta'} {level:g}" for model, level in columns[1:])]
    rows = result["cases"]
    lines = []
    for instance, salesmen in dict.fromkeys((row["instance"], row["salesmen"]) for row in rows):
        of_these = [row for row in rows if (row["instance"], row["salesmen"]) == (instance, salesmen)]
        own = {(row["model"], row["level"]): row for row in of_these}
        cells = [_cell(own.get(column)) for column in columns]
        lines.append(f"| {instance}, {salesmen} | {' | '.join(cells)} |")
    seconds = sorted(row["seconds"] for row in rows)
    optimal = sum(row["status"] == "optimal" for row in rows)
    return "\n".join(
        [
            conditions(result),
            "",
            f"| nodes, salesmen | {' | '.join(heads)} |",
            "|---" * (len(heads) + 1) + "|",
            *lines,
            "",
            f"{optimal} of {len(rows)} proven optimal; median {seconds[len(seconds) // 2]:.1f} s, longest "
            f"{seconds[-1]:.0f} s; {sum(any(row['waste'] or []) for row in rows)} with a detour. In brackets: what was "
            "published, where it is something else.",
        ]
    )


def _cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    if row["total"] is None:
        return "-"
    proven = "" if row["status"] == "optimal" else "*"
    other = "" if row["published"] is None or row["published"] == row["total"] else f" ({row['published']:g})"
    return f"{row['total']:g}{proven}{other}"


def main() -> None:
    """Write what is there."""
    put(PAGE, shedding(json.loads(SHEDDING.read_text("utf-8"))), *SHEDDING_MARKS)
    put(PAGE, tours(json.loads(SALESMEN.read_text("utf-8"))), *SALESMEN_MARKS)


if __name__ == "__main__":
    main()
