"""The exact trade-off between time and fairness in a scenario, for each start and on average."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from evenhand.hospital.planner.prepared_search import NO_SPLIT, Search, prepare
from evenhand.hospital.planner.quickest_plan import ROUNDING
from evenhand.hospital.planner.splits import Splits
from evenhand.hospital.planner.starts import Start, chosen_starts
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import arrays_of


class Found(NamedTuple):
    """A staircase in whole numbers.

    Attributes
    ----------
    steps
        Pairs of a time and the least sum of squares within it; times increase and sums decrease.
    worst
        The largest sum of squares of the quickest plans; 0 if there is no plan.
    """

    steps: tuple[tuple[int, int], ...]
    worst: int


@dataclass(frozen=True)
class Staircase:
    """The best time and evenness that can be reached from certain starts, the same from each of them.

    Attributes
    ----------
    starts
        Number of these starts.
    share
        Their probability among the starts that can succeed.
    times
        Steps to success, increasing: first the least time, then each time within which a larger index can be reached.
    jain
        For each time, the largest Jain index (of useful workload, at the end) of all plans that take no longer.
    least_jain
        The lowest Jain index of the quickest plans: a team that only cares for time may end between it and ``jain[0]``.
    example
        One of the starts: stations of the agents, then of the items.
    """

    starts: int
    share: float
    times: tuple[int, ...]
    jain: tuple[float, ...]
    least_jain: float
    example: tuple[str, ...]

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Staircase:
        """Return the staircase of a dictionary, in which JSON may have turned tuples into lists."""
        return cls(
            starts=written["starts"],
            share=written["share"],
            times=tuple(written["times"]),
            jain=tuple(written["jain"]),
            least_jain=written["least_jain"],
            example=tuple(written["example"]),
        )


@dataclass(frozen=True, repr=False)
class TradeOff:
    """Time against fairness in one scenario, under plans that know the whole state from the start.

    Attributes
    ----------
    scenario
        Name of the scenario.
    starts
        Number of starts looked at, all equally likely.
    every_start
        Whether these are all possible starts; otherwise they are a sample drawn with `seed`.
    seed
        Seed of the sample.
    success
        Share of the starts from which some plan succeeds within the horizon. All other figures are about those starts.
    states
        Number of states searched, not counting workloads.
    staircases
        The staircases, each with the starts that share it.
    hull
        Vertices (E[Jain], E[time]) of the least mean time for a mean index, quickest first. Means are over starts, and
        over a lottery between plans at each start. It is the mean of the index, not the index of the mean workloads.
        See :meth:`time_at`.
    """

    scenario: str
    starts: int
    every_start: bool
    seed: int | None
    success: float
    states: int
    staircases: tuple[Staircase, ...]
    hull: tuple[tuple[float, float], ...]

    def __repr__(self) -> str:
        ends = [f"{jain:.3f} in {time:.2f}" for jain, time in (self.hull[0], self.hull[-1])] if self.hull else ["never"]
        return f"TradeOff({self.scenario!r}, {' to '.join(dict.fromkeys(ends))} steps)"

    def time_at(self, tau: float) -> float | None:
        """Return the least mean time with a mean Jain index of at least `tau`; None if that is unattainable."""
        if not self.hull or tau > self.hull[-1][0] + ROUNDING:
            return None
        for (low, quick), (high, slow) in pairwise(self.hull):
            if tau <= high:
                return quick + max(0.0, tau - low) / (high - low) * (slow - quick)
        return self.hull[-1][1] if len(self.hull) > 1 else self.hull[0][1]

    def time_at_each(self, tau: float) -> float | None:
        """Return the mean time of the quickest plans that reach `tau` from every start, without lotteries.

        None if some start has no such plan.
        """
        total = 0
        for group in self.staircases:
            times = [time for time, jain in zip(group.times, group.jain, strict=True) if jain >= tau - ROUNDING]
            if not times:
                return None
            total += group.starts * times[0]
        return total / sum(group.starts for group in self.staircases) if self.staircases else None

    @property
    def least_jain(self) -> float | None:
        """Mean over starts of the lowest Jain index of the quickest plans; the hull's first vertex has the highest."""
        counts = sum(group.starts for group in self.staircases)
        return sum(group.starts * group.least_jain for group in self.staircases) / counts if counts else None

    def to_dict(self) -> dict[str, Any]:
        """Return the trade-off as a dictionary that JSON can write."""
        return asdict(self)

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> TradeOff:
        """Return the trade-off that :meth:`to_dict` wrote; JSON may have turned its tuples into lists."""
        rest = {key: value for key, value in written.items() if key not in ("staircases", "hull")}
        groups = tuple(Staircase.from_dict(group) for group in written["staircases"])
        return cls(**rest, staircases=groups, hull=tuple((jain, time) for jain, time in written["hull"]))


