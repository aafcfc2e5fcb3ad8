"""The environment around the rules: what it returns, and what it refuses."""

from __future__ import annotations

import doctest
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hospital_cases import BED, CART, DOOR, bay, team, tiring_bay

from evenhand.errors import InputError
from evenhand.hospital.reference_environment import Hospital
from evenhand.hospital.render import draw

STARTS = {"agent_starts": ["bed", "bed", "bed"], "item_starts": ["cart", "cart", "cart"]}
GO_CART, HANDLE, TREAT = 1 + CART, 4, 5


@pytest.fixture
def env() -> Hospital:
    hospital = Hospital(bay())
    hospital.reset(seed=0, options=STARTS)
    return hospital


def act(env: Hospital, actions: dict[str, object]) -> tuple:
    """Step with `actions`; the other agents wait."""
    return env.step(dict.fromkeys(env.agents, 0) | actions)


def _same(first: object, second: object) -> bool:
    """Compare nested dictionaries of arrays exactly."""
    return json.dumps(first, default=np.ndarray.tolist) == json.dumps(second, default=np.ndarray.tolist)


def _play(hospital: Hospital, seed: int, steps: int) -> list[object]:
    generator = np.random.default_rng(seed)
    history: list[object] = [hospital.reset(seed=seed)]
    for _ in range(steps):
        if not hospital.agents:
            history.append(hospital.reset())
        actions = {agent: int(generator.integers(6)) for agent in hospital.agents}
        history.append(hospital.step(actions))
    return history


def test_agents_bear_the_names_of_the_scenario(env: Hospital) -> None:
    assert env.possible_agents == env.agents == ["Ada", "Ben", "Cy"]


def test_observations_lie_in_their_spaces_and_masks_are_those_of_the_rules(env: Hospital) -> None:
    observations, _ = env.reset(seed=1)
    for index, (agent, seen) in enumerate(observations.items()):
        assert env.observation_space(agent).contains(seen)
        assert seen["action_mask"].tolist() == [int(can) for can in env.rules.mask(env.current, index)]
    assert env.state_space.contains(env.state())


def test_all_agents_get_the_same_reward(env: Hospital) -> None:
    _, rewards, terminations, truncations, _ = env.step(dict.fromkeys(env.agents, 0))
    assert rewards == dict.fromkeys(env.possible_agents, float(np.float32(-1) * np.float32(0.01)))
    assert terminations == truncations == dict.fromkeys(env.possible_agents, False)


def test_infos_of_a_worked_case(env: Hospital) -> None:
    """Ada and Ben reach for one board: Ben has priority at time 1. Nobody has done useful work: Jain's index is 1."""
    act(env, {"Ada": GO_CART, "Ben": GO_CART, "Cy": TREAT})
    _, _, _, _, infos = act(env, {"Ada": HANDLE, "Ben": HANDLE})
    assert infos["Ada"] == {
        "workload": 0.0,
        "workloads": (0.0, 0.0, 0.0),
        "cost": 0.0,
        "masked": 0,
        "conflicts": 1,
        "success": False,
        "progress": 0.0,
    }
    assert infos["Ben"]["workloads"].actions == 1.0
    assert infos["Cy"]["masked"] == 1
    act(env, {"Ben": 1 + BED})
    _, _, _, _, infos = act(env, {"Ben": HANDLE})
    assert infos["Ben"]["workload"] == infos["Ben"]["workloads"].useful == 1.0
    assert infos["Ada"]["cost"] == pytest.approx(2 / 3)  # one of three did it all
    assert infos["Ada"]["progress"] == pytest.approx(0.2)


@pytest.mark.parametrize(("definition", "expected"), [("useful", 1.0), ("actions", 2.0), ("effort", 1.0)])
def test_the_scenario_says_which_workload_is_meant(definition: str, expected: float) -> None:
    env = Hospital(bay(workload=definition))
    env.reset(options=STARTS)
    for action in (GO_CART, HANDLE, 1 + BED, HANDLE):
        _, _, _, _, infos = act(env, {"Ben": action})
    assert infos["Ben"]["workload"] == expected


@pytest.mark.parametrize("actions", [{}, {"Ada": 0, "Cy": 0}, {"Ada": 0, "Cy": 0, "Benn": 0}, [0, 0, 0], None])
def test_an_agent_without_an_action_is_refused_and_nothing_has_happened(env: Hospital, actions: object) -> None:
    before = env.snapshot()
    with pytest.raises(InputError, match=r"no action of '(Ada|Ben)'; every|no agent 'Benn'|actions are (\[0, 0|None)"):
        env.step(actions)
    assert env.snapshot() == before


