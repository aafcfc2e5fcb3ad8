"""The task ``assign``: solve and verify an assignment problem, generated or from a file."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from typing import TYPE_CHECKING, Any, Literal

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.asked import asked_fairness
from evenhand.fairness.registry import MEMBERS
from evenhand.sweeps.tasks.task_settings import located, settings_of

if TYPE_CHECKING:
    from evenhand.assignment import Assignment
    from evenhand.assignment.generated_instances import Instance

# A field for each measure of fairness: a number, or text that the measure parses.
_Asked: Any = make_dataclass(
    "_Asked", [(name, member.words.kind | None, None) for name, member in MEMBERS.items()], frozen=True
)


@dataclass(frozen=True)
class Settings(_Asked):  # type: ignore[misc]
    """The settings of the task.

    Attributes
    ----------
    agents, tasks
        Size of the generated instance.
    distribution
        Kind of the generated instance: ``plane`` (as in the paper on dispersion control) or ``nursing`` (with full-time
        teams).
    data, burdens
        Tables to read instead, in any format that ``evenhand assign`` reads; their paths may be relative to the present
        folder or to the sweep's file.
    seed
        Seed of the generated instance and of the search.
    epsilon, jain, cv, ...
        The measure of fairness, as the options of ``evenhand assign``: exactly one of them.
    p
        Order of the norm: with `epsilon` 2 by default; with a target, the smallest epsilon of that order that
        guarantees it is used.
    gap, time_limit
        Relative gap at which the search may stop, and its time limit in seconds.
    """

    agents: int = 5
    tasks: int = 250
    distribution: Literal["plane", "nursing"] = "plane"
    data: str | None = None
    burdens: str | None = None
    seed: int = 0
    p: float | Literal["inf"] | None = None
    gap: float = 1e-4
    time_limit: float | None = None

    def __post_init__(self) -> None:
        for name, least in (("agents", 2), ("tasks", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise InputError(f"{name} is {getattr(self, name)}; it must be at least {least}")
        for file in filter(None, (self.data, self.burdens)):
            located(file)
        from evenhand.assignment.solve_assignment import check_options

        check_options(self.gap, self.time_limit, self.seed)
        if self.burdens is not None and self.data is None:
            raise InputError("burdens without data; give the table of costs as well")
        self.fairness(self.agents)

    def fairness(self, agents: int) -> Fairness:
        """Return the fairness that the settings ask of a number of equal agents."""
        asked = {name: getattr(self, name) for name in MEMBERS}
        return asked_fairness(asked, None if self.p is None else float(self.p), agents)


def check(config: dict[str, Any], source: str) -> None:
    """Raise an InputError if the configuration is not valid."""
    settings_of(Settings, config, source)


def run(config: dict[str, Any]) -> dict[str, Any]:
    """Solve the problem and verify the answer.

    Returns
    -------
    dict
        Status, cost, cost without fairness, bound, gap, gap proven by the certificate alone, price of fairness, level,
        measures of the loads, loads, seconds of the solve, and whether the plan was verified. Values that do not exist
        are None.
    """
    from evenhand import assignment

    settings = settings_of(Settings, config, "assign")
    instance = _instance(settings)
    costs, burdens = instance.costs, instance.burdens
    answer = assignment.assign(
        costs,
        settings.fairness(len(costs.agents)),
        burdens=burdens,
        gap=settings.gap,
        time_limit=settings.time_limit,
        seed=settings.seed,
    )
    return _result(answer) | {"verified": assignment.verify(costs, answer, burdens=burdens).verified}


def _instance(settings: Settings) -> Instance:
    from evenhand.assignment.generated_instances import Instance, generate_nursing, generate_plane
    from evenhand.tables import read_table

    if settings.data is not None:
        shared = None if settings.burdens is None else read_table(located(settings.burdens))
        return Instance(read_table(located(settings.data)), shared)
    if settings.distribution == "plane":
        return generate_plane(settings.agents, settings.tasks, settings.seed)
    return generate_nursing(settings.agents, settings.tasks, settings.seed, half_time=False)


def _result(answer: Assignment) -> dict[str, Any]:
    return {
        "solve_status": answer.status,
        "cost": answer.cost,
        "base_cost": answer.base_cost,
        "bound": None if answer.status == "infeasible" else answer.bound,
        "gap": answer.gap,
        "certified_gap": answer.certified_gap,
        "price": answer.price,
        "level": answer.level,
        **{name: getattr(answer, name) for name in ("cv", "jain", "gini", "max_over_mean")},
        "loads": answer.loads,
        "attainable": None if answer.attainable is None else answer.attainable.reached,
        "solve_seconds": answer.seconds,
    }
