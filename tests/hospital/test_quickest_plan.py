"""Plans: known by hand, kept by the reference rules, refused with a reason."""

from __future__ import annotations

import json

import numpy as np
import pytest
from planner_cases import drawn

from evenhand.errors import InputError
from evenhand.hospital import load
from evenhand.hospital.planner import plan
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import arrays_of
from evenhand.hospital.state import USEFUL

RESCUE = "rescue-breaths/specialist"


def _play(scenario: Scenario, made: object) -> tuple[int, bool, list[int]]:
    """Play a plan by the names of its actions, as a reader of the plan would."""
    rules = Rules(arrays_of(scenario))
    stations = [station.name for station in scenario.stations]
    state = rules.start(*([stations.index(name) for name in at] for at in (made.agent_starts, made.item_starts)))
    for joint in made.actions:
        assert not rules.is_over(state)
        state, _ = rules.step(state, [scenario.actions.index(name) for name in joint])
    return state.time, rules.is_success(state), state.workload[USEFUL]


def test_a_corridor_is_walked_as_counted_by_hand() -> None:
    """To the cart 2, pick up 1, back 2, install 1, press 3: nine steps; evenest where the unskilled one fetches."""
    text = {
        "name": "corridor",
        "horizon": 20,
        "travel": {"within_room": 2},
        "stations": [{"name": "bed"}, {"name": "cart"}],
        "items": [{"name": "board", "at": "cart"}],
        "agents": [{"name": "Ada", "skills": {"press": 1}}, {"name": "Ben", "skills": {}}],
        "patients": [
            {
                "name": "patient",
                "at": "bed",
                "steps": [
                    {"name": "board", "bring": "board"},
                    {"name": "press", "treat": "press", "units": 3, "after": ["board"]},
                ],
            }
        ],
    }
    scenario = Scenario.model_validate_json(json.dumps(text))
    made = plan(scenario, ["bed", "bed"])
    assert (made.time, made.workload) == (9, (3, 1))
    assert made.jain == pytest.approx(16 / 20)
    assert made.actions[-1] == ("treat", "wait")
    assert made.words[-1] == ("treats: press, 1 of 3 units", "waits")
    # From the cart, nobody walks there.
    assert plan(scenario, ["bed", "cart"]).time == 7
    with pytest.raises(
        InputError, match=r"no plan within 20 steps reaches a Jain index of 0\.9; the best reaches 0\.8000"
    ):
        plan(scenario, ["bed", "bed"], min_jain=0.9)


def test_quickest_rescue_is_the_critical_path() -> None:
    """From the door: to the cart, pick up, to the bed, install, the expert compresses, the mask, the other expert."""
    made = plan(load(RESCUE), ["door"] * 3)
    assert (made.time, made.workload) == (7, (3, 2, 2))


@pytest.mark.parametrize("min_jain", [0.0, 0.5, 0.8, 0.95])
@pytest.mark.parametrize(
    "name", [RESCUE, "rescue-breaths/forced-cooperation-energy", "lone-expert/default-energy", "fair-gne"]
)
def test_plans_keep_their_word_in_the_reference_rules(name: str, min_jain: float) -> None:
    scenario = load(name)
    stations = [station.name for station in scenario.stations]
    made = plan(scenario, stations[:3], min_jain=min_jain)
    assert _play(scenario, made) == (made.time, True, list(made.workload))
    assert made.jain >= min_jain - 1e-12
    assert made.jain == pytest.approx(sum(made.workload) ** 2 / 3 / sum(units**2 for units in made.workload))


def test_plans_of_hospitals_with_long_ways_keep_their_word() -> None:
    kept = 0
    for seed in range(40):
        scenario = drawn(np.random.default_rng(seed), agents=2)
        try:
            made = plan(scenario, ["door", "cart"], min_jain=0.6)
        except InputError:
            continue
        assert _play(scenario, made) == (made.time, True, list(made.workload))
        kept += 1
    assert kept >= 10


def test_a_plan_is_the_same_every_time_and_json_can_write_it() -> None:
    first, second = (plan(load(RESCUE), ["bed", "door", "table"], min_jain=0.95) for _ in range(2))
    assert first == second
    assert json.loads(json.dumps(first.to_dict()))["time"] == first.time
    assert repr(first).startswith("Plan('rescue-breaths/specialist', time=")


@pytest.mark.parametrize(
    ("starts", "options", "message"),
    [
        (["door"] * 2, {}, "3 stations are needed, one for each of the agents"),
        ("door", {}, "3 stations are needed"),
        (["door", "door", "roof"], {}, "agent_3 starts at 'roof'; the stations are bed, "),
        (["door"] * 3, {"item_starts": ["door"]}, "2 stations are needed, one for each of the items"),
        (["door"] * 3, {"min_jain": 1.5}, "min_jain is 1.5; Jain's index lies between 0 and 1"),
        (["door"] * 3, {"min_jain": float("nan")}, "min_jain is nan"),
    ],
)
def test_wrong_questions_are_refused(starts: list[str], options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        plan(load(RESCUE), starts, **options)


def test_a_horizon_too_short_is_named() -> None:
    scenario = load(RESCUE).model_copy(update={"horizon": 4})
    with pytest.raises(InputError, match="no plan succeeds within the horizon of 4 steps"):
        plan(scenario, ["door"] * 3)


def test_scenarios_too_large_are_refused_at_once() -> None:
    scenario = load("ward/12")
    with pytest.raises(InputError, match=r"ward/12: exact search would take .* GB, more than 6; use fewer agents"):
        plan(scenario, [scenario.stations[0].name] * len(scenario.agents))


def test_items_with_several_places_to_start_from_must_be_placed() -> None:
    scenario = load(RESCUE)
    items = tuple(item.model_copy(update={"at": ("board-cart", "table")}) for item in scenario.items)
    scenario = scenario.model_copy(update={"items": items})
    with pytest.raises(InputError, match="board can start at 2 stations; say where each item starts"):
        plan(scenario, ["bed"] * 3)
    assert plan(scenario, ["bed"] * 3, ["table", "board-cart"]).item_starts == ("table", "board-cart")
