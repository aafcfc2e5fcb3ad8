"""The cases of each part of the benchmark, and those on which other solvers are measured as well."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.assignment.cases import EPSILONS, LEVELS, ORDERS, SIZES_DRAWN, Case, Source, seed_sources
from benchmarks.assignment.lattices import draw

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PARTS = ("first", "seed", "exact", "clusters", "lattices", "sizes", "thin", "slack", "distributions")
"""In the order they are measured in; ``cuts`` is measured only when asked for."""
EXACT_GAP, EXACT_CAP = 1e-9, 10.0
SIZES = ((10, 500), (20, 1000), (50, 5000))
SIZE_EPSILONS = (0.5, 0.9, 0.99)
THIN, THIN_GAP = (30, 600), 1e-3
"""Few tasks an agent: targets are narrow beside a task, and a gap of 1e-4 mostly out of reach."""
CLUSTERS, CLUSTER_ORDERS, CLUSTER_EPSILONS, CLUSTER_CAP = 200, (2.0, 4.0, 10.0, float("inf")), (0.6, 0.9, 0.99), 20.0
LATTICES, LATTICE_CAP = 500, 10.0
SLACK_ORDER, SLACK_EPSILONS, SLACK_REPEATS = 10.0, (0.0, 0.1, 0.2, 0.3), 7
"""Where the dispersion paper's solver stalls although the constraint asks nothing; 0 is what it is compared with."""
SLACK_INSTANCES = 5
DRAWN = (
    Source("towns", 1),
    Source("uniform", 1),
    Source("ties", 1),
    Source("star", 1),
    Source("plane", 1, agents=2),
    Source("hours", 1),
)
QUICK_LEVELS = tuple((p, epsilon) for p in (2.0, 10.0, float("inf")) for epsilon in (0.5, 0.9, 0.99))
EVERY_TENTH = 10
"""Distance of the clusters and lattices at which peers are measured."""
PEER_LEVELS = ((2.0, 0.9), (10.0, 0.9), (float("inf"), 0.9))
"""Levels of the other distributions at which peers are measured."""


@dataclass(frozen=True)
class Extent:
    """How much is measured."""

    data: Path | None = None
    gap: float = 1e-4
    cap: float = 60.0
    size_cap: float = 60.0
    instances: int = 20
    drawn: int = 1
    all_levels: bool = False
    peer_instances: int = 1
    lattices: int = LATTICES
    peer_cases: int = 50
    peers_everywhere: bool = False
    quick: bool = False

    @property
    def levels(self) -> tuple[tuple[float, float], ...]:
        """Order and level of each case of an instance."""
        return QUICK_LEVELS if self.quick else LEVELS

    @property
    def seeds(self) -> tuple[Source, ...]:
        """The dispersion paper's instances, or generated ones of their kind."""
        return seed_sources(self.data, self.instances)


def seed(extent: Extent) -> list[Case]:
    """Return the dispersion paper's cases."""
    return _seeds("seed", extent, extent.gap, extent.cap)


def exact(extent: Extent) -> list[Case]:
    """Return the same cases, to be solved to proven optima."""
    return _seeds("exact", extent, EXACT_GAP, EXACT_CAP)


def sizes(extent: Extent) -> list[Case]:
    """Return larger cases of the same kind."""
    sources = (Source("plane", number, n, m) for n, m in SIZES for number in range(1, extent.drawn + 1))
    epsilons = (0.9,) if extent.quick else SIZE_EPSILONS
    return [
        Case("sizes", source, p, epsilon, extent.gap, extent.size_cap)
        for source in sources
        for epsilon in epsilons
        for p in ORDERS
    ]


def clusters(extent: Extent) -> list[Case]:
    """Return 200 clustered cases of 4 to 8 agents and 100 to 300 tasks, with size, order and level drawn at random."""
    return [_cluster(number, extent.gap) for number in range(1, CLUSTERS + 1)]


