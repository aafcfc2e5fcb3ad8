"""What is measured: instances, generated or read from a folder, and the levels of fairness asked of each."""

from __future__ import annotations

import csv
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.assignment.generate import generate_plane
from evenhand.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evenhand.tables import CostTable

ORDERS = (2.0, 3.0, 5.0, 10.0, float("inf"))
EPSILONS = (0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
QUICK_ORDERS, QUICK_EPSILONS = (2.0, 10.0, float("inf")), (0.5, 0.9, 0.99)
PUBLISHED = "published.csv"
"""Costs by others, in the folder of the instances: instance, p, epsilon, objective, ..."""
ANCHORS = Path(__file__).parent / "anchors.csv"
"""Optima of the paper's instances 1 and 2 on which several solvers agreed at a gap of 1e-6."""


@dataclass(frozen=True)
class Source:
    """Where an instance comes from, in a form that a child process can be told.

    `path` names a file; without one, the instance is generated from `agents`, `tasks` and `seed`.
    """

    number: int
    path: str | None = None
    agents: int = 5
    tasks: int = 250
    seed: int = 0

    def table(self) -> CostTable:
        """Read or generate the instance."""
        if self.path is not None:
            return read_table(self.path, format="fairta")
        return generate_plane(self.agents, self.tasks, self.seed).costs


@dataclass(frozen=True)
class Plan:
    """All combinations of instances, orders and levels, at one gap."""

    sources: tuple[Source, ...]
    orders: tuple[float, ...]
    epsilons: tuple[float, ...]
    gap: float
    time_limit: float

    def levels(self) -> Iterator[tuple[float, float]]:
        """Yield each p with each epsilon."""
        for p in self.orders:
            for epsilon in self.epsilons:
                yield p, epsilon

    def __len__(self) -> int:
        return len(self.sources) * len(self.orders) * len(self.epsilons)

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as JSON values (infinity included, which Python's JSON reads back)."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Plan:
        """Rebuild a plan from :meth:`to_dict`."""
        sources = tuple(Source(**source) for source in data["sources"])
        return cls(sources, tuple(data["orders"]), tuple(data["epsilons"]), data["gap"], data["time_limit"])


def sources(folder: Path | None, count: int, agents: int, tasks: int) -> tuple[Source, ...]:
    """Return the first `count` instances of `folder`, in the order of their numbers, or as many generated ones."""
    if folder is None:
        return tuple(Source(seed, None, agents, tasks, seed) for seed in range(1, count + 1))
    numbered = sorted((_last_number(path.stem), path) for path in folder.glob("*.txt"))
    if not numbered:
        raise SystemExit(f"{folder} holds no instance (*.txt)")
    return tuple(Source(number, str(path)) for number, path in numbered[:count])


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
