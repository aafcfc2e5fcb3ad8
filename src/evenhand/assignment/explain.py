"""Explain an assignment: which loads are binding, what moves would cost, and how another assignment differs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.assignment.assignment_result import Assignment
from evenhand.assignment.case import Case, read_case
from evenhand.assignment.explanation import Comparison, Explanation, Handover, Share
from evenhand.assignment.names import check_names
from evenhand.assignment.question_to_verify import made_otherwise, mismatches, read_question
from evenhand.assignment.recount import Findings, relative_margin
from evenhand.assignment.rules.explain_rules import RuledExplanation, explain_rules
from evenhand.assignment.rules.rule import Limits, Rule
from evenhand.assignment.rules.ruled_assignment import RuledAssignment
from evenhand.assignment.stated_answer import Stated, maximises, read_stated
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.shares import shares_of

_NOISE = 1e-9  # price, relative to the largest, at or below which it counts as zero
_TIGHT = 0.01  # relative margin below which, without a certificate, fairness counts as binding


@overload
def explain(
    costs: Any,
    assignment: Assignment | Mapping[str, Any],
    *,
    other: Assignment | Mapping[str, Any] | None = None,
    fairness: Fairness | None = None,
    entitlements: ArrayLike | Mapping[str, float] | None = None,
    maximise: bool | None = None,
    burdens: Any = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
) -> Explanation: ...


@overload
def explain(
    costs: Any,
    assignment: RuledAssignment | Mapping[str, Any],
    *,
    rules: Sequence[Rule | Limits],
    needs: Any = None,
    together: Iterable[Sequence[str | int]] | None = None,
    times: Any = None,
    conflicts: Any = None,
    fairness: Fairness | None = None,
    maximise: bool | None = None,
    burdens: Any = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
) -> RuledExplanation: ...


def explain(
    costs: Any,
    assignment: Assignment | RuledAssignment | Mapping[str, Any],
    *,
    other: Assignment | Mapping[str, Any] | None = None,
    fairness: Fairness | None = None,
    entitlements: ArrayLike | Mapping[str, float] | None = None,
    maximise: bool | None = None,
    burdens: Any = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
    rules: Sequence[Rule | Limits] | None = None,
    needs: Any = None,
    together: Iterable[Sequence[str | int]] | None = None,
    times: Any = None,
    conflicts: Any = None,
) -> Explanation | RuledExplanation:
    r"""Explain which loads are binding, what moving a task would cost, and how another assignment differs.

    Shadow prices come from the certificate's vector v. If the initial load :math:`x^0_i` of agent i falls by one unit,
    the bound :math:`\sum_j \min_i (c_{ij} - v_i b_{ij}) - v \cdot x^0` falls by :math:`-v_i`.

    Parameters
    ----------
    costs, burdens, initial_loads, locked
        The problem, as it was given to :func:`evenhand.assignment.assign`.
    assignment
        The answer to explain, or the dictionary read from its JSON.
    other
        A second answer to the same problem, to compare with the first.
    fairness, entitlements, maximise
        The question, as for :func:`evenhand.assignment.verify`; None for the one that the answer states.
    rules, needs, together, times, conflicts
        The question under several rules: the explanation is then that of
        :func:`~evenhand.assignment.explain_rules`, what each rule costs.

    Raises
    ------
    InputError
        If the problem or an answer cannot be read, an answer holds no assignment, or `assignment` is the answer to
        another question.

    Examples
    --------
    >>> import evenhand
    >>> costs = [[1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 5.0, 5.0]]
    >>> answer = evenhand.assign(costs, evenhand.MaxOverMean(2))
    >>> evenhand.explain(costs, answer).binding
    ()
    """
    beside = {"rules": rules, "needs": needs, "together": together, "times": times, "conflicts": conflicts}
    if isinstance(assignment, RuledAssignment) or any(given is not None for given in beside.values()):
        for name, value in (("other", other), ("entitlements", entitlements)):
            if value is not None:
                raise InputError(f"{name}: has no meaning under several rules; leave it out")
        maximise = maximises(assignment) if maximise is None else maximise
        own = {"fairness": fairness, "burdens": burdens, "initial_loads": initial_loads, "locked": locked}
        ruled: Any = assignment
        return explain_rules(costs, ruled, maximise=maximise, **own, **beside)
    case = read_case(costs, burdens=burdens, initial_loads=initial_loads, locked=locked, maximise=maximises(assignment))
    stated = read_stated(assignment, case.agents, case.tasks)
    question = read_question(case, fairness, entitlements, None, maximise)
    for reason in (*made_otherwise(case, stated), *mismatches(question, stated)):
        raise InputError(reason)
    chosen = _chosen(stated, case, "the answer")
    loads = _loads(case, chosen)
    margin = float(relative_margin(stated.fairness, loads))
    shares = _shares(case, stated, chosen, loads)
    return Explanation(
        cost=case.in_user_sign(math.fsum(_paid(case, chosen).tolist())),
        fairness=stated.fairness,
        margin=margin,
        shares=shares,
        binding=_binding(shares, margin),
        comparison=None if other is None else _compare(case, chosen, loads, other),
        _case=case,
        _assignment=chosen,
        changes=stated.changes,
        change_price=0.0 if stated.certificate is None else stated.certificate.change_price,
    )


def _chosen(stated: Stated, case: Case, what: str) -> NDArray[np.intp]:
    found = Findings()
    check_names(case, stated, found)
    for reason in found.reasons:
        raise InputError(f"{what} is not about this table: {reason}")
    chosen = stated.assignment
    if chosen is None:
        raise InputError(f"{what} is {stated.status!r} and holds no assignment; there is nothing to explain")
    wrong = np.flatnonzero(~case.possible[chosen, np.arange(len(chosen))])
    if wrong.size:
        j = wrong[0]
        who = case.agents[chosen[j]]
        raise InputError(f"{what} gives task {case.tasks[j]} to agent {who}, who is forbidden to do it")
    return chosen


def _paid(case: Case, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
    return case.costs[chosen, np.arange(len(chosen))]


def _loads(case: Case, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
    carried = case.burdens[chosen, np.arange(len(chosen))]
    return case.initial_loads + np.bincount(chosen, carried, minlength=len(case.agents))


def _shares(case: Case, stated: Stated, chosen: NDArray[np.intp], loads: NDArray[np.float64]) -> tuple[Share, ...]:
    n, member = len(case.agents), stated.fairness
    top = float(loads.max())
    part = loads / top if top > 0 else loads  # scaled, because sums of loads near the largest float would overflow
    fair = part.sum() * shares_of(n, member.entitlements)
    counts = np.bincount(chosen, minlength=n)
    costs = np.bincount(chosen, _paid(case, chosen), minlength=n)
    pressure = member.subgradient(loads) - member.bound(n) / n
    prices = _prices(stated, n)
    return tuple(
        Share(
            agent=case.agents[i],
            tasks=int(counts[i]),
            cost=case.in_user_sign(float(costs[i])),
            load=float(loads[i]),
            of_mean=float(part[i] / fair[i]) if top > 0 else 1.0,
            pressure=float(pressure[i]),
            price=None if prices is None else float(prices[i]),
        )
        for i in range(n)
    )


def _prices(stated: Stated, n: int) -> NDArray[np.float64] | None:
    """Return the shadow price of each agent's load, shape (n,); None if the certificate proves no bound."""
    certificate = stated.certificate
    if certificate is None or certificate.kind != "bound":
        return None
    dual = np.zeros(n)
    for multiplier, point in zip(certificate.multipliers, certificate.points, strict=True):
        dual += multiplier * stated.fairness.cut(point)
    return -dual + 0.0  # no negative zeros


