"""The study's cases, read as it reads them, with what it publishes for each.

`published.csv` holds, for nine TSPLIB instances and three to five salesmen, the totals, gaps and seconds of the second
round of results of the fair multiple-salesmen study (arXiv 2404.08157; its repository is under the MIT licence). It
reads coordinates as plane ones, GEO files too, rounds straight lines, and puts the depot at their mean. An explicit
matrix has no mean: there the depot is the first node, which the totals of gr17 and gr21 confirm.
"""

from __future__ import annotations

import csv
import itertools
import math
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evenhand.applications.salesmen import Towns, read_tsplib
from evenhand.applications.tsplib_text import parse_text
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, Fairness, GiniAtMost

PUBLISHED = Path(__file__).parent / "published.csv"


@dataclass(frozen=True, slots=True)
class Case:
    """One question of the study and its answer.

    Attributes
    ----------
    instance, salesmen
        Name of a TSPLIB instance, number of salesmen.
    model
        ``min`` (no fairness), ``epsilon`` (p = 2) or ``gini`` (normalised: of n salesmen, n / (n - 1) times the index).
    level
        Of fairness, as the study states it.
    published, published_gap, published_seconds
        Total, relative gap (0 where proven) and seconds (CPLEX, another machine).
    """

    instance: str
    salesmen: int
    model: str
    level: float
    published: float
    published_gap: float
    published_seconds: float

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return f"{self.instance}, {self.salesmen} salesmen, {self.model} {self.level:g}"

    def fairness(self) -> Fairness | None:
        """Return the member that the study's model is."""
        if self.model == "min":
            return None
        if self.model == "epsilon":
            return EpsilonFairness(self.level, p=2)
        return GiniAtMost(self.level * (self.salesmen - 1) / self.salesmen)

    def allows(self, lengths: list[float]) -> bool:
        """Recount whether lengths are fair, by the study's own formulas."""
        total, n = sum(lengths), len(lengths)
        if self.model == "epsilon":
            return (1.0 + self.level * (math.sqrt(n) - 1.0)) * math.hypot(*lengths) <= total * (1.0 + 1e-9)
        differences = sum(abs(a - b) for a, b in itertools.combinations(lengths, 2))
        return self.model == "min" or differences <= self.level * (n - 1) * total * (1.0 + 1e-9)

    def to_dict(self) -> dict[str, Any]:
        """Return the case as JSON values."""
        return asdict(self)


def cases(instances: list[str], salesmen: list[int]) -> list[Case]:
    """Return the cases of these instances and numbers of salesmen, in that order."""
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = [
        Case(
            row["instance"],
            int(row["salesmen"]),
            row["model"],
            *(float(row[name]) for name in ("level", "total", "gap", "seconds")),
        )
        for row in rows
    ]
    return [
        case for name in instances for n in salesmen for case in found if (case.instance, case.salesmen) == (name, n)
    ]


@cache
def towns_of(folder: Path, instance: str) -> Towns:
    """Return an instance as the study reads it."""
    file = folder / f"{instance}.tsp"
    try:
        explicit = parse_text(file.read_text("utf-8"), file.name, most=2000).weight_type == "EXPLICIT"
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror}); give the folder of the TSPLIB files") from None
    if explicit:
        return read_tsplib(file)
    return read_tsplib(file, distances="euclidean", depot="mean")
