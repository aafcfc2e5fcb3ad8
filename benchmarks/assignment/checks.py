"""Check every answer independently of the process that computed it, and compare it with those of other solvers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import evenhand
from benchmarks.assignment.cases import ANCHORS, PUBLISHED, Case, cost_of, known_costs, loads_of
from benchmarks.assignment.lattices import fair_exists

if TYPE_CHECKING:
    from pathlib import Path

    from evenhand.assignment.generated_instances import Instance

Row = dict[str, Any]

PROVEN = ("optimal", "infeasible")
OURS = "evenhand"
TIGHT = 1e-9
"""Relative tolerance for contradictions between our bounds and costs and those of others, for rounding."""
LOOSE = 1e-6
"""The same for bounds of other solvers, which work to about this tolerance themselves."""
DEARER = 1e-4
"""Largest relative excess of an answer's cost over a published one."""
ANCHORED = 1.01e-6
"""Largest relative distance of an answer's cost from a known optimum; those are known to 1e-6."""


def judged(case: Case, solver: str, told: dict[str, Any]) -> Row:
    """Return the row of a case: what the solver told, checked.

    ``wrong`` says what is wrong with an answer; it is empty otherwise.
    """
    answer = told["answer"] or {"status": "died", "cost": None, "bound": None, "assignment": None}
    cost, bound = answer["cost"], answer["bound"]
    instance = case.source.instance()
    wrong = _ours_wrong(instance, answer) if solver == OURS else _peer_wrong(case, instance, answer)
    if case.part == "lattices" and answer["status"] in PROVEN:
        known = fair_exists(case.source.number)
        if known is not None and known == (answer["status"] == "infeasible"):
            wrong = f"the closed form says that {'something' if known else 'nothing'} is fair"
    return {
        "part": case.part,
        "solver": solver,
        "group": case.source.group,
        "number": case.source.number,
        "p": "inf" if case.p == float("inf") else int(case.p),
        "epsilon": case.epsilon,
        "member": repr(case.fairness) if case.member else "",
        "cap": case.cap,
        "binding": case.binds(),
        "seconds": told["seconds"],
        "status": answer["status"],
        "cost": cost,
        "bound": bound,
        "gap": _gap(cost, bound),
        "certified_gap": answer.get("certified_gap"),
        "peak_bytes": told.get("peak_bytes"),
        "wrong": wrong,
    }


def _gap(cost: float | None, bound: float | None) -> float | None:
    if cost is None or bound is None:
        return None
    return max(0.0, (cost - bound) / cost) if cost else 0.0


def _ours_wrong(instance: Instance, answer: dict[str, Any]) -> str:
    """Verify from what was written, with exact sums."""
    if answer["status"] == "died":
        return "died"
    verdict = evenhand.verify(instance.costs, answer, burdens=instance.burdens)
    # That no whole assignment is fair although a fractional one is can rest on the search alone.
    return "" if verdict.verified or answer["status"] == "infeasible" else "; ".join(verdict.reasons)


def _peer_wrong(case: Case, instance: Instance, answer: dict[str, Any]) -> str:
    """Recount cost and loads."""
    if answer["assignment"] is None:
        return ""
    assignment = np.array(answer["assignment"], dtype=np.intp)
    if not case.fairness.contains(loads_of(instance, assignment)):
        return "its assignment is not fair"
    paid = cost_of(instance, assignment)
    return (
        "" if abs(paid - answer["cost"]) <= TIGHT * paid else f"its assignment costs {paid!r}, not {answer['cost']!r}"
    )


def name(row: Row) -> str:
    """Return how messages call a row's case."""
    rule = row.get("member") or f"p = {row['p']}, epsilon = {row['epsilon']:g}"
    return f"{row['group']} no. {row['number']}, {rule}"


def contradictions(rows: list[Row]) -> list[str]:
    """Return, a line each, where two solvers' intervals from bound to cost are apart, over all parts and gaps."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["group"], row["number"], str(row["p"]), row["epsilon"]), []).append(row)
    return [
        f"{name(low)}: {high['solver']} proved that nothing is cheaper than {_bound(high)!r} ({high['part']}), "
        f"{low['solver']} found {low['cost']!r} ({low['part']})"
        for group in groups.values()
        for high in group
        for low in group
        if low["cost"] is not None and _above(high, low["cost"])
    ]


def _above(row: Row, cost: float) -> bool:
    """Return whether a row's bound says that nothing costs so little."""
    return _bound(row) - cost > (TIGHT if row["solver"] == OURS else LOOSE) * abs(cost)


def _bound(row: Row) -> float:
    if row["status"] == "infeasible":
        return float("inf")
    return -float("inf") if row["bound"] is None else float(row["bound"])


def anchored(rows: list[Row], data: Path | None) -> list[Row]:
    """Return the known optima that were measured, each with what was found."""
    known = known_costs(ANCHORS, "optimum") if data is not None else {}
    return [
        {"optimum": optimum, "cost": row["cost"], "bound": row["bound"], "agrees": _agrees(row, optimum)}
        for row in rows
        if row["part"] == "exact"
        and row["solver"] == OURS
        and (optimum := known.get((row["number"], float(row["p"]), row["epsilon"])))
    ]


def _agrees(row: Row, optimum: float) -> bool:
    """Compare a proven answer with the optimum; one that is not proven must only not contradict it."""
    if row["status"] == "optimal":
        return bool(abs(row["cost"] / optimum - 1) <= ANCHORED)
    low, high = _bound(row), float("inf") if row["cost"] is None else row["cost"]
    return bool(low <= optimum * (1 + ANCHORED) and optimum <= high * (1 + ANCHORED))


def published(rows: list[Row], data: Path | None) -> dict[str, Any] | None:
    """Compare with the costs that others published beside the instances; None where there are none."""
    known = known_costs(data / PUBLISHED, "objective") if data is not None else {}
    excess = {
        name(row): (row["cost"] or np.inf) / known[key] - 1
        for row in rows
        if row["part"] == "seed"
        and row["solver"] == OURS
        and (key := (row["number"], float(row["p"]), row["epsilon"])) in known
    }
    if not excess:
        return None
    return {
        "cases": len(excess),
        "cheaper": sum(value < -TIGHT for value in excess.values()),
        "largest_excess": max(excess.values()),
        "dearer": [case for case, value in excess.items() if value > DEARER],
    }
