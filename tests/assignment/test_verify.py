"""Verification without the solver, on answers made by hand and on answers tampered with."""

from __future__ import annotations

import copy
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from evenhand.assignment import assign
from evenhand.assignment.assignment_result import Assignment, Certificate
from evenhand.assignment.verify import verify
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, GiniAtMost, MaxOverMean
from evenhand.tables import CostTable

if TYPE_CHECKING:
    from evenhand.assignment.verdict import Verdict

# Agent 0 charges 1 for each of four tasks, agent 1 charges 2. With k tasks for agent 0 the loads are (k, 2 (4
# - k)) and the largest over the mean is 2, 1.2, 1.33, ... for k = 4, 3, 2: at most 1.2 leaves k = 3, cost 5.
# The cut at (1, 0) is v = (0.6 - 1, 0.6), and with multiplier 0.625 either agent costs 1.25 a task: the
# certificate proves 5 as well.
COSTS = np.array([[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
NAMES = {"agents": ("agent-1", "agent-2"), "tasks": ("task-1", "task-2", "task-3", "task-4")}


def answer(**changes: Any) -> Assignment:
    """Return the optimal answer to COSTS at a largest load of 1.2 times the mean, with `changes`."""
    fields: dict[str, Any] = {
        "status": "optimal",
        "assignment": np.array([0, 0, 1, 0]),
        "loads": np.array([3.0, 2.0]),
        "cost": 5.0,
        "base_cost": 4.0,
        "bound": 5.0,
        "certified_gap": 0.0,
        "fairness": MaxOverMean(1.2),
        "certificate": Certificate("bound", np.array([0.625]), np.array([[1.0, 0.0]])),
        "seconds": 0.0,
        **NAMES,
    }
    return Assignment(**{**fields, **changes})


def infeasible(**changes: Any) -> Assignment:
    """Return a proven 'infeasible', true of COSTS with the initial loads of STARTED, with `changes`."""
    fields: dict[str, Any] = {
        "status": "infeasible",
        "assignment": None,
        "loads": None,
        "cost": None,
        "bound": math.inf,
        "certified_gap": None,
        "certificate": Certificate("infeasible", np.array([1.0]), np.array([[1.0, 0.0]])),
    }
    return answer(**{**fields, **changes})


STARTED = {"initial_loads": [20.0, 0.0]}  # agent 0 carries 20 before four tasks of at most 2: (20, 8) at best


def reasons(verdict: Verdict) -> str:
    assert not verdict.verified
    assert verdict.reasons
    return "; ".join(verdict.reasons)


def test_optimal_answer_is_verified_and_its_proof_told() -> None:
    verdict = verify(COSTS, answer())
    assert verdict.verified, verdict.reasons
    assert (verdict.fair, verdict.cost) == (True, 5.0)
    assert verdict.bound == pytest.approx(5.0, rel=1e-12)
    assert verdict.certified_gap == pytest.approx(0.0, abs=1e-12)
    assert verdict.margins["fairness"] == pytest.approx(0.0, abs=1e-12)
    assert verdict.search_only == ()
    assert any("no exactly fair assignment costs less than" in sentence for sentence in verdict.proven)


def test_json_round_trip_is_verified_alike() -> None:
    data = json.loads(json.dumps(answer().to_dict()))
    assert verify(COSTS, data).to_dict() == verify(COSTS, answer()).to_dict()


def test_what_rests_on_the_search_is_named() -> None:
    """Half the multiplier proves 4 x 1.125 = 4.5: the rest of the bound is the search's."""
    weak = Certificate("bound", np.array([0.3125]), np.array([[1.0, 0.0]]))
    verdict = verify(COSTS, answer(certificate=weak, certified_gap=0.1))
    assert verdict.verified, verdict.reasons
    assert verdict.bound == pytest.approx(4.5, rel=1e-12)
    assert verdict.search_only == ("the gap of 0 rests on the search; the certificate alone proves 0.1",)


def test_without_certificate_the_cheapest_agents_prove_a_bound() -> None:
    verdict = verify(COSTS, answer(certificate=None, certified_gap=0.2))
    assert verdict.verified, verdict.reasons
    assert verdict.bound == 4.0
    assert "the cheapest agent of each task alone proves 0.2" in verdict.search_only[0]


def test_loads_are_those_of_the_burdens() -> None:
    """Paid 1 and 2 a task but sharing hours of 1 each, 2 + 2 tasks are even: cost 6."""
    hours = np.ones((2, 4))
    even = answer(
        assignment=np.array([0, 1, 0, 1]), loads=np.array([2.0, 2.0]), cost=6.0, bound=4.0,
        certificate=None, certified_gap=1 / 3, status="time_limit",
    )  # fmt: skip
    assert verify(COSTS, even, burdens=hours).verified
    assert "load of agent" in reasons(verify(COSTS, even))


def test_initial_loads_count() -> None:
    assert "load of agent agent-1" in reasons(verify(COSTS, answer(), initial_loads=[1.0, 0.0]))
    assert "load of agent agent-2" in reasons(verify(COSTS, answer(), initial_loads={"agent-2": 1.0}))


def test_unfair_loads_are_refuted() -> None:
    greedy = answer(
        assignment=np.zeros(4, dtype=int),
        loads=np.array([4.0, 0.0]),
        cost=4.0,
        bound=4.0,
        certificate=None,
    )
    verdict = verify(COSTS, greedy)
    assert verdict.fair is False
    assert "the loads are not fair" in reasons(verdict)
    assert verdict.margins["fairness"] == pytest.approx((1.2 - 2) / 1.2)


def test_undecided_fairness_is_not_verified() -> None:
    class Undecided(MaxOverMean):
        def exact_contains(self, loads: Any, tolerance: Any) -> bool | None:
            return None

    verdict = verify(COSTS, answer(fairness=Undecided(1.2)))
    assert verdict.fair is None
    assert "undecided" in reasons(verdict)
    assert "fairness" in verdict.margins


def test_forbidden_pair_is_refused() -> None:
    costs = COSTS.copy()
    costs[1, 2] = np.inf
    assert "task-3 is with agent agent-2, who is forbidden" in reasons(verify(costs, answer()))


def test_locked_pair_is_kept() -> None:
    """With task 2 locked to agent 1 the bound may only rise; locked elsewhere, the answer breaks its word."""
    assert verify(COSTS, answer(), locked={"task-3": "agent-2"}).fair
    assert "it is locked to agent-1" in reasons(verify(COSTS, answer(), locked={2: 0}))


def test_stated_bound_above_the_cost_is_refused() -> None:
    assert "above the cost" in reasons(verify(COSTS, answer(bound=5.1)))


def test_infeasibility_is_proven_by_its_certificate() -> None:
    """With v = (-0.4, 0.6), v . x = -0.4 (20 + k) + 0.6 * 2 (4 - k) <= -8 + 4.8 for every k in 0..4."""
    verdict = verify(COSTS, infeasible(), **STARTED)
    assert verdict.verified, verdict.reasons
    assert verdict.bound == math.inf
    assert verdict.fair is None
    assert verdict.search_only == ()
    assert verdict.margins["infeasibility"] == pytest.approx(3.2 / (0.4 * 24 + 0.6 * 8))


def test_infeasibility_without_certificate_rests_on_the_search() -> None:
    verdict = verify(COSTS, infeasible(certificate=None), **STARTED)
    assert "no certificate" in reasons(verdict)
    assert verdict.search_only == ("the infeasibility rests on the search",)


def test_bound_does_not_prove_infeasibility() -> None:
    """Loads of 1, 2 and 4 are never even, though fractions of them are: only a search can tell."""
    costs = np.tile([1.0, 2.0, 4.0, 8.0], (2, 1))
    bound = Certificate("bound", np.array([1.0]), np.array([[1.0, 0.0]]))
    verdict = verify(costs, infeasible(fairness=EpsilonFairness(1.0), certificate=bound))
    assert reasons(verdict) == "infeasibility is not proven: the certificate only bounds the cost"
    assert verdict.search_only == ("the infeasibility rests on the search",)
    assert 0 < verdict.bound <= 15.0


def test_false_infeasibility_is_not_proven() -> None:
    assert "not positive" in reasons(verify(COSTS, infeasible()))


def test_bound_alone_is_verified_when_nothing_was_found() -> None:
    nothing = {
        "assignment": None,
        "loads": None,
        "cost": None,
        "certified_gap": None,
        "status": "time_limit",
    }
    verdict = verify(COSTS, answer(**nothing, bound=4.9))
    assert verdict.verified, verdict.reasons
    assert (verdict.fair, verdict.cost, verdict.search_only) == (None, None, ())
    assert "rests on the search" in verify(COSTS, answer(**nothing, bound=5.5)).search_only[0]
    assert "yet there is no assignment" in reasons(verify(COSTS, answer(**{**nothing, "status": "optimal"})))


def test_names_must_be_those_of_the_table() -> None:
    """Positions mean other people when the table is in another order."""
    table = CostTable(COSTS, ("Ann", "Bo"), NAMES["tasks"])
    assert verify(table, answer(agents=("Ann", "Bo"))).verified
    assert "agent 0 is 'Ann' in the table and 'Bo' in the answer" in reasons(
        verify(table, answer(agents=("Bo", "Ann")))
    )
    by_position = verify(COSTS, answer(agents=("Ann", "Bo")))  # a bare array names nobody
    assert by_position.verified
    assert by_position.on_trust == ("the table names no agents: the agents are compared by position",)


SWAPPED = {"agents": ("agent-2", "agent-1"), "tasks": ("task-1", "task-2", "task-4", "task-3")}


@pytest.mark.parametrize("kind", ["agents", "tasks"])
@pytest.mark.parametrize("table", [COSTS, CostTable(COSTS, *NAMES.values())], ids=["array", "named alike"])
def test_permuted_names_are_refused_where_they_look_made_up(table: Any, kind: str) -> None:
    """`agent-1` may be a name of the table's own, or made up for an array: either way it is no other agent."""
    data = assign(table, MaxOverMean(1.2)).to_dict()
    assert verify(table, data).verified
    permuted = {**data, kind: list(SWAPPED[kind])}
    for named in (data["named"], {"agents": True, "tasks": True}, {"agents": False, "tasks": False}, None):
        reasons(verify(table, {**permuted, "named": named}))
    without = {key: value for key, value in permuted.items() if key != "named"}
    reasons(verify(table, without))


def test_an_answer_that_does_not_say_whether_names_were_made_up_must_have_the_tables() -> None:
    """As older versions wrote it."""
    data = {**answer(agents=("Ann", "Bo")).to_dict(), "named": None}
    assert "'agent-1' in the table and 'Ann' in the answer" in reasons(verify(COSTS, data))
    assert verify(COSTS, {**data, "agents": list(NAMES["agents"])}).verified


@pytest.mark.parametrize("named", [[], {"agents": True}, {"agents": 1, "tasks": 0}, {"agents": True, "tasks": None}])
def test_whether_names_are_the_tables_own_is_true_or_false(named: Any) -> None:
    with pytest.raises(InputError, match="named is"):
        verify(COSTS, {**answer().to_dict(), "named": named})


def test_burdens_in_another_order_are_refused() -> None:
    hours = CostTable(np.ones((2, 4)), NAMES["agents"][::-1], NAMES["tasks"])
    with pytest.raises(InputError, match="burdens list the agents in another order"):
        verify(COSTS, answer(), burdens=hours)


def test_all_zero_costs_are_verified() -> None:
    idle = answer(cost=0.0, loads=np.zeros(2), bound=0.0, certificate=None, fairness=EpsilonFairness(1.0))
    assert verify(np.zeros((2, 4)), idle).verified


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_extreme_scales_are_verified(scale: float) -> None:
    # 5e300 and 5e-300 have mantissas of their own: sum the scaled entries, do not scale the sums.
    costs = COSTS * scale
    cost, loads = 3 * costs[0, 0] + costs[1, 0], np.array([3 * costs[0, 0], costs[1, 0]])
    for fairness in (MaxOverMean(1.2), EpsilonFairness(0.1, p=10), GiniAtMost(0.4)):
        stated = answer(
            cost=cost,
            loads=loads,
            bound=0.0,
            fairness=fairness,
            certificate=None,
            certified_gap=0.2,
        )
        verdict = verify(costs, stated)
        assert verdict.verified, verdict.reasons


def test_sums_beyond_floats_are_bad_input() -> None:
    with pytest.raises(InputError, match="scale them"):
        verify(np.full((2, 4), 1.7e308), answer())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"burdens": np.ones((2, 3))}, "burdens have shape"),
        ({"burdens": -np.ones((2, 4))}, "burden of agent agent-1 for task task-1 is -1.0"),
        ({"initial_loads": [1.0]}, "initial loads have shape"),
        ({"initial_loads": [1.0, math.nan]}, "initial load of agent agent-2"),
        ({"locked": {9: 0}}, "no task 9"),
        ({"locked": {0: "Zoe"}}, "no agent 'Zoe'"),
        ({"locked": [0]}, "locked is a list"),
        ({"locked": {0: 0, "task-1": 1}}, "locked to agents agent-1 and agent-2"),
    ],
)
def test_bad_problems_are_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        verify(COSTS, answer(), **given)


