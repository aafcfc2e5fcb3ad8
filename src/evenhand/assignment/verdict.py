"""The result of `verify`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any, Literal, Self

Outcome = Literal["verified", "gap not proven", "infeasibility not proven", "not verified"]


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """The parts of an answer that were proven independently of the solver, and those that were not.

    A verdict is true in a condition only if everything that was asked, or else claimed, is proven: if `verified` and
    `gap_proven` are both true, which is the exit code 0 of ``evenhand verify``.

    Attributes
    ----------
    verified
        Whether the plan is proven to be what it claims to be: the assignment (if any) uses allowed pairs only, is fair
        and answers the question asked, and every number stated about it is right; or infeasibility, if claimed, is
        proven. An undecided margin is not verified. How close the plan is to the cheapest one is `gap_proven`.
    fair
        Whether the exact loads are fair within the relative tolerance 1e-9; None if that is undecided, or there is no
        assignment.
    cost
        Exact cost, rounded to the nearest float; None if there is no assignment.
    bound
        No exactly fair assignment costs less: the certificate's bound, computed exactly and rounded down. Without a
        certificate, the cost with each task at its cheapest agent; ``inf`` if infeasibility is proven. With profits, an
        upper bound.
    certified_gap
        (cost - bound) / abs(cost), at least 0; None if there is no assignment.
    margins
        Margins of the decisions, as floats. ``fairness``: (beta mean - Phi) / (beta mean) of the loads, positive inside
        the cone; relative to the mean if beta is 0. ``infeasibility``: the least amount by which v . x is negative over
        all assignments, relative to sum_i abs(v_i) X_i, with X_i the largest possible load of agent i. ``tolerance``:
        by how much an assignment that is fair only within the tolerance might cost less than `bound`, relative to
        `bound`; or with ``infeasibility``, the part of that margin which the tolerance could use up.
    reasons
        Reasons why the answer is not verified, one line each.
    proven
        Statements that were proven, one sentence each.
    search_only
        Claims that the certificate does not prove, and that rest on the search alone, one sentence each.
    on_trust
        Claims that cannot be checked against anything that was given, one sentence each.
    gap_proven
        Whether `certified_gap` is at most `claimed_gap`, to 1e-9. Without a plan, whether the stated bound, or the
        infeasibility, is proven.
    claimed_gap
        The gap that was asked for (`max_gap`), otherwise the gap that follows from the stated bound; None if there is
        neither a plan nor a gap asked for.
    asked
        The question in full, one sentence each: measure and parameter, entitlements, burdens, initial loads and locked
        tasks.
    status
        Status that the answer states.
    unshown
        Whether the only fault is that infeasibility has no proof other than the search.
    """

    verified: bool
    fair: bool | None
    cost: float | None
    bound: float
    certified_gap: float | None
    margins: dict[str, float]
    reasons: tuple[str, ...]
    proven: tuple[str, ...]
    search_only: tuple[str, ...]
    on_trust: tuple[str, ...] = ()
    gap_proven: bool = True
    claimed_gap: float | None = None
    asked: tuple[str, ...] = ()
    status: str = "optimal"
    unshown: bool = False

    @classmethod
    def refused(cls, status: str, asked: tuple[str, ...], reasons: Sequence[str]) -> Self:
        """Return the verdict on an answer that cannot be checked at all, for these `reasons`."""
        nothing: dict[str, Any] = {"proven": (), "search_only": (), "margins": {}, "gap_proven": False}
        return cls(False, None, None, -math.inf, None, reasons=tuple(reasons), asked=asked, status=status, **nothing)

    def __bool__(self) -> bool:
        return self.verified and self.gap_proven

    def __repr__(self) -> str:
        if not self.verified:
            return f"Verdict(not verified: {'; '.join(self.reasons)})"
        if not self.gap_proven:
            return f"Verdict({self.headline})"
        if self.cost is None:
            return "Verdict(verified)"
        return f"Verdict(verified, cost {self.cost:.6g}, certified gap {self.certified_gap:.2g})"

    @property
    def outcome(self) -> Outcome:
        """The verdict in one to three words."""
        if self.verified:
            return "verified" if self.gap_proven else "gap not proven"
        return "infeasibility not proven" if self.unshown else "not verified"

    @property
    def headline(self) -> str:
        """The verdict in one plain line, with the question and the proven gap."""
        question = self.asked[0] if self.asked else ""
        match self.outcome:
            case "verified" if self.status == "infeasible":
                return f"verified: nothing is as fair as asked ({question})"
            case "verified" if self.certified_gap is None:
                return "verified: no plan was found, and the stated bound on what one costs is proven"
            case "verified":
                return f"verified: the plan is fair ({question}), and a gap of {_at_most(self.certified_gap)} is proven"
            case "gap not proven" if self.certified_gap is None:
                return f"no plan to verify, and its bound is not proven: proven is {self.bound:.10g}"
            case "gap not proven":
                return (
                    f"plan verified, gap not proven: the plan is fair ({question}); "
                    f"the gap should be {_claimed(self.claimed_gap)}, proven is {_at_most(self.certified_gap)}"
                )
            case "infeasibility not proven":
                return "NOT VERIFIED: nothing is wrong, but that nothing is fair rests on the search alone"
            case _:
                return "NOT VERIFIED"

    @property
    def gap_to_ask(self) -> float | None:
        """The proven gap, rounded up to two digits: as a `max_gap`, this answer meets it."""
        return None if self.certified_gap is None else float(_up(self.certified_gap))

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON values (`bound` is None where it is infinite)."""
        return {
            "outcome": self.outcome,
            "headline": self.headline,
            "verified": self.verified,
            "gap_proven": self.gap_proven,
            "claimed_gap": self.claimed_gap,
            "certified_gap": self.certified_gap,
            "fair": self.fair,
            "cost": self.cost,
            "bound": self.bound if math.isfinite(self.bound) else None,
            "asked": list(self.asked),
            "margins": dict(self.margins),
            "reasons": list(self.reasons),
            "proven": list(self.proven),
            "search_only": list(self.search_only),
            "on_trust": list(self.on_trust),
        }


def _up(gap: float, digits: int = 2) -> Decimal:
    """Return a gap rounded up to `digits` digits, so that it is proven too; gaps up to 1e-9 count as zero."""
    if gap <= 1e-9:
        return Decimal(0)
    exact = Decimal(repr(gap))
    return exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), ROUND_CEILING)


def _claimed(gap: float | None) -> str:
    return "none" if gap is None else f"{100 * gap:.3g} %" if gap > 1e-9 else "0 %"


def _at_most(gap: float | None) -> str:
    return "none" if gap is None else f"{float(100 * _up(gap, 3)):g} %"
