"""The page on fair loads in plain models, and the README's table: ``python -m benchmarks.modeling.page`` writes both.

`tests/benchmarks/test_modeling_page.py` holds the page to the result.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.assignment.page import conditions
from benchmarks.modeling.entrants import ENTRANTS
from benchmarks.quote import put

ROOT = Path(__file__).parent.parent.parent
RESULT = ROOT / "benchmarks" / "results" / "modeling.json"
PAGE = ROOT / "docs" / "reference" / "modeling-speed.md"
README = ROOT / "README.md"
STAFF = RESULT.with_name("staff-models.json")
STAFF_MARKS = ("<!-- staff -->", "<!-- end of staff -->")
README_MARKS = ("<!-- modeling -->", "<!-- end of modeling -->")
OURS, PEERS = list(ENTRANTS)[:3], list(ENTRANTS)[3:]
FAMILIES = ("supporting", "gradient", "disaggregated")
ORDERS = (2, 3, 5, 10, "inf")

Row = dict[str, Any]


def quote(result: dict[str, Any]) -> str:
    """Return the page's tables for a result."""
    rows = [row for row in result["rows"] if row["cuts"] == "supporting"]
    about = (
        f"{len(result['instances'])} instances, five orders, six levels, gap {result['gap']:g}, "
        f"at most {result['cap']:g} s a case."
    )
    return "\n\n".join(
        [conditions(result), about, _ratios(rows), _solved(rows), _seconds(rows), _families(result["rows"])]
    )


