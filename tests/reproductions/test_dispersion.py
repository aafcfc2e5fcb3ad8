"""The paper on dispersion control again: trials on small instances, and what is said of made-up results."""

from __future__ import annotations

import csv
import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from reproductions.dispersion import document, equal_loads, plan, published
from reproductions.dispersion.equality import equality
from reproductions.dispersion.geometry import geometry
from reproductions.dispersion.instances import LAWS, costs_of
from reproductions.dispersion.solved import Solved, compared
from reproductions.dispersion.trials import ATTAIN, EQUAL, SOLVE, equal, solve
from reproductions.pages import page

from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness
from evenhand.sweeps import Outcome, Trial

if TYPE_CHECKING:
    from pathlib import Path

SMALL = {"law": "uniform", "agents": 3, "tasks": 7, "seed": 5}
ASKED = {"orders": ["2", "inf"], "epsilons": [0.5, 0.9], "gaps": [1e-4], "time_limit": 10.0, "verify": True}


def done(config: dict[str, Any], result: dict[str, Any], task: str = SOLVE) -> Outcome:
    return Outcome(Trial(task, config), "done", result, "", 1.5, 1.0, {"date": "2026-01-01", "cores": 2}, "0")


def enumerated(costs: np.ndarray, fairness: EpsilonFairness) -> float:
    agents, tasks = costs.shape
    best = math.inf
    for hands in itertools.product(range(agents), repeat=tasks):
        paid = costs[list(hands), range(tasks)]
        if fairness.contains(np.bincount(hands, weights=paid, minlength=agents)):
            best = min(best, float(paid.sum()))
    return best


def test_a_trial_solves_as_enumeration_does() -> None:
    result = solve(SMALL | ASKED)
    costs = costs_of(SMALL).values
    assert result["cheapest"] == pytest.approx(costs.min(axis=0).sum())
    assert len(result["rows"]) == 4
    for row in result["rows"]:
        fairness = EpsilonFairness(row["epsilon"], float(row["p"]))
        assert row["cost"] == pytest.approx(enumerated(costs, fairness), rel=1.01e-4)
        assert row["verified"]


def test_entitlements_are_drawn_and_kept() -> None:
    row = solve(SMALL | ASKED | {"entitled": True, "orders": ["2"], "epsilons": [0.9]})["rows"][0]
    shares = np.round(np.random.default_rng(5).uniform(0.5, 1.5, 3), 2)
    best = enumerated(costs_of(SMALL).values, EpsilonFairness(0.9, 2, entitlements=tuple(shares)))
    assert row["cost"] == pytest.approx(best, rel=1.01e-4)


def test_equal_loads_are_told_in_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equal_loads, "WAYS", 1 << 17)
    config = {"law": "uniform", "agents": 3, "tasks": 60, "seed": 1}
    result = equal(config)
    assert result["found"]
    assert result["fair"]
    costs = costs_of(config).values
    for agent, load in enumerate(result["loads"]):
        mine = [task for task, hand in enumerate(result["assignment"]) if hand == agent]
        assert sum(round(costs[agent, task] * 10_000) for task in mine) == load
    assert len(set(result["loads"])) == 1


@pytest.mark.parametrize("law", LAWS)
def test_every_law_draws_what_its_seed_names(law: str) -> None:
    one, same, other = (LAWS[law](4, 30, seed).values for seed in (3, 3, 4))
    assert one.shape == (4, 30)
    assert (one > 0).all()
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def made_up(cv: dict[float, float], price: dict[float, float], seconds: float = 0.01) -> dict[str, Any]:
    """Return a result of cheapest cost 100 with the same dispersion and price for every order."""
    rows = [
        {"p": p, "epsilon": epsilon, "asked_gap": gap, "status": "optimal", "cost": 100.0 + price[epsilon]}
        | {"bound": 100.0, "gap": gap, "cv": cv[epsilon], "level": epsilon, "seconds": seconds}
        | {"verified": True, "certified_gap": 5e-4}
        for p in map(published.word, published.ORDERS)
        for epsilon in published.EPSILONS
        for gap in (1e-3, 1e-4)
    ]
    return {"cheapest": 100.0, "cheapest_cv": 0.8, "rows": rows}


STEADY = dict(zip(published.EPSILONS, (0.8, 0.7, 0.6, 0.5, 0.4, 0.01), strict=True))
RISING = dict(zip(published.EPSILONS, (0.0, 0.1, 0.2, 0.3, 4.0, 6.0), strict=True))
CONFIG = {"law": "plane", "agents": 5, "tasks": 250, "verify": True}


def claims(told: dict[str, Any], key: str) -> dict[str, dict[str, Any]]:
    section = next(section for section in told["sections"] if section["key"] == key)
    return {claim["claim"]: claim for claim in section["claims"]}


