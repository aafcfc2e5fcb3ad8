"""What `verify` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """What was proven of an answer, without trust in the solver, and what was not.

    Attributes
    ----------
    verified
        True where the assignment (if any) keeps to the table, is proven fair, and has the cost and the loads that
        are stated, and where a claim of infeasibility is proven. An undecided margin is not verified. What is
        claimed beyond that, a bound or a gap better than the certificate's, stands in `search_only`.
    fair
        Whether the exact loads are fair within the relative tolerance 1e-9: proven, refuted, or None where it
        is undecided or there is no assignment.
    cost
        Exact cost, rounded to the nearest float; None where there is no assignment.
    bound
        No exactly fair assignment is cheaper: the certificate's bound, exact and rounded down. The trivial
        bound (each task to its cheapest agent) where there is no certificate; ``inf`` where infeasibility is
        proven.
    certified_gap
        (cost - bound) / cost, at least 0; None where there is no assignment.
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

    def __bool__(self) -> bool:
        return self.verified

    def __repr__(self) -> str:
        if not self.verified:
            return f"Verdict(not verified: {'; '.join(self.reasons)})"
        if self.cost is None:
            return "Verdict(verified)"
        return f"Verdict(verified, cost {self.cost:.6g}, certified gap {self.certified_gap:.2g})"

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON values (`bound` is None where it is infinite)."""
        return {
            "verified": self.verified,
            "fair": self.fair,
            "cost": self.cost,
            "bound": None if self.bound == float("inf") else self.bound,
            "certified_gap": self.certified_gap,
            "margins": dict(self.margins),
            "reasons": list(self.reasons),
            "proven": list(self.proven),
            "search_only": list(self.search_only),
            "on_trust": list(self.on_trust),
        }
