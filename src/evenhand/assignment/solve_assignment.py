"""One solve, from a checked problem to an answer, and the warm start that it leaves for the next."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import Assignment, Certificate
from evenhand.assignment.certificate import certificate_of
from evenhand.assignment.cut_pool import CutPool
from evenhand.assignment.kernels.warm_up import warm_up, warm_up_large_tables
from evenhand.assignment.large_tables import LargeSolver, is_large
from evenhand.assignment.optimum_of_core import Start
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock, OutOfTimeError, Progress
from evenhand.assignment.relaxation import Relaxation, Scaled
from evenhand.assignment.search import Search
from evenhand.assignment.tree_proof import NoProofError, TreeWriter
from evenhand.fairness import Fairness
from evenhand.fairness.relative import relative_gap
from evenhand.number_checks import check_gap, check_seed, check_time_limit, checked_whole

Kind = TypeVar("Kind", bound=Search)

logger = logging.getLogger(__name__)

PROVING = 2e-5
"""Approximate seconds per pair of agent and task before the first node of a tree proof, in exact arithmetic."""

LOOK, REPAIR = 0.4, 0.3
"""Fraction of the time limit after which an unfinished relaxation is interrupted to look for a first fair assignment,
and fraction that this may take."""


@dataclass(slots=True)
class Warmth:
    """The warm start that one solve leaves for the next along a frontier, from loose to strict fairness.

    Attributes
    ----------
    points
        Points of the cuts with positive multipliers, each of shape (n,), in the kernels' scale.
    assignments
        Assignments to offer as incumbents.
    bound
        A proven lower bound, unscaled. It holds for the next solve too, whose fairness is stricter.
    start
        Prices of an earlier answer to a similar problem, near which the new ones are; None if there are none.
    """

    points: list[NDArray[np.float64]] = field(default_factory=list)
    assignments: list[NDArray[np.intp]] = field(default_factory=list)
    bound: float = -np.inf
    start: Start | None = None


def start_of(fairness: Fairness, certificate: Certificate | None) -> Start | None:
    """Return the start that an answer's certificate makes for a similar problem; None without one of a bound."""
    if certificate is None or certificate.kind != "bound" or not len(certificate.points):
        return None
    cuts = np.array([fairness.cut(point) for point in certificate.points])
    return Start(certificate.multipliers @ cuts, certificate.points)


def prepare(progress: Callable[[Progress], None] | None, clock: Clock) -> None:
    """Load the compiled loops, and extend the time limit by the time that takes; the first use compiles them."""
    if progress is not None:
        progress(Progress("loading compiled loops (the first use compiles them)", 0.0, None, None, None, 0))
    _load(warm_up, clock)


def _load(loops: Callable[[], None], clock: Clock) -> None:
    """Load compiled loops, and extend the time limit by the time that takes."""
    before = clock.seconds
    loops()
    clock.excuse(clock.seconds - before)


def check_options(gap: float, time_limit: float | None, seed: int, workers: int = 1) -> None:
    """Raise `InputError` if an option is out of range."""
    check_gap(gap, 1.0)
    check_time_limit(time_limit)
    check_seed(seed)
    checked_whole("workers", workers, 1, what="the number of threads")


def solve(
    problem: Problem,
    fairness: Fairness,
    *,
    gap: float,
    clock: Clock,
    seed: int = 0,
    warmth: Warmth | None = None,
    node_limit: float = np.inf,
    workers: int = 1,
    prove: bool = False,
    certify: bool = True,
) -> tuple[Assignment, Warmth]:
    """Solve a checked problem: relax, round, search; return the answer and a warm start for a stricter one.

    Parameters
    ----------
    problem, fairness
        The problem, and the member that its loads must satisfy.
    gap
        Relative gap at which to stop.
    clock
        Time limit and progress reports.
    seed
        Seed of perturbations and heuristics.
    warmth
        The warm start that a solve of the same problem under looser fairness, or of a similar problem, has left.
    node_limit
        Upper limit on the nodes of the search; inf for none.
    workers
        Number of threads that search large trees.
    prove
        Whether to write a tree proof of the answer, once it is proven; its bound is then what the proof shows.
    certify
        Whether to make a certificate; mere probes need none.
    """
    warmth = warmth or Warmth()
    begun = clock.seconds
    n = len(problem.agents)
    points = np.array([*_corners(fairness, n), *warmth.points]).reshape(-1, n)
    large = LargeSolver(problem, fairness, points, gap=gap, clock=clock, seed=seed, start=warmth.start)
    if is_large(problem, fairness, warmth.start) and not prove and node_limit == np.inf:
        _load(lambda: warm_up_large_tables(problem.costs, problem.burdens), clock)
        large.run(warmth.assignments)
        rest = Warmth(large.points, [] if large.best is None else [large.best], large.bound)
        if large.closed or large.interrupted or clock.expired:
            parts = (large.certificate, large.certified, clock.seconds - begun, large.interrupted)
            return _answer(problem, fairness, large, *parts), rest
        # What is known already helps the search of the whole table.
        warmth = Warmth(
            rest.points or warmth.points, [*warmth.assignments, *rest.assignments], max(warmth.bound, rest.bound)
        )
    problem = problem.in_doubles()
    search, interrupted = search_from(
        problem, fairness, partial(Search, problem), warmth,
        gap=gap, clock=clock, seed=seed, node_limit=node_limit, workers=workers,
    )  # fmt: skip
    if search is None:
        if node_limit == np.inf:
            large.hurry(warmth.assignments)
        large.bound = max(large.bound, warmth.bound)
        parts = (large.certificate, large.certified, clock.seconds - begun, interrupted)
        return _answer(problem, fairness, large, *parts), warmth
    certificate, certified = large.certificate, large.certified
    if certify:
        of_search = certificate_of(problem, search.relaxation, clock)
        if certificate is None or search.relaxation.infeasible or of_search[1] >= certified:
            certificate, certified = of_search
    answer = _answer(problem, fairness, search, certificate, certified, clock.seconds - begun, interrupted)
    if prove:
        answer = _proven(problem, search.relaxation, search, clock, answer)
    return answer, _warmth(search)


