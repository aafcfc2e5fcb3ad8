"""Say what stands against a roster where none keeps all rules: the fewest people missing with whom all else holds."""

from __future__ import annotations

from dataclasses import replace

from evenhand.applications.rosters.check_roster import Violation
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.applications.rosters.solve_roster import solve


def people_missing(problem: RosterProblem, *, seconds: float, seed: int = 0) -> tuple[Violation, ...] | None:
    """Return where people are missing in a roster that keeps all rules but the least numbers of people.

    Parameters
    ----------
    problem
        A problem without a roster.
    seconds
        Time limit.
    seed
        Same seed, same search.

    Returns
    -------
    tuple of Violation or None
        Days and shifts with fewer people than their least, as few people as were found; () if none is missing, and
        None if no such roster is found.
    """
    eased = replace(
        problem,
        prices={**dict.fromkeys(problem.prices, 0.0), "least_cover": 1.0},
        requests=tuple(request for request in problem.requests if request.must),
        cover=tuple(replace(need, under_cost=0.0, over_cost=0.0) for need in problem.cover),
    )
    answer = solve(eased, time_limit=seconds, seed=seed)
    return None if answer.plan is None else tuple(one for one in answer.priced if one.rule == "least_cover")
