"""The members asked for, with entitlements and what loads may be; and whether a plan meets them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.applications.proportion import in_proportion
from evenhand.applications.rosters.counts import (
    COUNTS,
    KINDS,
    Plan,
    carried_of,
    check_count,
    counts_of,
    entitlements_of,
    people_compared,
    shifts_counted,
)
from evenhand.applications.rosters.fairness_rows import CountLoads, FairnessRows, allowances, fairness_rows
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.errors import InputError
from evenhand.fairness import Fairness


@dataclass(frozen=True, slots=True)
class FairCounts:
    """The fairness asked for.

    Attributes
    ----------
    problem
        The problem.
    members
        By count, the member with the entitlements of those compared.
    loads
        By count, what the loads may be.
    """

    problem: RosterProblem
    members: Mapping[str, Fairness]
    loads: Mapping[str, CountLoads]

    def __bool__(self) -> bool:
        return bool(self.members)

    @property
    def curved(self) -> tuple[str, ...]:
        """The counts whose rows depend on the sum of the loads."""
        sizes = {count: len(self.loads[count].people) for count in self.members}
        return tuple(
            count
            for count, member in self.members.items()
            if member.rows(sizes[count]) is None and member.power_form(sizes[count]) is not None
        )

    @property
    def tallied(self) -> tuple[str, ...]:
        """The counts of shifts, which the dynamic programme for rows tells apart by tallies of their own."""
        return tuple(count for count in self.members if count in KINDS)

    def sums(self, plan: Plan) -> dict[str, tuple[float, float]]:
        """Return the sum of each count's loads in a plan, twice, for tangents."""
        return {count: (float(values.sum()),) * 2 for count, values in self.values(plan).items()}

    def widest_sums(self) -> dict[str, tuple[float, float]]:
        """Return the least and the largest sum that each count's loads can have."""
        return {
            count: (float(loads.carried.sum()), float((loads.carried + loads.most).sum()))
            for count, loads in self.loads.items()
        }

    def rows(self, sums: Mapping[str, tuple[float, float]]) -> dict[str, FairnessRows]:
        """Return the rows of each count; see :func:`fairness_rows`."""
        return {count: fairness_rows(member, self.loads[count], sums[count]) for count, member in self.members.items()}

    def values(self, plan: Plan) -> dict[str, Any]:
        """Return the loads of each count in a plan, shape (k,)."""
        counted = counts_of(self.problem, plan)
        return {count: counted[count][list(loads.people)] + loads.carried for count, loads in self.loads.items()}

    def accept(self, plan: Plan) -> bool:
        """Return whether a plan is as fair as asked, counted from the plan alone."""
        return all(self.unfair(count, values) == () for count, values in self.values(plan).items())

    def unfair(self, count: str, loads: Any) -> tuple[int, ...] | None:
        """Return () for fair loads of a count, otherwise None or the positions of those beyond their cap."""
        member, n = self.members[count], len(loads)
        allowed = allowances(member, count, n)
        if not allowed.any():
            return () if bool(member.contains(loads)) else None
        beyond = np.flatnonzero(self._excess(count, loads) > allowed)
        return tuple(beyond.tolist())

    def rounded(self, plan: Plan) -> dict[str, tuple[str, ...]]:
        """Return by count the names of people beyond the exact cap, but within the next whole number."""
        found = {}
        for count, loads in self.values(plan).items():
            if allowances(self.members[count], count, len(loads)).any():
                beyond = np.flatnonzero(self._excess(count, loads) > 1e-9 * max(1.0, float(np.max(loads))))
                people = [self.loads[count].people[position] for position in beyond]
                found[count] = tuple(self.problem.people[person].name for person in people)
        return {count: names for count, names in found.items() if names}

    def _excess(self, count: str, loads: Any) -> Any:
        """Return by how many units each load misses its exact ratio cap; negative if it meets it."""
        exact = self.members[count].rows(len(loads))
        assert exact is not None
        own = np.abs(np.diag(exact.loads) - exact.loads[0, -1])
        return -(exact.loads @ np.asarray(loads, dtype=np.float64)) / own


def fair_counts(problem: RosterProblem, fairness: Mapping[str, Fairness] | None) -> FairCounts:
    """Return the fairness asked for, by count, with entitlements.

    Raises
    ------
    InputError
        If a count is unknown or compares fewer than two people, or a member cannot be asked of it.
    """
    members: dict[str, Fairness] = {}
    loads: dict[str, CountLoads] = {}
    for count, member in (fairness or {}).items():
        check_count(count)
        if not isinstance(member, Fairness):
            raise InputError(f"fairness of {count!r} is {member!r}; give a member such as MaxOverMean(1.3)")
        there = loads_possible(problem, count)
        entitled = entitlements_of(problem, count)[list(there.people)]
        members[count] = in_proportion(member, entitled, "the people's contracts")
        loads[count] = there
        fairness_rows(members[count], there, (1.0, 1.0))
    return FairCounts(problem, members, loads)


def loads_possible(problem: RosterProblem, count: str) -> CountLoads:
    """Return whom a count compares, with the most that each may have."""
    people = people_compared(problem, count)
    unit = _unit(problem) if count == "minutes" else 1.0
    most = np.array([_most(problem, count, index, unit) for index in people])
    return CountLoads(count, people, carried_of(problem, count)[list(people)], unit, most)


def _unit(problem: RosterProblem) -> float:
    lengths = [shift.minutes for shift in problem.shifts]
    if all(float(length).is_integer() for length in lengths):
        return float(math.gcd(*(int(length) for length in lengths)) or 1)
    return 1.0


def _most(problem: RosterProblem, count: str, index: int, unit: float) -> float:
    person, free = problem.people[index], problem.prices.keys()
    if count == "minutes":
        longest = problem.days * max(shift.minutes for shift in problem.shifts)
        most = longest if "most_minutes" in free else min(longest, person.most_minutes)
        return float(math.floor(most / unit + 1e-9) * unit)
    if count in KINDS:
        names = shifts_counted(problem, count)
        limits = sum(person.most_shifts.get(name, 0) for name in names)
        return float(problem.days if "most_shifts" in free else min(problem.days, limits))
    if count == "weekends":
        weekends = len(problem.weekends())
        return float(weekends if "most_weekends" in free else min(weekends, person.most_weekends))
    assert count in COUNTS
    return float(sum(request.person == person.name for request in problem.wishes))