def test_masked_actions_and_nan_are_waits_that_are_counted(env: Hospital) -> None:
    _, _, _, _, infos = act(env, {"Ada": TREAT, "Ben": math.nan, "Cy": np.float32("nan")})
    assert [info["masked"] for info in infos.values()] == [1, 1, 1]
    assert env.current.station == [BED] * 3


@pytest.mark.parametrize("number", [np.int64(GO_CART), np.array(GO_CART), np.uint8(GO_CART)])
def test_whole_numbers_of_any_kind_are_taken(env: Hospital, number: object) -> None:
    act(env, {"Ada": number})
    assert env.current.station == [CART, BED, BED]


@pytest.mark.parametrize("action", [6, -1, 10**30, 2.5, 1.0, math.inf, "treat", None, [1]])
def test_what_is_no_action_is_refused_and_nothing_has_happened(env: Hospital, action: object) -> None:
    before = env.snapshot()
    with pytest.raises(InputError) as caught:
        act(env, {"Ada": GO_CART, "Ben": action})
    assert str(caught.value) == f"Ben has no action {action!r}; its actions are the whole numbers 0 to 5"
    assert env.snapshot() == before


def test_an_array_for_an_action_is_shown_on_one_line(env: Hospital) -> None:
    with pytest.raises(InputError, match=r"^Ada has no action array\(\[\[0, 0\], \[0, 0\]\]\); "):
        act(env, {"Ada": np.zeros((2, 2), dtype=int)})


def test_unknown_agents_are_refused(env: Hospital) -> None:
    with pytest.raises(InputError, match=r"^there is no agent 'Benn'; did you mean 'Ben'\?$"):
        act(env, {"Ada": 0, "Benn": 0})


def test_a_finished_episode_returns_empty_dictionaries_and_stays() -> None:
    env = Hospital(bay(horizon=1))
    env.reset(seed=0)
    _, _, terminations, truncations, _ = act(env, {})
    assert not any(terminations.values())
    assert all(truncations.values())
    assert env.agents == []
    before = env.snapshot()
    assert env.step({"Ada": GO_CART}) == ({}, {}, {}, {}, {})
    assert env.snapshot() == before
    env.reset()
    assert env.agents == ["Ada", "Ben", "Cy"]


def test_success_terminates(env: Hospital) -> None:
    env.restore(env.snapshot() | {"remaining": [0, 0, 0, 1]})
    _, rewards, terminations, truncations, infos = act(env, {"Cy": TREAT})
    assert all(terminations.values())
    assert not any(truncations.values())
    assert rewards["Ada"] == pytest.approx(1.14)
    assert infos["Ada"]["success"]
    assert infos["Ada"]["progress"] == 1.0


def test_starts_can_be_chosen(env: Hospital) -> None:
    env.reset(options={"agent_starts": ["door", "cart", "bed"], "item_starts": ["bed", "door", "cart"]})
    assert env.current.station == [DOOR, CART, BED]
    assert env.current.item_place == [BED, DOOR, CART]


def test_starts_that_are_not_chosen_are_drawn_as_without_the_option() -> None:
    env = Hospital(bay(agents=[agent | {"start": "anywhere"} for agent in team(bay())]))
    env.reset(seed=5)
    drawn = env.current.station
    env.reset(seed=5, options={"item_starts": ["bed", "bed", "bed"]})
    assert (env.current.station, env.current.item_place) == (drawn, [BED] * 3)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (
            {"agent_starts": ["bed", "hall", "bed"]},
            "agent_starts: Ben cannot start at 'hall'; known are 'bed', 'cart', 'door'",
        ),
        ({"agent_starts": ["bed"]}, "agent_starts is ['bed']; it needs a list of 3 stations, for Ada, Ben, Cy"),
        ({"agent_starts": "bed"}, "agent_starts is 'bed'; it needs a list of 3 stations, for Ada, Ben, Cy"),
        ({"item_starts": 3}, "item_starts is 3; it needs a list of 3 stations, for board, mask, spare board"),
        (
            {"item_starts": ["cart", "cart", 1]},
            "item_starts: spare board cannot start at 1; known are 'bed', 'cart', 'door'",
        ),
        ({"agents_start": ["bed"] * 3}, "reset has no option 'agents_start'; did you mean 'agent_starts'?"),
    ],
)
def test_bad_starts_are_refused_in_one_line(env: Hospital, options: dict[str, object], line: str) -> None:
    before = env.snapshot()
    with pytest.raises(InputError) as caught:
        env.reset(options=options)
    assert str(caught.value) == line
    assert env.snapshot() == before


