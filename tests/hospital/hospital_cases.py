"""A bay small enough to play by hand, and words for its actions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import arrays_of

if TYPE_CHECKING:
    from evenhand.hospital.state import Outcome, State

BED, CART, DOOR = range(3)
BOARD, MASK, SPARE_BOARD = range(3)
PUT_BOARD, COMPRESS, PUT_MASK, BREATHE = range(4)


def bay(**changes: Any) -> Scenario:
    """Three stations; a board, its spare and a mask on the cart; a team at the bed of whom the first compresses best.

    Travel is 1 but to the door, 3. Progress: board .2, compressions .1 each (3), mask .2, breaths .15 each (2).
    """
    text: dict[str, Any] = {
        "name": "bay",
        "horizon": 30,
        "rewards": {"success": 1.0, "time": 0.01},
        "travel": {
            "exceptions": [{"between": ["bed", "door"], "steps": 3}, {"between": ["cart", "door"], "steps": 3}],
        },
        "stations": [{"name": "bed"}, {"name": "cart"}, {"name": "door"}],
        "items": [
            {"name": "board", "at": "cart"},
            {"name": "mask", "at": "cart"},
            {"name": "spare board", "kind": "board", "at": "cart"},
        ],
        "agents": [
            {"name": "Ada", "skills": {"compress": 2, "breathe": 1}, "start": "bed"},
            {"name": "Ben", "skills": {"compress": 1, "breathe": 2}, "start": "bed"},
            {"name": "Cy", "skills": {"breathe": 1}, "start": "bed"},
        ],
        "patients": [
            {
                "name": "patient",
                "at": "bed",
                "steps": [
                    {"name": "board", "bring": "board", "energy": 1, "share": 2},
                    {
                        "name": "compressions",
                        "treat": "compress",
                        "units": 3,
                        "after": ["board"],
                        "energy": 3,
                        "share": 3,
                    },
                    {"name": "mask", "bring": "mask", "after": ["compressions"], "share": 2},
                    {"name": "breaths", "treat": "breathe", "units": 2, "after": ["mask"], "energy": 1, "share": 3},
                ],
            }
        ],
    }
    return Scenario.model_validate_json(json.dumps(text | changes))


def tiring_bay(**changes: Any) -> Scenario:
    """Return the bay with agents whom one compression exhausts; three steps of rest restore them."""
    return bay(agents=[agent | {"energy": {"capacity": 3, "recovery": 1}} for agent in team(bay())], **changes)


def team(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the agents as they are written."""
    agents: list[dict[str, Any]] = json.loads(scenario.model_dump_json())["agents"]
    return agents


def rules_of(scenario: Scenario) -> Rules:
    return Rules(arrays_of(scenario))


def at_bed(rules: Rules, **changes: Any) -> State:
    """Return a start with everybody at the bed and everything on the cart, some fields changed."""
    state = rules.start([BED] * len(rules.agents), [CART] * len(rules.item_kind))
    for field, value in changes.items():
        setattr(state, field, value)
    return state


def numbers(rules: Rules, words: str) -> list[int]:
    """Translate one word for each agent: wait, bed, cart, door (go there), handle, treat."""
    meaning = {"wait": 0, "bed": 1 + BED, "cart": 1 + CART, "door": 1 + DOOR}
    meaning |= {"handle": rules.handle, "treat": rules.treat}
    return [meaning[word] for word in words.split()]


def play(rules: Rules, state: State, *steps: str) -> tuple[State, list[Outcome]]:
    """Play one line of words for each step."""
    outcomes = []
    for words in steps:
        state, outcome = rules.step(state, numbers(rules, words))
        outcomes.append(outcome)
    return state, outcomes
