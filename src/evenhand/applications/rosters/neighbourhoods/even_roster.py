"""A fair roster by one model whose objective is the cost, and a price on the spread of counts.

Rows that bound a count's dispersion are hard to satisfy for a solver of mixed-integer models; a price on the difference
between the largest and the least count is not. It rises until the roster is as fair as asked.
"""

from __future__ import annotations

import numpy as np

from evenhand.applications.rosters.check_roster import check_roster
from evenhand.applications.rosters.columns.objective_step import objective_step
from evenhand.applications.rosters.compact_model import CompactModel, build_compact, count_expressions
from evenhand.applications.rosters.counts import Plan
from evenhand.applications.rosters.fair_counts import FairCounts
from evenhand.applications.rosters.linear_builder import Expression
from evenhand.applications.rosters.model_search import Clock, Report, solve_model
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.fairness.shares import shares_of

PRICES = (1.0, 10.0, 100.0)
"""Prices of one unit of spread, in the step between costs, of which the next is tried where a roster is not fair."""

MOST_CELLS = 6_000
"""Upper limit on people times days times shifts: larger models find no roster in time."""

SHARE, SHARE_OF_SMALL, MOST_SECONDS = 0.65, 0.1, 120.0
"""Fraction of the time left for all of these models, the same for a small problem, which one exact model then solves,
and upper limit on their seconds."""


FIRST_SHARE = 0.75
"""Fraction of that time for the first of them."""


def even_roster(
    problem: RosterProblem,
    fair: FairCounts,
    clock: Clock,
    *,
    gap: float,
    seed: int,
    near: Plan | None,
    small: bool = False,
    report: Report | None = None,
) -> Plan | None:
    """Return the cheapest legal and fair roster found, `near` if that is fair and none is cheaper.

    It begins with `near`, a legal roster that need not be fair. A `small` problem gets less time, as its exact model
    follows. Ctrl-C ends it, and is noted in the clock.
    """
    best = near if near is not None and fair.accept(near) else None
    if not fair or len(problem.people) * problem.days * len(problem.shifts) > MOST_CELLS:
        return best
    end = Clock.of(min((SHARE_OF_SMALL if small else SHARE) * clock.left, MOST_SECONDS))
    try:
        for number, price in enumerate(PRICES):
            model = build_compact(problem)
            for count in fair.members:
                _add_spread(model, fair, count, price * (objective_step(problem) or 1.0))
            limit = end.left / (len(PRICES) - number) if number else FIRST_SHARE * end.left
            if not limit or not clock.left:
                break
            found = solve_model(model, time_limit=limit, gap=gap, seed=seed, start=near)
            clock.interrupted |= found.status == "interrupted"
            if found.plan is None:
                continue
            near = found.plan
            if fair.accept(near):
                if best is None or check_roster(problem, near).cost < check_roster(problem, best).cost:
                    best = near
                    if report is not None:
                        report(check_roster(problem, best).cost, None)
                return best
    except KeyboardInterrupt:  # between two runs of HiGHS
        clock.interrupted = True
    return best


def _add_spread(model: CompactModel, fair: FairCounts, count: str, price: float) -> None:
    """Add the price of the difference between the largest and the least load, in proportion to entitlements."""
    loads, member = fair.loads[count], fair.members[count]
    parts = len(loads.people) * shares_of(len(loads.people), member.entitlements)
    unit = loads.unit if loads.count != "minutes" else float(np.mean([s.minutes for s in model.problem.shifts]))
    largest, least = model.builder.variable(price / unit), model.builder.variable(-price / unit)
    for own, carried, part in zip(count_expressions(model, loads), loads.carried, parts, strict=True):
        model.builder.row(Expression().add(largest, part).add(own, -1.0), lower=float(carried))
        model.builder.row(Expression().add(own).add(least, -part), lower=-float(carried))