def excerpt(result: dict[str, Any]) -> str:
    """Return what the README shows of a result."""
    rows = [row for row in result["rows"] if row["cuts"] == "supporting"]
    lines = []
    for peer in PEERS:
        for ours in OURS[:2]:
            found = [ratio(rows, ours, peer, order) for order in ORDERS]
            cells = ["-" if value is None else f"{value[0]:.1f}" for value in found]
            lines.append(f"| {peer} / {ours} | {' | '.join(cells)} |")
    about = (
        f"Time that other solvers take, as a multiple of ours, on the paper's assignment problem, written as a plain "
        f"model of 1,250 binaries ({len(result['instances'])} instances, six levels each, a gap of {result['gap']:g}, "
        f"one thread, geometric means):"
    )
    heads = ["", *(f"p = {order}" for order in ORDERS)]
    return "\n".join([about, "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *lines, ""])


def ratio(rows: list[Row], ours: str, peer: str, order: Any) -> tuple[float, float, float, int] | None:
    """Return how many times as long a peer takes: geometric mean, least, largest, number of cases."""
    times: dict[tuple[Any, Any], dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row["p"] == order:
            times[row["instance"], row["epsilon"]][row["entrant"]] = row["seconds"]
    found = [case[peer] / case[ours] for case in times.values() if peer in case and ours in case]
    if not found:
        return None
    return math.exp(sum(map(math.log, found)) / len(found)), min(found), max(found), len(found)


def _ratios(rows: list[Row]) -> str:
    lines = []
    for peer in PEERS:
        for ours in OURS:
            cells = []
            for order in ORDERS:
                found = ratio(rows, ours, peer, order)
                cells.append("-" if found is None else f"{found[0]:.1f} ({found[1]:.1f} to {found[2]:.1f})")
            lines.append(f"| {peer} / {ours} | {' | '.join(cells)} |")
    text = (
        "Time of the other solver as a multiple of ours: geometric mean over all cases of an order (least to largest)."
    )
    return _table("Beside each other", text, ["", *(f"p = {order}" for order in ORDERS)], lines)


def _solved(rows: list[Row]) -> str:
    lines = []
    for entrant in ENTRANTS:
        own = [row for row in rows if row["entrant"] == entrant]
        states = [row["status"] for row in own]
        others = sorted({state for state in states if state != "optimal"})
        told = ", ".join(f"{states.count(state)} {state.replace('_', ' ')}" for state in others) or "-"
        lines.append(f"| {entrant} | {states.count('optimal')} of {len(own)} | {told} |")
    text = "*Unfair* means: called optimal, with loads that exceed the bound by more than a millionth of it."
    return _table("Solved", text, ["", "to the gap, and fair", "the rest"], lines)


def _seconds(rows: list[Row]) -> str:
    levels = sorted({row["epsilon"] for row in rows})
    lines = []
    for entrant in ENTRANTS:
        for order in ORDERS:
            own = {
                level: [r["seconds"] for r in rows if (r["entrant"], r["p"], r["epsilon"]) == (entrant, order, level)]
                for level in levels
            }
            if any(own.values()):
                cells = [f"{median(times):.3f}" if times else "-" for times in own.values()]
                lines.append(f"| {entrant} | {order} | {' | '.join(cells)} |")
    heads = ["", "p", *(f"epsilon {level:g}" for level in levels)]
    return _table("Seconds", "Median over the instances, building the model included.", heads, lines)


def _families(rows: list[Row]) -> str:
    some = {row["instance"] for row in rows if row["cuts"] != "supporting"}
    lines = []
    for entrant in OURS[:2]:
        for order in ORDERS[:-1]:
            cells = []
            for family in FAMILIES:
                own = [
                    row
                    for row in rows
                    if (row["entrant"], row["p"], row["cuts"]) == (entrant, order, family) and row["instance"] in some
                ]
                if own:
                    seconds = math.exp(sum(math.log(row["seconds"]) for row in own) / len(own))
                    cells.append(f"{seconds:.3f} s, {sum(row['made'] for row in own)} cuts")
            lines.append(f"| {entrant} | {order} | {' | '.join(cells)} |")
    text = f"Geometric mean of the seconds and all cuts, over the six levels of {len(some)} instance(s)."
    return _table("Families of cuts", text, ["", "p", *FAMILIES], lines)


def _table(title: str, text: str, heads: list[str], lines: list[str]) -> str:
    return "\n".join(
        [f"## {title}", "", text, "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *lines],
    )


def quote_staff(result: dict[str, Any]) -> str:
    """Return the page's table for a result of :mod:`benchmarks.modeling.staff_models`."""
    by_name: dict[str, dict[int, Row]] = defaultdict(dict)
    for row in result["rows"]:
        by_name[row["entrant"]][row["model"]] = row
    peer = by_name["SCIP alone"]
    lines = []
    for name, rows in by_name.items():
        known = [sum(row["costs"][at] is not None for row in rows.values()) for at in range(len(result["moments"]))]
        gaps = [(row["cost"] - row["bound"]) / row["cost"] for row in rows.values() if row["cost"] is not None]
        pairs = [(row["cost"], peer[model]["cost"]) for model, row in rows.items()]
        dearer = [ours / theirs - 1.0 for ours, theirs in pairs if None not in (ours, theirs)]
        of = "" if len(rows) == len(peer) else f" of {len(rows)}"
        cells = [
            *(f"{each}{of}" for each in known),
            *(f"{round(100 * median(part), 2) + 0.0:.2f} %" for part in (gaps, dearer)),
        ]
        cells += [f"{100 * max(dearer):.2f} %", f"{max(row['seconds'] for row in rows.values()):.1f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    moments = [f"fair plan at {moment:g} s" for moment in result["moments"]]
    heads = ["", *moments, "median gap", "median cost over SCIP alone's", "largest", "longest seconds"]
    about = f"{len(peer)} models, a limit of {result['limit']:g} s, levels 0.7 to 0.95 of p = 2. "
    return (
        about + conditions(result) + f"\n\n| {' | '.join(heads)} |\n" + "|---" * len(heads) + "|\n" + "\n".join(lines)
    )


if __name__ == "__main__":
    put(PAGE, quote_staff(json.loads(STAFF.read_text("utf-8"))), *STAFF_MARKS)
    measured = json.loads(RESULT.read_text("utf-8"))
    put(PAGE, quote(measured))
    put(README, excerpt(measured), *README_MARKS)
