"""The roster as a mixed-integer linear model: a binary for each person, day and shift.

Days that are not free keep the shift of a given plan and enter as constants, so that a part of a large roster is a
small model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from evenhand.applications.rosters.counts import COUNTS, Plan, shifts_counted
from evenhand.applications.rosters.fairness_rows import CountLoads, FairnessRows
from evenhand.applications.rosters.linear_builder import Expression, LinearBuilder
from evenhand.applications.rosters.person_rows import add_person_rules
from evenhand.applications.rosters.roster_parts import Person
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.arrays import Array
from evenhand.modeling.linear import LinearModel


@dataclass(slots=True)
class CompactModel:
    """The model with its variables.

    Attributes
    ----------
    problem
        The problem.
    plan
        The plan that days keep that are not free; None if all are free.
    builder
        The rows and variables.
    works
        By (person, day, shift), the binary; only for shifts that are possible on free days.
    worked
        By (person, day), whether the person works.
    weekends
        By person, whether each weekend is worked; only for people with a variable of this kind.
    """

    problem: RosterProblem
    plan: Plan | None
    builder: LinearBuilder = field(default_factory=LinearBuilder)
    works: dict[tuple[int, int, str], Expression] = field(default_factory=dict)
    worked: dict[tuple[int, int], Expression] = field(default_factory=dict)
    weekends: dict[int, list[Expression]] = field(default_factory=dict)

    def linear(self) -> LinearModel:
        """Return the linear model."""
        return self.builder.model()

    def plan_of(self, values: Array) -> Plan:
        """Return the plan that values of the variables mean."""
        nothing: list[str | None] = [None] * self.problem.days
        rows = [list(row) for row in self.plan or [nothing] * len(self.problem.people)]
        for person, day, _ in self.works:
            rows[person][day] = None
        for (person, day, shift), variable in self.works.items():
            [column] = variable.terms
            if values[column] > 0.5:
                rows[person][day] = shift
        return tuple(tuple(row) for row in rows)

    def values_of(self, plan: Plan) -> tuple[list[int], list[float]]:
        """Return the columns of the binaries and their values in a plan, for a start."""
        columns = [next(iter(variable.terms)) for variable in self.works.values()]
        return columns, [float(plan[person][day] == shift) for person, day, shift in self.works]


def possible_shifts(problem: RosterProblem, person: Person, day: int) -> list[str]:
    """Return the shifts that a person may work on a day, absences and requests that must be granted considered."""
    if day in person.days_off and "days_off" not in problem.prices:
        return []
    names = [shift.name for shift in problem.shifts if person.may_work(shift.name) or "most_shifts" in problem.prices]
    for request in problem.requests:
        if request.must and request.person == person.name and request.day == day:
            names = [
                name for name in names if request.is_granted_by(name) or (not request.wanted and request.shift is None)
            ]
            if not request.wanted and request.shift is None:
                names = []
    return names


def build_compact(
    problem: RosterProblem, *, plan: Plan | None = None, free: Callable[[int, int], bool] | None = None
) -> CompactModel:
    """Return the model without fairness; days for which `free` of person and day is False keep the shift of `plan`."""
    model = CompactModel(problem, plan)
    builder = model.builder
    must_work = {(one.person, one.day) for one in problem.requests if one.must and one.wanted}
    for index, person in enumerate(problem.people):
        row = () if plan is None else plan[index]
        shifts: list[dict[str, Expression]] = []
        changes = False
        for day in range(problem.days):
            if free is not None and not free(index, day):
                kept = row[day]
                shifts.append({} if kept is None else {kept: Expression(constant=1.0)})
                model.worked[index, day] = Expression(constant=float(kept is not None))
                continue
            changes = True
            there = {name: builder.binary() for name in possible_shifts(problem, person, day)}
            shifts.append(there)
            model.works |= {(index, day, name): variable for name, variable in there.items()}
            worked = Expression.sum(there.values())
            if len(there) > 1:
                total = builder.binary()
                builder.row(worked.add(total, -1.0), 0.0, 0.0)
                worked = total
            model.worked[index, day] = worked
            if (person.name, day) in must_work:
                builder.row(worked, 1.0, 1.0)
        if changes:
            model.weekends[index] = add_person_rules(
                builder, problem, person, shifts, [model.worked[index, day] for day in range(problem.days)]
            )
    _add_cover(model)
    _add_requests(model)
    return model


def _shift_of(model: CompactModel, person: int, day: int, shift: str) -> Expression:
    found = model.works.get((person, day, shift))
    if found is not None:
        return found
    kept = model.plan is not None and not model.worked[person, day].terms and model.plan[person][day] == shift
    return Expression(constant=float(kept))


def _add_cover(model: CompactModel) -> None:
    builder, problem = model.builder, model.problem
    for need in problem.cover:
        there = Expression.sum(_shift_of(model, index, need.day, need.shift) for index in range(len(problem.people)))
        if need.least > 0:
            builder.row(_with_slack(builder, problem, "least_cover", there, 1.0), lower=need.least)
        if need.most is not None:
            builder.row(_with_slack(builder, problem, "most_cover", there, -1.0), upper=need.most)
        balance = Expression().add(there)
        # They are integer in any case; if the solver knows that, it rounds bounds up to whole costs.
        balance.add(builder.variable(need.under_cost, 0.0, need.preferred, integer=True))
        balance.add(builder.variable(need.over_cost, 0.0, len(problem.people), integer=True), -1.0)
        builder.row(balance, need.preferred, need.preferred)


def _with_slack(
    builder: LinearBuilder, problem: RosterProblem, rule: str, expression: Expression, sign: float
) -> Expression:
    """Return the expression with a priced slack if the rule has a price, otherwise itself."""
    if rule not in problem.prices:
        return expression
    return Expression().add(expression).add(builder.variable(problem.prices[rule]), sign)


def _add_requests(model: CompactModel) -> None:
    position = {person.name: index for index, person in enumerate(model.problem.people)}
    for request in model.problem.requests:
        if request.must:
            continue
        granted = _granted_by(model, position[request.person], request.day, request.shift, wanted=request.wanted)
        model.builder.cost(Expression(constant=1.0).add(granted, -1.0), request.weight)


def _granted_by(model: CompactModel, person: int, day: int, shift: str | None, *, wanted: bool) -> Expression:
    """Return 1 if a request is granted, 0 if not, as an expression."""
    matches = model.worked[person, day] if shift is None else _shift_of(model, person, day, shift)
    return matches if wanted else Expression(constant=1.0).add(matches, -1.0)


def count_expressions(model: CompactModel, loads: CountLoads) -> list[Expression]:
    """Return the count of each person that is compared, without what was carried."""
    problem = model.problem
    assert loads.count in COUNTS
    if loads.count == "minutes":
        weights = {shift.name: float(shift.minutes) for shift in problem.shifts}
    elif loads.count in ("nights", "late"):
        weights = dict.fromkeys(shifts_counted(problem, loads.count), 1.0)
    else:
        weights = {}
    found = []
    for index in loads.people:
        total = Expression()
        for day in range(problem.days) if weights else ():
            for shift, weight in weights.items():
                total.add(_shift_of(model, index, day, shift), weight)
        if loads.count == "weekends":
            total = Expression.sum(_weekends_of(model, index))
        if loads.count == "granted":
            for request in problem.wishes:
                if request.person == problem.people[index].name:
                    total.add(_granted_by(model, index, request.day, request.shift, wanted=request.wanted))
        found.append(total)
    return found


def _weekends_of(model: CompactModel, index: int) -> list[Expression]:
    """Return whether a person works each weekend; constants if none of their days is free."""
    if index in model.weekends:
        return model.weekends[index]
    days = model.problem.weekends()
    return [Expression(constant=float(any(model.worked[index, day].constant for day in weekend))) for weekend in days]


def add_fairness(model: CompactModel, rows: Mapping[str, FairnessRows], loads: Mapping[str, CountLoads]) -> None:
    """Add rows of fairness, which must hold."""
    builder = model.builder
    for count, fair in rows.items():
        there = loads[count]
        own: list[Expression] = []
        for total, carried, most in zip(count_expressions(model, there), there.carried, there.most, strict=True):
            if len(total.terms) > 1:
                load = builder.variable(0.0, 0.0, float(most), integer=there.unit == 1.0)
                builder.row(total.add(load, -1.0), 0.0, 0.0)
                total = load
            own.append(Expression(constant=float(carried)).add(total))
        auxiliary = [builder.variable() for _ in range(fair.auxiliaries)]
        for of_loads, of_auxiliaries, lower, upper in fair.rows:
            row = Expression()
            for position, coefficient in of_loads.items():
                row.add(own[position], coefficient)
            for position, coefficient in of_auxiliaries.items():
                row.add(auxiliary[position], coefficient)
            builder.row(row, lower, upper)
