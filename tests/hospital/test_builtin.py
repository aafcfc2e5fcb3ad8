"""The built-in scenarios hold the values that the docs promise, written here by hand."""

from __future__ import annotations

import pytest

from evenhand.hospital import load, names
from evenhand.hospital.feasibility import quickest_finish
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario_arrays import NOBODY, arrays_of
from evenhand.hospital.state import USEFUL

TEAMS = ("equal", "best", "specialist", "forced-cooperation")
ENDS = ("", "-energy")
LEVELS = {
    "rescue-breaths/equal": [[1, 1], [1, 1], [1, 1]],
    "rescue-breaths/best": [[3, 2], [3, 2], [3, 2]],
    "rescue-breaths/specialist": [[3, 1], [1, 2], [1, 1]],
    "rescue-breaths/forced-cooperation": [[3, 0], [0, 2], [1, 1]],
    "full-code/equal": [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]],
    "full-code/best": [[3, 2, 2, 1], [3, 2, 2, 1], [3, 2, 2, 1]],
    "full-code/specialist": [[3, 1, 1, 1], [1, 2, 1, 1], [1, 1, 2, 1]],
    "full-code/forced-cooperation": [[3, 0, 0, 1], [0, 2, 0, 1], [0, 0, 2, 1]],
    "fair-gne/specialist": [[2, 1], [1, 2], [1, 1]],
    "fair-gne/as-released": [[2, 1], [1, 2], [1, 1]],
    "lone-expert/default": [[4, 2], [1, 1], [1, 1]],
    "lone-expert/able-juniors": [[4, 2], [2, 1], [2, 1]],
}


def test_the_list_of_names() -> None:
    papers = [f"{world}/{team}{end}" for world in ("rescue-breaths", "full-code") for team in TEAMS for end in ENDS]
    lone = [f"lone-expert/{team}{end}" for team in ("default", "able-juniors") for end in ENDS]
    wards = [f"ward/{agents}" for agents in (6, 12, 18, 24)]
    assert sorted(names()) == sorted([*papers, *lone, *wards, "fair-gne/specialist", "fair-gne/as-released"])


@pytest.mark.parametrize("name", LEVELS)
def test_skills_of_the_teams(name: str) -> None:
    assert arrays_of(load(name)).level.tolist() == LEVELS[name]


@pytest.mark.parametrize(
    ("world", "team"),
    [
        ("rescue-breaths", "specialist"),
        ("full-code", "specialist"),
        ("fair-gne", "specialist"),
        ("lone-expert", "default"),
    ],
)
def test_the_team_that_is_meant_where_none_is_named(world: str, team: str) -> None:
    assert load(world).name == f"{world}/{team}"


@pytest.mark.parametrize("world", ["rescue-breaths", "full-code"])
@pytest.mark.parametrize("team", TEAMS)
def test_energy_of_the_variants(world: str, team: str) -> None:
    """Capacity 3, recovery 1, compressions cost 3; without energy nobody tires, and effort is counted all the same."""
    rested, tiring = arrays_of(load(f"{world}/{team}")), arrays_of(load(f"{world}/{team}-energy"))
    assert rested.capacity.tolist() == [0, 0, 0]
    assert rested.drain.tolist() == [[0] * rested.n_steps] * 3
    assert tiring.capacity.tolist() == [3, 3, 3]
    assert tiring.recovery.tolist() == [1, 1, 1]
    assert tiring.step_effort.tolist() == [1, 3] + [1] * (tiring.n_steps - 2)
    assert tiring.drain.tolist() == [tiring.step_effort.tolist()] * 3
    assert tiring.step_effort.tolist() == rested.step_effort.tolist()


def test_rescue_breaths() -> None:
    """Board 2/10, three compressions 1/10 each, mask 2/10, two breaths 1.5/10 each; a step costs 1/100."""
    arrays = arrays_of(load("rescue-breaths/specialist"))
    assert (arrays.n_agents, arrays.n_stations, arrays.n_items, arrays.n_actions) == (3, 5, 2, 8)
    assert arrays.horizon == 50
    assert arrays.step_units.tolist() == [1, 3, 1, 2]
    assert arrays.step_kind.tolist() == [0, NOBODY, 1, NOBODY]
    assert arrays.step_skill.tolist() == [NOBODY, 0, NOBODY, 1]
    assert arrays.step_place.tolist() == [0, 0, 0, 0]
    assert arrays.scale == 100
    assert arrays.step_points.tolist() == [20, 10, 20, 15]
    assert (arrays.success_points, arrays.time_points) == (100, 3)
    assert arrays.agent_starts.all()
    assert arrays.item_starts.argmax(axis=1).tolist() == [1, 2]
    assert arrays.item_starts.sum(axis=1).tolist() == [1, 1]
    assert arrays.travel.tolist() == [[int(one != other) for one in range(5)] for other in range(5)]
    assert predecessors("rescue-breaths/specialist") == {0: set(), 1: {0}, 2: {1}, 3: {2}}


