"""A case of the benchmark: an instance, a level of fairness, a gap and a time limit."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import evenhand
from benchmarks.assignment.distributions import DISTRIBUTIONS
from evenhand.assignment.generated_instances import Instance
from evenhand.fairness.registry import from_dict
from evenhand.tables import read_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

ORDERS = (2.0, 3.0, 5.0, 10.0, float("inf"))
EPSILONS = (0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
LEVELS = tuple((p, epsilon) for p in ORDERS for epsilon in EPSILONS)
PUBLISHED = "published.csv"
"""Costs by others, in the folder of the instances: instance, p, epsilon, objective, ..."""
SIZES_DRAWN = ("clusters", "lattices")
"""Kinds of instances whose sizes are drawn, too."""
ANCHORS = Path(__file__).parent / "anchors.csv"
"""Optima of the paper's instances 1 and 2 on which several solvers agreed at a gap of 1e-6."""


@dataclass(frozen=True)
class Source:
    """Where an instance comes from, in a form that a child process can be told.

    `path` names a file; without one, the instance is drawn from `kind`.
    """

    kind: str
    number: int
    agents: int = 5
    tasks: int = 250
    path: str | None = None

    @property
    def group(self) -> str:
        """Name of the instances of this kind and size; of the kind alone where a size is drawn for each."""
        return self.kind if self.path or self.kind in SIZES_DRAWN else f"{self.kind} {self.agents}x{self.tasks}"

    def instance(self) -> Instance:
        """Read or draw the instance; the last ones are kept."""
        return _instance(self)


@lru_cache(maxsize=2)
def _instance(source: Source) -> Instance:
    if source.path is not None:
        return Instance(read_table(source.path, format="fairta"))
    return DISTRIBUTIONS[source.kind](source.agents, source.tasks, source.number)


@dataclass(frozen=True)
class Case:
    """One question: the cheapest assignment of an instance that is (epsilon, p)-fair, to a gap, within a cap."""

    part: str
    source: Source
    p: float
    epsilon: float
    gap: float
    cap: float
    repeats: int = 1
    """Number of repeated solves, whose median is reported."""
    member: str = ""
    """Another member in place of p and epsilon, as JSON of its ``to_dict()``."""

    @property
    def name(self) -> str:
        """Name of the case in messages."""
        return f"{self.source.group} no. {self.source.number}, {self.rule}"

    @property
    def rule(self) -> str:
        """What is asked for, in messages."""
        return repr(self.fairness) if self.member else f"p = {self.p:g}, epsilon = {self.epsilon:g}"

    @property
    def fairness(self) -> Fairness:
        """The level asked for."""
        return from_dict(json.loads(self.member)) if self.member else evenhand.EpsilonFairness(self.epsilon, p=self.p)

    def binds(self) -> bool:
        """Return whether the cheapest assignment of all, each task to its cheapest agent, is unfair."""
        instance = self.source.instance()
        return not self.fairness.contains(loads_of(instance, instance.costs.values.argmin(axis=0)))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values; an infinite p as a string."""
        return {**asdict(self), "p": "inf" if self.p == float("inf") else self.p}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Case:
        """Rebuild a case from :meth:`to_dict`."""
        return cls(**{**data, "source": Source(**data["source"]), "p": float(data["p"])})


def loads_of(instance: Instance, assignment: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the load of each agent, shape (n,)."""
    burdens = (instance.burdens or instance.costs).values
    carried = burdens[assignment, np.arange(len(assignment))]
    return np.bincount(assignment, carried, minlength=len(burdens)).astype(np.float64)


def cost_of(instance: Instance, assignment: NDArray[np.intp]) -> float:
    """Return what an assignment costs."""
    return float(instance.costs.values[assignment, np.arange(len(assignment))].sum())


def seed_sources(folder: Path | None, count: int) -> tuple[Source, ...]:
    """Return the first `count` instances of `folder`, in the order of their numbers, or as many of the same kind."""
    if folder is None:
        return tuple(Source("plane", number) for number in range(1, count + 1))
    numbered = sorted((_last_number(path.stem), path) for path in folder.glob("*.txt"))
    if not numbered:
        raise SystemExit(f"{folder} holds no instance (*.txt)")
    return tuple(Source(folder.name, number, path=str(path)) for number, path in numbered[:count])


def known_costs(path: Path, column: str) -> dict[tuple[int, float, float], float]:
    """Return the costs in a table of results by (instance, p, epsilon); empty where there is no such file."""
    if not path.is_file():
        return {}
    with path.open(newline="") as lines:
        return {
            (int(row["instance"]), float(row["p"]), float(row["epsilon"])): float(row[column])
            for row in csv.DictReader(lines)
        }


def _last_number(stem: str) -> int:
    digits = re.findall(r"\d+", stem)
    return int(digits[-1]) if digits else 0
