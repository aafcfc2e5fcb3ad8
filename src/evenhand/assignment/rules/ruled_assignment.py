"""The result of `assign` under several rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.candidates.listed_certificate import ListedCertificate
from evenhand.assignment.rules.ruled_certificate import RuledCertificate
from evenhand.assignment.rules.ruled_problem import Row
from evenhand.fairness import Fairness
from evenhand.fairness.fair_result import FairResult
from evenhand.fairness.relative import relative_price
from evenhand.version import __version__


@dataclass(frozen=True, slots=True, repr=False)
class RuleResult:
    """One rule, or one pair of limits, and the loads of its burden in a plan.

    Attributes
    ----------
    name
        Name of the rule.
    fairness
        The member asked for, of the counted agents in their order; None for limits.
    least, most
        Limits of each agent, shape (n,): -inf and inf where nothing is asked, as everywhere in a rule of fairness.
    counted
        Positions of the agents that the member compares; of all agents, for limits.
    loads
        Load of each agent, those carried before included, shape (n,), in the unit of the burden; None without a plan.
    over
        ``agents``; or ``tasks``, whose totals are then in `loads`, shape (m,), and whose positions in `counted`.
    """

    name: str
    fairness: Fairness | None
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    counted: NDArray[np.intp]
    loads: NDArray[np.float64] | None
    over: str = "agents"

    @classmethod
    def of(cls, row: Row, plan: NDArray[np.integer[Any]] | None) -> RuleResult:
        """Return the result of a row for a plan of units, shape (u, k)."""
        loads = None if plan is None else row.loads_of(plan)
        return cls(row.name, row.fairness, row.least, row.most, row.counted, loads)

    def __repr__(self) -> str:
        return f"RuleResult({self.name!r}, {self.asked})"

    @property
    def asked(self) -> str:
        """What the rule asks, in a few words."""
        if self.fairness is not None:
            return self.fairness.in_words()
        parts = [_in_words(what, limits) for what, limits in (("least", self.least), ("most", self.most))]
        return ", ".join(part for part in parts if part)

    @property
    def level(self) -> float | None:
        """The strictest parameter of the member that the loads meet; None for limits, or without a plan."""
        if self.fairness is None or self.loads is None:
            return None
        return float(self.fairness.level(self.loads[self.counted]))

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as JSON values; None stands where an agent has no limit."""
        return {
            "name": self.name,
            "fairness": None if self.fairness is None else self.fairness.to_dict(),
            "least": _finite(self.least),
            "most": _finite(self.most),
            "over": self.over,
            "counted": self.counted.tolist(),
            "loads": None if self.loads is None else self.loads.tolist(),
            "level": self.level,
        }


def _finite(limits: NDArray[np.float64]) -> list[float | None] | None:
    if not np.isfinite(limits).any():
        return None
    return [float(limit) if np.isfinite(limit) else None for limit in limits]


def _in_words(what: str, limits: NDArray[np.float64]) -> str:
    """Return limits in words, such as ``at least 3``; nothing if there are none."""
    asked = np.unique(limits[np.isfinite(limits)])
    if not asked.size:
        return ""
    span = f"{asked[0]:.12g}" if asked.size == 1 else f"{asked[0]:.12g} to {asked[-1]:.12g}"
    some = "" if np.isfinite(limits).all() else " for some"
    return f"at {what} {span}{some}"


