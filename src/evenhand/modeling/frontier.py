"""The price of fairness in any model: cost along a range of levels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evenhand.errors import InputError
from evenhand.fairness.frontier import Frontier, Solved, check_family, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from evenhand.fairness import Fairness


def frontier(
    solve: Callable[[Fairness | None], Solved],
    fairnesses: Iterable[Fairness],
    *,
    names: Sequence[str] | None = None,
    maximise: bool = False,
) -> Frontier:
    """Solve a model without fairness and for each of `fairnesses`, and tell what fairness costs.

    Parameters
    ----------
    solve
        Solves the model under a member, or without fairness where given None; it returns a
        :class:`~evenhand.modeling.FairSolution`, or anything with its status, objective, bound, loads, seconds and
        interrupted.
    fairnesses
        One member at several parameters, in any order; the frontier is from loose to strict.
    names
        Names of the agents; numbers by default.
    maximise
        Whether more is better; a price is then the part of the objective that is lost.

    Returns
    -------
    Frontier
        The same object as that of :func:`evenhand.price_of_fairness`. Ctrl-C ends it with the points so far; while the
        model is solved without fairness that is none, and `base_cost` is the bound proven by then.

    Raises
    ------
    InputError
        Where no level is given, members differ in more than their parameter, or the model has no solution at all.
    KeyboardInterrupt
        Where Ctrl-C came before there was any solution.

    Examples
    --------
    Ten hours of work for two people, the second of whom costs double:

    >>> from evenhand import EpsilonFairness
    >>> from evenhand.modeling import LinearModel, frontier, solve_fair_milp
    >>> model = LinearModel([1.0, 2.0], [[1.0, 1.0]], 10, 10)
    >>> loads = [[1.0, 0.0], [0.0, 1.0]]
    >>> line = frontier(lambda fairness: solve_fair_milp(model, loads, fairness),
    ...                 [EpsilonFairness(level) for level in (0.5, 0.9, 1.0)])
    >>> [round(point.price, 3) for point in line]
    [0.195, 0.376, 0.5]
    """
    members = list(fairnesses)
    base = solve(None)
    if base.objective is None or base.loads is None:
        if base.interrupted:
            raise KeyboardInterrupt
        raise InputError(f"frontier: the model has no solution even without fairness (status {base.status})")
    n = len(base.loads)
    if members:
        loosest, strictest = members[0].parameter_range(n)
        members.sort(key=lambda member: member.parameter, reverse=strictest < loosest)
    check_family(members, n)
    agents = [str(agent) for agent in range(n)] if names is None else list(names)
    if len(agents) != n:
        raise InputError(f"names has {len(agents)} entries; the model has {n} loads")
    if base.interrupted:  # Ctrl-C is meant for all of it: no point is begun
        cost = base.objective if base.bound is None or math.isinf(base.bound) else base.bound
        return Frontier(members[0].name, getattr(members[0], "p", None), tuple(agents), float(cost), ())
    return trace(solve, members, float(base.objective), agents, maximise=maximise)