@pytest.mark.parametrize("stated", [None, 3, [], "optimal", {}, {"status": "optimal"}])
def test_what_is_no_answer_is_refused(stated: Any) -> None:
    with pytest.raises(InputError):
        verify(COSTS, stated)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a JSON tree."""
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in items:
        found += paths(entry, (*path, key))
    return found


# What verification does not depend on, and what may be absent: an unnamed answer is still an answer.
NOT_CLAIMED = {"seconds", "version", "attainable", "agents", "tasks", "named"}
WRONG = [None, True, "x", -1, 0.5, 7, math.nan, math.inf, 10**400, [], {}, [[]], 0.25, 1e308]


def same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and a == b


@pytest.mark.parametrize("make", [answer, infeasible])
def test_tampered_json_is_never_verified_and_never_crashes(make: Any) -> None:
    """Every value of the JSON replaced by every wrong one is an InputError or refused."""
    data = json.loads(json.dumps(make().to_dict()))
    given = STARTED if make is infeasible else {}
    messages = []
    assert verify(COSTS, data, **given).verified
    for path in paths(data)[1:]:
        if path[0] in NOT_CLAIMED:
            continue
        for wrong in WRONG:
            tampered = copy.deepcopy(data)
            parent = tampered
            for key in path[:-1]:
                parent = parent[key]
            if same(parent[path[-1]], wrong):
                continue
            parent[path[-1]] = wrong
            try:
                verdict = verify(COSTS, tampered, **given)
            except InputError as error:
                messages.append(str(error))
            else:
                # Another multiplier or point can prove the same; nothing else may pass.
                assert not verdict.verified or path[0] == "certificate", (path, wrong)
    assert messages
    assert not any("\n" in message for message in messages)


@pytest.mark.parametrize("key", ["status", "assignment", "loads", "cost", "bound", "gap", "fairness", "certificate"])
def test_missing_fields_are_named(key: str) -> None:
    data = answer().to_dict()
    del data[key]
    with pytest.raises(InputError, match=key):
        verify(COSTS, data)


def test_an_answer_with_the_old_name_of_the_bound_is_refused() -> None:
    data = answer().to_dict()
    data["lower_bound"] = data.pop("bound")
    with pytest.raises(InputError, match=r"the answer has no 'bound'; .* as this version writes it"):
        verify(COSTS, data)


def test_verdict_says_itself_briefly_and_in_json() -> None:
    verdict = verify(COSTS, answer())
    assert repr(verdict) == f"Verdict(verified, cost 5, certified gap {verdict.certified_gap:.2g})"
    assert json.loads(json.dumps(verdict.to_dict()))["verified"] is True
    assert "not fair" in repr(verify(COSTS, answer(fairness=MaxOverMean(1.1))))
    assert verify(COSTS, infeasible(), **STARTED).to_dict()["bound"] is None


def test_gaps_above_one_are_compared_relatively() -> None:
    """With the multiplier 1e6 the certificate proves 4 (2 - 1.2e6), a gap of 959999.4: rounded at 1e-10 of itself."""
    weak = Certificate("bound", np.array([1e6]), np.array([[1.0, 0.0]]))
    assert verify(COSTS, answer(certificate=weak, certified_gap=959999.4 * (1 + 1e-10))).verified
    assert "certified_gap" in reasons(verify(COSTS, answer(certificate=weak, certified_gap=959999.4 * (1 + 1e-8))))


def test_a_class_is_no_member() -> None:
    with pytest.raises(InputError, match="fairness is <class"):
        verify(COSTS, answer(fairness=MaxOverMean))


def test_series_of_pandas_are_read_by_name_as_by_assign() -> None:
    """The loads stand in another order than the agents."""
    pandas = pytest.importorskip("pandas")
    given = {"initial_loads": pandas.Series({"agent-2": 6.0, "agent-1": 0.0}), "locked": pandas.Series({"task-1": 0})}
    found = assign(COSTS, EpsilonFairness(0.5), **given)
    assert found.loads.tolist() == [4.0, 6.0]
    assert verify(COSTS, found, **given).verified