@dataclass(frozen=True, slots=True)
class Nearest:
    """How far a rule can be kept beside all the others.

    Attributes
    ----------
    rule
        Name of the rule.
    what
        ``least`` or ``most``, or the name of the member's parameter, such as ``jain``.
    asked
        What was asked: the parameter, the largest of the least loads, or the smallest of the most.
    reached
        The strictest that a known plan keeps. Limits that differ all give way by the same amount.
    refuted
        A stricter value that is proven impossible; None if there is none.
    """

    rule: str
    what: str
    asked: float
    reached: float
    refuted: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the values as JSON values."""
        return {name: getattr(self, name) for name in ("rule", "what", "asked", "reached", "refuted")}


@dataclass(frozen=True, slots=True, repr=False)
class RuledAssignment(FairResult):
    """The answer of :func:`~evenhand.assignment.assign` under several rules, with its proof.

    Attributes
    ----------
    status
        ``optimal``: the search proved the gap asked for. ``infeasible``: it is proven that no plan keeps all rules.
        ``time_limit``: the time limit or Ctrl-C stopped the search; the best plan so far is returned, if any.
    assignment
        Agent of each task by position, shape (m,); or its agents, shape (m, k) with -1 for none, if a task needs
        several. None if there is no plan.
    rules
        Each rule with the loads of its burden, in the order in which they were given.
    cost
        Total cost of the plan; with `maximise`, its total profit. None if there is no plan.
    bound
        No plan that keeps all rules costs less; ``inf`` if infeasible. With `maximise`, an upper bound.
    certified_gap
        The gap that the certificate alone proves; None if there is no plan.
    certificate
        Multipliers that prove a bound, or infeasibility; None if only the search has.
    base_cost
        Cost of the cheapest plan without any rule, with locked tasks as they are.
    seconds
        Wall-clock time of the whole call.
    agents, tasks, named, maximise, interrupted
        As in :class:`~evenhand.assignment.Assignment`.
    made_with
        Whether tasks that need several agents, groups, tasks that exclude each other, and locked tasks were given.
    contradiction
        Names of rules that cannot be kept together; empty unless infeasible. The certificate, if there is one, has
        multipliers for these alone.
    irreducible
        Whether none of these can be spared for that: without any one of them, the others can be kept together. False if
        that was not decided in time.
    nearest
        For each of these, as far as it is known, the nearest that could be kept beside the others. If the fairest was
        asked for: how fair the plan is, and what is proven to be impossible beyond that.
    shortage
        If infeasible because tasks at one time, or in conflict, need more agents than may do them: which, in words.
    """

    status: str
    assignment: NDArray[np.intp] | None
    rules: tuple[RuleResult, ...]
    cost: float | None
    bound: float
    certified_gap: float | None
    certificate: RuledCertificate | ListedCertificate | None
    base_cost: float
    seconds: float
    agents: Sequence[str]
    tasks: Sequence[str]
    named: tuple[bool, bool] = (True, True)
    maximise: bool = False
    interrupted: bool = False
    made_with: dict[str, bool] | None = None
    contradiction: tuple[str, ...] = ()
    irreducible: bool = False
    nearest: tuple[Nearest, ...] = ()
    shortage: str = ""

    def __repr__(self) -> str:
        if self.cost is None:
            return f"RuledAssignment({self.status}, no plan, {self.seconds:.3g} s)"
        what = "profit" if self.maximise else "cost"
        return f"RuledAssignment({self.status}, {what} {self.cost:.6g}, gap {self.gap:.2g}, {self.seconds:.3g} s)"

    @property
    def loads(self) -> None:
        """None: each of the `rules` has loads of its own."""
        return

    @property
    def fairness(self) -> None:
        """None: each of the `rules` has a member of its own."""
        return

    @property
    def price(self) -> float | None:
        """By how much the rules together make the plan worse than the cheapest without any, relative to that."""
        if self.cost is None:
            return None
        price = relative_price(self.cost, self.base_cost, maximise=self.maximise)
        return None if price is None else max(0.0, price)

    def agents_of(self, task: int) -> tuple[int, ...]:
        """Return the positions of the agents of a task, by its position; none without a plan."""
        if self.assignment is None:
            return ()
        return tuple(int(agent) for agent in np.atleast_1d(self.assignment[task]) if agent >= 0)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON values; `assignment` holds positions in `agents`, in the order of `tasks`."""
        shared = {key: value for key, value in self._shared_fields().items() if key in _SHARED}
        return {
            "status": self.status,
            "maximise": self.maximise,
            **shared,
            "certified_gap": self.certified_gap,
            "assignment": None if self.assignment is None else self.assignment.tolist(),
            "rules": [rule.to_dict() for rule in self.rules],
            "agents": list(self.agents),
            "tasks": list(self.tasks),
            "made_with": self.made_with,
            "named": dict(zip(("agents", "tasks"), self.named, strict=True)),
            "certificate": None if self.certificate is None else self.certificate.to_dict(),
            "contradiction": list(self.contradiction),
            "irreducible": self.irreducible,
            "nearest": [one.to_dict() for one in self.nearest],
            "shortage": self.shortage,
            "seconds": self.seconds,
            "version": __version__,
        }

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per task and agent (task, agent)."""
        return [
            {"task": task, "agent": self.agents[agent]}
            for place, task in enumerate(self.tasks)
            for agent in self.agents_of(place)
        ]


_SHARED = ("cost", "base_cost", "price", "bound", "gap")
