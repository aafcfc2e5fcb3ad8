"""From a list of candidates, limits and a rule as users give them to the checked problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.build_problem import check_scales, check_sum
from evenhand.assignment.candidates.listed_burden import burden_of_pairs
from evenhand.assignment.candidates.listed_certificate import ListedCertificate
from evenhand.assignment.candidates.problem import check_pairs
from evenhand.assignment.candidates.several_problem import SeveralProblem
from evenhand.assignment.kernels.several_agents import Array, Listed
from evenhand.assignment.named_agents import initial_loads_of, position_of
from evenhand.assignment.rules.build_ruled_problem import limits_of, named_rules, needs_of
from evenhand.assignment.rules.rule import COUNT, Limits, Rule
from evenhand.assignment.rules.ruled_assignment import RuleResult
from evenhand.assignment.table_blocks import Extent
from evenhand.errors import InputError, prefixed
from evenhand.fairness import Fairness
from evenhand.fairness.protocol import RELATIVE_TOLERANCE
from evenhand.fairness.shares import for_agents
from evenhand.tables.candidate_table import CandidateTable, as_candidates
from evenhand.tables.cost_table import CostTable
from evenhand.tables.data_frames import as_table

NO_LIMIT = 1 << 40
"""The most tasks of an agent without a limit."""


@dataclass(frozen=True, eq=False)
class ListedProblem:
    """A checked problem with its names.

    Attributes
    ----------
    several
        The problem by position. A task with locked agents has two rows there: one of these, and one of the others.
    row_task
        Task of each row, shape (rows,).
    needs
        Number of different agents of each task, shape (m,).
    rules
        The rules and limits as asked, without loads.
    agents, tasks, named, maximise
        As in :class:`~evenhand.assignment.rules.ruled_problem.RuledProblem`.
    locked
        Agents locked to each task that has any.
    counts_carried
        What each rule's agents or tasks carry already.
    """

    several: SeveralProblem
    row_task: NDArray[np.int64]
    needs: NDArray[np.int64]
    rules: tuple[RuleResult, ...]
    agents: Sequence[str]
    tasks: Sequence[str]
    named: tuple[bool, bool]
    maximise: bool
    locked: Mapping[int, set[int]]
    counts_carried: tuple[Array, ...]

    def in_user_sign(self, value: Any) -> Any:
        """Return a cost, or a bound on one, with the sign of the user's table, or turn such a value back."""
        return 0 - value if self.maximise else value

    @property
    def made_with(self) -> dict[str, bool]:
        """Which of the inputs besides costs and rules were given."""
        several = bool((self.needs > 1).any())
        return {"needs": several, "together": False, "exclusive": False, "locked": bool(self.locked)}


def large_list(costs: Any, burdens: Any, rules: Any) -> CandidateTable | None:
    """Return the list of candidates that this solver takes; None for what full tables are solved for.

    It takes lists too large for a full table, and tables of any size under a Rule over tasks.
    """
    listed = as_candidates(costs, burdens)
    if listed is not None and not listed.is_small:
        return listed
    over = isinstance(rules, Sequence) and any(isinstance(rule, Rule) and rule.over == "tasks" for rule in rules)
    if not over:
        return None
    return listed if listed is not None else _listed(as_table(costs, copy=False))


def _listed(table: CostTable) -> CandidateTable:
    """Return the pairs of a full table whose cost is finite."""
    task, agent = np.nonzero(np.isfinite(table.values.T))
    starts = np.concatenate([[0], np.cumsum(np.bincount(task, minlength=len(table.tasks)))])
    burdens = None if table.burdens is None else table.burdens[agent, task]
    costs = table.values[agent, task]
    return CandidateTable(
        starts, agent.astype(np.int32), costs, burdens, table.agents, table.tasks, table.source, table.named
    )


def listed_problem(
    table: CandidateTable,
    rules: Sequence[Rule | Limits] | None = None,
    *,
    fairness: Fairness | None = None,
    burdens: Any = None,
    initial_loads: Any = None,
    needs: Any = None,
    together: Any = None,
    times: Any = None,
    conflicts: Any = None,
    locked: Mapping[Any, Any] | None = None,
    maximise: bool = False,
) -> ListedProblem:
    """Check everything that a call gives; arguments as for :func:`evenhand.assignment.assign`.

    Raises
    ------
    InputError
        If a value cannot be used, or what is asked needs a full table.
    """
    for name, given in (("together", together), ("times", times), ("conflicts", conflicts)):
        if given is not None:
            raise InputError(f"{name}: {why_not(table)}")
    listed: Any = rules
    if fairness is not None:
        shared = burdens if burdens is not None else table if table.burdens is None else table.burdens
        first = Rule(shared, fairness, name="profits" if maximise else "costs", initial_loads=initial_loads)
        listed = [first, *(() if rules is None else rules)]
    return build_several(table, listed, needs=needs, locked=locked, maximise=maximise)


