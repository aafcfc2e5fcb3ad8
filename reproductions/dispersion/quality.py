"""What fairness does to dispersion and to the cost: the paper's figures 2 and 3."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.fairness.bounds import interpolated_cv_bound, published_cv_bound, sharp_cv_bound
from reproductions.dispersion import published
from reproductions.dispersion.instances import AGENTS
from reproductions.dispersion.solved import (
    Solved,
    cases,
    compared,
    compared_claim,
    mean,
    median,
    statuses,
    values,
)
from reproductions.document import Claim, Section, untested

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDING = 1e-6
SAME_CV = 0.005
"""Dispersion that does not count as a rise: answers are within a gap of 0.01 % of the cheapest, not the same."""
SAME_PRICE = 0.02
"""Percentage points that do not count as a fall: the gaps of two answers."""
CVS = {(p, e): cv for p, line in published.CVS.items() for e, cv in line.items()}
PRICES = {
    (p, e): price
    for p, line in published.PRICES.items()
    for e, price in zip(published.EPSILONS, line, strict=True)
    if price > 0.0  # a median of 0 says only that fairness asks nothing there
}
ELSEWHERE = "These instances have sites of their own, where the paper's 50 share five; its figures are not theirs."


def dispersion(solves: Sequence[Solved], command: str, failed: Sequence[str], *, beside: bool) -> Section:
    """Return the section on the coefficient of variation; the paper's means are laid `beside` where asked."""
    return Section(
        key="cv",
        title="Dispersion falls as epsilon rises",
        question="How uneven are the loads of the cheapest fair assignment, and what was guaranteed? (Figure 2)",
        command=command,
        chart="cv",
        caption=(
            "Mean coefficient of variation of the five loads with bootstrap intervals of 95 %, and three bounds that "
            "hold for any loads of that level: the paper's, the interpolated and the sharp one."
        ),
        rows=[_cv_row(p, epsilon, some, beside=beside) for p, epsilon, some in cases(solves)],
        claims=[_falls(solves), _bounded(solves), _diminishing(solves), *(means(solves) if beside else [])],
        notes=[
            "The paper shows one instance and says that the others look alike; the mean over all is shown here.",
            f"Cases: {statuses(solves)}. Costs are solved to a relative gap of 0.01 %, a tenth of the paper's.",
            ELSEWHERE,
        ],
        failed=failed,
    )


def _cv_row(p: float, epsilon: float, some: Sequence[Solved], *, beside: bool) -> dict[str, Any]:
    estimate = mean(values(some, "cv"))
    return {
        "p": published.word(p),
        "epsilon": epsilon,
        "cv": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "instances": int(values(some, "cv").size),
        **({"published": CVS.get((p, epsilon))} if beside else {}),
        "bound_paper": published_cv_bound(epsilon, p, AGENTS),
        "bound_interpolated": interpolated_cv_bound(epsilon, p, AGENTS),
        "bound_sharp": sharp_cv_bound(epsilon, p, AGENTS),
    }


def _steps(solves: Sequence[Solved], name: str) -> list[tuple[float, float]]:
    """Return the quantity of an instance and an order at each two neighbouring levels."""
    lines: dict[tuple[str, float], list[Solved]] = {}
    for one in solves:
        if getattr(one, name) is not None:
            lines.setdefault((one.instance, one.p), []).append(one)
    ordered = (sorted(some, key=lambda one: one.epsilon) for some in lines.values())
    return [(getattr(a, name), getattr(b, name)) for some in ordered for a, b in pairwise(some)]


def _falls(solves: Sequence[Solved]) -> Claim:
    claim, steps = "The coefficient of variation decreases monotonically with epsilon.", _steps(solves, "cv")
    if not steps:
        return untested(claim)
    rises = [after - before for before, after in steps if after > before + SAME_CV]
    kept = len(steps) - len(rises)
    most = max(rises, default=0.0)
    why = f"Dispersion rises by up to {most:.3f}: only the bound must fall, not the cheapest answer's CV."
    return Claim(
        claim=claim,
        published="all 50 instances",
        ours=f"falls or stays, to {SAME_CV:g}, in {kept:,} of {len(steps):,} steps between levels",
        verdict="holds" if not rises else "partly" if kept > 0.9 * len(steps) else "differs",
        why=why if rises else "",
    )


def _bounded(solves: Sequence[Solved]) -> Claim:
    claim = "Proposition 2: a level of fairness bounds the coefficient of variation."
    told = [one for one in solves if one.cv is not None]
    if not told:
        return untested(claim)
    excess = {
        name: sum((one.cv or 0.0) > bound(one.epsilon, one.p, AGENTS) + ROUNDING for one in told)
        for name, bound in (("the paper's bound", published_cv_bound), ("the sharp bound", sharp_cv_bound))
    }
    broken = any(excess.values())
    return Claim(
        claim=claim,
        published="proven",
        ours="; ".join(f"{count} of {len(told):,} answers above {name}" for name, count in excess.items()),
        verdict="differs" if broken else "holds",
        why="An answer above a bound is a fault, of the bound or of the solver." if broken else "",
    )


