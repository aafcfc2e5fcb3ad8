"""The price of fairness: cost over a range of levels, each solve warm-started by the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from numpy.typing import ArrayLike

from evenhand.assignment.assignment_result import Assignment
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.named_agents import check_fairness, named_entitlements
from evenhand.assignment.progress_clock import Clock, Progress
from evenhand.assignment.rules.rule import Limits, Rule
from evenhand.assignment.rules.rules_frontier import rules_frontier
from evenhand.assignment.solve_assignment import Warmth, check_options, prepare, solve
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, Fairness, Frontier
from evenhand.fairness.frontier_result import check_family, trace
from evenhand.tables import as_table


def price_of_fairness(
    costs: Any,
    p: float,
    epsilons: Iterable[float],
    *,
    burdens: Any = None,
    entitlements: ArrayLike | Mapping[str, float] | None = None,
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[Progress], None] | None = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
    maximise: bool = False,
    rules: Sequence[Rule | Limits] | None = None,
    needs: Any = None,
    together: Iterable[Sequence[str | int]] | None = None,
    times: Any = None,
    conflicts: Any = None,
) -> Frontier:
    """Solve the assignment for each epsilon, and return the price of fairness at each level.

    Parameters
    ----------
    costs, burdens, gap, seed, workers, progress, initial_loads, locked, maximise
        As for :func:`~evenhand.assignment.assign`.
    rules, needs, together, times, conflicts
        As for :func:`~evenhand.assignment.assign`.
    p
        Order, in [2, inf].
    epsilons
        Levels in [0, 1], in any order; the frontier is in increasing order.
    entitlements
        Share that each agent is entitled to, length n or by name; None if all are equal.
    time_limit
        Seconds for each level; None for no limit.

    Returns
    -------
    Frontier
        Cost, bound, CV, Jain's index and largest load for each level, and the price relative to the cheapest
        assignment.

    Raises
    ------
    InputError
        If a value cannot be used.

    Examples
    --------
    >>> import evenhand
    >>> frontier = evenhand.price_of_fairness([[1, 2, 3, 4], [2, 3, 4, 5]], 2, [0.0, 0.9])
    >>> [(point.parameter, point.cost, round(point.price, 3)) for point in frontier]
    [(0.0, 10.0, 0.0), (0.9, 11.0, 0.1)]
    """
    costs = as_table(costs)
    shares = named_entitlements(entitlements, costs.agents)
    try:
        members = {EpsilonFairness(epsilon, p, entitlements=shares) for epsilon in epsilons}
    except TypeError:
        raise InputError(f"epsilons is {epsilons!r}; expected several levels in [0, 1]") from None
    return frontier(
        costs,
        sorted(members, key=lambda member: member.parameter),
        burdens=burdens,
        gap=gap,
        time_limit=time_limit,
        seed=seed,
        workers=workers,
        progress=progress,
        initial_loads=initial_loads,
        locked=locked,
        maximise=maximise,
        rules=rules,
        needs=needs,
        together=together,
        times=times,
        conflicts=conflicts,
    )


def frontier(
    costs: Any,
    fairnesses: Sequence[Fairness],
    *,
    burdens: Any = None,
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[Progress], None] | None = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
    maximise: bool = False,
    rules: Sequence[Rule | Limits] | None = None,
    needs: Any = None,
    together: Iterable[Sequence[str | int]] | None = None,
    times: Any = None,
    conflicts: Any = None,
) -> Frontier:
    """Solve the assignment for each of `fairnesses`: the same member at several parameters, from loose to strict.

    Parameters and errors are those of :func:`price_of_fairness`. With `rules`, or any argument after it, each level is
    one beside these; they are as for :func:`~evenhand.assignment.assign`, and prices are relative to the cheapest plan
    without any rule.
    """
    if not fairnesses:
        raise InputError("frontier: no level given; give at least one")
    beside = {"rules": rules, "needs": needs, "together": together, "times": times, "conflicts": conflicts}
    if any(given is not None for given in beside.values()):
        check_options(gap, time_limit, seed, workers)
        given = {"burdens": burdens, "initial_loads": initial_loads, "locked": locked, "maximise": maximise, **beside}
        return rules_frontier(as_table(costs), fairnesses, gap, time_limit, seed, progress, given)
    problem = build_problem(costs, burdens, initial_loads, locked, maximise=maximise)
    check_options(gap, time_limit, seed, workers)
    fairnesses = [check_fairness(fairness, problem.agents) for fairness in fairnesses]
    check_family(fairnesses, len(problem.agents))
    prepare(progress, Clock(None, progress))
    warmth = Warmth()

    def solve_one(fairness: Fairness) -> _Answer:
        nonlocal warmth
        clock = Clock(time_limit, progress, maximise=maximise)
        answer, warmth = solve(problem, fairness, gap=gap, clock=clock, seed=seed, warmth=warmth, workers=workers)
        return _Answer(answer)

    return trace(solve_one, fairnesses, problem.in_user_sign(problem.base_cost), problem.agents, maximise=maximise)


class _Answer:
    """An assignment with the attribute names that the frontiers of all engines share."""

    def __init__(self, answer: Assignment) -> None:
        self.status, self.objective, self.bound = answer.status, answer.cost, answer.bound
        self.loads, self.seconds, self.interrupted = answer.loads, answer.seconds, answer.interrupted
