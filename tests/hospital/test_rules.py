"""Each rule of the hospital, played by hand."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hospital_cases import (
    BED,
    BOARD,
    BREATHE,
    CART,
    COMPRESS,
    DOOR,
    MASK,
    PUT_BOARD,
    PUT_MASK,
    SPARE_BOARD,
    at_bed,
    bay,
    numbers,
    play,
    rules_of,
    tiring_bay,
)
from hypothesis import given, settings, strategies as st

from evenhand.hospital.scenario_arrays import CARRIED, IN_USE, NOBODY

if TYPE_CHECKING:
    from evenhand.hospital.rules import Rules
    from evenhand.hospital.state import Outcome, State

RULES = rules_of(bay())
TIRING = rules_of(tiring_bay())
BOARD_IS_IN = {"item_place": [IN_USE, CART, CART], "remaining": [0, 3, 1, 2]}


def test_waiting_changes_nothing_but_time() -> None:
    start = at_bed(RULES)
    state, (outcome,) = play(RULES, start, "wait wait wait")
    start.time = 1
    assert state == start
    assert not outcome.success
    assert not outcome.truncated


def test_a_step_leaves_the_old_state_as_it_was() -> None:
    start = at_bed(RULES, station=[CART, BED, BED], **BOARD_IS_IN)
    before = copy.deepcopy(start)
    play(RULES, start, "handle treat door")
    assert start == before


def test_a_station_one_step_away_is_reached_at_once() -> None:
    state, _ = play(RULES, at_bed(RULES), "cart wait wait")
    assert (state.station[0], state.travel[0]) == (CART, 0)


def test_a_station_three_steps_away_takes_three_steps_in_which_nothing_can_be_done() -> None:
    state = at_bed(RULES)
    for left in (2, 1, 0):
        state, _ = play(RULES, state, "door wait wait" if left == 2 else "wait wait wait")
        assert (state.station[0], state.travel[0]) == (DOOR, left)
        if left:
            assert RULES.mask(state, 0) == [True, False, False, False, False, False]
    assert RULES.mask(state, 0) == [True, True, True, False, False, False]


def test_a_traveller_who_tries_to_act_travels_on_and_is_counted() -> None:
    state, _ = play(RULES, at_bed(RULES), "door wait wait", "cart wait wait")
    assert (state.station[0], state.travel[0], state.masked) == (DOOR, 1, [1, 0, 0])


def test_going_where_one_stands_is_masked() -> None:
    state, _ = play(RULES, at_bed(RULES), "bed wait wait")
    assert state.masked == [1, 0, 0]
    assert not RULES.mask(state, 0)[1 + BED]


def test_the_first_item_that_lies_here_is_picked_up() -> None:
    state, _ = play(RULES, at_bed(RULES, item_place=[DOOR, CART, CART], station=[CART, BED, BED]), "handle wait wait")
    assert state.holding == [MASK, NOBODY, NOBODY]
    assert state.item_place == [DOOR, CARRIED, CART]
    assert state.workload == [[0, 0, 0], [1, 0, 0], [0, 0, 0]]


def test_a_carried_item_goes_where_its_agent_puts_it_down() -> None:
    start = at_bed(RULES, station=[CART, BED, BED])
    state, _ = play(RULES, start, "handle wait wait", "door wait wait", *["wait wait wait"] * 2, "handle wait wait")
    assert state.item_place == [DOOR, CART, CART]
    assert state.holding[0] == NOBODY
    assert state.workload == [[0, 0, 0], [2, 0, 0], [0, 0, 0]]  # busywork counts as actions, never as useful


def test_an_item_put_down_can_be_picked_up_in_the_next_step_only() -> None:
    start = at_bed(RULES, station=[DOOR, DOOR, BED], holding=[MASK, NOBODY, NOBODY], item_place=[CART, CARRIED, CART])
    state, _ = play(RULES, start, "handle handle wait")
    assert (state.item_place[MASK], state.holding, state.masked) == (DOOR, [NOBODY] * 3, [0, 1, 0])
    state, _ = play(RULES, state, "wait handle wait")
    assert state.holding == [NOBODY, MASK, NOBODY]


def test_installing_gives_a_unit_to_who_brought_the_item_and_keeps_it_for_good() -> None:
    start = at_bed(RULES, holding=[NOBODY, SPARE_BOARD, NOBODY], item_place=[CART, CART, CARRIED])
    state, (outcome,) = play(RULES, start, "wait handle wait")
    assert state.remaining == [0, 3, 1, 2]
    assert state.item_place == [CART, CART, IN_USE]
    assert state.holding == [NOBODY] * 3
    assert state.workload == [[0, 1, 0], [0, 1, 0], [0, 1, 0]]
    assert outcome.reward == pytest.approx(0.2 - 0.01)
    assert not RULES.mask(state, 1)[RULES.handle]  # an item in use lies nowhere


def test_an_item_whose_step_is_not_open_is_put_down_at_its_place() -> None:
    start = at_bed(RULES, holding=[MASK, NOBODY, NOBODY], item_place=[CART, CARRIED, CART])
    state, (outcome,) = play(RULES, start, "handle wait wait")
    assert state.item_place == [CART, BED, CART]
    assert state.remaining == [1, 3, 1, 2]
    assert outcome.reward == pytest.approx(-0.01)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"remaining": [1, 3, 1, 2]}, "the board is missing"),
        ({"remaining": [0, 0, 1, 2]}, "compressions are complete, the mask is missing"),
        ({"holding": [MASK, NOBODY, NOBODY]}, "hands are full"),
        ({"station": [CART, BED, BED]}, "elsewhere"),
        ({"travel": [1, 0, 0]}, "on the way"),
    ],
)
def test_treatment_is_masked_where(change: dict[str, list[int]], why: str) -> None:
    state = at_bed(RULES, **(BOARD_IS_IN | change))
    assert not RULES.mask(state, 0)[RULES.treat], why
    after, _ = play(RULES, state, "treat wait wait")
    assert after.masked == [1, 0, 0]
    assert after.remaining == state.remaining


def test_treatment_needs_the_skill() -> None:
    state = at_bed(RULES, **BOARD_IS_IN)
    assert [RULES.mask(state, agent)[RULES.treat] for agent in RULES.agents] == [True, True, False]


def test_a_skilled_agent_does_as_many_units_as_its_level_but_no_more_than_remain() -> None:
    state, outcomes = play(RULES, at_bed(RULES, **BOARD_IS_IN), "treat wait wait", "treat wait wait")
    assert state.remaining[COMPRESS] == 0
    assert state.workload == [[3, 0, 0], [2, 0, 0], [6, 0, 0]]  # 2 units, then the 1 that was left
    assert [float(outcome.reward) for outcome in outcomes] == pytest.approx([0.2 - 0.01, 0.1 - 0.01])


def test_effort_is_counted_where_nobody_tires() -> None:
    state, _ = play(RULES, at_bed(RULES, **BOARD_IS_IN), "treat wait wait")
    assert state.workload[2] == [3, 0, 0]
    assert state.energy == [0, 0, 0]
    assert RULES.mask(state, 0)[RULES.treat]


def test_an_exhausting_treatment_can_be_repeated_every_fourth_step() -> None:
    state = at_bed(TIRING, **BOARD_IS_IN)
    energies, possible = [], []
    for _ in range(6):
        possible.append(TIRING.mask(state, 1)[TIRING.treat])
        state, _ = play(TIRING, state, "wait treat wait")
        energies.append(state.energy[1])
    assert energies == [0, 1, 2, 3, 0, 1]
    assert possible == [True, False, False, False, True, False]
    assert state.masked[1] == 4
    assert state.remaining[COMPRESS] == 1


def test_installing_costs_its_energy_and_free_actions_let_an_agent_recover() -> None:
    start = at_bed(TIRING, holding=[BOARD, NOBODY, NOBODY], item_place=[CARRIED, CART, CART], energy=[3, 1, 0])
    state, _ = play(TIRING, start, "handle cart wait")
    assert state.energy == [2, 2, 1]
    state, _ = play(TIRING, state, "wait handle wait")
    assert state.energy == [3, 3, 2]  # picking up costs nothing


def test_an_install_without_energy_is_a_put_down() -> None:
    start = at_bed(TIRING, holding=[BOARD, NOBODY, NOBODY], item_place=[CARRIED, CART, CART], energy=[0, 3, 3])
    state, _ = play(TIRING, start, "handle wait wait")
    assert state.item_place == [BED, CART, CART]
    assert state.remaining[PUT_BOARD] == 1


@pytest.mark.parametrize(("time", "winner"), [(0, 0), (1, 1), (2, 2), (3, 0), (7, 1)])
def test_priority_for_an_item_rotates_with_time(time: int, winner: int) -> None:
    state, _ = play(RULES, at_bed(RULES, station=[CART] * 3, time=time), "handle handle handle")
    assert state.holding == [BOARD if agent == winner else NOBODY for agent in range(3)]
    assert state.conflicts == [int(agent != winner) for agent in range(3)]
    assert state.workload[1] == [int(agent == winner) for agent in range(3)]
    assert state.item_place == [CARRIED, CART, CART]  # the spare board lies there still: who yields waits
    assert state.masked == [0, 0, 0]


@pytest.mark.parametrize(("time", "winner", "left"), [(0, 0, 1), (1, 1, 2), (2, 0, 1)])
def test_a_treatment_is_given_by_one_agent_at_a_time(time: int, winner: int, left: int) -> None:
    state, _ = play(RULES, at_bed(RULES, time=time, **BOARD_IS_IN), "treat treat wait")
    assert state.remaining[COMPRESS] == left
    assert state.conflicts == [int(agent == 1 - winner) for agent in range(3)]
    assert state.workload[2][1 - winner] == 0


def test_who_yields_a_treatment_recovers() -> None:
    state, _ = play(TIRING, at_bed(TIRING, energy=[3, 3, 0], time=1, **BOARD_IS_IN), "treat treat wait")
    assert state.energy == [3, 0, 1]


@pytest.mark.parametrize(("time", "winner"), [(0, 0), (1, 1), (2, 0)])
def test_one_of_two_boards_is_installed_and_the_other_stays_in_hand(time: int, winner: int) -> None:
    start = at_bed(RULES, holding=[BOARD, SPARE_BOARD, NOBODY], item_place=[CARRIED, CART, CARRIED], time=time)
    state, _ = play(RULES, start, "handle handle wait")
    loser = 1 - winner
    carried = [BOARD, SPARE_BOARD][loser]
    assert state.holding[loser] == carried
    assert state.item_place[carried] == CARRIED
    assert state.holding[winner] == NOBODY
    assert state.conflicts[loser] == 1


def test_what_opens_in_a_step_is_open_in_the_next() -> None:
    start = at_bed(RULES, holding=[BOARD, NOBODY, NOBODY], item_place=[CARRIED, CART, CART])
    state, _ = play(RULES, start, "handle treat wait")
    assert state.remaining == [0, 3, 1, 2]
    assert state.masked == [0, 1, 0]
    state, _ = play(RULES, state, "wait treat wait")
    assert state.remaining == [0, 2, 1, 2]


def test_two_agents_may_work_on_two_steps_at_once() -> None:
    mask_is_in = {"remaining": [1, 0, 0, 2], "item_place": [CARRIED, IN_USE, CART]}
    start = at_bed(RULES, holding=[BOARD, NOBODY, NOBODY], **mask_is_in)
    state, _ = play(RULES, start, "handle treat wait")
    assert state.remaining == [0, 0, 0, 0]
    assert state.conflicts == [0, 0, 0]


def test_an_episode_by_hand() -> None:
    """Ada fetches the board, Ben the mask; Ada compresses twice, Ben breathes: 7 useful units, 8 actions, 9 effort."""
    state, outcomes = play(
        RULES,
        at_bed(RULES),
        "cart wait wait",
        "handle cart wait",
        "bed handle wait",  # Ben gets the mask: the first item that still lies there
        "handle bed wait",
        "treat wait wait",
        "treat wait wait",
        "wait handle wait",
        "wait treat wait",
    )
    assert [outcome.points for outcome in outcomes] == [-1, -1, -1, 19, 19, 9, 19, 129]
    assert RULES.scale == 100
    assert [outcome.success for outcome in outcomes] == [False] * 7 + [True]
    assert state.workload == [[4, 3, 0], [4, 3, 0], [7, 1, 0]]
    assert RULES.progress(state) == 1.0
    assert state.time == 8


def _short(horizon: int) -> tuple[State, list[Outcome]]:
    rules = rules_of(bay(horizon=horizon))
    nearly = at_bed(rules, remaining=[0, 0, 0, 2], item_place=[IN_USE, IN_USE, CART])
    return play(rules, nearly, "wait wait treat", "wait wait treat")


def test_success_at_the_horizon_terminates_and_does_not_truncate() -> None:
    _, outcomes = _short(2)
    assert [(outcome.success, outcome.truncated) for outcome in outcomes] == [(False, False), (True, False)]


def test_the_horizon_truncates_and_nothing_happens_after_it() -> None:
    state, outcomes = _short(1)
    assert [(outcome.success, outcome.truncated) for outcome in outcomes] == [(False, True), (False, True)]
    assert outcomes[1].points == 0
    assert outcomes[1].reward == 0
    assert (state.time, state.remaining[BREATHE]) == (1, 1)


def test_after_success_nothing_happens_and_the_bonus_is_not_paid_again() -> None:
    rules = rules_of(bay())
    done = at_bed(rules, remaining=[0, 0, 0, 0])
    state, outcome = rules.step(done, numbers(rules, "cart treat handle"))
    assert state is done
    assert outcome == (0, np.float32(0), True, False)


def test_rewards_are_single_precision_products() -> None:
    _, (outcome,) = play(RULES, at_bed(RULES, **BOARD_IS_IN), "treat wait wait")
    assert outcome.reward.dtype == np.float32
    assert outcome.reward == np.float32(19) * np.float32(0.01)


def test_no_action_at_all_is_masked() -> None:
    state, _ = RULES.step(at_bed(RULES), [None, 0, 0])
    assert state.masked == [1, 0, 0]


def test_a_step_at_a_place_of_its_own_happens_there() -> None:
    steps = [{"name": "gel", "bring": "mask", "at": "door"}, {"name": "breaths", "treat": "breathe"}]
    rules = rules_of(bay(patients=[{"name": "patient", "at": "bed", "steps": steps}]))
    holding = {"holding": [MASK, NOBODY, NOBODY], "item_place": [CART, CARRIED, CART]}
    state, _ = play(rules, at_bed(rules, station=[DOOR, BED, BED], **holding), "handle wait wait")
    assert state.remaining == [0, 1]
    state, _ = play(rules, at_bed(rules, **holding), "handle wait wait")
    assert state.remaining == [1, 1]


def test_an_item_can_need_skilled_hands() -> None:
    steps = [{"name": "tube", "bring": "mask", "skill": "compress"}]
    rules = rules_of(bay(patients=[{"name": "patient", "at": "bed", "steps": steps}]))
    for agent, left in ((1, 0), (2, 1)):
        holding = [MASK if other == agent else NOBODY for other in range(3)]
        start = at_bed(rules, holding=holding, item_place=[CART, CARRIED, CART])
        state, _ = rules.step(start, [rules.handle if other == agent else 0 for other in range(3)])
        assert state.remaining == [left]


def test_the_first_open_treatment_in_the_protocol_is_given() -> None:
    steps = [{"name": name, "treat": "breathe", "units": 2} for name in ("left", "right")]
    rules = rules_of(bay(patients=[{"name": "patient", "at": "bed", "steps": steps}]))
    state, _ = play(rules, at_bed(rules), "treat wait wait", "treat wait wait", "treat wait wait")
    assert state.remaining == [0, 1]


def test_starts_are_drawn_uniformly_and_independently() -> None:
    agents = [{"name": name, "skills": {"compress": 1, "breathe": 1}} for name in ("Ada", "Ben")]
    items = [{"name": "board", "at": ["bed", "cart"]}, {"name": "mask", "at": "door"}]
    rules = rules_of(bay(agents=agents, items=items))
    generator = np.random.default_rng(0)
    starts = [rules.reset(generator) for _ in range(3600)]
    counts = np.zeros((3, 3, 3))
    for state in starts:
        counts[state.station[0], state.station[1], state.item_place[0]] += 1
        assert state.item_place[1] == DOOR
        assert state.energy == rules.capacity
        assert state.remaining == rules.units
    assert not counts[:, :, DOOR].any()
    # 18 cells of 200 each; chi-square with 17 degrees of freedom exceeds 40.8 once in a thousand seeds.
    assert ((counts[:, :, :DOOR] - 200) ** 2 / 200).sum() < 40.8


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 6**3 - 1), min_size=1, max_size=40), st.sampled_from([RULES, TIRING]))
def test_the_mask_says_which_actions_mean_something(joint: list[int], rules: Rules) -> None:
    state = at_bed(rules, station=[BED, CART, CART])
    for code in joint:
        for agent in rules.agents:
            meant = [rules.deed(state, agent, action) is not None for action in range(rules.n_actions)]
            assert rules.mask(state, agent) == meant
        state, _ = rules.step(state, [code % 6, code // 6 % 6, code // 36])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 6**3 - 1), min_size=1, max_size=60))
def test_nothing_is_lost_or_negative(joint: list[int]) -> None:
    """Each carried item is in exactly one hand; counts never fall; useful work is what the protocol has progressed."""
    state = at_bed(TIRING, station=[BED, CART, CART])
    for code in joint:
        before, (state, _) = state, TIRING.step(state, [code % 6, code // 6 % 6, code // 36])
        carried = [item for item, place in enumerate(state.item_place) if place == CARRIED]
        assert sorted(item for item in state.holding if item != NOBODY) == carried
        assert all(0 <= energy <= 3 for energy in state.energy)
        assert sum(state.workload[0]) == sum(TIRING.units) - sum(state.remaining)
        for old, new in zip(before.workload, state.workload, strict=True):
            assert all(earlier <= later for earlier, later in zip(old, new, strict=True))
    assert state.remaining[PUT_MASK] in (0, 1)


def test_useful_work_at_success_is_all_units() -> None:
    """Random play of the easiest bay, to its end."""
    generator = np.random.default_rng(1)
    rules = rules_of(bay(horizon=10_000))
    state = rules.reset(generator)
    while not rules.is_over(state):
        state, _ = rules.step(state, generator.integers(rules.n_actions, size=3).tolist())
    assert rules.is_success(state)
    assert sum(state.workload[0]) == sum(rules.units) == 7