def test_rows_and_verdicts_follow_the_numbers() -> None:
    outcomes = [done(CONFIG | {"seed": seed}, made_up(STEADY, RISING)) for seed in (0, 1)]
    told = document(outcomes, command="python -m reproductions dispersion", only=("cv", "price", "times"))
    assert [section["key"] for section in told["sections"]] == ["cv", "price", "times"]
    rows = told["sections"][1]["rows"]
    row = next(row for row in rows if (row["p"], row["epsilon"]) == ("inf", 0.9))
    assert row["price"] == pytest.approx(4.0)
    assert row["published"] == 6.177
    assert row["instances"] == 2
    found = claims(told, "cv")
    assert found["The coefficient of variation decreases monotonically with epsilon."]["verdict"] == "holds"
    # From 0.5 to 0.9 the mean falls by .2 in .4, from .9 to .99 by .39 in .09: returns grow.
    assert (
        found["Returns diminish: at high epsilon the marginal reduction of dispersion is negligible."]["verdict"]
        == "differs"
    )
    assert claims(told, "price")["The price of fairness rises with epsilon."]["verdict"] == "holds"
    assert claims(told, "times")["Computation time increases with epsilon."]["verdict"] == "differs"  # all the same
    assert claims(told, "price")["Answers are optimal to a relative gap of 0.1 %."]["verdict"] == "holds"


def test_what_does_not_hold_is_reported() -> None:
    zigzag = STEADY | {0.9: 0.9}
    outcomes = [done(CONFIG | {"seed": seed}, made_up(zigzag, RISING | {0.5: 0.05})) for seed in (0, 1)]
    told = document(outcomes, command="python -m reproductions dispersion", only=("cv", "price"))
    falls = claims(told, "cv")["The coefficient of variation decreases monotonically with epsilon."]
    assert falls["verdict"] == "differs"  # in one of five steps
    assert "0.400" in falls["why"]
    rises = claims(told, "price")["The price of fairness rises with epsilon."]
    assert rises["verdict"] != "holds"
    # A CV of 0.9 at epsilon = 0.9 is above every bound.
    bounded = claims(told, "cv")["Proposition 2: a level of fairness bounds the coefficient of variation."]
    assert bounded["verdict"] == "differs"


def test_the_given_instances_are_compared_case_by_case(tmp_path: Path) -> None:
    (tmp_path / "instance_5_250_1.txt").write_text("")
    with (tmp_path / "published.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["instance", "p", "epsilon", "objective", "seconds", "gap_percent", "loads"])
        writer.writerow([1, "2", 0.9, 104.05, 0.05, 0.0, ""])
        writer.writerow([1, "inf", 0.9, 105.0, 0.05, 0.0, ""])
    config = {"file": str(tmp_path / "instance_5_250_1.txt"), "verify": True}
    outcomes = [done(CONFIG | {"seed": 0}, made_up(STEADY, RISING)), done(config, made_up(STEADY, RISING))]
    told = document(outcomes, command="c", data=tmp_path, only=("given",))
    found = claims(told, "given")
    agreement = found["Objectives are within the solver's gap of 0.1 % of the optimum."]
    assert agreement["ours"].startswith("1 of 2")  # 104.05 is 0.05 % above 104, 105 nearly 1 %
    assert agreement["verdict"] == "differs"
    section = told["sections"][0]
    assert section["notes"][0].startswith("Of 2 objectives ours is lower in 2, higher in 0")
    assert next(r["published"] for r in section["rows"] if (r["p"], r["epsilon"]) == ("2", 0.9)) == 2.791


def test_a_published_table_without_a_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "instance_5_250_1.txt").write_text("")
    (tmp_path / "published.csv").write_text("instance,p,objective\n1,2,3\n")
    with pytest.raises(InputError, match="column 'epsilon' is missing"):
        document([], command="c", data=tmp_path, only=("given",))


def test_the_drawn_sets_lie_within_each_other() -> None:
    section = geometry("c")
    assert [claim.verdict for claim in section.claims] == ["holds", "holds", "holds"]
    # Two agents, p = inf, epsilon = 1/2: 1.5 max <= sum, so the smaller load is half of the larger.
    edge = next(r["y"] for r in section.rows if r["dimension"] == 2 and r["p"] == "inf" and r["x"] == 1.0)
    assert edge == pytest.approx(0.5)
    # p = 2: (1 + (sqrt 2 - 1) / 2) ||x|| = ||x||_1 with x = (1, e).
    edge = next(r["y"] for r in section.rows if r["dimension"] == 2 and r["p"] == "2" and r["x"] == 1.0)
    assert (1 + (math.sqrt(2) - 1) / 2) * math.hypot(1, edge) == pytest.approx(1 + edge)


