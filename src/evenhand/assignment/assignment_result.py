"""The results of `assign` and `max_epsilon`: an assignment, its certificate, and the bracket of what is attainable."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.proof_file import TreeProof
from evenhand.fairness import Fairness, bounds
from evenhand.fairness.fair_result import FairResult
from evenhand.version import __version__


@dataclass(frozen=True, slots=True)
class Certificate:
    """Multipliers and points that prove a lower bound independently of the solver.

    The vector v = sum_k multipliers[k] * fairness.cut(points[k]) lies in the dual cone of the fairness cone, so that
    v . x >= 0 for every fair x and sum_j min_i (c[i, j] - v[i] b[i, j]) - v . x0 bounds the cost from below.

    Attributes
    ----------
    kind
        ``bound``: the vector proves a bound on the cost. ``infeasible``: with costs of zero it proves a positive bound,
        and hence that no assignment, not even a fractional one, is fair.
    multipliers
        Shape (k,), non-negative; unit: cost per burden.
    points
        Shape (k, n), non-negative loads at which the cuts are made.
    change_price
        Multiplier of a limit on changes, at least 0: every task that changes hands costs so much more, and the bound is
        lowered by this times the limit.
    """

    kind: str
    multipliers: NDArray[np.float64]
    points: NDArray[np.float64]
    change_price: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the certificate as JSON values, from which :meth:`from_dict` restores every bit."""
        lists = {"multipliers": self.multipliers.tolist(), "points": self.points.tolist()}
        return {"kind": self.kind, **lists, "change_price": self.change_price}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Certificate:
        """Return the certificate that :meth:`to_dict` has turned into `data`."""
        return cls(
            str(data["kind"]),
            np.asarray(data["multipliers"], dtype=np.float64),
            np.asarray(data["points"], dtype=np.float64),
            float(data.get("change_price", 0.0)),
        )


