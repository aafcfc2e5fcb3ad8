"""Answers to what is on the desk, each given up as soon as a newer question has come."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.assignment import Assignment, Progress, RuledAssignment, assign, verify
from evenhand.assignment.verdict import Verdict
from evenhand.desk.plan import Desk
from evenhand.report.chart_rows import cheapest_loads

TIME_LIMIT = 20.0
"""Upper limit on the seconds of one answer."""

QUICK, SMALL, SMALL_QUICK, SECOND = 0.5, 3000, 0.05, 2.0
"""Seconds of the first answer after a movement, the same for tables of up to so many pairs, and seconds of the second
answer: plans with whatever gap is proven by then. The page asks for the rest afterwards."""

LEVELS = 41
"""Number of positions of the slider."""


class SupersededError(Exception):
    """A newer question has come."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An answer with the question it is about, and its check."""

    desk: Desk
    answer: Assignment | RuledAssignment
    verdict: Verdict


class Questions:
    """The questions of one window; only the newest one is worked on.

    Parameters
    ----------
    turn
        Lock of the windows that share a desk: one question is answered at a time.
    """

    def __init__(self, turn: threading.Lock | None = None) -> None:
        self._newest = 0
        self._lock, self._turn = threading.Lock(), turn or threading.Lock()

    def cancel(self) -> None:
        """Give up what is being worked on."""
        with self._lock:
            self._newest += 1

    def ask(self, desk: Desk, *, time_limit: float = TIME_LIMIT) -> Plan:
        """Answer what the desk asks.

        Raises
        ------
        SupersededError
            If a newer question comes before the answer.
        InputError
            If the question cannot be answered.
        """
        with self._lock:
            self._newest += 1
            mine = self._newest

        def check(_: Progress | None = None) -> None:
            if self._newest != mine:
                raise SupersededError

        with self._turn:
            check()
            question = desk.question()
            answer = assign(**question, gap=desk.gap, time_limit=time_limit, progress=check)
            check()
            if "rules" not in question:
                del question["fairness"]  # the answer states it
            return Plan(desk, answer, verify(assignment=answer, **question))


def limit_of(desk: Desk, later: int) -> float:
    """Return the seconds of an answer to a movement after which the page asks again, `later` times more."""
    if later >= 2:
        return SMALL_QUICK if desk.costs.values.size <= SMALL else QUICK
    return SECOND if later == 1 else TIME_LIMIT


def slider(desk: Desk, place: int | None = None) -> list[float]:
    """Return the levels of a slider, from what the cheapest plan reaches to equality.

    Levels are closer together near equality, where each step costs more. `place` is that of a further burden; None is
    the first.
    """
    rule = desk.rule if place is None else desk.shares[place].rule
    member = rule.member(*desk.agents)
    equality = member.parameter_range(len(desk.costs.agents))[1]
    start = float(member.level(cheapest(desk, place)))
    parts = 1.0 - (1.0 - np.linspace(0.0, 1.0, LEVELS)) ** 1.6
    return [float(f"{level:.6g}") for level in start + parts * (equality - start)]


def cheapest(desk: Desk, place: int | None = None) -> Any:
    """Return the loads of the cheapest plan without a rule, shape (n,); `place` as for :func:`slider`."""
    question = desk.question()
    locked = question["locked"] or {}
    burdens = desk.burdens if place is None else desk.further[place].table
    carried = desk.initial_loads if place is None else None
    return cheapest_loads(question["costs"], burdens, carried, locked, maximise=False)
