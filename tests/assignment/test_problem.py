"""What a user may get wrong about a problem is said in one line that names the value and where it stood."""

from __future__ import annotations

import numpy as np
import pytest

import evenhand
from evenhand.assignment.build_problem import build_problem
from evenhand.errors import InputError
from evenhand.tables import CostTable

INF = float("inf")
FAIR = evenhand.EpsilonFairness(0.5, p=2)


@pytest.mark.parametrize(
    ("costs", "options", "words"),
    [
        ([[1.0, 2.0]], {}, "at least 2 agents"),
        ([[1.0, -2.0], [1.0, 1.0]], {}, "task-2.*agent-1.*-2"),
        ([[1.0, float("nan")], [1.0, 1.0]], {}, "task-2.*agent-1.*nan"),
        ([[1.0, INF], [1.0, INF]], {}, "task-2.*forbidden.*every agent"),
        ([[1e308, 1e308], [1e308, 1e308]], {}, "rescale"),
        ([[1.0, 1.0], [1.0, 1.0]], {"burdens": [[1.0], [1.0]]}, "2 agents x 1 tasks, costs 2 x 2"),
        ([[1.0, 1.0], [1.0, 1.0]], {"burdens": [[1.0, INF], [1.0, 1.0]]}, "burden of task 'task-2'.*inf"),
        ([[1.0, 1.0], [1.0, 1.0]], {"initial_loads": [1.0]}, r"shape \(1,\)"),
        ([[1.0, 1.0], [1.0, 1.0]], {"initial_loads": [1.0, -1.0]}, "initial load of agent 'agent-2' is -1"),
        ([[1.0, 1.0], [1.0, 1.0]], {"initial_loads": {"nobody": 1.0}}, "nobody"),
        ([[1.0, 1.0], [1.0, 1.0]], {"initial_loads": ["a", "b"]}, "one number for each agent"),
        ([[1.0, INF], [1.0, 1.0]], {"locked": {"task-2": "agent-1"}}, "task-2.*agent-1.*forbidden"),
        ([[1.0, 1.0], [1.0, 1.0]], {"locked": {"task-9": 0}}, "task-9.*not in the table"),
        ([[1.0, 1.0], [1.0, 1.0]], {"locked": {0: 7}}, "7.*position from 0 to 1"),
        ([[1.0, 1.0], [1.0, 1.0]], {"locked": {0: 0, "task-1": 1}}, "decided for both"),
        ([[1.0, 1.0], [1.0, 1.0]], {"locked": [(0, 1)]}, "locked is a list"),
        ([[1.0, 1.0], [1.0, 1.0]], {"initial_loads": {0: [1.0, 2.0]}}, "one number for each agent"),
        ([[1.0, 1.0], [1.0, 1.0]], {"initial_loads": [1.7e308, 1.7e308]}, "1.7e.308 is the largest"),
        ([[1e-300, 1e-300], [1e-300, 1e-300]], {"initial_loads": [1e300, 0.0]}, "initial load is 1e.300.*too far"),
        ([[1e200, 1e200], [1e200, 1e200]], {"burdens": [[1e-200] * 2] * 2}, "cost is 1e.200.*burden 1e-200.*too far"),
    ],
)
def test_wrong_values_are_named(costs: list[list[float]], options: dict[str, object], words: str) -> None:
    """Each wrong value raises InputError with one line saying what, where and what would be right."""
    with pytest.raises(InputError, match=words) as caught:
        build_problem(costs, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"gap": -1e-4}, "gap is -0.0001"),
        ({"gap": 1.0}, "gap is 1.0"),
        ({"gap": float("nan")}, "gap is nan"),
        ({"time_limit": 0.0}, "time_limit is 0.0"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 0.5}, "seed is 0.5"),
        ({"gap": "narrow"}, "gap is 'narrow'"),
        ({"gap": None}, "gap is None"),
        ({"time_limit": "5"}, "time_limit is '5'"),
        ({"time_limit": True}, "time_limit is True"),
        ({"seed": True}, "seed is True"),
        ({"seed": "1"}, "seed is '1'"),
        ({"fairness": None}, "fairness is None"),
        ({"fairness": evenhand.EpsilonFairness}, "fairness is <class"),
    ],
)
def test_options_out_of_range_are_named(options: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        evenhand.assign([[1.0, 2.0], [2.0, 1.0]], **{"fairness": FAIR, **options})


def test_entitlements_must_match_the_agents() -> None:
    fairness = evenhand.EpsilonFairness(0.5, p=2, entitlements=(1.0, 1.0, 1.0))
    with pytest.raises(InputError, match="3 given for 2 agents"):
        evenhand.assign([[1.0, 2.0], [2.0, 1.0]], fairness)


def test_burdens_in_another_order_are_refused() -> None:
    """Silently pairing Ann's costs with Ben's hours would be worse than an error."""
    values = np.ones((2, 2))
    costs = CostTable(values, ("Ann", "Ben"), ("t1", "t2"), None, None, "costs")
    hours = CostTable(values, ("Ben", "Ann"), ("t1", "t2"), None, None, "hours")
    with pytest.raises(InputError, match="another order"):
        build_problem(costs, hours)


def test_burdens_of_forbidden_pairs_do_not_matter() -> None:
    problem = build_problem([[1.0, INF], [1.0, 1.0]], [[1.0, float("nan")], [1.0, 1.0]])
    assert problem.burdens.tolist() == [[1.0, 0.0], [1.0, 1.0]]


def test_names_and_positions_lock_the_same_pair() -> None:
    costs = [[1.0, 2.0], [2.0, 1.0]]
    by_name = build_problem(costs, locked={"task-1": "agent-2"})
    by_position = build_problem(costs, locked={0: 1})
    assert by_name.locked.tolist() == by_position.locked.tolist() == [1, -1]
    assert by_name.allowed.tolist() == [[False, True], [True, True]]


def test_entitlements_by_name_and_who_is_entitled_to_nothing() -> None:
    costs = CostTable(np.ones((2, 3)), ("Ann", "Bo"), ("t1", "t2", "t3"))
    line = evenhand.price_of_fairness(costs, 2, [1.0], entitlements={"Bo": 1, "Ann": 2})
    assert line.points[0].loads == (2.0, 1.0)
    for given, words in (
        ({"Ann": 0, "Bo": 1}, "entitlement of agent 'Ann' is 0"),
        ([1, 0], "entitlement of agent 'Bo' is 0"),
        ({"Ann": 1}, "has no agent 'Bo'"),
        ({"Ann": 1, "Bo": 1, "Eve": 1}, "names 'Eve'"),
    ):
        with pytest.raises(InputError, match=words):
            evenhand.max_epsilon(costs, entitlements=given)