def search_from(
    problem: Problem,
    fairness: Fairness,
    make: Callable[..., Kind],
    warmth: Warmth,
    *,
    gap: float,
    clock: Clock,
    seed: int,
    node_limit: float = np.inf,
    workers: int = 1,
) -> tuple[Kind | None, bool]:
    """Relax, round and search; return the search, which `make` returns for a relaxation, and whether Ctrl-C stopped it.

    There is no search if that was before it could begin, or time was up by then. The other arguments are those of
    :func:`solve`.
    """
    begun: Kind | None = None
    interrupted = False
    try:
        with contextlib.suppress(OutOfTimeError):
            pool = CutPool(fairness, len(problem.agents))
            for point in (*_corners(fairness, len(problem.agents)), *warmth.points):
                pool.add(point)
            scaled = Scaled.of(problem, seed, clock)
            clock.check()
            relaxation = Relaxation(scaled, pool)
            clock.check()
            search = make(relaxation, gap=gap, clock=clock, seed=seed, node_limit=node_limit, workers=workers)
            for assignment in warmth.assignments:
                search.offer(assignment)
            search.begin(warmth.bound)
            begun = search
            _relax(search, clock, gap)
            search.begin(warmth.bound)
            search.run()
        if begun is not None and clock.expired and node_limit == np.inf:
            _hurry(begun, clock)
    except KeyboardInterrupt:
        interrupted = True
        logger.warning("interrupted: the best assignment so far is returned")
    return begun, interrupted


def _hurry(search: Search, clock: Clock) -> None:
    """Look for a fair assignment beyond the limit, if there is none yet: near the relaxation's optimum, or any."""
    grace = clock.grace()
    if search.best is None and not search.closed:
        with contextlib.suppress(OutOfTimeError):
            search.repair(grace)
    if search.best is None and not search.closed:
        search.even_out(grace)


def _proven(problem: Problem, relaxation: Relaxation, search: Search, clock: Clock, answer: Assignment) -> Assignment:
    """Return the answer with its tree proof and the bound that this shows, or with the reason why there is none."""
    if not search.closed:
        return replace(answer, no_proof="the search was stopped before its end")
    if not clock.affords(PROVING * problem.costs.size):
        return replace(answer, no_proof="the time limit leaves no time to write it")
    bound = None if search.best is None else search.provable
    writer = TreeWriter(problem, relaxation.pool.fairness, relaxation, search.best, bound, clock)
    try:
        proof = writer.write()
    except (NoProofError, KeyboardInterrupt) as error:
        return replace(answer, no_proof=str(error) or "Ctrl-C stopped it")
    return replace(answer, proof=proof, bound=answer.bound if bound is None else problem.in_user_sign(bound))


def _relax(search: Search, clock: Clock, gap: float) -> None:
    """Solve the relaxation; if it takes a large part of the time limit, look for a fair assignment in between."""
    relaxation = search.relaxation
    part = clock.part(LOOK)
    relaxation.solve(part, gap)
    if part.expired and not relaxation.infeasible:
        search.repair(clock.within(REPAIR))
        relaxation.solve(clock, gap)


def _corners(fairness: Fairness, n: int) -> NDArray[np.float64]:
    """Return the points of the first cuts, shape (k, n): loads that one agent carries alone.

    Only polyhedral members start from them, whose cuts there are often facets; a curved cone is cut where it matters.
    """
    return np.eye(n) if fairness.power_form(n) is None else np.zeros((0, n))


def _answer(
    problem: Problem,
    fairness: Fairness,
    found: Search | LargeSolver,
    certificate: Certificate | None,
    certified: float,
    seconds: float,
    interrupted: bool = False,
) -> Assignment:
    best = found.best
    proven = "infeasible" if best is None else "optimal"
    return Assignment(
        status=proven if found.closed else "time_limit",
        assignment=best,
        loads=None if best is None else found.loads if isinstance(found, LargeSolver) else problem.loads_of(best),
        cost=None if best is None else problem.in_user_sign(found.cost),
        # A plan that is fair within the tolerance may cost less than the bound on those that are exactly fair.
        bound=problem.in_user_sign(min(found.bound, found.cost)),
        certified_gap=None if best is None else relative_gap(found.cost, certified),
        fairness=fairness,
        certificate=certificate,
        seconds=seconds,
        agents=problem.agents,
        tasks=problem.tasks,
        named=problem.named,
        made_with=problem.made_with,
        interrupted=interrupted,
        maximise=problem.maximise,
        base_cost=problem.in_user_sign(problem.base_cost),
    )


def _warmth(found: Search) -> Warmth:
    relaxation = found.relaxation
    used = np.flatnonzero(relaxation.vertex.multiplier[: len(relaxation.pool)] > 0.0)
    return Warmth(
        points=[relaxation.pool.points[k] for k in used],
        assignments=[] if found.best is None else [found.best],
        bound=found.bound,
    )