@pytest.mark.parametrize("call", ["step", "snapshot", "state", "render"])
def test_before_the_first_reset_there_is_no_state(call: str) -> None:
    env = Hospital(bay(), render_mode="ansi")
    with pytest.raises(InputError, match=r"call reset\(seed=\.\.\.\)"):
        getattr(env, call)(*[{}] * (call == "step"))


def test_a_snapshot_brings_back_everything() -> None:
    env = Hospital(tiring_bay())
    _play(env, seed=3, steps=12)
    kept = json.loads(json.dumps(env.snapshot()))
    actions = [{"Ada": a, "Ben": b, "Cy": c} for a, b, c in ((4, 2, 1), (1, 5, 0), (5, 5, 3))]
    future = [env.step(joint) for joint in actions]
    other = Hospital(tiring_bay())
    other.restore(kept)
    assert _same(future, [other.step(joint) for joint in actions])
    assert env.snapshot() == other.snapshot()


def test_a_snapshot_does_not_change_with_the_episode(env: Hospital) -> None:
    kept = env.snapshot()
    copy = json.loads(json.dumps(kept))
    act(env, {"Ada": GO_CART, "Ben": TREAT})
    assert kept == copy
    env.restore(kept)
    act(env, {"Ada": GO_CART})
    assert kept == copy


def test_restoring_an_episode_that_is_over_leaves_no_agents(env: Hospital) -> None:
    env.restore(env.snapshot() | {"remaining": [0, 0, 0, 0]})
    assert env.agents == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"energy": [0, 0]}, r"^the snapshot's 'energy' has shape \(2,\); in this scenario it has \(3,\)$"),
        ({"time": None}, r"^the snapshot has no 'time'; it needs time, station, "),
    ],
)
def test_snapshots_of_other_scenarios_are_refused(env: Hospital, change: dict[str, object], line: str) -> None:
    kept = {name: value for name, value in (env.snapshot() | change).items() if value is not None}
    with pytest.raises(InputError, match=line):
        env.restore(kept)


def test_the_same_seed_gives_the_same_episodes_and_another_seed_others() -> None:
    everywhere = bay(agents=[agent | {"start": "anywhere"} for agent in team(bay())])
    first, second, third = (_play(Hospital(everywhere), seed, steps=100) for seed in (7, 7, 8))
    assert _same(first, second)
    assert not _same(first, third)


def test_arrays_that_were_handed_out_are_not_written_again(env: Hospital) -> None:
    observations, _ = env.reset(seed=0)
    copies = {agent: seen["observation"].copy() for agent, seen in observations.items()}
    state, state_copy = env.state(), env.state()
    act(env, {"Ada": GO_CART})
    assert all(np.array_equal(observations[agent]["observation"], copy) for agent, copy in copies.items())
    assert np.array_equal(state, state_copy)


def test_unknown_render_modes_are_refused() -> None:
    with pytest.raises(InputError, match=r"^render_mode is 'human'; it can be 'rgb_array', 'ansi' or None$"):
        Hospital(bay(), render_mode="human")


def test_pictures_show_the_course_of_the_episode() -> None:
    """The same picture as the painter draws from the states; a new episode begins without a past."""
    env = Hospital(bay(), render_mode="rgb_array")
    env.reset(seed=0, options=STARTS)
    states = [env.current]
    for action in (GO_CART, HANDLE, 1 + DOOR):
        act(env, {"Ben": action})
        states.append(env.current)
    assert np.array_equal(env.render(), draw(env.scenario, states[-1], history=states[:-1]))
    env.reset(seed=0, options=STARTS)
    assert np.array_equal(env.render(), draw(env.scenario, states[0]))


def test_text_names_who_is_where(env: Hospital) -> None:
    spoken = Hospital(bay(), render_mode="ansi")
    spoken.restore(env.snapshot())
    assert all(agent in spoken.render() for agent in env.agents)


def test_rendering_without_a_mode_warns_and_shows_nothing(env: Hospital) -> None:
    with pytest.warns(UserWarning, match="construct the environment with 'rgb_array' or 'ansi'"):
        assert env.render() is None


def test_the_examples_of_the_documentation_run() -> None:
    page = Path(__file__).parents[2] / "docs/reference/hospital-rules.md"
    result = doctest.testfile(str(page), module_relative=False)
    assert result.attempted > 5
    assert result.failed == 0
