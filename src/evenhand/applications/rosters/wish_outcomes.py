"""Who got which wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evenhand.applications.rosters.roster_parts import Request
from evenhand.applications.rosters.roster_problem import RosterProblem


@dataclass(frozen=True, slots=True)
class WishOutcome:
    """A wish, and what became of it.

    Attributes
    ----------
    request
        The wish.
    worked
        Name of the shift that the person works on that day; None for a day off.
    granted
        Whether that is what was wished for.
    """

    request: Request
    worked: str | None
    granted: bool

    @property
    def wished(self) -> str:
        """The wish in words: ``Early``, ``not Late``, ``a day off``, ``any shift``."""
        if self.request.shift is None:
            return "any shift" if self.request.wanted else "a day off"
        return self.request.shift if self.request.wanted else f"not {self.request.shift}"


def wish_outcomes(problem: RosterProblem, plan: Sequence[Sequence[str | None]]) -> tuple[WishOutcome, ...]:
    """Return each wish with what became of it, in the problem's order.

    Parameters
    ----------
    problem
        The problem.
    plan
        For each person, for each day, the name of a shift; None for a day off.
    """
    rows = {person.name: row for person, row in zip(problem.people, plan, strict=True)}
    worked = [(wish, rows[wish.person][wish.day]) for wish in problem.wishes]
    return tuple(WishOutcome(wish, shift, wish.is_granted_by(shift)) for wish, shift in worked)


def wish_rows(problem: RosterProblem, plan: Sequence[Sequence[str | None]]) -> list[dict[str, Any]]:
    """Return the wishes as JSON values: person, day, date, wish in words, weight, shift worked, and whether granted.

    The weight is None for a wish that must be granted.
    """
    return [
        {
            "person": one.request.person,
            "day": one.request.day,
            "date": None if (date := problem.date_of(one.request.day)) is None else date.isoformat(),
            "wished": one.wished,
            "weight": None if one.request.must else one.request.weight,
            "worked": one.worked,
            "granted": one.granted,
        }
        for one in wish_outcomes(problem, plan)
    ]
