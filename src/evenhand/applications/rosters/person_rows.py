"""The rules for one person's roster as rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from evenhand.applications.rosters.linear_builder import Expression, LinearBuilder
from evenhand.applications.rosters.roster_parts import Person
from evenhand.applications.rosters.roster_problem import RosterProblem


def add_person_rules(
    builder: LinearBuilder,
    problem: RosterProblem,
    person: Person,
    shifts: Sequence[dict[str, Expression]],
    worked: Sequence[Expression],
) -> list[Expression]:
    """Add all rules for one person, and return whether each weekend is worked.

    Parameters
    ----------
    builder
        The model.
    problem, person
        The problem, and the person.
    shifts
        For each day, the possible shifts with their binaries (or constants).
    worked
        For each day, whether the person works.
    """
    rules = _PersonRules(builder, problem, person, shifts, worked)
    rules.add_sequences()
    rules.add_limits()
    rules.add_runs()
    rules.add_absences()
    return rules.add_weekends()


class _PersonRules:
    """Adds the rules of one person; days before the first have negative numbers and are constants."""

    def __init__(
        self,
        builder: LinearBuilder,
        problem: RosterProblem,
        person: Person,
        shifts: Sequence[dict[str, Expression]],
        worked: Sequence[Expression],
    ) -> None:
        self.builder, self.problem, self.person = builder, problem, person
        self.past = len(person.last_days)
        before = [{} if last is None else {last: Expression(constant=1.0)} for last in person.last_days]
        self._shifts = [*before, *shifts]
        self._worked = [*(Expression(constant=float(bool(one))) for one in before), *worked]

    def worked(self, day: int) -> Expression:
        """Return whether the person works on a day, which may be negative."""
        return self._worked[day + self.past]

    def add(
        self,
        rule: str,
        expression: Expression,
        *,
        lower: float = -math.inf,
        upper: float = math.inf,
        units: float = 1.0,
    ) -> None:
        """Add a row; if the rule has a price, with a slack that costs `units` times as much."""
        if not expression.terms:
            met = lower - 1e-9 <= expression.constant <= upper + 1e-9
            if not met and rule in self.problem.prices:
                missing = max(lower - expression.constant, expression.constant - upper)
                self.builder.offset += missing * units * self.problem.prices[rule]
            if met or rule in self.problem.prices:
                return
        if rule in self.problem.prices:
            slack = self.builder.variable(units * self.problem.prices[rule])
            expression = Expression().add(expression).add(slack, 1.0 if math.isinf(upper) else -1.0)
        self.builder.row(expression, lower, upper)

    def add_sequences(self) -> None:
        """Add, for each set of shifts that may not follow, one row per day for all shifts with that set."""
        forbidden = {shift.name: shift.cannot_precede for shift in self.problem.shifts}
        for day in range(-min(1, self.past), self.problem.days - 1):
            first, second = self._shifts[day + self.past], self._shifts[day + 1 + self.past]
            alike: dict[frozenset[str], Expression] = {}
            for name, variable in first.items():
                after = frozenset(forbidden[name] & second.keys())
                if after:
                    alike.setdefault(after, Expression()).add(variable)
            for after, row in alike.items():
                self.add("sequence", Expression.sum([row, *(second[name] for name in sorted(after))]), upper=1.0)

    def add_limits(self) -> None:
        """Add limits on each shift, and on the minutes."""
        days = self._shifts[self.past :]
        minutes, total = {shift.name: float(shift.minutes) for shift in self.problem.shifts}, Expression()
        for name, length in minutes.items():
            worked = Expression.sum(shifts[name] for shifts in days if name in shifts)
            limit = self.person.most_shifts.get(name, 0)
            if len(worked.terms) + worked.constant > limit:
                self.add("most_shifts", worked, upper=limit)
            total.add(worked, length / 60.0)
        least, most = self.person.least_minutes, self.person.most_minutes
        self.add("least_minutes", total, lower=least / 60.0, units=60.0)
        self.add("most_minutes", total, upper=most / 60.0, units=60.0)
        lengths = [minutes[name] for name in {name for shifts in days for name in shifts} if minutes[name] > 0]
        if lengths and not {"least_minutes", "most_minutes"} & self.problem.prices.keys():
            shortest, longest = min(lengths), max(lengths)
            count = Expression.sum(self._worked[self.past :])
            if min(minutes.values()) > 0:
                self.builder.row(count, upper=math.floor(most / shortest + 1e-9))
            self.builder.row(count, lower=math.ceil(least / longest - 1e-9))

    def add_runs(self) -> None:
        """Add the longest and shortest runs of work, and the shortest rest between them."""
        person, days, past = self.person, self.problem.days, self.past
        longest = person.longest_run
        for last in range(max(0, longest - past), days):
            window = Expression.sum(self.worked(day) for day in range(last - longest, last + 1))
            self.add("longest_run", window, upper=longest)
        for length in range(1, person.shortest_run):
            for before in range(max(-past, -1 - length), days - length - 1):
                row = Expression().add(self.worked(before)).add(self.worked(before + length + 1))
                for day in range(before + 1, before + length + 1):
                    row.add(self.worked(day), -1.0)
                self.add("shortest_run", row, lower=1.0 - length, units=person.shortest_run - length)
        for length in range(1, person.shortest_rest):
            for before in range(max(-past, -1 - length), days - length - 1):
                row = Expression().add(self.worked(before)).add(self.worked(before + length + 1))
                for day in range(before + 1, before + length + 1):
                    row.add(self.worked(day), -1.0)
                self.add("shortest_rest", row, upper=1.0, units=person.shortest_rest - length)

    def add_absences(self) -> None:
        """Add the price of work on days on which the person is absent; without a price there are no such shifts."""
        price = self.problem.prices.get("days_off")
        if price is not None:
            for day in self.person.days_off:
                self.builder.cost(self.worked(day), price)

    def add_weekends(self) -> list[Expression]:
        """Add whether each weekend is worked, and their limit."""
        found = []
        for days in self.problem.weekends():
            both = [self.worked(day) for day in days]
            if len(both) == 1 or not any(one.terms for one in both):
                constant = Expression(constant=max(one.constant for one in both))
                found.append(both[0] if len(both) == 1 else constant)
                continue
            worked = self.builder.binary()
            for one in both:
                self.builder.row(Expression().add(worked).add(one, -1.0), lower=0.0)
            self.builder.row(Expression.sum(both).add(worked, -1.0), lower=0.0)
            found.append(worked)
        total = Expression.sum(found)
        if len(total.terms) + total.constant > self.person.most_weekends:
            self.add("most_weekends", total, upper=self.person.most_weekends)
        return found