def why_not(table: CandidateTable) -> str:
    """Return why a list of candidates does not take what full tables do, as the end of a message."""
    if table.is_small:
        return "a rule over tasks does not go with it; leave one of both out"
    return f"only full tables have it, and {table.source} is a large list of candidates; leave it out"


def build_several(
    table: CandidateTable,
    rules: Sequence[Rule | Limits] | None,
    *,
    needs: Any = None,
    locked: Mapping[Any, Any] | None = None,
    maximise: bool = False,
) -> ListedProblem:
    """Check a list of candidates and what is asked of it; arguments as for :func:`evenhand.assign`.

    Raises
    ------
    InputError
        If a value cannot be used, or the list is too large for what is asked; one line says which and where.
    """
    agents, tasks = table.agents, table.tasks
    n, m = len(agents), len(tasks)
    if n < 2:
        raise InputError(f"{table.source}: {n} agent; sharing needs at least 2 agents")
    check_pairs(replace(table, burdens=np.ones(len(table.costs))), maximise=maximise)
    named = () if rules is None else named_rules(rules)
    asked = [_Asked.of(rule, name, table) for rule, name in named]
    costs = np.asarray(-table.costs if maximise else table.costs, np.float64)
    check_sum(Extent.of(costs[np.newaxis][:, np.isfinite(costs)]), costs.size, "cost")
    needed = needs_of(needs, table, np.arange(m)).astype(np.int64)
    task = np.repeat(np.arange(m), np.diff(table.starts))
    open_ = costs < np.inf
    able = np.bincount(task[open_], minlength=m)
    short = np.flatnonzero(able < needed)
    if short.size:
        j = int(short[0])
        ones = "agent" if needed[j] == 1 else "agents"
        raise InputError(
            f"{table.source}: task {tasks[j]!r} needs {needed[j]} {ones} and has {able[j]} candidates; list "
            "more, or let it need fewer"
        )
    decided = _locked(locked, table, needed, open_)
    fixed = np.zeros(len(costs), np.bool_)
    for j, those in decided.items():
        pairs = slice(int(table.starts[j]), int(table.starts[j + 1]))
        fixed[pairs] = np.isin(table.agent_of[pairs], list(those))
    order = np.lexsort((table.agent_of, ~fixed, task))
    order = order[open_[order]]
    counts_fixed = np.bincount(task[fixed], minlength=m)
    order = order[fixed[order] | (counts_fixed < needed)[task[order]]]
    row_key = 2 * task[order] + ~fixed[order]
    keys, firsts = np.unique(row_key, return_index=True)
    row_task = keys // 2
    row_needs = np.where(keys % 2 == 0, counts_fixed[row_task], (needed - counts_fixed)[row_task])
    rule = next((one for one in asked if one.fairness is not None), None)
    measured = [one.result.name for one in asked if one.fairness is not None]
    if len(measured) > 1:
        what = "a rule over tasks" if table.is_small else "a list of candidates this large"
        raise InputError(
            f"{table.source}: {what} takes one measure, and limits on the number of tasks; "
            f"here are the measures {', '.join(map(repr, measured))}"
        )
    over_tasks = rule is not None and rule.over == "tasks"
    owner = task[order] if over_tasks else table.agent_of[order]
    listed = Listed(
        np.append(firsts, len(order)).astype(np.int64),
        table.agent_of[order].astype(np.int32),
        owner.astype(np.int32),
        costs[order],
        np.ones(len(order)) if rule is None else rule.burden[order],
        row_needs.astype(np.int64),
    )
    carried = np.zeros(n) if rule is None else rule.carried
    if rule is not None:
        check_scales(float(np.abs(listed.costs).max()), float(listed.burdens.max()), carried)
    least, most = np.zeros(n, np.int64), np.full(n, NO_LIMIT)
    for one in asked:
        if one.fairness is None:
            slack = RELATIVE_TOLERANCE
            low = np.ceil(np.where(np.isfinite(one.least), one.least * (1.0 - slack) - one.carried, 0.0))
            high = np.floor(np.where(np.isfinite(one.most), one.most * (1.0 + slack) - one.carried, NO_LIMIT))
            least, most = np.maximum(least, low.astype(np.int64)), np.minimum(most, high.astype(np.int64))
    several = SeveralProblem(listed, least, most, None if rule is None else rule.fairness, carried)
    results = tuple(one.result for one in asked)
    return ListedProblem(
        several,
        row_task,
        needed,
        results,
        agents,
        tasks,
        table.named,
        maximise,
        decided,
        tuple(one.carried for one in asked),
    )