def _cluster(number: int, gap: float) -> Case:
    random = np.random.default_rng([number, *b"clusters case"])
    source = Source("clusters", number, int(random.integers(4, 9)), int(random.integers(100, 301)))
    p, epsilon = float(random.choice(CLUSTER_ORDERS)), float(random.choice(CLUSTER_EPSILONS))
    return Case("clusters", source, p, epsilon, gap, CLUSTER_CAP)


def lattices(extent: Extent) -> list[Case]:
    """Return 500 cases of equal or few-valued burdens, for every member, feasible and not."""
    return [_lattice(number, extent.gap) for number in range(1, extent.lattices + 1)]


def _lattice(number: int, gap: float) -> Case:
    _, fairness = draw(number)
    member = json.dumps(fairness.to_dict())
    return Case("lattices", Source("lattices", number), 0.0, 0.0, gap, LATTICE_CAP, member=member)


def thin(extent: Extent) -> list[Case]:
    """Return cases with few tasks an agent."""
    return [
        Case("thin", Source("plane", number, *THIN), p, epsilon, THIN_GAP, extent.size_cap)
        for number in range(1, extent.drawn + 1)
        for p, epsilon in QUICK_LEVELS
    ]


def slack(extent: Extent) -> list[Case]:
    """Return cases of a high order in which the constraint is slack, and the same without a constraint."""
    larger = (Source("plane", number, *SIZES[0]) for number in range(1, SLACK_INSTANCES + 1))
    cases = [
        Case("slack", source, SLACK_ORDER, epsilon, extent.gap, extent.cap, SLACK_REPEATS)
        for source in (*extent.seeds[:SLACK_INSTANCES], *larger)
        for epsilon in SLACK_EPSILONS
    ]
    return [case for case in cases if not case.binds()]


def distributions(extent: Extent) -> list[Case]:
    """Return cases that are drawn otherwise than the paper's, or have few or many agents."""
    sources = (
        Source(source.kind, number, source.agents, source.tasks)
        for source in DRAWN
        for number in range(1, extent.drawn + 1)
    )
    levels = extent.levels if extent.all_levels else QUICK_LEVELS
    return [
        Case("distributions", source, p, epsilon, extent.gap, extent.cap) for source in sources for p, epsilon in levels
    ]


CASES: dict[str, Callable[[Extent], list[Case]]] = {
    "seed": seed,
    "exact": exact,
    "clusters": clusters,
    "lattices": lattices,
    "sizes": sizes,
    "thin": thin,
    "slack": slack,
    "distributions": distributions,
}


def spread(cases: list[Case], count: int | None) -> list[Case]:
    """Return `count` of the cases at equal distances, all of them if there are not more."""
    if count is None or count >= len(cases):
        return cases
    return [cases[place * len(cases) // count] for place in range(count)]


def for_peers(part: str, cases: list[Case], extent: Extent) -> list[Case]:
    """Return the cases on which the peers are measured."""
    if extent.peers_everywhere:
        return [case for case in cases if case.epsilon > 0.0]
    if part in {"seed", "exact"}:
        chosen = {source.number for source in extent.seeds[: extent.peer_instances]}
        return [case for case in cases if case.source.number in chosen]
    if part == "sizes":
        return [
            case
            for case in cases
            if (case.source.agents, case.source.tasks) == SIZES[0]
            and case.source.number == 1
            and case.epsilon == EPSILONS[-2]
        ]
    if part in SIZES_DRAWN:
        return cases[::EVERY_TENTH][: extent.peer_cases]
    if part in {"distributions", "thin"}:
        return [case for case in cases if case.source.number == 1 and (case.p, case.epsilon) in PEER_LEVELS]
    return []


def _seeds(part: str, extent: Extent, gap: float, cap: float) -> list[Case]:
    return [Case(part, source, p, epsilon, gap, cap) for source in extent.seeds for p, epsilon in extent.levels]