@dataclass(frozen=True, slots=True)
class Attainable:
    """The strictest attainable parameter of a fairness member, bracketed with proofs.

    Attributes
    ----------
    fairness
        Name of the member.
    reached
        The strictest parameter that a known assignment meets.
    refuted
        A stricter parameter that is proven impossible; None if even equality is not refuted.
    possible
        Text of a parameter that is possible: `reached`, rounded to the loose side and checked against the assignment.
    impossible
        Text of a parameter that is impossible, and so is everything stricter; None if `refuted` is.
    budget
        The most that an assignment may cost (the least that it must bring); None if cost does not matter.
    certified, certificate
        A parameter, `refuted` or a stricter one, and the certificate that proves without the search that it is
        impossible, or costs more than `budget`. None if there is none besides that of an infeasible answer.
    assignment
        An assignment that meets `reached`: agent of each task, length m.
    interrupted
        Whether Ctrl-C ended the bisection.
    """

    fairness: str
    reached: float
    refuted: float | None
    assignment: NDArray[np.intp] | None = field(repr=False, default=None)
    interrupted: bool = False
    possible: str | None = None
    impossible: str | None = None
    budget: float | None = None
    certified: float | None = None
    certificate: Certificate | None = field(repr=False, default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return the bracket as JSON values; `assignment` holds positions of agents, with which it can be checked."""
        return {
            "fairness": self.fairness,
            "reached": self.reached,
            "refuted": self.refuted,
            "assignment": None if self.assignment is None else self.assignment.tolist(),
            "possible": self.possible,
            "impossible": self.impossible,
            "budget": self.budget,
            "certified": self.certified,
            "certificate": None if self.certificate is None else self.certificate.to_dict(),
        }


NEW, LEFT = -1, -2
"""In place of the agent who had a task before: the task is new; its agent is no longer there."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed hands since an earlier answer, and how much might.

    Attributes
    ----------
    before
        Agent who had each task before, shape (m,): -1 if the task is new, -2 if its agent is no longer there.
    at_most
        Upper limit on the tasks that change hands; None if there is none. New tasks do not count.
    changed
        Number of tasks that changed hands; None if there is no assignment.
    refuted
        If no fair assignment changes as few tasks as that: a number of changes that is proven to be too few.
    reached, assignment
        In the same case: the fewest changes of a fair assignment that is known, and that assignment, shape (m,).
    """

    before: NDArray[np.intp] = field(repr=False)
    at_most: int | None = None
    changed: int | None = None
    refuted: int | None = None
    reached: int | None = None
    assignment: NDArray[np.intp] | None = field(repr=False, default=None)

    def changed_by(self, assignment: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
        """Return which tasks change hands if `assignment`, shape (m,), is made; shape (m,)."""
        return np.asarray((self.before != NEW) & (self.before != assignment))

    def counted(self, assignment: NDArray[np.integer[Any]] | None) -> Changes:
        """Return the same with the number of tasks that change hands if `assignment` is made."""
        changed = None if assignment is None else int(self.changed_by(assignment).sum())
        return replace(self, changed=changed)

    def to_dict(self) -> dict[str, Any]:
        """Return the changes as JSON values."""
        return {
            "before": self.before.tolist(),
            "at_most": self.at_most,
            "changed": self.changed,
            "refuted": self.refuted,
            "reached": self.reached,
            "assignment": None if self.assignment is None else self.assignment.tolist(),
        }


@dataclass(frozen=True, slots=True, repr=False)
class Assignment(FairResult):
    """The answer of :func:`~evenhand.assignment.assign`: an assignment with its proof, or a proof that none is fair.

    Attributes
    ----------
    status
        ``optimal``: the search proved the gap asked for. ``infeasible``: it is proven that no assignment is fair.
        ``time_limit``: the time limit or Ctrl-C stopped the search; the best assignment so far is returned, if any.
    assignment
        Agent of each task, length m; None if there is no assignment.
    loads
        Load of each agent, initial loads included, length n, in the unit of the burdens; None if there is no
        assignment.
    cost
        Total cost of the assignment, locked tasks included; with `maximise`, its total profit. None if there is no
        assignment.
    bound
        No fair assignment costs less, as search and relaxation prove together; ``inf`` if infeasible. With `maximise`,
        an upper bound: no fair assignment brings more; ``-inf`` if infeasible.
    certified_gap
        The gap of the bound that the certificate alone proves, which anybody can check without the search; None if
        there is no assignment.
    fairness
        The fairness member that was asked for.
    certificate
        Proof of a lower bound, or of infeasibility; None if only the search has proven infeasibility.
    seconds
        Wall-clock time of the whole call, reading the tables included.
    agents, tasks
        Names, lengths n and m.
    named
        Whether the table itself named its agents, and its tasks; if not, they have default names such as ``agent-1``.
    attainable
        The strictest attainable parameter, with an infeasible answer, or if the fairest assignment was asked for; None
        otherwise.
    interrupted
        Whether Ctrl-C stopped the search.
    maximise
        Whether the table holds profits; `cost`, `base_cost` and `bound` are then profits too.
    made_with
        Whether burdens that differ from the costs, initial loads and locked tasks were given. Whoever verifies the
        answer must give the same. None if it is not known.
    proof
        Tree proof of the whole answer, which leaves nothing to trust; None unless it was asked for, and the search
        ended. Not part of the JSON.
    no_proof
        Why there is no tree proof although one was asked for; None otherwise. Not part of the JSON.
    base_cost
        Cost of the cheapest assignment without fairness, with locked tasks as they are; with `maximise`, the largest
        profit. None if it is not known.
    changes
        What has changed hands since the answer that :meth:`update` started from; None if there is none.
    """

    status: str
    assignment: NDArray[np.intp] | None
    loads: NDArray[np.float64] | None
    cost: float | None
    bound: float
    certified_gap: float | None
    fairness: Fairness
    certificate: Certificate | None
    seconds: float
    agents: Sequence[str]
    tasks: Sequence[str]
    named: tuple[bool, bool] = (True, True)
    attainable: Attainable | None = None
    interrupted: bool = False
    maximise: bool = False
    base_cost: float | None = None
    made_with: dict[str, bool] | None = None
    proof: TreeProof | None = None
    no_proof: str | None = None
    changes: Changes | None = None

    def __repr__(self) -> str:
        if self.cost is None:
            return f"Assignment({self.status}, no assignment, {self.seconds:.3g} s)"
        what = "profit" if self.maximise else "cost"
        return f"Assignment({self.status}, {what} {self.cost:.6g}, gap {self.gap:.2g}, {self.seconds:.3g} s)"

    @property
    def cv_bound(self) -> float | None:
        """Largest CV that the fairness asked for allows, whatever the loads; None if no such bound is known."""
        return bounds.guaranteed_cv(self.fairness, len(self.agents))

    def update(
        self,
        costs: Any,
        fairness: Fairness | None = None,
        *,
        epsilon: float | None = None,
        added: Any = None,
        removed: Collection[str | int] = (),
        change_at_most: int | None = None,
        burdens: Any = None,
        gap: float = 1e-4,
        time_limit: float | None = None,
        seed: int = 0,
        workers: int = 1,
        progress: Callable[[Any], None] | None = None,
        initial_loads: Any = None,
        locked: Mapping[Any, Any] | None = None,
        certificate: Literal["cuts", "tree"] = "cuts",
    ) -> Assignment:
        """Solve again after tasks have come and gone, costs have changed or the rule has moved, starting from here.

        The answer is as good and as proven as one that :func:`~evenhand.assignment.assign` finds from nothing: prices,
        cuts and assignment of this answer only shorten the search.

        Parameters
        ----------
        costs
            The new table in full, read in place. Its agents and tasks are those of this answer with the same names; if
            either side has no names, those in the same positions. With `added` or `removed`, this answer's own table.
        fairness, epsilon
            The member asked for now, or the level of the same member; by default, nothing changes.
        added
            Table of the tasks that are new, shape (n, k), with agents by name or in the same order. If `costs` carry
            burdens, so must it. Names may come with it; otherwise numbering goes on.
        removed
            Names or positions of the tasks that are gone.
        change_at_most
            Upper limit on the number of tasks that change hands: those in this answer and in the new table whose agents
            differ. It is a rule like fairness: kept exactly, and part of what is proven. None for no limit.
        burdens, initial_loads, locked
            The other inputs of the new problem, in full, as for :func:`~evenhand.assignment.assign`.
        gap, time_limit, seed, workers, progress, certificate
            As for :func:`~evenhand.assignment.assign`.

        Returns
        -------
        Assignment
            The new answer, whose `changes` say what has changed hands. If no fair assignment changes so few, its status
            is ``infeasible``, and `changes` say how many are needed, as far as that is known.

        Raises
        ------
        InputError
            If a value cannot be used, this answer holds no assignment, or it does not follow which tasks are the same.

        Examples
        --------
        >>> import evenhand
        >>> monday = evenhand.assign([[1, 2, 3, 4], [2, 3, 4, 5]], evenhand.EpsilonFairness(0.9, p=2))
        >>> tuesday = monday.update([[1, 2, 3, 4], [2, 3, 4, 5]], added=[[2, 1], [1, 3]], removed=["task-2"])
        >>> tuesday.cost, tuesday.loads.tolist(), tuesday.changes.changed
        (10.0, [4.0, 6.0], 1)
        """
        options = {name: value for name, value in locals().items() if name not in ("self", "costs", "fairness")}
        # Results are imported by the engine; that they call it is settled when they do.
        engine = importlib.import_module("evenhand.assignment.update")
        answer: Assignment = engine.update(self, costs, fairness, **options)
        return answer

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON values; `assignment` holds positions in `agents`, in the order of `tasks`."""
        order = getattr(self.fairness, "p", None)
        return {
            "status": self.status,
            "maximise": self.maximise,
            **self._shared_fields(),
            "certified_gap": self.certified_gap,
            "loads": None if self.loads is None else self.loads.tolist(),
            "assignment": None if self.assignment is None else self.assignment.tolist(),
            "agents": list(self.agents),
            "tasks": list(self.tasks),
            "made_with": self.made_with,
            "named": dict(zip(("agents", "tasks"), self.named, strict=True)),
            "epsilon": getattr(self.fairness, "epsilon", None),
            "p": "inf" if order == float("inf") else order,
            "cv_bound": self.cv_bound,
            "certificate": None if self.certificate is None else self.certificate.to_dict(),
            "attainable": None if self.attainable is None else self.attainable.to_dict(),
            "changes": None if self.changes is None else self.changes.to_dict(),
            "seconds": self.seconds,
            "version": __version__,
        }

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per task (task, agent)."""
        if self.assignment is None:
            return []
        return [
            {"task": task, "agent": self.agents[agent]} for task, agent in zip(self.tasks, self.assignment, strict=True)
        ]
