"""The browser's own check of plans against the exact one of Python: one rule and several, limits, and what is wrong."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from tests.desk.reader import Reader, table
from tests.desk.test_desk_server import Caller

import evenhand
from evenhand.desk.asked import MEASURES, Bounds, Rule, Share
from evenhand.desk.described import described
from evenhand.desk.plan import Desk
from evenhand.desk.solving import Questions
from evenhand.desk.tables_on_desk import told
from evenhand.tables import CostTable

RULES = {
    "max_over_mean": (1.0, 1.2),
    "least_over_mean": (0.7, 1.0),
    "range": (0.5, 0.0),
    "hoover": (0.1, 0.0),
    "gini": (0.12, 0.0),
    "cv": (0.25, 0.0),
    "jain": (0.93, 1.0),
    "epsilon": (0.85, 1.0),
}


@pytest.mark.parametrize("measure", RULES)
def test_the_browsers_check_proves_what_the_exact_one_does(browser: Any, desk_caller: Caller, measure: str) -> None:
    """Fractions of BigInts against fractions of Python, with entitlements, work from before and wishes."""
    assert RULES.keys() == set(MEASURES)
    reader = Reader(browser, desk_caller)
    for entitlements in (None, (1.0, 0.5, 0.75)):
        for parameter in RULES[measure]:
            desk = Desk(table(), None, entitlements, (0.1, 0.0, 0.2), Rule(measure, parameter)).wish("forbid", 3, 0)
            desk = desk.wish("lock", 5, 1)
            if (
                parameter - desk.rule.member(3, None).parameter_range(3)[1]
            ) == 0.0:  # equal loads: a table that has them
                costs = CostTable(np.ones((3, 12)), table().agents, table().tasks)
                desk = replace(desk, costs=costs, initial_loads=None, entitlements=None)
            plan = Questions().ask(desk)
            assert plan.answer.assignment is not None
            shown = described(plan)
            found = reader.page.evaluate("([desk, plan]) => recheck(desk, plan)", [told(desk), shown])
            question = desk.question()
            question.pop("fairness")
            verdict = evenhand.verify(question.pop("costs"), plan.answer, **question)
            assert found["cost"] == pytest.approx(float(verdict.cost), rel=1e-12)
            assert found["bound"] == pytest.approx(float(verdict.bound), rel=1e-9)
            assert found["loads"] == pytest.approx(plan.answer.loads.tolist(), rel=1e-12)


def ruled_desk(rule: Rule, share: Share, bounds: Bounds, entitlements: tuple[float, ...] | None = None) -> Desk:
    """Return the table with hours of whole numbers, every third visit at night, and wishes about two visits."""
    costs = table()
    hours = replace(costs, values=np.tile(1.0 + np.arange(12) % 4, (3, 1)), source="hours.csv")
    nights = replace(costs, values=np.tile((np.arange(12) % 3 == 0).astype(float), (3, 1)), source="nights.csv")
    desk = Desk(costs, hours, entitlements, (1.0, 0.0, 2.0), rule).wish("forbid", 3, 0).wish("lock", 5, 1)
    desk = desk.with_further("nights", nights)
    return desk.asking(replace(desk.asked, shares=(share,), bounds=bounds))


RULED = [
    ruled_desk(Rule("cv", 0.3), Share(Rule("max_over_mean", 1.6)), Bounds(3, 5, None)),
    ruled_desk(Rule("jain", 0.9), Share(Rule("range", 0.8), most=2.0), Bounds(None, 5, 12.5)),
    ruled_desk(Rule("epsilon", 0.8), Share(Rule("cv", 0.9), on=False, most=2.0), Bounds(2, None, 20), (1.0, 0.5, 0.75)),
    ruled_desk(Rule("gini", 0.3), Share(Rule("hoover", 0.4)), Bounds(None, None, None), (1.0, 1.0, 0.5)),
]


@pytest.mark.parametrize("desk", RULED)
def test_the_browsers_check_of_several_rules_proves_what_the_exact_one_does(
    browser: Any, desk_caller: Caller, desk: Desk
) -> None:
    reader = Reader(browser, desk_caller)
    plan = Questions().ask(desk)
    assert plan.answer.assignment is not None
    shown = described(plan)
    found = reader.page.evaluate("([desk, plan]) => recheck(desk, plan)", [told(desk), shown])
    question = desk.question()
    verdict = evenhand.verify(question.pop("costs"), plan.answer, **question)
    assert found["rules"] == len(question["rules"]) + 1
    assert found["cost"] == pytest.approx(float(verdict.cost), rel=1e-12)
    assert found["bound"] == pytest.approx(float(verdict.bound), rel=1e-9)
    assert found["loads"] == pytest.approx(shown["loads"], rel=1e-12)


def test_the_browsers_check_refuses_a_broken_limit_and_another_certificate(browser: Any, desk_caller: Caller) -> None:
    reader = Reader(browser, desk_caller)
    desk = ruled_desk(Rule("max_over_mean", 3.0), Share(Rule("max_over_mean", 3.0)), Bounds(3, 5, None))
    shown = described(Questions().ask(desk))
    check = "([desk, plan]) => { try { return recheck(desk, plan); } catch (error) { return error.message; } }"
    asked = shown["asked"]
    least = shown["certificate"]["rules"][2]
    for change, reason in (
        ({"asked": {**asked, "bounds": {**asked["bounds"], "least_tasks": 5}}}, "somebody has less than a limit asks"),
        ({"asked": {**asked, "bounds": {**asked["bounds"], "most_tasks": 3}}}, "somebody has more than a limit allows"),
        ({"asked": {**asked, "bounds": {**asked["bounds"], "most_load": 20}}}, "the certificate is for other rules"),
        (
            {"certificate": {"rules": [*shown["certificate"]["rules"][:2], {**least, "least": [-1.0, 0.0, 0.0]}]}},
            "the certificate has a negative number",
        ),
    ):
        found = reader.page.evaluate(check, [told(desk), {**shown, **change}])
        assert found == reason


def test_the_browsers_check_refuses_what_is_wrong(browser: Any, desk_caller: Caller) -> None:
    reader = Reader(browser, desk_caller)
    desk = Desk(table(), rule=Rule("cv", 0.3)).wish("lock", 5, 1)
    shown = described(Questions().ask(desk))
    check = "([desk, plan]) => { try { return recheck(desk, plan); } catch (error) { return error.message; } }"
    moved = [1 if agent == 0 else agent for agent in shown["assignment"]]
    unlocked = [0 if task == 5 else agent for task, agent in enumerate(shown["assignment"])]
    negative = {**shown["certificate"], "multipliers": [-1.0 for _ in shown["certificate"]["multipliers"]]}
    for change, reason in (
        ({"assignment": moved}, "the plan is not as fair as the rule asks"),
        ({"assignment": unlocked}, "visit 5 is with somebody who may not do it"),
        ({"certificate": negative}, "the certificate has a negative number"),
    ):
        assert reader.page.evaluate(check, [told(desk), {**shown, **change}]) == reason


def test_the_check_is_short_enough_to_read() -> None:
    lines = files("evenhand.desk").joinpath("static", "check.js").read_text("utf-8").splitlines()
    assert len(lines) <= 250
    assert max(map(len, lines)) <= 140