def trade_off(
    scenario: Scenario, starts: int | None = None, seed: int = 0, progress: Callable[[int, int], None] | None = None
) -> TradeOff:
    """Return the exact trade-off between time and fairness.

    Parameters
    ----------
    scenario
        A checked scenario, small enough for exact search; the built-in ones for three agents are.
    starts
        Number of starts to draw; by default all possible starts are searched.
    seed
        Seed of the draw.
    progress
        Function that is called with the number of steps searched and the horizon; the search often ends long before.

    Raises
    ------
    InputError
        If the scenario is too large for exact search, or `starts` is wrong.

    Examples
    --------
    >>> from evenhand import hospital
    >>> curve = trade_off(hospital.load("rescue-breaths"))
    >>> curve
    TradeOff('rescue-breaths/specialist', 0.908 in 6.51 to 0.961 in 6.93 steps)
    >>> print(curve.time_at(0.9), curve.time_at(0.99))
    6.512 None
    """
    arrays = arrays_of(scenario)
    chosen = chosen_starts(arrays, starts, seed)
    search = prepare(scenario, list(dict.fromkeys(start.items for start in chosen)))
    found_from = staircases(search, list(dict.fromkeys(chosen)), progress)
    names = [station.name for station in scenario.stations]
    groups = Counter(found_from[start] for start in chosen)
    example = {found_from[start]: start for start in reversed(chosen)}
    ordered = sorted((found, count) for found, count in groups.items() if found.steps)
    succeeding = sum(count for _, count in ordered)
    return TradeOff(
        scenario=scenario.name,
        starts=len(chosen),
        every_start=starts is None,
        seed=None if starts is None else int(seed),
        success=succeeding / len(chosen),
        states=search.states,
        staircases=tuple(
            Staircase(
                starts=count,
                share=count / succeeding,
                times=tuple(time for time, _ in found.steps),
                jain=tuple(search.splits.jain(squares) for _, squares in found.steps),
                least_jain=search.splits.jain(found.worst),
                example=tuple(names[station] for stations in example[found] for station in stations),
            )
            for found, count in ordered
        ),
        hull=_hull(search.splits, ordered, succeeding),
    )


def staircases(
    search: Search, starts: Sequence[Start], progress: Callable[[int, int], None] | None = None
) -> dict[Start, Found]:
    """Return for each start its staircase: the times at which plans become more even, and their least sum of squares.

    The search ends when every start has reached the most even split that skills, items and energy allow, when no set
    grows any more, or at the horizon.
    """
    table, horizon = search.table(), int(search.arrays.horizon)
    homes = list(dict.fromkeys(start.items for start in starts))
    nodes = [search.node(items) for items in homes]
    bound = dict(zip(homes, search.fairest(nodes), strict=True))
    rows = {items: np.array([table.row(s.agents) for s in starts if s.items == items]) for items in homes}
    best = {items: np.full(len(rows[items]), NO_SPLIT) for items in homes}
    found: dict[Start, Found] = {start: Found((), 0) for start in starts}
    here = {items: [start for start in starts if start.items == items] for items in homes}
    while table.time < horizon and not table.settled and any((best[items] > bound[items]).any() for items in homes):
        table.step()
        for items, node in zip(homes, nodes, strict=True):
            if table.changed[node]:
                sets = table.rows[node, rows[items]]
                now, worst = search.splits.squares(sets), search.splits.most_squares(sets)
                for index in np.flatnonzero(now < best[items]):
                    before = found[here[items][index]]
                    step = (table.time, int(now[index]))
                    found[here[items][index]] = Found((*before.steps, step), before.worst or int(worst[index]))
                best[items] = now
        if progress is not None:
            progress(table.time, horizon)
    return found


def _hull(splits: Splits, groups: Sequence[tuple[Found, int]], total: int) -> tuple[tuple[float, float], ...]:
    def point(time: int, squares: int) -> tuple[Fraction, Fraction]:
        return Fraction(splits.units**2, splits.agents * squares), Fraction(time)

    if not groups:
        return ()
    hulls = [(Fraction(count, total), lower_hull(point(*step) for step in found.steps)) for found, count in groups]
    return tuple((float(jain), float(time)) for jain, time in average_hull(hulls))


Point = tuple[Fraction, Fraction]
"""Jain's index and time."""


def lower_hull(points: Iterable[Point]) -> list[Point]:
    """Return the vertices, quickest first, of the least mean time as a function of the mean index to reach.

    `points` are those of a staircase: both coordinates increase. A lottery between two plans reaches every point on the
    segment between theirs, so the least mean time is the lower convex hull (Andrew's monotone chain).
    """
    hull: list[Point] = []
    for point in points:
        while len(hull) >= 2 and _slope(hull[-2], hull[-1]) >= _slope(hull[-2], point):
            hull.pop()
        hull.append(point)
    return hull


def average_hull(hulls: Sequence[tuple[Fraction, Sequence[Point]]]) -> list[Point]:
    """Return the hull of the mean over starts, each with its probability.

    The lottery may differ from start to start. The least mean time for a mean index of at least tau then buys fairness
    at the starts where it is cheapest: by Lagrange's condition, the plans of all starts are at points of their hulls
    with the same slope (steps per unit of index). So the hull of the mean begins at the mean of the quickest plans, and
    its edges are those of all hulls, each scaled by its start's probability, in the order of their slopes. (It is the
    infimal convolution of the hulls.)
    """
    jain = sum((share * hull[0][0] for share, hull in hulls), Fraction(0))
    time = sum((share * hull[0][1] for share, hull in hulls), Fraction(0))
    edges = [
        (_slope(low, high), share * (high[0] - low[0]), share * (high[1] - low[1]))
        for share, hull in hulls
        for low, high in pairwise(hull)
    ]
    mean = [(jain, time)]
    last = None
    for slope, more_jain, more_time in sorted(edges):
        jain, time = jain + more_jain, time + more_time
        if slope == last:
            mean.pop()
        mean.append((jain, time))
        last = slope
    return mean


def _slope(low: Point, high: Point) -> Fraction:
    return (high[1] - low[1]) / (high[0] - low[0])
