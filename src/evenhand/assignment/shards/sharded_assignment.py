"""The result of `assign_shards`: what is known of a plan whose tasks stand in files, not in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import Certificate
from evenhand.fairness import Fairness, bounds
from evenhand.fairness.fair_result import FairResult
from evenhand.version import __version__


@dataclass(frozen=True, slots=True, repr=False)
class ShardedAssignment(FairResult):
    """The answer of :func:`~evenhand.assignment.assign_shards`; the plan itself stands in the folder `output`.

    Attributes
    ----------
    status
        ``optimal``: the gap asked for is proven. ``infeasible``: it is proven that no assignment is fair.
        ``time_limit``: the time limit has passed; the same call goes on from there. ``gap_open``: there is a fair plan
        with a larger gap than asked for. ``unknown``: no fair plan was found, nor a proof that there is none.
    output
        The folder with the plan.
    loads
        Load of each agent, initial loads included, shape (n,), in the unit of the burdens; None without a plan.
    cost
        Total cost of the plan; with `maximise`, its total profit. None without a plan.
    bound
        No fair assignment costs less; with `maximise`, none brings more.
    certified_gap
        The gap that the certificate alone proves; None without a plan.
    fairness
        The fairness member that was asked for.
    certificate
        Proof of the bound, or of infeasibility; None if there is none.
    seconds
        Wall-clock time of the call.
    agents
        Names, length n.
    sizes
        Number of tasks of each shard.
    format
        Ending of the plan's files, ``.parquet`` or ``.npy``; None without a plan.
    passes
        Number of passes over the table in this call.
    fingerprint
        Digest of the table, which changes if the table does.
    maximise
        Whether the table holds profits.
    base_cost
        Cost of the cheapest assignment without fairness; None if it is not known.
    made_with
        Whether burdens that differ from the costs, initial loads and locked tasks were given.
    """

    status: str
    output: Path
    loads: NDArray[np.float64] | None
    cost: float | None
    bound: float | None
    certified_gap: float | None
    fairness: Fairness
    certificate: Certificate | None
    seconds: float
    agents: Sequence[str]
    sizes: tuple[int, ...]
    format: str | None
    passes: int
    fingerprint: str
    maximise: bool = False
    base_cost: float | None = None
    made_with: dict[str, bool] | None = None

    def __repr__(self) -> str:
        if self.cost is None:
            return f"ShardedAssignment({self.status}, no plan, {self.seconds:.3g} s)"
        what = "profit" if self.maximise else "cost"
        return f"ShardedAssignment({self.status}, {what} {self.cost:.6g}, gap {self.gap:.2g}, {self.seconds:.3g} s)"

    @property
    def tasks(self) -> int:
        """Number of tasks."""
        return sum(self.sizes)

    @property
    def cv_bound(self) -> float | None:
        """Largest CV that the fairness asked for allows, whatever the loads; None if no such bound is known."""
        return bounds.guaranteed_cv(self.fairness, len(self.agents))

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON values, without the tasks."""
        order = getattr(self.fairness, "p", None)
        return {
            "status": self.status,
            "maximise": self.maximise,
            **self._shared_fields(),
            "certified_gap": self.certified_gap,
            "loads": None if self.loads is None else self.loads.tolist(),
            "agents": list(self.agents),
            "tasks": self.tasks,
            "shards": list(self.sizes),
            "format": self.format,
            "made_with": self.made_with,
            "epsilon": getattr(self.fairness, "epsilon", None),
            "p": "inf" if order == float("inf") else order,
            "cv_bound": self.cv_bound,
            "certificate": None if self.certificate is None else self.certificate.to_dict(),
            "passes": self.passes,
            "fingerprint": self.fingerprint,
            "seconds": self.seconds,
            "version": __version__,
        }

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per agent (agent, load)."""
        if self.loads is None:
            return []
        return [{"agent": name, "load": load} for name, load in zip(self.agents, self.loads.tolist(), strict=True)]
