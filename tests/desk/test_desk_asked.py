"""What is asked of a plan: steps that are undone, sessions that are read, names that are safe, and what contradicts."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace

import numpy as np
import pytest

from evenhand.desk.asked import Bounds, Rule, Share, asked_of
from evenhand.desk.clash import clash, explained
from evenhand.desk.command import command, name_of, rules_text
from evenhand.desk.plan import Desk
from evenhand.desk.solving import Questions
from evenhand.desk.tables_on_desk import restored, told
from evenhand.errors import InputError
from evenhand.tables import CostTable


def desk() -> Desk:
    """Return two agents and four tasks, which cost Ann 1 and Bo 2 each."""
    return Desk(CostTable(np.array([[1.0] * 4, [2.0] * 4]), ("Ann", "Bo"), tuple("abcd"), source="c.csv"))


def nights(source: str = "nights.csv") -> CostTable:
    """Return the table in which a and b are at night."""
    return replace(desk().costs, values=np.tile([1.0, 1.0, 0.0, 0.0], (2, 1)), source=source)


def test_what_one_movement_asks_is_one_step() -> None:
    start = desk()
    moved = start
    for level in (1.3, 1.4, 1.5):
        moved = moved.asking(replace(moved.asked, rule=Rule("max_over_mean", level)), "finger 1")
    limited = moved.asking(replace(moved.asked, bounds=Bounds(most_tasks=3)), "field 2")
    assert limited.undo().rule.parameter == 1.5
    assert limited.undo().undo().asked == start.asked
    assert limited.undo().undo().redo().redo().asked == limited.asked
    assert limited.undo().undo().undo().asked == start.asked


def test_a_burden_that_comes_can_be_undone_and_asks_what_the_plan_keeps() -> None:
    """Ann has a, b and c, and so both nights: 2 of a mean of 1."""
    given = desk().with_further("nights", nights(), np.array([0, 0, 0, 1]))
    assert given.shares == (Share(Rule("max_over_mean", 2.0)),)
    assert given.undo().shares == (Share(on=False),)
    again = given.with_further("nights", replace(nights(), values=np.ones((2, 4))))
    assert (len(again.further), again.shares) == (1, given.shares), "the same file replaces its table"


def test_burdens_without_a_wish_make_room_for_others() -> None:
    full = desk().with_further("one", nights("1.csv")).with_further("two", nights("2.csv"))
    with pytest.raises(InputError, match="3 burdens are shared already"):
        full.with_further("three", nights("3.csv"))
    idle = full.asking(replace(full.asked, shares=(Share(on=False), full.shares[1])))
    assert [one.name for one in idle.with_further("three", nights("3.csv")).further] == ["three", "two"]


def test_a_session_holds_rules_limits_and_steps() -> None:
    given = desk().with_further("nights", nights()).wish("lock", 0, 1)
    given = given.asking(
        replace(given.asked, bounds=Bounds(1, 3, 4.5), shares=(Share(Rule("cv", 0.5), most=2),))
    ).undo()
    again = restored(json.loads(json.dumps(told(given))))
    assert told(again) == told(given)
    assert again.redo().bounds == Bounds(1, 3, 4.5)


def test_a_session_of_the_first_form_is_read() -> None:
    data = json.loads(json.dumps(told(desk())))
    for name in ("further", "mended", "bounds", "shares", "history", "steps"):
        del data[name]
    wish = {"kind": "lock", "task": 0, "agent": 1}
    again = restored({**data, "format": "evenhand desk 1", "wishes": [wish], "undone": [wish]})
    assert again.wishes == desk().wish("lock", 0, 1).wishes
    assert again.undo().wishes == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bounds": {"most_tasks": "5"}}, "limit '5' should be a number"),
        ({"bounds": {"most_load": -1}}, "most load is -1"),
        ({"bounds": {"least_tasks": 5, "most_tasks": 4}}, "nobody fewer than 5 tasks and nobody more than 4"),
        ({"bounds": 3}, "cannot be read"),
        ({"shares": [{"rule": {"measure": "cv"}, "on": True, "most": None}]}, "should have a measure and a parameter"),
        ({"shares": [{}]}, "cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        asked_of(change, desk().asked)
    with pytest.raises(InputError):
        restored({**told(desk()), "history": [change]})


@pytest.mark.parametrize(
    "file",
    ["nights.csv", "tasks.csv", '\u202e"evil"\\ \x7f.csv', ".csv", "<script>" * 30, "most nights.csv", "load.csv"],
)
def test_names_of_rules_are_visible_short_and_unlike_others(file: str) -> None:
    taken = {"nights"}
    name = name_of(file, taken)
    assert name.strip()
    assert name.isprintable()
    assert len(name) <= 50
    assert not {name, f"most {name}"} & {"nights", "most nights", "tasks", "load", "costs", "burdens", "profits"}
    given = desk().with_further(name, nights(file))
    given = given.asking(replace(given.asked, shares=(Share(most=2.0),)))
    rules = tomllib.loads(rules_text(given))["rules"]
    assert [rule["burden"] for rule in rules] == [file, file]
    assert Questions().ask(given).verdict.outcome != "not verified"
    assert "--rules" in command(given)


def test_what_contradicts_is_named_with_the_nearest_and_with_what_is_left_without_it() -> None:
    """At most one task each leaves two of four; two each is the nearest. The rule on loads has no part in it."""
    asked = desk().asking(replace(desk().asked, bounds=Bounds(most_tasks=1), rule=Rule("max_over_mean", 1.9)))
    answer = Questions().ask(asked).answer
    assert explained(answer)
    (entry,) = clash(asked, answer) or ()
    assert entry["words"] == "nobody has more than 1 tasks"
    (nearest,) = entry["nearest"]
    assert nearest["words"] == "nobody has more than 2 tasks"
    assert nearest["asked"]["bounds"] == {"least_tasks": None, "most_tasks": 2, "most_load": None}
    assert asked_of(entry["without"], asked.asked).bounds == Bounds()
    taken = asked.asking(asked_of(nearest["asked"], asked.asked))
    assert Questions().ask(taken).answer.status == "optimal"


def test_what_one_rule_alone_cannot_keep_has_a_nearest_too() -> None:
    single = Desk(CostTable(np.array([[1.0], [2.0]]), ("Ann", "Bo"), ("a",)), rule=Rule("max_over_mean", 1.2))
    answer = Questions().ask(single).answer
    (entry,) = clash(single, answer) or ()
    taken = single.asking(asked_of(entry["nearest"][0]["asked"], single.asked))
    assert Questions().ask(taken).answer.status == "optimal"
