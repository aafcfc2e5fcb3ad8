"""The built-in tasks return what the library's own calls return."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.learning.small_run import SMALL

from evenhand.learning.record import Terms, record_of
from evenhand.learning.training import train as train_team
from evenhand.sweeps.tasks import assign, plan, train

COSTS = np.array([[1, 2, 3, 4, 2.5], [2, 3, 4, 5, 3]])


def cheapest_with_cv(limit):
    """Return cost and loads of the cheapest assignment with a coefficient of variation up to `limit`, by trying all."""
    best = (np.inf, np.zeros(2))
    for agents in itertools.product(range(2), repeat=5):
        paid = COSTS[np.array(agents), np.arange(5)]
        loads = np.bincount(agents, paid, minlength=2)
        if loads.std() <= limit * loads.mean() and paid.sum() < best[0]:
            best = float(paid.sum()), loads
    return best


@pytest.fixture
def table(tmp_path):
    """Return the path of a small table of costs."""
    file = tmp_path / "costs.csv"
    rows = [",t1,t2,t3,t4,t5", *(f"{name}," + ",".join(map(str, row)) for name, row in zip("ab", COSTS, strict=True))]
    file.write_text("\n".join(rows))
    return str(file)


def test_assign_solves_a_file_as_enumeration_does(table):
    result = assign.run({"data": table, "cv": 0.1, "gap": 0.0})
    cost, loads = cheapest_with_cv(0.1)
    assert result["solve_status"] == "optimal"
    assert result["verified"] is True
    assert result["cost"] == pytest.approx(cost)
    assert result["price"] == pytest.approx(cost / COSTS.min(axis=0).sum() - 1.0)
    assert sorted(result["loads"]) == pytest.approx(sorted(loads))
    assert result["cv"] == pytest.approx(loads.std() / loads.mean())
    assert result["max_over_mean"] == pytest.approx(loads.max() / loads.mean())
    assert result["bound"] <= result["cost"]


def test_assign_takes_the_seed_for_the_instance():
    ways = [{"distribution": "plane"}, {"distribution": "nursing"}]
    costs = {
        (index, seed): assign.run({"agents": 2, "tasks": 6, "seed": seed, "epsilon": 0.0, **way})["cost"]
        for index, way in enumerate(ways)
        for seed in (0, 1, 0)
    }
    assert len(set(costs.values())) == 4


def test_assign_tells_what_is_infeasible(tmp_path):
    # One task cannot be shared by two.
    file = tmp_path / "one.csv"
    file.write_text(",t\na,1\nb,2\n")
    result = assign.run({"data": str(file), "jain": 0.9})
    assert (result["solve_status"], result["cost"], result["loads"]) == ("infeasible", None, None)
    assert result["attainable"] == pytest.approx(0.5), "Jain's index of (1, 0) is 1/2"


def test_plan_knows_the_exact_trade_off():
    # The README's example: the quickest plan takes 10 steps, with an index of .41; a fair one takes longer.
    quick, fair, out = (plan.run({"scenario": "lone-expert", "jain": jain, "starts": 1}) for jain in (0.0, 0.8, 1.0))
    assert (quick["episode_steps"], round(quick["quickest_jain"], 2)) == (10.0, 0.41)
    assert 10.0 < fair["episode_steps"] < fair["fairest_steps"]
    assert out["fairest_jain"] < 1.0
    assert out["episode_steps"] is None


def test_train_judges_as_evaluate_does(few_episodes):
    asked = SMALL.to_dict()
    one = train.run({**asked, "episodes": 50})
    both = train.run({**asked, "episodes": 50, "taus": [0.5, asked["tau"]]})
    record = record_of(train_team(SMALL), Terms(episodes=50, tau=SMALL.tau)).to_dict()
    assert one["judged_at"] == SMALL.tau
    for name in ("success", "jain", "episode_steps", "multiplier"):
        estimate = {"mean": one[name], "low": one[f"{name}_low"], "high": one[f"{name}_high"]}
        assert estimate == record[name]
    assert set(both) == {"at_0.5", f"at_{SMALL.tau:g}", "controller_multiplier", "training_seconds", "judging_seconds"}
    assert both[f"at_{SMALL.tau:g}"] == {name: value for name, value in one.items() if name in both["at_0.5"]}
