"""From a table of costs to a fair, certified assignment."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.assignment.certificate import certificate_of
from evenhand.assignment.cuts import CutPool
from evenhand.assignment.kernels.warm_up import warm_up
from evenhand.assignment.problem import Problem, build_problem, check_entitlements
from evenhand.assignment.progress import Clock, Progress, relative_gap
from evenhand.assignment.relaxation import Relaxation, Scaled
from evenhand.assignment.result import Assignment
from evenhand.assignment.search import Search
from evenhand.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from evenhand.fairness import Fairness

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Warmth:
    """What one solve leaves for its neighbour along a frontier.

    Attributes
    ----------
    points
        Points at which cuts mattered, each of shape (n,), scaled as the kernels' loads.
    assignments
        Assignments to try as incumbents.
    bound
        A proven lower bound that holds for the neighbour too.
    """

    points: list[NDArray[np.float64]] = field(default_factory=list)
    assignments: list[NDArray[np.intp]] = field(default_factory=list)
    bound: float = -np.inf


def assign(
    costs: Any,
    fairness: Fairness,
    *,
    burdens: Any = None,
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
    progress: Callable[[Progress], None] | None = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
) -> Assignment:
    """Find the cheapest assignment whose loads are fair, with a proof of how cheap it is.

    Parameters
    ----------
    costs
        Cost of each task for each agent, shape (n, m), n >= 2: an array, nested sequences, a data frame of pandas,
        polars or
        pyarrow, or a :class:`~evenhand.tables.CostTable`. ``inf`` forbids a pair.
    fairness
        Any member of :class:`~evenhand.fairness.Fairness`.
    burdens
        What is shared fairly where it differs from what is paid (hours, say), the same shape; the costs by default.
    gap
        Relative gap (cost - bound) / cost at which the search may stop; 0 asks for the optimum.
    time_limit
        Seconds after which the best so far is returned; None for no limit.
    seed
        Orders what would otherwise be a tie. Same input and seed, same answer, unless a clock or Ctrl-C stopped the
        search.
    progress
        Called now and then with a :class:`~evenhand.assignment.Progress`.
    initial_loads
        What each agent carries already, length n or by name; fairness is asked of the sum.
    locked
        Tasks decided beforehand: task to agent, by name or position.

    Returns
    -------
    Assignment
        With status ``optimal``, ``infeasible`` (proven) or ``time_limit``.

    Raises
    ------
    InputError
        Where a value cannot be used; one line says which, where, and what would be right.

    Examples
    --------
    >>> import evenhand
    >>> answer = evenhand.assign([[1, 2, 3, 4], [2, 3, 4, 5]], evenhand.EpsilonFairness(0.9, p=2))
    >>> answer.status, answer.cost, answer.loads.tolist()
    ('optimal', 11.0, [6.0, 5.0])
    """
    problem = build_problem(costs, burdens, initial_loads, locked)
    check_entitlements(fairness, problem.agents)
    check_options(gap, time_limit, seed)
    prepare(progress)
    clock = Clock(time_limit, progress)
    answer, _ = solve(problem, fairness, gap=gap, clock=clock, seed=seed)
    if answer.status == "infeasible":
        # Here, because the bracket asks this module to solve for it.
        from evenhand.assignment.attainable import fairest

        return replace(answer, attainable=fairest(problem, fairness, clock=clock))
    return answer


def prepare(progress: Callable[[Progress], None] | None) -> None:
    """Load the compiled loops before the clock starts; the first use on a machine compiles them."""
    if progress is not None:
        progress(Progress("loading compiled loops (the first use compiles them)", 0.0, None, None, None, 0))
    warm_up()


def check_options(gap: float, time_limit: float | None, seed: int) -> None:
    """Raise `InputError` for options out of range."""
    if not 0.0 <= gap < 1.0:
        raise InputError(f"gap is {gap!r}; expected a relative gap in [0, 1), such as 1e-4")
    if time_limit is not None and not time_limit > 0.0:
        raise InputError(f"time_limit is {time_limit!r}; expected seconds > 0, or None")
    if not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InputError(f"seed is {seed!r}; expected an integer >= 0")


def solve(
    problem: Problem,
    fairness: Fairness,
    *,
    gap: float,
    clock: Clock,
    seed: int = 0,
    warmth: Warmth | None = None,
    node_limit: float = np.inf,
) -> tuple[Assignment, Warmth]:
    """Solve a checked problem; return the answer and what a neighbouring problem can use of it."""
    warmth = warmth or Warmth()
    begun = clock.seconds
    pool = CutPool(fairness, len(problem.agents))
    for point in warmth.points:
        pool.add(point)
    relaxation = Relaxation(Scaled.of(problem, seed), pool)
    search = Search(problem, relaxation, gap=gap, clock=clock, seed=seed, node_limit=node_limit)
    interrupted = False
    try:
        relaxation.solve(clock)
        search.begin(warmth.bound)
        for assignment in warmth.assignments:
            search.offer(assignment)
        search.run()
    except KeyboardInterrupt:
        interrupted = True
        logger.warning("interrupted: the best assignment so far is returned")
    answer = _answer(problem, relaxation, search, clock.seconds - begun, interrupted)
    return answer, _warmth(relaxation, search)


def _answer(problem: Problem, relaxation: Relaxation, search: Search, seconds: float, interrupted: bool) -> Assignment:
    certificate, certified = certificate_of(problem, relaxation)
    found = search.best is not None
    proven = "optimal" if found else "infeasible"
    return Assignment(
        status=proven if search.closed else "time_limit",
        assignment=search.best,
        loads=problem.loads_of(search.best) if search.best is not None else None,
        cost=search.cost if found else None,
        lower_bound=search.bound,
        gap=relative_gap(search.cost, search.bound) if found else None,
        certified_gap=relative_gap(search.cost, certified) if found else None,
        fairness=relaxation.pool.fairness,
        certificate=certificate,
        seconds=seconds,
        agents=problem.agents,
        tasks=problem.tasks,
        interrupted=interrupted,
    )


def _warmth(relaxation: Relaxation, search: Search) -> Warmth:
    used = np.flatnonzero(relaxation.vertex.multiplier[: len(relaxation.pool)] > 0.0)
    return Warmth(
        points=[relaxation.pool.points[k] for k in used],
        assignments=[] if search.best is None else [search.best],
        bound=search.bound,
    )
