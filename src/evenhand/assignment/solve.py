"""One solve, from a checked problem to an answer, and what it leaves for the next."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from evenhand.assignment.certificate import certificate_of
from evenhand.assignment.cuts import CutPool
from evenhand.assignment.kernels.warm_up import warm_up
from evenhand.assignment.progress import Clock, Progress
from evenhand.assignment.relaxation import Relaxation, Scaled
from evenhand.assignment.result import Assignment
from evenhand.assignment.search import Search
from evenhand.errors import InputError
from evenhand.fairness.relative import relative_gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from evenhand.assignment.problem import Problem
    from evenhand.fairness import Fairness

logger = logging.getLogger(__name__)

LOOK, REPAIR = 0.4, 0.3
"""Share of the time limit after which a relaxation that is not solved yet waits for a first fair assignment, and what
that may take."""

LAST, GRACE = 0.05, 1.0
"""Share of the limit, and seconds, beyond it for a last attempt where nothing fair has been found."""


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


def prepare(progress: Callable[[Progress], None] | None, clock: Clock) -> None:
    """Load the compiled loops, which no time limit counts; the first use on a machine compiles them."""
    if progress is not None:
        progress(Progress("loading compiled loops (the first use compiles them)", 0.0, None, None, None, 0))
    before = clock.seconds
    warm_up()
    clock.excuse(clock.seconds - before)


def check_options(gap: float, time_limit: float | None, seed: int) -> None:
    """Raise `InputError` for options out of range."""
    if not (_is_number(gap) and 0.0 <= gap < 1.0):
        raise InputError(f"gap is {gap!r}; expected a relative gap in [0, 1), such as 1e-4")
    check_time_limit(time_limit)
    if not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InputError(f"seed is {seed!r}; expected an integer >= 0")


def check_time_limit(time_limit: float | None) -> None:
    """Raise `InputError` unless the limit is a number of seconds above 0, or None."""
    if time_limit is not None and not (_is_number(time_limit) and time_limit > 0.0):
        raise InputError(f"time_limit is {time_limit!r}; expected seconds > 0, or None")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating)


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
    for point in (*_corners(fairness, len(problem.agents)), *warmth.points):
        pool.add(point)
    relaxation = Relaxation(Scaled.of(problem, seed), pool)
    search = Search(problem, relaxation, gap=gap, clock=clock, seed=seed, node_limit=node_limit)
    interrupted = False
    try:
        for assignment in warmth.assignments:
            search.offer(assignment)
        _relax(relaxation, search, clock, gap)
        search.begin(warmth.bound)
        search.run()
        if clock.expired and search.best is None and not search.closed:
            search.repair(clock.within(LAST, GRACE))
    except KeyboardInterrupt:
        interrupted = True
        logger.warning("interrupted: the best assignment so far is returned")
    answer = _answer(problem, relaxation, search, clock.seconds - begun, interrupted)
    return answer, _warmth(relaxation, search)


def _relax(relaxation: Relaxation, search: Search, clock: Clock, gap: float) -> None:
    """Solve the relaxation; where it takes much of the time there is, look for a fair assignment in between."""
    part = clock.part(LOOK)
    relaxation.solve(part, gap)
    if part.expired and not relaxation.infeasible:
        search.repair(clock.within(REPAIR))
        relaxation.solve(clock, gap)


def _corners(fairness: Fairness, n: int) -> NDArray[np.float64]:
    """Return points of the first cuts, shape (k, n): where one agent carries everything, if few cuts make the cone."""
    return np.eye(n) if fairness.power_form(n) is None else np.zeros((0, n))


def _answer(problem: Problem, relaxation: Relaxation, search: Search, seconds: float, interrupted: bool) -> Assignment:
    certificate, certified = certificate_of(problem, relaxation)
    found = search.best is not None
    proven = "optimal" if found else "infeasible"
    return Assignment(
        status=proven if search.closed else "time_limit",
        assignment=search.best,
        loads=problem.loads_of(search.best) if search.best is not None else None,
        cost=problem.told(search.cost) if found else None,
        lower_bound=problem.told(search.bound),
        gap=relative_gap(search.cost, search.bound) if found else None,
        certified_gap=relative_gap(search.cost, certified) if found else None,
        fairness=relaxation.pool.fairness,
        certificate=certificate,
        seconds=seconds,
        agents=problem.agents,
        tasks=problem.tasks,
        named=problem.named,
        made_with=problem.made_with,
        interrupted=interrupted,
        maximise=problem.maximise,
        base_cost=problem.told(problem.base_cost),
    )


def _warmth(relaxation: Relaxation, search: Search) -> Warmth:
    used = np.flatnonzero(relaxation.vertex.multiplier[: len(relaxation.pool)] > 0.0)
    return Warmth(
        points=[relaxation.pool.points[k] for k in used],
        assignments=[] if search.best is None else [search.best],
        bound=search.bound,
    )
