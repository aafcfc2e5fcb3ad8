"""The cheapest fair roster as one linear model, with the bounds on the CV of counts as rows that are exact."""

from __future__ import annotations

import dataclasses

import numpy as np

from evenhand.applications.rosters.check_roster import check_roster
from evenhand.applications.rosters.compact_model import CompactModel, add_fairness, build_compact, count_expressions
from evenhand.applications.rosters.counts import Plan
from evenhand.applications.rosters.fair_counts import FairCounts
from evenhand.applications.rosters.linear_builder import Expression
from evenhand.applications.rosters.model_search import Clock
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import AffineRow
from evenhand.modeling.squares import integral_squares
from evenhand.modeling.total_range import range_of_total

SHARE = 0.05
"""Largest fraction of the time left for bounds on the sum of one count's loads."""

ROUNDING = 1e-6
"""Distance between costs that counts as none."""


def square_model(
    problem: RosterProblem, fair: FairCounts, clock: Clock, known: Plan | None
) -> tuple[CompactModel, LinearModel] | None:
    """Return the compact model, and as a linear one that contains every fair roster no dearer than a `known` fair one.

    None if a bound is on another power than the square, or a count has too many values; see
    :func:`evenhand.modeling.squares.integral_squares`.
    """
    model = build_compact(problem)
    exact = dataclasses.replace(
        fair, members={count: member for count, member in fair.members.items() if count not in fair.curved}
    )
    add_fairness(model, exact.rows(exact.widest_sums()), exact.loads)
    linear = model.linear()
    limited = _no_dearer(model, linear, None if known is None else check_roster(problem, known).cost)
    for count in fair.curved:
        member, carried = fair.members[count], fair.loads[count].carried
        rows = [
            AffineRow.of(list(total.terms), list(total.terms.values()), total.constant + before)
            for total, before in zip(count_expressions(model, fair.loads[count]), carried.tolist(), strict=True)
        ]
        limit = None if np.isinf(clock.left) else SHARE * clock.left
        squares = integral_squares(linear, rows, member, sums=range_of_total(limited, rows, member, limit))
        if squares is None:
            return None
        linear = squares.model
    return model, linear


def _no_dearer(model: CompactModel, linear: LinearModel, cost: float | None) -> LinearModel:
    """Return the model with a row that limits its cost."""
    if cost is None:
        return linear
    builder = model.builder
    objective = Expression({column: value for column, value in enumerate(builder.costs) if value}, builder.offset)
    builder.row(objective, upper=cost + ROUNDING)
    return model.linear()