def shortage_in_words(problem: ListedProblem, certificate: ListedCertificate | None) -> str:
    """Return which agents' limits alone make a plan impossible; "" unless that is what a certificate is about."""
    if certificate is None or certificate.kind != "infeasible" or not certificate.counts.any():
        return ""
    several, listed = problem.several, problem.several.listed
    those = certificate.counts != 0.0
    if certificate.corners.any() or certificate.multipliers.any() or len(np.unique(certificate.counts[those])) != 1:
        return ""
    names = [problem.agents[agent] for agent in np.flatnonzero(those)[:5].tolist()]
    count = int(those.sum())
    who = ", ".join(names) + (f" and {count - len(names):,} others" if count > len(names) else "")
    inside = np.add.reduceat(those[listed.agents].astype(np.int64), listed.starts[:-1])
    if certificate.counts.min() < 0.0:
        forced = np.maximum(listed.needs - (np.diff(listed.starts) - inside), 0)
        tasks, most = int((forced > 0).sum()), int(several.most[those].sum())
        return f"{tasks:,} tasks need {who} {int(forced.sum()):,} times, and together they may take {most:,}"
    able, least = int(np.minimum(inside, listed.needs).sum()), int(several.least[those].sum())
    return f"{who} must take {least:,} tasks together, and all who list them as candidates need them {able:,} times"


@dataclass(frozen=True, eq=False)
class _Asked:
    """A rule or limits after the checks: the burden of each pair, shape (k,), and what :class:`RuleResult` has."""

    result: RuleResult
    burden: Array
    carried: Array

    @property
    def fairness(self) -> Any:
        return self.result.fairness

    @property
    def over(self) -> str:
        return self.result.over

    @property
    def least(self) -> Array:
        return self.result.least

    @property
    def most(self) -> Array:
        return self.result.most

    @classmethod
    def of(cls, rule: Rule | Limits, name: str, table: CandidateTable) -> _Asked:
        agents, n = table.agents, len(table.agents)
        with prefixed(f"rule {name!r}"):
            if isinstance(rule, Limits):
                if not (isinstance(rule.burden, str) and rule.burden == COUNT):
                    what = "a rule over tasks goes with" if table.is_small else "a list of candidates this large takes"
                    raise InputError(f"{what} limits on the number of tasks alone; give {COUNT!r} as burden")
                least = limits_of(rule.least, agents, "least", -np.inf)
                most = limits_of(rule.most, agents, "most", np.inf)
                crossed = np.flatnonzero(least > most)
                if crossed.size:
                    i = int(crossed[0])
                    raise InputError(
                        f"least is {least[i]:g} and most is {most[i]:g} for agent {agents[i]!r}; "
                        "least must not exceed most"
                    )
                result = RuleResult(name, None, least, most, np.arange(n), None)
                carried = initial_loads_of(rule.initial_loads, agents)
                return cls(result, np.ones(len(table.costs)), carried)
            those = table.tasks if rule.over == "tasks" else agents
            fairness = for_agents(rule.fairness, those)
            given = fairness.entitlements
            if given is not None and len(given) != len(those):
                raise InputError(f"entitlements: {len(given)} given for {len(those)} {rule.over}; give one for each")
            if given is not None and None in given:
                raise InputError("a list of candidates this large compares all agents; give each an entitlement")
            free = np.full(len(those), np.inf)
            result = RuleResult(name, fairness, -free, free, np.arange(len(those)), None, rule.over)
            return cls(result, burden_of_pairs(rule.burden, table), initial_loads_of(rule.initial_loads, those))


def _locked(
    locked: Mapping[Any, Any] | None, table: CandidateTable, needs: NDArray[np.int64], open_: NDArray[np.bool_]
) -> dict[int, set[int]]:
    """Return the agents of each task that are decided beforehand."""
    if locked is not None and not hasattr(locked, "items"):
        raise InputError(f"locked is a {type(locked).__name__}; expected a mapping from tasks to agents")
    found: dict[int, set[int]] = {}
    for key, given in ({} if locked is None else locked).items():
        j = position_of(key, table.tasks, "locked: task")
        pairs = slice(int(table.starts[j]), int(table.starts[j + 1]))
        able = set(table.agent_of[pairs][open_[pairs]].tolist())
        for one in [given] if isinstance(given, str) or np.ndim(given) == 0 else list(given):
            agent = position_of(one, table.agents, "locked: agent")
            if agent not in able:
                raise InputError(
                    f"locked: task {table.tasks[j]!r} is decided for agent {table.agents[agent]!r}, who is no candidate"
                    " for it; unlock it or list the pair"
                )
            found.setdefault(j, set()).add(agent)
        if len(found.get(j, ())) > needs[j]:
            raise InputError(
                f"locked: task {table.tasks[j]!r} is decided for {len(found[j])} agents, but needs {needs[j]}; "
                "unlock some"
            )
    return found
