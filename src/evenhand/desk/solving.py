"""Answers to what is on the desk, each given up as soon as a newer question has come."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.assignment import Assignment, Progress, assign, explain, verify
from evenhand.assignment.verdict import Verdict
from evenhand.desk.plan import Desk
from evenhand.report.answer_sentences import rule
from evenhand.report.chart_rows import cheapest_loads, fair_shares

TIME_LIMIT, GAP = 20.0, 1e-4
"""Seconds and gap of one answer."""

QUICK, SMALL, SMALL_QUICK = 0.5, 3000, 0.05
"""Seconds of the first answer after a movement, and for tables of up to so many pairs: a plan with whatever gap is
proven by then. The page asks for the rest afterwards."""

LEVELS = 41
"""Number of positions of the slider."""


class SupersededError(Exception):
    """A newer question has come."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An answer with the question it is about, and its check."""

    desk: Desk
    answer: Assignment
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
            answer = assign(**question, gap=GAP, time_limit=time_limit, progress=check)
            check()
            del question["fairness"]  # the answer states it
            return Plan(desk, answer, verify(assignment=answer, **question))


def quick_limit(desk: Desk) -> float:
    """Return the seconds of the first answer to a movement."""
    return SMALL_QUICK if desk.costs.values.size <= SMALL else QUICK


def slider(desk: Desk) -> list[float]:
    """Return the levels of the slider, from what the cheapest plan reaches to equality.

    Levels are closer together near equality, where each step costs more.
    """
    member = desk.rule.member(len(desk.costs.agents), desk.entitlements)
    equality = member.parameter_range(len(desk.costs.agents))[1]
    start = float(member.level(cheapest(desk)))
    parts = 1.0 - (1.0 - np.linspace(0.0, 1.0, LEVELS)) ** 1.6
    return [float(f"{level:.6g}") for level in start + parts * (equality - start)]


def cheapest(desk: Desk) -> Any:
    """Return the loads of the cheapest plan without a rule, shape (n,)."""
    question = desk.question()
    locked = question["locked"] or {}
    return cheapest_loads(question["costs"], desk.burdens, desk.initial_loads, locked, maximise=False)


def described(plan: Plan) -> dict[str, Any]:
    """Return an answer as the page shows it."""
    answer, desk = plan.answer, plan.desk
    shown: dict[str, Any] = {
        "status": answer.status,
        "cost": answer.cost,
        "base_cost": answer.base_cost,
        "price": answer.price,
        "gap": answer.gap,
        "certified_gap": answer.certified_gap,
        "bound": answer.bound if np.isfinite(answer.bound) else None,
        "cv": answer.cv,
        "jain": answer.jain,
        "verified": plan.verdict.verified,
        "outcome": plan.verdict.outcome,
        "rule": rule(answer.fairness),
        "cheapest": cheapest(desk).tolist(),
        "assignment": None if answer.assignment is None else answer.assignment.tolist(),
        "loads": None if answer.loads is None else answer.loads.tolist(),
        "certificate": None if answer.certificate is None else answer.certificate.to_dict(),
        "seconds": answer.seconds,
        "possible": None if answer.attainable is None else answer.attainable.possible,
    }
    if answer.loads is not None:
        shown["shares"] = fair_shares(answer.fairness, answer.loads).tolist()
        question = desk.question()
        del question["fairness"]
        explained = explain(assignment=answer, **question)
        shown["saves"] = [share.price for share in explained.shares]
    return shown