def _diminishing(solves: Sequence[Solved]) -> Claim:
    claim = "Returns diminish: at high epsilon the marginal reduction of dispersion is negligible."
    curves: dict[float, dict[float, float]] = {}
    for p, epsilon, some in cases(solves):
        if values(some, "cv").size:
            curves.setdefault(p, {})[epsilon] = float(values(some, "cv").mean())
    slopes = {
        p: [(curve[a] - curve[b]) / (b - a) for a, b in ((0.5, 0.9), (0.9, 0.99))]
        for p, curve in curves.items()
        if {0.5, 0.9, 0.99} <= curve.keys()
    }
    if not slopes:
        return untested(claim)
    steeper = [p for p, (early, late) in slopes.items() if late > early]
    told = ", ".join(f"p = {published.word(p)}: {early:.2f} then {late:.2f}" for p, (early, late) in slopes.items())
    return Claim(
        claim=claim,
        published="read from one instance's curve; from which epsilon on is not in our copy",
        ours=f"fall of the mean CV for each unit of epsilon, from 0.5 to 0.9 and from 0.9 to 0.99: {told}",
        verdict="holds" if not steeper else "differs" if len(steeper) == len(slopes) else "partly",
        why=f"For {len(steeper)} of {len(slopes)} orders dispersion falls faster at the end, as the bounds do."
        if steeper
        else "",
    )


def means(solves: Sequence[Solved]) -> list[Claim]:
    """Return the claim that compares the paper's mean coefficients of variation."""
    found = compared(CVS, solves, "cv", np.mean, rounding=0.0005)
    return [compared_claim("Mean coefficients of variation.", found, len({one.instance for one in solves}), ".3f")]


def medians(solves: Sequence[Solved]) -> list[Claim]:
    """Return the claim that compares the paper's median prices."""
    found = compared(PRICES, solves, "price", np.median, rounding=0.0005)
    return [compared_claim("Median prices of fairness in %.", found, len({one.instance for one in solves}), ".2f")]


def price(solves: Sequence[Solved], command: str, failed: Sequence[str], *, beside: bool) -> Section:
    """Return the section on the price of fairness; the paper's medians are laid `beside` where asked."""
    return Section(
        key="price",
        title="The price of fairness",
        question="By how much is the cheapest fair assignment dearer than the cheapest of all? (Figure 3)",
        command=command,
        chart="price",
        caption=(
            "Median price of fairness over the instances with bootstrap intervals of 95 %; points of several orders "
            "are set side by side so that their intervals show."
        ),
        rows=price_rows(solves, beside=beside),
        claims=[_dearer(solves), _order(solves), *(medians(solves) if beside else []), _proven(solves)],
        notes=[ELSEWHERE],
        failed=failed,
    )


def price_rows(solves: Sequence[Solved], *, beside: bool) -> list[dict[str, Any]]:
    """Return the data of a figure of prices."""
    rows = []
    for p, epsilon, some in cases(solves):
        prices = values(some, "price")
        if prices.size:
            estimate = median(prices)
            told = {"price": estimate.value, "low": estimate.low, "high": estimate.high, "most": float(prices.max())}
            known = dict(zip(published.EPSILONS, published.PRICES[p], strict=True))
            rows.append({"p": published.word(p), "epsilon": epsilon, **told, "instances": int(prices.size)})
            if beside:
                rows[-1]["published"] = known.get(epsilon)
    return rows


def _dearer(solves: Sequence[Solved]) -> Claim:
    return rising("The price of fairness rises with epsilon.", _steps(solves, "price"), "steps between levels")


def _order(solves: Sequence[Solved]) -> Claim:
    return rising("At one epsilon a larger p is dearer (Theorem 2).", order_steps(solves), "steps between orders")


def order_steps(solves: Sequence[Solved]) -> list[tuple[float, float]]:
    """Return the prices of an instance and a level at each two neighbouring orders."""
    lines: dict[tuple[str, float], list[Solved]] = {}
    for one in solves:
        if one.price is not None:
            lines.setdefault((one.instance, one.epsilon), []).append(one)
    ordered = (sorted(some, key=lambda one: one.p) for some in lines.values())
    return [(float(a.price or 0.0), float(b.price or 0.0)) for some in ordered for a, b in pairwise(some)]


def rising(
    claim: str,
    steps: Sequence[tuple[float, float]],
    what: str,
    *,
    same: float = SAME_PRICE,
    published: str = "all instances",
) -> Claim:
    """Return whether prices rise at each step, or stay: falls of up to `same` percentage points do not count."""
    if not steps:
        return untested(claim)
    good = sum(after >= before - same for before, after in steps)
    return Claim(
        claim=claim,
        published=published,
        ours=f"rises or stays, to {same:g} points, in {good:,} of {len(steps):,} {what}",
        verdict="holds" if good == len(steps) else "partly" if good > 0.9 * len(steps) else "differs",
        why="" if good == len(steps) else f"It falls by up to {max(a - b for a, b in steps):.3f} points.",
    )


def _proven(solves: Sequence[Solved]) -> Claim:
    claim = "Answers are optimal to a relative gap of 0.1 %."
    asked = [one for one in solves if one.verified is not None]
    gaps = values(asked, "certified_gap")
    if not gaps.size:
        return untested(claim)
    proven, within = sum(bool(one.verified) for one in asked), int((gaps <= published.GAP).sum())
    good = proven == len(asked) and within == len(asked)
    return Claim(
        claim=claim,
        published="on the word of CPLEX",
        ours=(
            f"{within:,} of {len(asked):,} proven without the solver, in exact arithmetic: median gap "
            f"{100.0 * np.median(gaps):.4f} %, largest {100.0 * gaps.max():.3f} %"
        ),
        verdict="holds" if good else "partly",
        why="" if good else "What the certificate leaves open, the search has closed, which has to be trusted.",
    )
