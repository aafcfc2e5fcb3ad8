"""From a table of costs to a fair, certified assignment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, overload

from numpy.typing import ArrayLike

from evenhand.assignment.assignment_result import Assignment
from evenhand.assignment.attainable import strictest
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.candidates.assign_candidates import assign_candidates
from evenhand.assignment.candidates.problem import check_pairs
from evenhand.assignment.fairest import check_max_price, fairest_assignment
from evenhand.assignment.named_agents import check_fairness
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock, Progress
from evenhand.assignment.rules.assign_rules import assign_rules
from evenhand.assignment.rules.rule import Limits, Rule
from evenhand.assignment.rules.ruled_assignment import RuledAssignment
from evenhand.assignment.solve_assignment import Warmth, check_options, prepare, solve
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, Fairness
from evenhand.tables.candidate_table import as_candidates


@overload
def assign(
    costs: Any,
    fairness: Fairness | None = None,
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
    certificate: Literal["cuts", "tree"] = "cuts",
    fairest: bool = False,
    max_price: float | None = None,
) -> Assignment: ...


@overload
def assign(
    costs: Any,
    fairness: Fairness | None = None,
    *,
    rules: Sequence[Rule | Limits],
    needs: Any = None,
    together: Iterable[Sequence[str | int]] | None = None,
    times: Any = None,
    conflicts: Any = None,
    burdens: Any = None,
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
    progress: Callable[[Progress], None] | None = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
    maximise: bool = False,
    fairest: bool = False,
    max_price: float | None = None,
) -> RuledAssignment: ...


def assign(
    costs: Any,
    fairness: Fairness | None = None,
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
    certificate: Literal["cuts", "tree"] = "cuts",
    fairest: bool = False,
    max_price: float | None = None,
    rules: Sequence[Rule | Limits] | None = None,
    needs: Any = None,
    together: Iterable[Sequence[str | int]] | None = None,
    times: Any = None,
    conflicts: Any = None,
) -> Assignment | RuledAssignment:
    """Find the cheapest assignment whose loads are fair, with a proof of how cheap it is.

    Parameters
    ----------
    costs
        Cost of each task for each agent, shape (n, m), n >= 2: an array, nested sequences, a data frame of pandas,
        polars or pyarrow, or a :class:`~evenhand.tables.CostTable`. ``inf`` forbids a pair. Costs may be negative if
        `burdens` are given; burdens may not. Where each task has a few candidates only: a sparse array of SciPy, whose
        stored entries are the pairs that may be used, a tuple ``(indptr, indices, data)`` with one row per task, or a
        :class:`~evenhand.tables.CandidateTable`.
    fairness
        Any member of :class:`~evenhand.fairness.Fairness`. With `fairest` it names the measure, and its parameter is
        the least that is asked for; (0, 2)-fairness by default.
    burdens
        Burden of each task on each agent, such as hours, in the same shape: it adds up to the loads that are shared
        fairly. The costs by default.
    gap
        Relative gap (cost - bound) / abs(cost) at which the search may stop. 0 asks for the optimum, to about 2e-12 of
        its cost; exactly, if costs are integers.
    time_limit
        Seconds after which the best assignment so far is returned, counted from the call; None for no limit.
    seed
        Seed of all random choices, which decide between equally good ones. The same input and seed give the same
        answer, unless a time limit or Ctrl-C stopped the search.
    workers
        Number of threads that search the tree once it is large; the answer does not depend on it.
    progress
        Function that is called every tenth of a second or so with a :class:`~evenhand.assignment.Progress`.
    initial_loads
        Load that each agent carries already, length n or by name; the sum with the new load must be fair.
    locked
        Tasks decided beforehand: a mapping from tasks to agents, by name or position.
    maximise
        Whether `costs` are profits, to be maximised. All numbers of the answer are then profits too; ``inf`` of either
        sign still forbids a pair.
    certificate
        ``tree`` asks for a proof of the whole answer, `Assignment.proof`, besides the certificate of cuts that every
        answer has. Writing it may take several times as long as the search; it is part of `time_limit`.
    fairest
        Whether to be as fair as possible: first the strictest level that any assignment meets is found, then the
        cheapest assignment that is this fair, to a millionth of the measure's range. `Assignment.attainable` holds the
        level, and what is proven to be impossible beyond it. Half of `time_limit` is for the first step.
    max_price
        With `fairest`: the largest price of fairness, 0.05 for at most 5 % more than the cheapest assignment; None for
        any.
    rules
        Several burdens, each with a :class:`~evenhand.Rule` of fairness or with :class:`~evenhand.Limits`. `fairness`,
        with `burdens` and `initial_loads`, is then one rule more, before these. This argument and the next four make
        the answer a :class:`~evenhand.assignment.RuledAssignment`, certified by its multipliers; they take no
        `workers`, and no `certificate` but ``cuts``. With them, `fairest` makes `fairness` as strict as the others
        allow; or the only Rule, if there is no `fairness`.
    needs
        How many different agents each task needs: a whole number, m of them, or a mapping by name; 1 by default. A
        task may then be locked to several agents, in a list.
    together
        Groups of tasks, by name or position, that stay with the same agents.
    times
        When each task is: its start, end and perhaps the pause after it, length m or by name; or what
        :func:`evenhand.tables.read_times` read from a file. Tasks that overlap are never with the same agent.
    conflicts
        Pairs of tasks, by name or position, that are never with the same agent.

    Returns
    -------
    Assignment or RuledAssignment
        With status ``optimal``, ``infeasible`` (proven) or ``time_limit``.

    Raises
    ------
    InputError
        If a value cannot be used; one line says which, where it stands, and what would be right.

    Examples
    --------
    >>> import evenhand
    >>> answer = evenhand.assign([[1, 2, 3, 4], [2, 3, 4, 5]], evenhand.EpsilonFairness(0.9, p=2))
    >>> answer.status, answer.cost, answer.loads.tolist()
    ('optimal', 11.0, [6.0, 5.0])

    Profits of four jobs for two teams; a job takes an hour, and each team shall work two hours:

    >>> profits, hours = [[9, 8, 7, 6], [6, 7, 5, 1]], [[1, 1, 1, 1], [1, 1, 1, 1]]
    >>> answer = evenhand.assign(profits, evenhand.MaxOverMean(1), burdens=hours, maximise=True)
    >>> answer.cost, answer.base_cost, answer.price
    (27.0, 30.0, 0.1)

    The fairest that 10 % more than the cheapest buys:

    >>> answer = evenhand.assign([[1, 2, 3, 4], [2, 3, 4, 5]], fairest=True, max_price=0.1)
    >>> answer.loads.tolist(), answer.price
    ([6.0, 5.0], 0.1)

    Two burdens, hours and nights, and at least one task each:

    >>> nights = evenhand.Rule([0, 1, 1, 0], evenhand.MaxOverMean(1), name="nights")
    >>> hours = evenhand.Rule([[1, 2, 3, 4], [2, 3, 4, 5]], evenhand.MaxOverMean(1), name="hours")
    >>> answer = evenhand.assign([[1, 2, 3, 4], [2, 3, 4, 5]], rules=[hours, nights, evenhand.Limits("tasks", least=1)])
    >>> answer.cost, [rule.loads.tolist() for rule in answer.rules]
    (12.0, [[6.0, 6.0], [1.0, 1.0], [2.0, 2.0]])
    """
    clock = Clock(time_limit, progress, maximise=maximise)
    beside = {"rules": rules, "needs": needs, "together": together, "times": times, "conflicts": conflicts}
    if any(given is not None for given in beside.values()):
        check_options(gap, time_limit, seed, workers)
        check_max_price(max_price, fairest=fairest)
        _refuse_without_meaning(beside, workers, certificate)
        ruled = assign_rules(
            costs,
            fairness=fairness,
            burdens=burdens,
            initial_loads=initial_loads,
            locked=locked,
            maximise=maximise,
            gap=gap,
            clock=clock,
            seed=seed,
            fairest=fairest,
            max_price=max_price,
            **beside,
        )
        return replace(ruled, seconds=clock.seconds)
    listed = as_candidates(costs, burdens)
    if listed is not None:
        if not listed.is_small:
            check_options(gap, time_limit, seed, workers)
            if certificate != "cuts" or fairest:
                given = "fairest" if fairest else f"certificate {certificate!r}"
                raise InputError(
                    f"{given}: only full tables have it; a table of candidates this large is solved under one rule and "
                    "certified by cuts"
                )
            rest: dict[str, Any] = {"initial_loads": initial_loads, "locked": locked, "maximise": maximise}
            asked: Any = fairness  # None is refused, like anything else that is no member
            answer = assign_candidates(listed, asked, gap=gap, clock=clock, seed=seed, **rest)
            return replace(answer, seconds=clock.seconds)
        check_pairs(listed, maximise=maximise)
        costs, burdens = listed.full(), None
    problem = build_problem(costs, burdens, initial_loads, locked, maximise=maximise)
    asked = EpsilonFairness(0.0) if fairness is None and fairest else fairness
    asked = check_fairness(asked, problem.agents)
    check_options(gap, time_limit, seed, workers)
    check_max_price(max_price, fairest=fairest)
    prepare(progress, clock)
    options: dict[str, Any] = {"gap": gap, "clock": clock, "seed": seed, "workers": workers, "certificate": certificate}
    answer = solve_in_full(problem, asked, **options, fairest=fairest, max_price=max_price)
    return replace(answer, seconds=clock.seconds)


def _refuse_without_meaning(beside: Mapping[str, Any], workers: int, certificate: str) -> None:
    """Raise `InputError` for an option that an answer under several rules cannot have."""
    given = next(name for name, value in beside.items() if value is not None)
    if certificate != "cuts":
        raise InputError(
            f"certificate {certificate!r}: with {given}, an answer is certified by multipliers; leave it out"
        )
    if workers != 1:
        raise InputError(f"workers {workers}: with {given}, one thread searches; leave it out")


def solve_in_full(
    problem: Problem,
    fairness: Fairness,
    *,
    gap: float,
    clock: Clock,
    seed: int,
    workers: int,
    certificate: str = "cuts",
    warmth: Warmth | None = None,
    fairest: bool = False,
    max_price: float | None = None,
) -> Assignment:
    """Solve a checked problem, as :func:`assign` does; if nothing is fair, find the strictest parameter that is met."""
    if certificate not in ("cuts", "tree"):
        raise InputError(f"certificate is {certificate!r}; it must be 'cuts' or 'tree'")
    options: dict[str, Any] = {"gap": gap, "clock": clock, "seed": seed, "workers": workers}
    options["prove"] = certificate == "tree"
    if fairest:
        answer = fairest_assignment(problem, fairness, max_price=max_price, **options)
    else:
        answer, _ = solve(problem, fairness, warmth=warmth, **options)
    if answer.status != "infeasible":
        return answer
    if answer.interrupted:
        clock.stop()
    attainable = strictest(problem, fairness, clock=clock, refuted=fairness.parameter)
    return replace(answer, attainable=attainable, interrupted=answer.interrupted or attainable.interrupted)
