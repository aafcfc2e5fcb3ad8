"""What the paper did not try: other costs, other sizes, agents with unequal entitlements."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from reproductions.dispersion import published
from reproductions.dispersion.instances import AGENTS, TASKS
from reproductions.dispersion.quality import order_steps, rising
from reproductions.dispersion.solved import Solved, cases, gathered, median, statuses, values
from reproductions.document import Claim, Section, Table, failures, untested

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evenhand.sweeps.trial import Outcome

Kind = tuple[str, int, int, bool]
"""Law of the costs, agents, tasks, and whether entitlements differ."""
TWO_GAPS = 0.2
"""Percentage points by which two answers with a gap of 0.1 % may be in the wrong order."""


def beyond(outcomes: Sequence[Outcome], command: str) -> Section:
    """Return the section on other instances."""
    kinds: dict[Kind, list[Outcome]] = {}
    for outcome in outcomes:
        kinds.setdefault(_kind(outcome), []).append(outcome)
    return Section(
        key="beyond",
        title="Other costs, sizes and entitlements",
        question="Do the findings carry over from five sites in a plane to other instances?",
        command=command,
        chart="lines",
        caption="Median price of fairness in percent at p = 2 with bootstrap intervals of 95 %.",
        axes=("epsilon", "price of fairness (%)"),
        rows=[row for kind, some in kinds.items() for row in _rows(kind, some)],
        tables=[_table(kinds)],
        claims=[_law(kinds), _order(kinds), _solved(kinds)],
        failed=failures(outcomes),
    )


def _kind(outcome: Outcome) -> Kind:
    config = outcome.trial.config
    return config["law"], config["agents"], config["tasks"], bool(config.get("entitled"))


def _name(kind: Kind) -> str:
    law, agents, tasks, entitled = kind
    return f"{law}, {agents} x {tasks}{', unequal shares' if entitled else ''}"


def _rows(kind: Kind, some: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return the curve of one kind, in the panel of costs and shares, in that of sizes, or in both."""
    law, agents, tasks, entitled = kind
    usual, plain = (agents, tasks) == (AGENTS, TASKS), law == "plane" and not entitled
    panels = [("costs and shares, 5 x 250", f"{law}{', unequal shares' if entitled else ''}")] if usual else []
    panels += [("sizes, sites in a plane", f"{agents} x {tasks:,}")] if plain else []
    rows = []
    for p, epsilon, solves in cases(gathered(some)):
        if p == 2.0 and values(solves, "price").size:
            price = median(values(solves, "price"))
            told = {"y": price.value, "low": price.low, "high": price.high, "instances": len(solves)}
            rows += [{"facet": facet, "series": series, "x": epsilon, **told} for facet, series in panels]
    return rows


def _table(kinds: dict[Kind, list[Outcome]]) -> Table:
    lines = []
    for kind, some in kinds.items():
        base = np.mean([outcome.result["cheapest_cv"] for outcome in some if outcome.status == "done"] or [np.nan])
        for p, epsilon, solves in cases(gathered(some)):
            lines.append([_name(kind), f"{base:.3f}", f"{p:g}", f"{epsilon:g}", *_cells(solves)])
    columns = [
        "instances",
        "CV of the cheapest",
        "p",
        "epsilon",
        "median price %",
        "mean CV",
        "median s",
        "longest s",
        "solved",
    ]
    return Table("By kind of instance, to a gap of 0.1 %", columns, lines)


def _cells(solves: Sequence[Solved]) -> list[str]:
    seconds = values(solves, "seconds")
    price, cv = values(solves, "price"), values(solves, "cv")
    return [
        f"{np.median(price):.3f}" if price.size else "no answer",
        f"{np.mean(cv):.3f}" if cv.size else "no answer",
        f"{np.median(seconds):.3f}",
        f"{seconds.max():.2f}",
        statuses(solves),
    ]


def _median_price(kinds: dict[Kind, list[Outcome]], kind: Kind, p: float, epsilon: float) -> float | None:
    solves = gathered(kinds.get(kind, []))
    prices = values([one for one in solves if (one.p, one.epsilon) == (p, epsilon)], "price")
    return float(np.median(prices)) if prices.size else None


def _law(kinds: dict[Kind, list[Outcome]]) -> Claim:
    claim, (p, strictest) = "Processing times were drawn uniformly at random.", (math.inf, published.EPSILONS[-1])
    theirs = published.PRICES[p][-1]
    distances, uniform = (
        _median_price(kinds, (law, AGENTS, TASKS, False), p, strictest) for law in ("plane", "uniform")
    )
    if distances is None or uniform is None:
        return untested(claim)
    nearer = abs(distances - theirs) < abs(uniform - theirs)
    return Claim(
        claim=claim,
        published=f"the paper's text; its median price at p = inf, epsilon {strictest:g} is {theirs:.2f} %",
        ours=f"median price there if times are uniform: {uniform:.2f} %, if they are distances: {distances:.2f} %",
        verdict="differs" if nearer else "holds",
        why="The published price is that of distances between random points, as which the authors' code draws them."
        if nearer
        else "",
    )


def _order(kinds: dict[Kind, list[Outcome]]) -> Claim:
    steps = [step for some in kinds.values() for step in order_steps(gathered(some))]
    return rising(
        "A larger p is dearer at the same epsilon (Theorem 2), for any costs.",
        steps,
        "steps between orders of an instance",
        same=TWO_GAPS,
        published="one kind of instance",
    )


def _solved(kinds: dict[Kind, list[Outcome]]) -> Claim:
    claim = "The method works for other sizes and costs."
    solves = gathered([outcome for some in kinds.values() for outcome in some])
    if not solves:
        return untested(claim)
    open_ = sum(one.status == "time_limit" for one in solves)
    refuted = sum(one.status == "infeasible" for one in solves)
    largest = max(kinds, key=lambda kind: kind[1] * kind[2])
    return Claim(
        claim=claim,
        published="5 x 250 alone",
        ours=f"of {len(solves)} cases to 0.1 %: {statuses(solves)}; the largest kind is {_name(largest)}",
        verdict="holds" if not open_ else "partly" if open_ < 0.1 * len(solves) else "differs",
        why=("At the time limit there are an answer, a bound and a wider gap. " if open_ else "")
        + (f"Where a few tasks are very long, no assignment is that fair: {refuted} cases, proven." if refuted else ""),
    )