def test_full_code() -> None:
    """Equipment stacks mask, defibrillator, syringe; breaths, shock, medicine follow; shares 2 and 3 of 20."""
    arrays = arrays_of(load("full-code/specialist"))
    assert (arrays.n_agents, arrays.n_stations, arrays.n_items, arrays.n_actions) == (3, 6, 4, 9)
    assert arrays.horizon == 80
    assert arrays.step_units.tolist() == [1, 3, 1, 2, 1, 1, 1, 1]
    assert arrays.step_kind.tolist() == [0, NOBODY, 1, NOBODY, 2, NOBODY, 3, NOBODY]
    assert arrays.step_skill.tolist() == [NOBODY, 0, NOBODY, 1, NOBODY, 2, NOBODY, 3]
    assert arrays.scale == 200
    assert arrays.step_points.tolist() == [20, 10, 20, 15, 20, 30, 20, 30]
    assert (arrays.step_points * arrays.step_units).sum() == 200
    order = {0: set(), 1: {0}, 2: {1}, 3: {2}, 4: {2}, 5: {3, 4}, 6: {4}, 7: {5, 6}}
    assert predecessors("full-code/specialist") == order


def test_fair_gne() -> None:
    """The released map: six stations and so eight actions besides waiting; two compressions, two breaths, 50 steps."""
    loaded = load("fair-gne/as-released")
    arrays = arrays_of(loaded)
    stations = [station.name for station in loaded.stations]
    assert stations == [
        "patient_legs",
        "patient_bed_station",
        "hospital_cart",
        "table",
        "hospital_cart_left",
        "hospital_cart_right",
    ]
    assert arrays.n_actions == 1 + 8
    assert arrays.horizon == 50
    assert arrays.step_units.tolist() == [1, 2, 1, 2]
    assert {stations[place] for place in arrays.step_place} == {"patient_bed_station"}
    assert [stations[row.argmax()] for row in arrays.item_starts] == ["hospital_cart", "hospital_cart_right"]
    starts = [[stations[s] for s in row.nonzero()[0]] for row in arrays.agent_starts]
    assert starts == [["hospital_cart_left"], ["hospital_cart_right"], ["table"]]
    assert arrays_of(load("fair-gne")).agent_starts.all()
    assert not arrays.capacity.any()


def test_lone_expert() -> None:
    """Two items and three cycles of four compressions and two breaths: 20 units, 18 of them treatment."""
    arrays = arrays_of(load("lone-expert"))
    assert arrays.step_units.tolist() == [1, 1, 4, 2, 4, 2, 4, 2]
    assert arrays.step_units.sum() == 20
    assert arrays.scale == 100
    assert arrays.step_points.tolist() == [5] * 8
    tiring = arrays_of(load("lone-expert/default-energy"))
    assert (tiring.capacity.tolist(), tiring.recovery.tolist()) == ([6] * 3, [1] * 3)
    assert predecessors("lone-expert") == {0: set(), 1: set(), 2: {0}, 3: {1, 2}, 4: {3}, 5: {4}, 6: {5}, 7: {6}}


WAIT, BED, _, _, _, HANDLE, TREAT = range(7)
FETCH = [
    (WAIT, HANDLE, HANDLE),
    (WAIT, BED, BED),
    (WAIT, HANDLE, HANDLE),
]


@pytest.mark.parametrize(
    ("turns", "time", "useful"),
    [
        ([0, 0, 0, 0, 0, 0], 9, [18, 1, 1]),
        ([0, 1, 1, 0, 1, 1, 2, 2, 2, 2, 1, 2], 15, [8, 6, 6]),
    ],
    ids=["quickest", "shared"],
)
def test_sharing_costs_time_where_the_expert_is_alone(turns: list[int], time: int, useful: list[int]) -> None:
    """One treats at a time, so the quickest plan has six treatments, all the expert's; a plan of equal work has twelve.

    Nine steps is the least (fetching the board takes three, six treatments follow), and any plan of nine is as unfair:
    a treatment that takes one action is one of the expert's.
    """
    arrays = arrays_of(load("lone-expert"))
    assert quickest_finish(arrays, (arrays.level > 0)[:, [0] * 8]).max() == 9
    rules = Rules(arrays)
    state = rules.start([0, 1, 2], [1, 2])
    plan = FETCH + [tuple(TREAT if agent == turn else WAIT for agent in range(3)) for turn in turns]
    for actions in plan:
        assert not rules.is_success(state)
        state, outcome = rules.step(state, actions)
    assert outcome.success
    assert state.time == time
    assert state.workload[USEFUL] == useful
    assert state.masked == [0, 0, 0]


def predecessors(name: str) -> dict[int, set[int]]:
    after = arrays_of(load(name)).step_after
    return {k: set(row.nonzero()[0].tolist()) for k, row in enumerate(after)}