def _binding(shares: tuple[Share, ...], margin: float) -> tuple[str, ...]:
    if shares[0].price is not None:
        strength = [share.price or 0.0 for share in shares]
    elif margin < _TIGHT:
        strength = [share.pressure for share in shares]
    else:
        return ()
    order = sorted(range(len(shares)), key=lambda i: -strength[i])
    least = _NOISE * max(strength)
    # Prices are those of the relaxation, whose loads may differ from the plan's. A load of the plan that is below the
    # agent's fair share is not binding, whatever its price.
    return tuple(shares[i].agent for i in order if strength[i] > max(least, 0.0) and shares[i].of_mean > 1.0)


def _compare(
    case: Case, chosen: NDArray[np.intp], loads: NDArray[np.float64], other: Assignment | Mapping[str, Any]
) -> Comparison:
    second = _chosen(read_stated(other, case.agents, case.tasks), case, "the other answer")
    changes = _paid(case, second) - _paid(case, chosen)
    return Comparison(
        cost_change=case.in_user_sign(float(changes.sum())),
        load_changes=tuple((_loads(case, second) - loads).tolist()),
        handovers=tuple(
            Handover(
                case.tasks[j], case.agents[chosen[j]], case.agents[second[j]], case.in_user_sign(changes[j].item())
            )
            for j in np.flatnonzero(chosen != second).tolist()
        ),
    )
