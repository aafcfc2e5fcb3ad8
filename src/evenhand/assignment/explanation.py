"""The result of `explain`: which loads are binding, what moves would cost, and how two assignments differ."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import Changes
from evenhand.assignment.case import Case, position, positions
from evenhand.assignment.changes_in_words import changed_in_words, handovers, listed
from evenhand.assignment.question_to_verify import describe
from evenhand.assignment.recount import relative_margin
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.frames import Tabular

_BATCH = 1024  # moves whose fairness is evaluated in one array operation
_LISTED = 20  # upper limit on the handovers that the summary lists


_PRICES = (
    "Prices are those of the relaxation, in which tasks may be split: it is there that loads bind, and this plan's may "
    "be a little below their limit. A negative price is what a unit of burden more would {}."
)


@dataclass(frozen=True, slots=True)
class Share:
    """The tasks and load of one agent, and how the load affects fairness and cost.

    Attributes
    ----------
    agent
        Name of the agent.
    tasks
        Number of tasks.
    cost
        Cost of these tasks.
    load
        Load of the agent, initial load included, in the unit of the burdens.
    of_mean
        `load` divided by the agent's fair share of all loads: the mean load, or with entitlements, the part of their
        sum that the agent is entitled to. 1 if all loads are zero.
    pressure
        Derivative of Phi - beta mean, by which the measure exceeds its bound, with respect to this load. It is positive
        if more load on this agent makes the loads less fair.
    price
        Shadow price, in cost per burden: by how much the least cost would fall (the largest profit rise), to first
        order, if someone else took one unit of burden off this agent. Negative if more burden would help. It comes from
        the certificate, and is None without one.
    """

    agent: str
    tasks: int
    cost: float
    load: float
    of_mean: float
    pressure: float
    price: float | None


@dataclass(frozen=True, slots=True)
class Move:
    """One task given to another agent.

    Attributes
    ----------
    task, source, target
        Names of the task, of the agent who has it, and of the agent who would get it.
    cost_change
        Change of the cost, negative if the move saves; or change of the profit, if the table holds profits.
    fair
        Whether the loads would be fair after the move.
    margin
        Relative margin (beta mean - Phi) / (beta mean) after the move, positive inside the cone; relative to the mean
        if beta is 0.
    loads
        Loads after the move, length n.
    """

    task: str
    source: str
    target: str
    cost_change: float
    fair: bool
    margin: float
    loads: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Handover:
    """One task that two assignments give to different agents, with the second's cost of it minus the first's."""

    task: str
    before: str
    after: str
    cost_change: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A second assignment compared with the first; each change is the second's value minus the first's.

    Attributes
    ----------
    cost_change
        Change of the cost.
    load_changes
        Change of each load, length n.
    handovers
        Tasks that change agents, in the order of the table.
    """

    cost_change: float
    load_changes: tuple[float, ...]
    handovers: tuple[Handover, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Explanation(Tabular):
    """The explanation of an assignment, as returned by :func:`~evenhand.assignment.explain`.

    Attributes
    ----------
    cost
        Cost of the assignment.
    fairness
        The member of the family that was asked for.
    margin
        Relative margin (beta mean - Phi) / (beta mean) of the loads, positive inside the cone; relative to the mean if
        beta is 0.
    shares
        One entry for each agent, in the order of the table.
    binding
        Names of the agents with a binding load, the largest price first: those above their fair share with a positive
        shadow price. Without a certificate, those above their fair share with a positive pressure, if the margin is
        below 1 %.
    comparison
        Comparison with the assignment given as `other`; None without one.
    changes
        What has changed hands since the answer before, if this one was updated from another; None otherwise.
    change_price
        By how much the least cost would fall (the largest profit rise), to first order, if one more task might change
        hands; 0 without a limit. It comes from the certificate.
    """

    cost: float
    fairness: Fairness
    margin: float
    shares: tuple[Share, ...]
    binding: tuple[str, ...]
    comparison: Comparison | None
    _case: Case = field(repr=False)
    _assignment: NDArray[np.intp] = field(repr=False)
    changes: Changes | None = None
    change_price: float = 0.0

    def __repr__(self) -> str:
        who = ", ".join(self.binding) or "nobody"
        return f"Explanation({self._what} {self.cost:.6g}, margin {self.margin:.2g}, binding: {who})"

    def move(self, task: str | int, agent: str | int) -> Move:
        """Return what giving `task` to `agent` would cost, and whether the loads would stay fair.

        Parameters
        ----------
        task, agent
            Names or positions.

        Raises
        ------
        InputError
            If there is no such task or agent, or the move is not possible.

        Examples
        --------
        >>> import evenhand
        >>> costs = [[1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 5.0, 5.0]]
        >>> answer = evenhand.assign(costs, evenhand.MaxOverMean(2))
        >>> evenhand.explain(costs, answer).move(0, 1).cost_change
        1.0
        """
        case = self._case
        j, i = position(task, positions(case.tasks), "task"), position(agent, positions(case.agents), "agent")
        if self._assignment[j] == i:
            raise InputError(f"task {case.tasks[j]} is with agent {case.agents[i]} already; move it to another")
        if not case.allowed[i, j]:
            why = "is locked" if j in case.locked else f"is forbidden to agent {case.agents[i]}"
            raise InputError(f"task {case.tasks[j]} {why}; it cannot be moved")
        return self._moves(np.array([j]), np.array([i]))[0]

    def cheapest_moves(self, k: int = 1, *, fair_only: bool = False) -> tuple[Move, ...]:
        """Return the `k` cheapest moves of a single task away from each agent, in the order of agents and then of cost.

        Parameters
        ----------
        k
            Number of moves for each agent; fewer are returned if there are not as many.
        fair_only
            Whether to leave out moves after which the loads would be unfair.
        """
        case, assignment = self._case, self._assignment
        columns = np.arange(len(assignment))
        changes = np.where(case.allowed, case.costs, np.inf) - case.costs[assignment, columns]
        changes[assignment, columns] = np.inf
        found: list[Move] = []
        for source in range(len(case.agents)):
            own = np.flatnonzero(assignment == source)
            targets, tasks = np.unravel_index(
                np.argsort(changes[:, own], axis=None, kind="stable"), (len(case.agents), len(own))
            )
            possible = np.isfinite(changes[targets, own[tasks]])
            found += self._first_moves(own[tasks][possible], targets[possible], k, fair_only)
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as JSON values, with the cheapest move away from each agent."""
        return {
            "cost": self.cost,
            "fairness": self.fairness.to_dict(),
            "margin": self.margin,
            "shares": self.to_rows(),
            "binding": list(self.binding),
            "cheapest_moves": [{**asdict(move), "loads": list(move.loads)} for move in self.cheapest_moves()],
            "comparison": None if self.comparison is None else _comparison_dict(self.comparison),
            "changed_hands": self._changed_hands(),
            "change_price": self.change_price,
        }

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per agent."""
        return [asdict(share) for share in self.shares]

    def summary(self, unit: str = "", burden_unit: str = "") -> str:
        """Return the explanation as plain text of a few lines, with units of costs and burdens if they are given."""
        what, asked = self._what, describe(self.fairness)
        lines = [f"{what.capitalize()} {self.cost:.6g}; {asked}, with a relative margin of {self.margin:.2g}."]
        lines += self._binding_lines(unit, burden_unit or "unit of load")
        width = max(len(share.agent) for share in self.shares)
        of = "of mean" if self.fairness.entitlements is None else "of share"
        lines.append(f"{'agent':<{width}}  {'tasks':>6}  {'load':>10}  {of:>8}  {'price':>10}")
        for share in self.shares:
            price = "-" if share.price is None else f"{share.price:.4g}"
            lines.append(
                f"{share.agent:<{width}}  {share.tasks:>6}  {share.load:>10.6g}  {share.of_mean:>8.3f}  {price:>10}"
            )
        if any(share.price for share in self.shares):
            lines.append(_PRICES.format("bring" if self._case.maximise else "save"))
        for move in self.cheapest_moves():
            effect = "stays fair" if move.fair else "would be unfair"
            lines.append(f"{move.task} from {move.source} to {move.target}: {what} {move.cost_change:+.4g}, {effect}.")
        return "\n".join(lines + self._changes_lines() + self._comparison_lines())

    @property
    def _what(self) -> str:
        return "profit" if self._case.maximise else "cost"

    def _binding_lines(self, unit: str, burden_unit: str) -> list[str]:
        if not self.binding:
            if any((share.price or 0.0) > 0.0 for share in self.shares):
                return ["No load above its fair share binds."]
            return ["No load binds: the fairness asked for costs nothing here."]
        shares = {share.agent: share for share in self.shares}
        prices = [shares[agent].price for agent in self.binding]
        if prices[0] is None:
            return [f"The load of {', '.join(self.binding)} binds."]
        worth, money = "bring" if self._case.maximise else "save", f" {unit}" if unit else ""
        return [
            f"The load of {agent} binds: 1 {burden_unit} less for {agent} would {worth} about {price:.4g}{money}."
            for agent, price in zip(self.binding, prices, strict=True)
        ]

    def _changed_hands(self) -> list[dict[str, str]] | None:
        if self.changes is None:
            return None
        found = handovers(self.changes, self._assignment, self._case.agents, self._case.tasks)
        return [{"task": task, "before": before, "after": after} for task, before, after in found]

    def _changes_lines(self) -> list[str]:
        if self.changes is None:
            return []
        found = handovers(self.changes, self._assignment, self._case.agents, self._case.tasks)
        lines = [f"Changed hands since the answer before: {changed_in_words(self.changes)}."]
        if self.change_price > 0.0:
            worth = "bring" if self._case.maximise else "save"
            lines.append(f"One more change would {worth} about {self.change_price:.4g}.")
        return [*lines, *(f"{line}." for line in listed(found))]

    def _comparison_lines(self) -> list[str]:
        if self.comparison is None:
            return []
        handovers = self.comparison.handovers
        counted = f"{len(handovers)} of {len(self._case.tasks)} tasks"
        verb = "brings" if self._case.maximise else "costs"
        lines = [f"The other assignment {verb} {self.comparison.cost_change:+.6g}; {counted} change hands:"]
        lines += [
            f"{h.task} from {h.before} to {h.after}: {self._what} {h.cost_change:+.4g}." for h in handovers[:_LISTED]
        ]
        return [*lines, f"... and {len(handovers) - _LISTED} more."] if len(handovers) > _LISTED else lines

    def _first_moves(self, tasks: NDArray[Any], targets: NDArray[Any], k: int, fair_only: bool) -> list[Move]:
        """Return the first `k` of the given moves, or with `fair_only` the first `k` fair ones."""
        if not fair_only:
            return self._moves(tasks[:k], targets[:k])
        fair: list[Move] = []
        for start in range(0, len(tasks), _BATCH):
            batch = slice(start, start + _BATCH)
            fair += [move for move in self._moves(tasks[batch], targets[batch]) if move.fair]
            if len(fair) >= k:
                break
        return fair[:k]

    def _moves(self, tasks: NDArray[Any], targets: NDArray[Any]) -> list[Move]:
        case = self._case
        sources, rows = self._assignment[tasks], np.arange(len(tasks))
        loads = np.tile([share.load for share in self.shares], (len(tasks), 1))
        loads[rows, sources] = np.maximum(loads[rows, sources] - case.burdens[sources, tasks], 0.0)
        loads[rows, targets] += case.burdens[targets, tasks]
        changes = case.costs[targets, tasks] - case.costs[sources, tasks]
        fair = np.asarray(self.fairness.contains(loads))
        margins = relative_margin(self.fairness, loads)
        return [
            Move(
                case.tasks[task],
                case.agents[source],
                case.agents[target],
                case.in_user_sign(float(change)),
                bool(is_fair),
                float(margin),
                tuple(after.tolist()),
            )
            for task, source, target, change, is_fair, margin, after in zip(
                tasks, sources, targets, changes, fair, margins, loads, strict=True
            )
        ]


def _comparison_dict(comparison: Comparison) -> dict[str, Any]:
    return {
        "cost_change": comparison.cost_change,
        "load_changes": list(comparison.load_changes),
        "handovers": [asdict(handover) for handover in comparison.handovers],
    }
