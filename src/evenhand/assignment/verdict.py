"""What `verify` returns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

Outcome = Literal["verified", "gap not proven", "infeasibility not proven", "not verified"]


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """What was proven of an answer, without trust in the solver, and what was not.

    It is true in a condition only where everything that was asked, or else claimed, is proven: `verified` *and*
    `gap_proven`, the exit code 0 of ``evenhand verify``.

    Attributes
    ----------
    verified
        True where the plan is what it claims to be: the assignment (if any) keeps to the table, is proven fair, answers
        the question that was asked, and every number that is stated of it is right; and where a claim of infeasibility
        is proven. An undecided margin is not verified. How close the plan is to the cheapest is another matter:
        `gap_proven`.
    fair
        Whether the exact loads are fair within the relative tolerance 1e-9: proven, refuted, or None where it
        is undecided or there is no assignment.
    cost
        Exact cost, rounded to the nearest float; None where there is no assignment.
    bound
        No exactly fair assignment is cheaper: the certificate's bound, exact and rounded down. The trivial
        bound (each task to its cheapest agent) where there is no certificate; ``inf`` where infeasibility is
        proven. With profits the other way round.
    certified_gap
        (cost - bound) / abs(cost), at least 0; None where there is no assignment.
    margins
        How narrowly things were decided, as floats. ``fairness``: (beta mean - Phi) / (beta mean) of the
        loads, positive inside (as a share of the mean where beta is 0). ``infeasibility``: by how much v . x
        is negative for every assignment, relative to sum_i abs(v_i) X_i with X_i the most that agent i can
        carry. ``tolerance``: how far below `bound` a vector might cost that is fair within the tolerance
        only, relative to `bound` (for ``infeasibility``: the part of that margin which the tolerance could
        use up).
    reasons
        Why it is not verified, one line each.
    proven
        What was proven, one sentence each.
    search_only
        What the answer claims beyond its proof, one sentence each: this rests on the search.
    on_trust
        What can be checked against nothing that was given, one sentence each.
    gap_proven
        Whether `certified_gap` is at most `claimed_gap`, to 1e-9. Where there is no plan: whether the stated bound, or
        the infeasibility, is proven.
    claimed_gap
        The gap that was asked for (`max_gap`), or else the one that follows from the stated bound; None where there is
        no plan and none was asked for.
    asked
        The question in full, one sentence each: measure and parameter, entitlements, what is shared, what was carried
        before, what is locked.
    status
        As the answer states it.
    unshown
        Whether nothing is wrong but that the answer has no proof of infeasibility: it rests on the search alone.
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
        """Return the verdict on an answer of which nothing can be told, for these `reasons`."""
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
        """The verdict in one word or three."""
        if self.verified:
            return "verified" if self.gap_proven else "gap not proven"
        return "infeasibility not proven" if self.unshown else "not verified"

    @property
    def headline(self) -> str:
        """The verdict in a line that a reader cannot mistake."""
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
        """The proven gap, rounded up to two digits: the smallest `max_gap` of so few that this answer keeps."""
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
    """Return a gap rounded up, lest more seem proven than is; what is below 1e-9 is nothing."""
    if gap <= 1e-9:
        return Decimal(0)
    exact = Decimal(repr(gap))
    return exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), ROUND_CEILING)


def _claimed(gap: float | None) -> str:
    return "none" if gap is None else f"{100 * gap:.3g} %" if gap > 1e-9 else "0 %"


def _at_most(gap: float | None) -> str:
    return "none" if gap is None else f"{float(100 * _up(gap, 3)):g} %"