def test_what_sampling_allows_is_neither_nothing_nor_everything() -> None:
    def one(instance: str, cv: float) -> Solved:
        return Solved(instance, 2.0, 0.9, 1e-4, "optimal", 1.0, cv, 0.0, 0.1, None, None)

    def off(figure: float, ending: str) -> float:
        solves = [one(f"{k}{ending}", cv) for k, cv in enumerate([0.1, 0.2, 0.3, 0.4] * 5)]
        return compared({(2.0, 0.9): figure}, solves, "cv", np.mean, rounding=0.0005)[0].off

    # Twenty values of mean 0.25 and deviation 0.112: a standard error of 0.025, less where they are 20 of the same 50,
    # more where they are others than those 50; 1.96 of it, and 0.0005.
    assert off(0.25, "") == pytest.approx(0.0)
    assert off(0.25 + 1.96 * 0.025 * math.sqrt(1 - 20 / 50) + 0.0005, ".txt") == pytest.approx(1.0, rel=0.06)
    assert off(0.25 + 1.96 * 0.025 * math.sqrt(1 + 20 / 50) + 0.0005, "") == pytest.approx(1.0, rel=0.06)


@pytest.mark.parametrize(
    ("found", "status", "verdict"),
    [(True, "time_limit", "differs"), (False, "time_limit", "not tested"), (False, "infeasible", "holds")],
)
def test_infeasible_is_what_is_proven(found: bool, status: str, verdict: str) -> None:
    config = {"law": "plane", "agents": 2, "tasks": 2, "seed": 0}
    told = {"found": True, "assignment": [0, 1], "loads": [10_000, 10_000], "cost": 2.0, "fair": True}
    looked = [done(config, told if found else {"found": False}, EQUAL)]
    section = equality(looked, [done(config, {"status": status, "reached": 0.5, "refuted": None}, ATTAIN)], "c")
    assert section.claims[0].verdict == verdict
    assert [row["load_of_every_agent"] for row in section.rows] == ([1.0] if found else [])


def test_without_a_trial_that_ended_well_nothing_is_claimed() -> None:
    trials = [trial for trial in plan(quick=True) if trial.task == SOLVE]
    failed = [Outcome(trial, "timed_out", {}, "not done after 5 s", 5.0, 1.0, {}, "0") for trial in trials]
    told = document(failed, command="c", quick=True, only=("cv", "price", "times", "beyond"))
    for section in told["sections"]:
        assert {claim["verdict"] for claim in section["claims"]} <= {"not tested"}
        assert section["failed"]
        assert "not done after 5 s" in section["failed"][0]
    assert "not done after 5 s" in page(told)


def test_given_instances_are_asked_for_before_anything_is_run() -> None:
    with pytest.raises(InputError, match="section 'given' needs --data"):
        plan(only=("given",))


def test_the_whole_page_is_made_of_a_small_run() -> None:
    outcomes = [done(CONFIG | {"seed": seed}, made_up(STEADY, RISING)) for seed in (0, 1)]
    told = document(outcomes, command="python -m reproductions dispersion", only=("geometry", "cv", "price", "times"))
    text = page(told)
    for section in told["sections"]:
        assert section["title"] in text


def test_unknown_sections_are_refused() -> None:
    with pytest.raises(InputError, match="section 'prices' is not known; known are geometry, cv, price"):
        plan(only=("prices",))


def test_the_quick_plan_is_smaller_and_asks_the_same() -> None:
    quick, full = plan(quick=True), plan()
    assert len(quick) < len(full) / 4
    assert {trial.task for trial in quick} == {trial.task for trial in full}
    assert len({trial.digest for trial in full}) == len(full)


def test_the_quick_plan_has_more_than_one_instance_of_everything() -> None:
    """One instance gives no verdict, so that nothing is asked of one alone."""
    seeds: dict[tuple[Any, ...], set[int]] = {}
    for trial in plan(quick=True):
        config = trial.config
        kind = (trial.task, config["law"], config["agents"], config["tasks"], config.get("entitled", False))
        seeds.setdefault(kind, set()).add(config["seed"])
    assert min(map(len, seeds.values())) >= 2


@pytest.mark.parametrize(("instances", "judged"), [(1, False), (2, True)])
def test_a_verdict_needs_more_than_one_instance(instances: int, judged: bool) -> None:
    outcomes = [done(CONFIG | {"seed": seed}, made_up(STEADY, RISING)) for seed in range(instances)]
    theorem, falls = document(outcomes, command="c", only=("geometry", "cv"))["sections"]
    assert all(claim["verdict"] == "holds" for claim in theorem["claims"]), "what is proven needs no instance"
    assert [claim["verdict"] != "not tested" for claim in falls["claims"][:2]] == [judged, judged]
    assert falls["claims"][0]["ours"], "what was found is shown in any case"
