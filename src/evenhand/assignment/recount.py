"""Recompute an answer from the tables alone, in exact arithmetic: pairs, cost, loads and fairness."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.case import Case
from evenhand.assignment.claims import Asked, Claims
from evenhand.assignment.exact import round_down
from evenhand.assignment.question_to_verify import describe
from evenhand.assignment.stated_answer import Stated
from evenhand.assignment.verdict import Verdict
from evenhand.fairness import Fairness, bounds
from evenhand.fairness.relative import relative_price
from evenhand.fairness.selection import Among

TOLERANCE = Fraction(1, 10**9)
"""Relative tolerance between stated and recomputed numbers, and of fairness."""
_DERIVED_TOLERANCE = 1e-7  # the same for measures of the loads, which near 0 are square roots of rounding errors


@dataclass(slots=True)
class Findings:
    """The findings of a verification so far; fields become those of :class:`~evenhand.assignment.Verdict`."""

    cost: Fraction | None = None
    fair: bool | None = None
    certified_gap: float | None = None
    margins: dict[str, float] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    proven: list[str] = field(default_factory=list)
    search_only: list[str] = field(default_factory=list)
    on_trust: list[str] = field(default_factory=list)
    unshown: list[str] = field(default_factory=list)
    gap_proven: bool = True
    claimed_gap: float | None = None


def concluded(case: Asked, stated: Claims, bound: Fraction | None, found: Findings, asked: tuple[str, ...]) -> Verdict:
    """Return the verdict that findings and the proven `bound` amount to; None for a bound stands for infeasibility."""
    return Verdict(
        verified=not (found.reasons or found.unshown),
        fair=found.fair,
        cost=None if found.cost is None else float(case.in_user_sign(found.cost)),
        bound=case.in_user_sign(math.inf if bound is None else round_down(bound)),
        certified_gap=found.certified_gap,
        margins=found.margins,
        reasons=(*found.reasons, *found.unshown),
        proven=tuple(found.proven),
        search_only=tuple(found.search_only),
        on_trust=tuple(found.on_trust),
        gap_proven=found.gap_proven,
        claimed_gap=found.claimed_gap,
        asked=asked,
        status=stated.status,
        unshown=not found.reasons and bool(found.unshown),
    )


def check_assignment(case: Case, stated: Stated, assignment: NDArray[np.intp], found: Findings) -> None:
    """Check pairs, cost, loads and fairness of the stated assignment."""
    wrong = case.misplaced(assignment)
    if wrong:
        found.reasons.append(wrong)
    sums = case.sums(assignment)
    if sums is None:
        return
    found.cost, loads = sums
    compare_sums(case, stated, loads, found)
    check_loads(case, stated, loads, case.least(), found)
    if not found.reasons:
        worth = "and all bring" if case.maximise else "at a cost of"
        found.proven.insert(
            0, f"every task is with one agent who may do it, {worth} {float(case.in_user_sign(found.cost)):.10g}"
        )


def compare_sums(case: Case, stated: Stated, loads: Sequence[Fraction], found: Findings) -> None:
    """Compare the stated cost and loads with the exact ones."""
    if found.cost is not None and not agree(stated.cost, case.in_user_sign(found.cost)):
        found.reasons.append(
            f"the stated cost is {stated.cost}; the pairs add up to {float(case.in_user_sign(found.cost))}"
        )
    if stated.loads is None:
        found.reasons.append("there is an assignment without loads")
    for agent, load in enumerate(loads if stated.loads is not None else ()):
        if stated.loads is not None and not agree(stated.loads[agent], load):
            found.reasons.append(
                f"the stated load of agent {case.agents[agent]} is {stated.loads[agent]}; "
                f"its tasks add up to {float(load)}"
            )
            break


def check_loads(case: Case, stated: Stated, loads: Sequence[Fraction], base: Fraction, found: Findings) -> None:
    """Check that exact loads, length n, are fair, and the numbers that follow from them and the `base` cost."""
    member = stated.fairness
    found.fair = member.exact_contains(loads, TOLERANCE)
    # The cone is invariant to scaling: with a largest load of 1, no power overflows.
    largest = max(loads) or Fraction(1)
    scaled = np.array([float(load / largest) for load in loads])
    margin = found.margins["fairness"] = float(relative_margin(member, scaled))
    if found.fair:
        found.proven.append(f"the loads are fair: {describe(member)}, with a relative margin of {margin:.2g}")
    elif found.fair is None:
        found.reasons.append(
            f"whether the loads are fair is undecided: {describe(member)}, relative margin {margin:.2g}"
        )
    else:
        found.reasons.append(f"the loads are not fair: {describe(member)}, relative margin {margin:.2g}")
    check_derived(case, stated, np.array([float(load) for load in loads]), base, found)


def check_nothing_found(case: Case, stated: Stated, found: Findings) -> None:
    """Check that an answer without an assignment states no value that would need one."""
    for name in ("cost", "loads", "gap", "certified_gap"):
        if getattr(stated, name) is not None:
            found.reasons.append(f"there is no assignment, yet {name} is {getattr(stated, name)}")
    if stated.status == "optimal":
        found.reasons.append("the status is 'optimal', yet there is no assignment")
    check_derived(case, stated, None, case.least(), found)


def check_derived(
    case: Case, stated: Stated, loads: NDArray[np.float64] | None, base: Fraction, found: Findings
) -> None:
    """Compare the measures of fairness and loads that the JSON repeats with recomputed ones; None for no `loads`.

    `base` is the cost of the cheapest plan without fairness.
    """
    member = stated.fairness
    cv = None if loads is None else _variation(loads, member)
    base = case.in_user_sign(base)
    cost = None if found.cost is None else float(case.in_user_sign(found.cost))
    order = getattr(member, "p", None)
    expected = {
        "epsilon": getattr(member, "epsilon", None),
        "p": "inf" if order == math.inf else order,
        "level": None if loads is None else float(member.level(loads)),
        "cv": cv,
        "jain": None if cv is None else 1.0 / (1.0 + cv * cv),
        "cv_bound": bounds.guaranteed_cv(member, len(case.agents)),
        "base_cost": float(base),
        "price": None if cost is None else relative_price(cost, float(base), maximise=case.maximise),
    }
    for key, value in stated.derived.items():
        agrees = agree(value, base) if key == "base_cost" and _is_number(value) else same_measure(value, expected[key])
        if not agrees:
            found.reasons.append(f"the stated {key} is {value!r}; it should be {expected[key]}")


def _variation(loads: NDArray[np.float64], member: Fairness) -> float:
    """Return the coefficient of variation of loads over entitlements, each weighted by its entitlement.

    If fairness is asked of some agents only, it is that of as many agents with the largest loads.
    """
    if isinstance(member, Among):
        loads = np.sort(loads)[-member.selected :]
    top = float(loads.max())
    if top <= 0.0:
        return 0.0
    weights = np.ones(len(loads)) if member.entitlements is None else np.array(member.entitlements)
    weights = weights / weights.sum()
    relative = loads / top / weights
    relative /= relative.max()
    mean = float(relative @ weights)
    return float(np.sqrt((relative - mean) ** 2 @ weights)) / mean


def agree(stated: float | None, exact: Fraction) -> bool:
    """Return whether a stated number is the exact one, within tolerance."""
    return stated is not None and abs(Fraction(stated) - exact) <= TOLERANCE * abs(exact)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def same_measure(stated: Any, expected: float | str | None) -> bool:
    """Return whether a stated measure of the loads equals the recomputed one, within tolerance."""
    if expected is None or isinstance(expected, str) or isinstance(stated, bool) or not isinstance(stated, int | float):
        return type(stated) is type(expected) and stated == expected
    return abs(stated - expected) <= _DERIVED_TOLERANCE * max(1.0, abs(expected))


def relative_margin(fairness: Fairness, loads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the margin (beta mean - Phi) / (beta mean) of `loads`, shape (..., n); the result has shape (...).

    It is positive inside the cone. If beta is 0, the margin is relative to the mean; loads of zero have a margin of 0.
    """
    mean = np.asarray(loads).mean(axis=-1)
    allowance = fairness.bound(loads.shape[-1]) * mean
    base = np.where(allowance > 0, allowance, np.where(mean > 0, mean, 1.0))
    return np.asarray((allowance - fairness.value(loads)) / base)
