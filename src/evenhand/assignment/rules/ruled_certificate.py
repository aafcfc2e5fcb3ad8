"""Certificates of problems with several rules: a bound that anybody can check without trusting the solver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.rules.ruled_problem import Row, RuledProblem

MODESTY, ROUNDING = 1e-12, 1e-14
"""Relative amounts by which the stated bound lies below the computed one: of the bound, and of its terms' sizes."""


@dataclass(frozen=True, slots=True)
class RowMultipliers:
    """Multipliers of one rule, or of one pair of limits.

    Attributes
    ----------
    multipliers, points
        Of a rule of fairness: shapes (k,) and (k, counted agents); a cut is made at each point. Empty for limits.
    least, most
        Of limits: multipliers of each agent, shape (n,). Empty for a rule of fairness.
    """

    multipliers: NDArray[np.float64]
    points: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]

    def prices(self, row: Row) -> NDArray[np.float64]:
        """Return the price of a unit of burden for each agent, shape (n,)."""
        if row.fairness is None:
            return self.least - self.most
        prices = np.zeros(len(row.carried))
        for multiplier, point in zip(self.multipliers, self.points, strict=True):
            prices[row.counted] += multiplier * row.fairness.cut(point)
        return prices

    def constant(self, row: Row) -> float:
        """Return what the multipliers add to the bound for limits; 0 for a rule of fairness."""
        if row.fairness is not None:
            return 0.0
        asked_least, asked_most = np.isfinite(row.least), np.isfinite(row.most)
        gained = self.least[asked_least] @ row.least[asked_least]
        return float(gained - self.most[asked_most] @ row.most[asked_most])


@dataclass(frozen=True, slots=True)
class RuledCertificate:
    """Multipliers of all rules and cliques.

    With prices v[r, i] of each burden and multipliers mu[K, i] of the cliques, the cost of a unit of work j for agent i
    becomes c[i, j] - sum_r v[r, i] b_r[i, j] + sum of mu[K, i] over the cliques K with j. The sum of the least priced
    costs, as many for a unit as it needs agents, minus what the prices make of loads carried before, plus the limits
    times their multipliers, minus all mu, bounds the cost from below.

    Attributes
    ----------
    kind
        ``bound``; or ``infeasible``: with costs of zero the sum is positive, hence no plan keeps all rules.
    rules
        One entry for each row of the problem.
    exclusive
        Multipliers of each clique and agent, shape (cliques, n).
    """

    kind: str
    rules: tuple[RowMultipliers, ...]
    exclusive: NDArray[np.float64]

    def to_dict(self) -> dict[str, Any]:
        """Return the certificate as JSON values, from which :meth:`from_dict` restores every bit.

        Multipliers of cliques are listed with their positions, because most of them are zero.
        """
        rules = [
            {name: getattr(rule, name).tolist() for name in ("multipliers", "points", "least", "most")}
            for rule in self.rules
        ]
        cliques, agents = np.nonzero(self.exclusive)
        listed = {
            "shape": list(self.exclusive.shape),
            "clique": cliques.tolist(),
            "agent": agents.tolist(),
            "multiplier": self.exclusive[cliques, agents].tolist(),
        }
        return {"kind": self.kind, "rules": rules, "exclusive": listed}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Return the certificate that :meth:`to_dict` has turned into `data`."""
        rules = tuple(
            RowMultipliers(*(np.asarray(rule[name], np.float64) for name in ("multipliers", "points", "least", "most")))
            for rule in data["rules"]
        )
        listed = data["exclusive"]
        exclusive = np.zeros(tuple(listed["shape"]))
        exclusive[listed["clique"], listed["agent"]] = listed["multiplier"]
        return cls(str(data["kind"]), rules, exclusive)


def proven_by(problem: RuledProblem, certificate: RuledCertificate) -> float:
    """Return the bound that a certificate proves, rounded down by more than its rounding errors."""
    costs = problem.costs if certificate.kind == "bound" else np.zeros_like(problem.costs)
    priced = np.where(problem.allowed, costs, 0.0)
    sizes = np.abs(priced)
    constant = size = 0.0
    for row, multipliers in zip(problem.rows, certificate.rules, strict=True):
        prices = multipliers.prices(row)
        priced -= prices[:, np.newaxis] * row.burden
        sizes += np.abs(prices)[:, np.newaxis] * row.burden
        constant += multipliers.constant(row) - float(prices @ row.carried)
        size += abs(multipliers.constant(row)) + float(np.abs(prices) @ row.carried)
    for clique, mu in zip(problem.exclusive, certificate.exclusive, strict=True):
        if mu.any():
            priced[:, list(clique)] += mu[:, np.newaxis]
    constant -= float(certificate.exclusive.sum())
    plan = problem.plan_of_least(priced)
    total = constant
    size += float(certificate.exclusive.sum())
    for column in plan.T:
        units = np.flatnonzero(column >= 0)
        total += float(priced[column[units], units].sum())
        size += float(sizes[column[units], units].sum())
    return total - MODESTY * abs(total) - ROUNDING * size
