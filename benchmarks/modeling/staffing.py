"""Assign staff to projects: models of a kind whose fair solutions a solver in rounds does not find by chance.

People with skills and wages work on projects that need hours of each skill. Whoever joins a project costs a start; a
person joins few projects, a project has a team of at least two, and working hours are limited. Hours come in whole
blocks; in the binary kind a person covers a project's skill alone. Each person has two skills at least, and everybody
may work twice the mean of the hours that are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from evenhand.modeling import LinearModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

KINDS = ("hours", "blocks", "whole")
"""Hours as integers, as integers in blocks of four, or each project's skill as one binary task."""


@dataclass(frozen=True)
class Staffing:
    """A staffing problem.

    Attributes
    ----------
    kind
        One of :data:`KINDS`.
    demand
        Hours that each project needs of each skill, shape (projects, skills).
    has
        Whether each person has each skill, shape (people, skills).
    wage
        Cost of an hour, shape (people, projects): wages and travel.
    start
        Cost of joining a project.
    most_hours, most_projects
        What a person may work and join at most.
    team
        Smallest number of people on a project.
    """

    kind: str
    demand: Array
    has: NDArray[np.bool_]
    wage: Array
    start: Array
    most_hours: float
    most_projects: int
    team: int

    def model(self) -> tuple[LinearModel, Any]:
        """Return the model without its fairness, and the hours of each person as a matrix over its variables."""
        people, projects = self.wage.shape
        skills = self.demand.shape[1]
        work = [(i, j, k) for i, j, k in product(range(people), range(projects), range(skills)) if self._can(i, j, k)]
        count = len(work)
        join = {(i, j): count + i * projects + j for i in range(people) for j in range(projects)}
        size = count + len(join)
        block = {"hours": 1.0, "blocks": 4.0, "whole": 1.0}[self.kind]
        costs, upper = np.zeros(size), np.ones(size)
        rows: list[dict[int, float]] = []
        lower: list[float] = []
        most: list[float] = []
        loads = sparse.lil_array((people, size))

        def add(row: dict[int, float], low: float, high: float = np.inf) -> None:
            rows.append(row)
            lower.append(low)
            most.append(high)

        cover: dict[tuple[int, int], dict[int, float]] = {}
        for column, (i, j, k) in enumerate(work):
            hours = float(self.demand[j, k]) if self.kind == "whole" else block
            units = 1.0 if self.kind == "whole" else float(np.ceil(self.demand[j, k] / block))
            costs[column], upper[column] = self.wage[i, j] * hours, units
            loads[i, column] = hours
            cover.setdefault((j, k), {})[column] = hours
            add({column: -1.0, join[i, j]: units}, 0.0)
        for (i, j), column in join.items():
            costs[column] = self.start[i, j]
            own = [c for c, (a, b, _) in enumerate(work) if (a, b) == (i, j)]
            add({**dict.fromkeys(own, 1.0), column: -1.0}, 0.0)
        for (j, k), row in cover.items():
            add(row, float(self.demand[j, k]))
        for i in range(people):
            add({c: float(loads[i, c]) for c, (a, *_) in enumerate(work) if a == i}, 0.0, self.most_hours)
            add({join[i, j]: 1.0 for j in range(projects)}, 0.0, float(self.most_projects))
        for j in range(projects):
            add({join[i, j]: 1.0 for i in range(people)}, float(self.team))
        matrix = sparse.lil_array((len(rows), size))
        for at, row in enumerate(rows):
            for column, value in row.items():
                matrix[at, column] = value
        return LinearModel(costs, matrix.tocsr(), lower, most, 0.0, upper, True), loads.tocsr()

    def _can(self, i: int, j: int, k: int) -> bool:
        return bool(self.has[i, k] and self.demand[j, k] > 0)


def draw(seed: int, people: int = 9, projects: int = 14, skills: int = 4, kind: str = "hours") -> Staffing:
    """Draw a staffing problem."""
    rng = np.random.default_rng([seed, people, projects, skills])
    demand = rng.integers(4, 21, (projects, skills)) * (rng.random((projects, skills)) < 0.6)
    for j in np.flatnonzero(demand.sum(axis=1) == 0):
        demand[j, rng.integers(skills)] = int(rng.integers(4, 21))
    alone = kind == "whole"
    if alone:
        for j in np.flatnonzero((demand > 0).sum(axis=1) < 2):
            demand[j, rng.permutation(skills)[:2]] = rng.integers(4, 21, 2)
    has = rng.random((people, skills)) < 0.5
    for k in range(skills):
        has[rng.permutation(people)[:3], k] = True
    for i in range(people):
        has[i, rng.permutation(skills)[:2]] = True
    wage = np.round(rng.uniform(20, 60, (people, 1)) + rng.uniform(0, 15, (people, projects)), 2)
    start = np.round(rng.uniform(20, 120, (people, projects)))
    mean = float(demand.sum()) / people
    return Staffing(
        kind,
        demand.astype(float),
        has,
        wage,
        start,
        most_hours=float(np.ceil(2.0 * mean)),
        most_projects=int(np.ceil(3.5 * projects / people)) + 1,
        team=2,
    )
