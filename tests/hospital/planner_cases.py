"""Small hospitals drawn at random, and every plan there is in them by following the reference rules alone."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import arrays_of
from evenhand.hospital.state import USEFUL

if TYPE_CHECKING:
    import numpy as np

    from evenhand.hospital.state import State

STATIONS = ("bed", "cart", "door")


def drawn(generator: np.random.Generator, *, agents: int, tidy: bool = False) -> Scenario:
    """Return a hospital of three stations: two items, three or four steps, some tiring, some asking for a skill.

    With `tidy`, all journeys take equally long, and the items lie apart from each other and from the bed.
    """

    def one_of(*values: Any) -> Any:
        return values[generator.integers(len(values))]

    homes = ("cart", "door") if tidy else (one_of(*STATIONS), one_of(*STATIONS))
    kinds = ("board", "mask") if tidy or one_of(True, False) else ("board", "board")
    energy = one_of(None, None, {"capacity": one_of(2, 3), "recovery": one_of(1, 2)})
    levels = (0, 1, 2) if agents == 2 else (1, 2)
    last = {"name": "last", "bring": kinds[1], "after": one_of(["first"], ["press"], [])}
    if one_of(True, False):
        last["skill"] = "press"
    steps = [
        {"name": "first", "bring": kinds[0], "energy": one_of(0, 1)},
        {
            "name": "press",
            "treat": "press",
            "units": one_of(1, 2, 3),
            "after": one_of(["first"], []),
            "energy": one_of(0, 2),
        },
        {**last, "energy": one_of(0, 1), "at": "bed" if tidy else one_of("bed", "cart")},
    ]
    between = [("bed", "cart"), ("bed", "door"), ("cart", "door")]
    exceptions = [] if tidy else [{"between": pair, "steps": one_of(1, 1, 2)} for pair in between]
    text = {
        "name": "drawn",
        "horizon": 14,
        "travel": {"within_room": one_of(1, 1, 2) if tidy else 1, "exceptions": exceptions},
        "stations": [{"name": name} for name in STATIONS],
        "items": [
            {"name": f"item-{i}", "kind": kind, "at": home}
            for i, (kind, home) in enumerate(zip(kinds, homes, strict=True))
        ],
        "agents": [
            {"name": f"agent-{i}", "skills": {"press": one_of(*levels)}, "energy": energy} for i in range(agents)
        ],
        "patients": [{"name": "patient", "at": "bed", "steps": steps}],
    }
    return Scenario.model_validate_json(json.dumps(text))


def every_plan(scenario: Scenario, agents: tuple[int, ...], items: tuple[int, ...], time: int) -> dict[int, set[Any]]:
    """Return for each time up to `time` the workloads with which plans from this start end then.

    Follows every joint action of every agent, conflicts included, from every state that can come up, the clock's turn
    of priority included; equal states are looked at once. Nothing else is left out.
    """
    rules = Rules(arrays_of(scenario))
    ended: dict[int, set[Any]] = {}
    layer = {_key(first): first for first in [rules.start(agents, items)]}
    for now in range(1, time + 1):
        following: dict[Any, State] = {}
        for state in layer.values():
            allowed = [[a for a, may in enumerate(rules.mask(state, i)) if may] for i in rules.agents]
            for joint in product(*allowed):
                after, outcome = rules.step(state, joint)
                if outcome.success:
                    ended.setdefault(now, set()).add(tuple(after.workload[USEFUL]))
                else:
                    following.setdefault(_key(after), after)
        layer = following
    return ended


def _key(state: State) -> tuple[Any, ...]:
    parts = (state.station, state.travel, state.holding, state.energy, state.item_place, state.remaining)
    return (*map(tuple, parts), tuple(state.workload[USEFUL]))
