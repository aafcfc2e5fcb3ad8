"""The dual vector that a certificate describes, in exact arithmetic, and what a tolerance in fairness takes from it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from evenhand.assignment.assignment_result import Certificate
from evenhand.errors import EvenhandError
from evenhand.fairness import RELATIVE_TOLERANCE, Fairness


class DualVectorError(EvenhandError):
    """Raised if a certificate describes no vector of the dual cone; the message says why."""


def dual_vector(fairness: Fairness, certificate: Certificate, n: int) -> list[Fraction]:
    """Return v = sum_k mu_k cut(z_k), length n, with v . x >= 0 for every fair x >= 0.

    Sums are exact. An irrational cut is rounded up, which keeps v in the dual cone because loads are not negative.

    Raises
    ------
    DualVectorError
        If a multiplier or a point is negative, or a point admits no cut.
    """
    dual = [Fraction(0)] * n
    for k, (multiplier, point) in enumerate(zip(certificate.multipliers, certificate.points, strict=True)):
        if multiplier < 0 or (point < 0).any():
            raise DualVectorError(f"multiplier or point {k} of the certificate is negative: it proves nothing")
        if multiplier == 0:
            continue
        try:
            cut = fairness.exact_cut([Fraction(float(entry)) for entry in point])
        except (ValueError, ZeroDivisionError) as error:
            raise DualVectorError(f"no cut can be made at point {k} of the certificate: {error}") from error
        dual = [v + Fraction(float(multiplier)) * a for v, a in zip(dual, cut, strict=True)]
    return dual


def tolerance_slack(
    fairness: Fairness, certificate: Certificate, dual: Sequence[Fraction], total: Fraction
) -> Fraction:
    r"""Return how far below zero v . x can be for a vector x that is fair only within the tolerance t.

    The factors kappa are evaluated in floating point: the result is an estimate, not part of the proof.

    A cut is :math:`a = \kappa (\beta / n\, 1 - g)`, so :math:`\Phi(x) \le (1 + t) \beta \bar x` leaves
    :math:`a \cdot x \ge -\kappa \beta t \bar x`. Entries equal to within t of their mean leave at most
    :math:`t \max_i |v_i| \sum_i x_i`, to first order in t. The two are added.

    Parameters
    ----------
    fairness, certificate, dual
        The member, its certificate and the vector that it describes, length n.
    total
        Largest sum of loads that an assignment can have.
    """
    n = len(dual)
    slack = max(abs(entry) for entry in dual)
    for multiplier, point in zip(certificate.multipliers, certificate.points, strict=True):
        if multiplier > 0:
            direction = np.abs(fairness.bound(n) / n - fairness.subgradient(point)).max()
            kappa = np.abs(fairness.cut(point)).max() / direction if direction > 0 else 0.0
            slack += Fraction(float(multiplier)) * Fraction(float(kappa * fairness.bound(n) / n))
    return Fraction(RELATIVE_TOLERANCE) * slack * total
