"""The result of the rosters' `solve`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evenhand.applications.rosters.check_roster import Violation
from evenhand.applications.rosters.counts import Plan, carried_of, entitlements_of, people_compared
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.applications.rosters.wish_outcomes import wish_rows
from evenhand.arrays import Array
from evenhand.fairness import EpsilonFairness, Fairness
from evenhand.fairness.fair_result import FairResult, Measured
from evenhand.fairness.relative import relative_price


@dataclass(frozen=True, slots=True)
class FairCount(Measured):
    """One count of the people it compares, with its measures.

    Attributes
    ----------
    loads
        What each person has, with what was carried, shape (k,).
    fairness
        The member asked for; where none was, one that asks nothing, for the entitlements.
    """

    loads: Array
    fairness: Fairness


@dataclass(frozen=True, slots=True, repr=False)
class Roster(FairResult):
    """Who works which shift on which day, with cost, bound, counts and fairness.

    Attributes
    ----------
    status
        ``optimal`` (within the gap asked for), ``infeasible``, or ``time_limit`` (the time limit or Ctrl-C stopped the
        search; the best roster so far is returned, if any).
    plan
        For each person, for each day, the name of the shift; None for a day off. None if there is no roster.
    cost
        Cost of cover, of requests that are not granted, and of priced violations; None if there is no roster.
    bound
        Proven lower bound on the cost; None if there is none.
    base_cost
        Least known cost without fairness: the optimum, or a proven bound on it; None if it was not asked for.
    fairness
        The members asked for, by count, with the entitlements of those compared; empty for no fairness.
    counts
        By name of a count, what each person has in this roster, shape (n,), without what was carried; empty if there
        is no roster.
    problem
        The problem.
    priced
        Violations of rules that have a price.
    base_found
        Cost of the best roster found without fairness, which need not be the cheapest; None if there is none.
    rounded
        By count, the names of people with one unit more (or less) than a ratio cap allows exactly: they have the next
        whole number, where the cap is not one.
    seconds
        Wall-clock time of the call.
    interrupted
        Whether Ctrl-C ended the search.
    """

    status: str
    plan: Plan | None
    cost: float | None
    bound: float | None
    base_cost: float | None
    fairness: Mapping[str, Fairness]  # type: ignore[assignment]
    counts: Mapping[str, Array]
    problem: RosterProblem
    priced: tuple[Violation, ...] = ()
    base_found: float | None = None
    rounded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seconds: float = 0.0
    interrupted: bool = False

    def __repr__(self) -> str:
        if self.cost is None:
            return f"Roster({self.status}, no roster, {self.seconds:.3g} s)"
        fair = "".join(f", {count} cv {self.measured(count).cv:.3f}" for count in self.fairness)
        return f"Roster({self.status}, cost {self.cost:.6g}{fair}, {self.seconds:.3g} s)"

    def loads_of(self, count: str) -> Array:
        """Return the count of those it compares, shape (k,), with what they carried."""
        compared = list(people_compared(self.problem, count))
        return (self.counts[count] + carried_of(self.problem, count))[compared]

    def names_of(self, count: str) -> tuple[str, ...]:
        """Return the names of those whom a count compares, in the order of `loads_of`."""
        return tuple(self.problem.people[index].name for index in people_compared(self.problem, count))

    def measured(self, count: str) -> FairCount:
        """Return the measures of one count of those it compares, in proportion to their entitlements."""
        member = self.fairness.get(count)
        if member is None:
            entitled = entitlements_of(self.problem, count)[list(people_compared(self.problem, count))]
            member = EpsilonFairness(0.0, entitlements=tuple(entitled.tolist()))
        return FairCount(self.loads_of(count), member)

    @property
    def loads(self) -> Array | None:
        """The loads of the first count that is to be fair; None if there is none, or no roster."""
        first = next(iter(self.fairness), None)
        return None if first is None or self.plan is None else self.loads_of(first)

    @property
    def price(self) -> float | None:
        """Price of fairness: by how much the cost exceeds `base_cost`, relative to it; None if it is not known."""
        if not self.fairness or self.cost is None or self.base_cost is None:
            return None
        price = relative_price(self.cost, self.base_cost)
        return None if price is None else max(0.0, price)

    def _shared_fields(self) -> dict[str, Any]:
        """Return the part of the JSON that all results share; fairness and its measures are by count."""
        measured = {} if self.plan is None else {count: self.measured(count) for count in self.fairness}
        return {
            "cost": self.cost,
            "base_cost": self.base_cost,
            "base_found": self.base_found,
            "price": self.price,
            "bound": self.bound,
            "gap": self.gap,
            "fairness": {count: member.to_dict() for count, member in self.fairness.items()} or None,
            "level": {count: one.level for count, one in measured.items()} or None,
            "cv": {count: one.cv for count, one in measured.items()} or None,
            "jain": {count: one.jain for count, one in measured.items()} or None,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the roster as JSON values; ``fairness`` and the measures are by count."""
        problem = self.problem
        return {
            "status": self.status,
            **self._shared_fields(),
            "plan": None if self.plan is None else [list(row) for row in self.plan],
            "people": [person.name for person in problem.people],
            "shifts": [shift.name for shift in problem.shifts],
            "days": problem.days,
            "first_date": None if problem.first_date is None else problem.first_date.isoformat(),
            "counts": {count: values.tolist() for count, values in self.counts.items()},
            "rounded": {count: list(names) for count, names in self.rounded.items()},
            "priced": [
                {"rule": one.rule, "person": one.person, "day": one.day, "shift": one.shift, "amount": one.amount}
                for one in self.priced
            ],
            "wishes": [] if self.plan is None else wish_rows(problem, self.plan),
            "source": problem.source,
            "interrupted": self.interrupted,
            "seconds": self.seconds,
        }

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per shift worked: person, day, date (None without dates), shift and minutes."""
        minutes = {shift.name: shift.minutes for shift in self.problem.shifts}
        return [
            {
                "person": person.name,
                "day": day,
                "date": self.problem.date_of(day),
                "shift": shift,
                "minutes": minutes[shift],
            }
            for person, row in zip(self.problem.people, self.plan or (), strict=False)
            for day, shift in enumerate(row)
            if shift is not None
        ]
