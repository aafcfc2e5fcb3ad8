"""Agents that come and go or say nothing: counted right, or refused in one line that names whom.

Shaped rewards are compared with lambda (J(w_T) - 1), J worked out by hand: with three agents, J(4, 2, 0) is
36 / (3 * 20) = 0.6, J(1, 0, 0) 1/3, J(1, 1, 0) 2/3, J(2, 1, 0) 9 / (3 * 5) = 0.6.
"""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.fair_gne import (
    ActionCount,
    ActionWork,
    AgentError,
    Ascent,
    Constraint,
    FairGNE,
    Fixed,
    PerStep,
    Published,
)
from evenhand.fairness import JainAtLeast

pytest.importorskip("pettingzoo")
from gymnasium import spaces
from pettingzoo.test import parallel_api_test, parallel_seed_test
from scripted_team import LAMBDA, LOSS, WORKED, ScriptedTeam, gains, line, refused, wrapped
from toy_team import ToyTeam


def test_each_agent_gets_the_lagrangian_in_all():
    total, told = gains(wrapped(*WORKED))
    assert total == pytest.approx(dict.fromkeys("abc", LOSS))
    assert told["b"]["jain"] == pytest.approx(0.6)


@pytest.mark.parametrize("missing", ["a", "c"])
def test_a_living_agent_without_infos_is_refused(missing):
    """It would count as idle: with J = 1 where nobody reports, and below it where only others do."""
    env = wrapped(line(**{agent: 1 for agent in "abc" if agent != missing}))
    env.reset()
    refused(rf"^agent '{missing}': infos have no 'workload'; they have \[\]", lambda: env.step(dict.fromkeys("abc", 0)))


def test_infos_are_needed_in_the_last_step_too():
    env = wrapped(line(1, 1, 1), line(1, 1))
    env.reset()
    env.step(dict.fromkeys("abc", 0))
    refused("agent 'c': infos have no 'workload'", lambda: env.step(dict.fromkeys("abc", 0)))


def test_whoever_counts_by_actions_needs_no_infos():
    total, told = gains(wrapped(line(), line(), options={"workload": ActionCount()}), action=1)
    assert total == dict.fromkeys("abc", 0.0), "all have done two"
    assert told["c"]["workload"] == 2.0


def test_ends_are_read_where_agents_stay_listed():
    """The environment lists its agents for ever; the multiplier moves at the end all the same, once."""
    env = FairGNE(ScriptedTeam(*WORKED, filled=True), dual=Ascent(step_size=1.0))
    for episode in (1, 2):
        gains(env)
        assert env.agents == []
        assert env.dual_state.updates == episode
    assert env.multiplier == pytest.approx(2 * (0.85 - 0.6))
    assert env.step({}) == ({}, {}, {}, {}, {})
    refused(r"step\(\) after an episode: call reset\(\) first", lambda: env.step(dict.fromkeys("abc", 0)))
    assert env.dual_state.updates == 2


def test_a_step_before_the_first_reset_is_refused():
    refused(r"before an episode: call reset\(\) first", lambda: wrapped(line(1)).step(dict.fromkeys("abc", 0)))


def test_a_reset_in_between_begins_anew_and_moves_no_multiplier():
    env = FairGNE(ScriptedTeam(*WORKED), dual=Ascent(step_size=1.0))
    env.reset(seed=1)
    env.step(dict.fromkeys("abc", 0))
    assert env.workloads.tolist() == [2, 0, 0]
    env.reset(seed=np.int64(1))
    assert env.workloads.tolist() == [0, 0, 0]
    assert env.dual_state.updates == 0
    assert gains(env)[0] == dict.fromkeys("abc", 0.0), "the multiplier is 0 still"


def test_workloads_reported_at_reset_are_kept():
    """Agent a begins with 2: it is told so, and the episode still gains lambda (J(w_T) - 1) in all."""
    env = wrapped(*WORKED, opening={"a": {"workload": 2}, "b": {"other": 1}})
    _, infos = env.reset()
    assert {agent: infos[agent]["workload"] for agent in "abc"} == {"a": 2.0, "b": 0.0, "c": 0.0}
    assert infos["b"]["jain"] == pytest.approx(1 / 3)
    assert env.workloads.tolist() == [2, 0, 0]
    assert gains(env)[0] == pytest.approx(dict.fromkeys("abc", LOSS))
    with pytest.raises(AgentError, match="agent 'a': infos report the workload None"):
        wrapped(*WORKED, opening={"a": {"workload": None}}).reset()


# Who comes and goes.


def test_an_early_end_is_refused_with_what_to_do():
    env = wrapped(*WORKED, ends={"b": 2})
    env.reset()
    env.step(dict.fromkeys("abc", 0))
    refused("agent 'b' leaves while agent 'a' goes on.*keep_agents=True", lambda: env.step(dict.fromkeys("abc", 0)))


def test_late_arrivals_are_refused_with_what_to_do():
    refused(r"agent 'c' is not there at reset\(\).*keep_agents=True", wrapped(*WORKED, starts={"c": 1}).reset)
    env = wrapped(*WORKED)
    env.reset()
    env.env.possible_agents.remove("c")
    env.env.agents.remove("c")
    refused("is not there at reset", env.reset)


@pytest.mark.parametrize("filled", [False, True])
def test_kept_agents_get_every_term(filled):
    """One dies after the first step: all three get lambda (J(w_T) - 1), and its work counts to the end."""
    script = (line(1, 0, 1), line(3, 1), line(4, 1))
    env = wrapped(*script, ends={"c": 1}, filled=filled, options={"keep_agents": True})
    env.reset()
    actions = dict.fromkeys("abc", 0)
    observations, rewards, terminations, truncations, infos = env.step(actions)
    assert env.agents == ["a", "b", "c"]
    assert not terminations["c"]
    observations, rewards, terminations, truncations, infos = env.step({**actions, "c": 2})
    assert env.env.received[-1] == {"a": 0, "b": 0}, "what an absent agent chooses is not passed on"
    assert observations["c"].tolist() == [0.0]
    assert rewards["c"] == pytest.approx(LAMBDA * (25 / 33 - 2 / 3)), "J(3, 1, 1) = 25 / 33 after J(1, 0, 1) = 2 / 3"
    assert infos["c"]["workload"] == 1.0
    _, _, terminations, truncations, _ = env.step(actions)
    assert terminations == dict.fromkeys("abc", True)
    assert truncations == dict.fromkeys("abc", False)
    assert env.agents == []
    total, _ = gains(env)
    assert total == pytest.approx(dict.fromkeys("abc", LAMBDA * (36 / 54 - 1.0))), "J(4, 1, 1) = 36 / (3 * 18)"


def test_late_arrivals_that_are_kept_get_every_term():
    env = wrapped(*WORKED, starts={"c": 1}, options={"keep_agents": True})
    observations, infos = env.reset()
    assert observations["c"].tolist() == [0.0]
    assert infos["c"]["workload"] == 0.0
    assert gains(env)[0] == pytest.approx(dict.fromkeys("abc", LOSS))


def test_absent_agents_do_not_work():
    """Under a count of actions, those of an agent that has ended are none."""
    options = {"keep_agents": True, "workload": ActionCount()}
    _, told = gains(wrapped(line(), line(), line(), ends={"b": 1}, options=options), action=1)
    assert [told[agent]["workload"] for agent in "abc"] == [3, 1, 3]


@pytest.mark.parametrize("shaper", [Published, PerStep])
def test_shapers_that_pay_by_the_step_let_agents_go(shaper):
    """Each step is paid by itself: lambda J (PerStep) or lambda (J - 0.85) (Published) for those who are there."""
    constraint = Constraint(JainAtLeast(0.85), 3)
    off = 0.85 if shaper is Published else 0.0
    env = wrapped(line(1, 1, 0), line(1, 1, 0), line(2, 1), ends={"c": 2}, options={"shaper": shaper(constraint)})
    total, _ = gains(env)
    assert total["c"] == pytest.approx(LAMBDA * 2 * (2 / 3 - off))
    assert total["a"] == pytest.approx(LAMBDA * (2 * (2 / 3 - off) + 0.6 - off))


def test_agents_do_not_return():
    env = wrapped(*WORKED, ends={"c": 1}, starts={}, options={"keep_agents": True})
    env.reset()
    env.env.starts = {"c": 2}
    env.step(dict.fromkeys("abc", 0))
    refused("agent 'c' is back after its end", lambda: env.step(dict.fromkeys("abc", 0)))


def test_strangers_among_the_agents_are_refused():
    env = wrapped(line(1))
    env.env.starts = dict.fromkeys("abc", 9)
    refused(r"after reset\(\) the environment's agents are \[\]", env.reset)
    env = wrapped(line(1))
    env.env.possible_agents = ["a", "b", "d"]
    refused("agent 'd' is none of possible_agents, 'a', 'b', 'c'", env.reset)


@pytest.mark.parametrize(
    ("space", "blank"),
    [
        (spaces.Box(1.0, 2.0, (2,), np.float32), [1.0, 1.0]),
        (spaces.Discrete(3, start=4), 4),
        (spaces.MultiBinary(2), [0, 0]),
        (spaces.Tuple([spaces.Discrete(2), spaces.MultiDiscrete([3, 3])]), None),
        (spaces.Dict({"observation": spaces.Box(-1, 1, (1,)), "action_mask": spaces.MultiBinary(3)}), None),
    ],
)
def test_blank_observations_lie_in_their_space(space, blank):
    env = wrapped(*WORKED, starts={"c": 1}, options={"keep_agents": True})
    env.env.seen = space
    seen = env.reset()[0]["c"]
    assert space.contains(seen)
    if blank is not None:
        assert np.asarray(seen).tolist() == blank
    if isinstance(space, spaces.Dict):
        assert seen["action_mask"].tolist() == [1, 1, 1], "a mask of zeros would leave nothing to choose"
    env.env.seen = spaces.Text(5)
    refused("agent 'c' observes Text", env.reset)


@pytest.mark.parametrize("leaves", [None, 2])
def test_pettingzoos_own_tests_with_kept_agents(leaves, capsys):
    make = lambda: FairGNE(ToyTeam(leaves=leaves, masked=True), keep_agents=True, observe=True)  # noqa: E731
    parallel_api_test(make(), num_cycles=40)
    parallel_seed_test(make, num_cycles=20)
    assert "Passed" in capsys.readouterr().out


@pytest.mark.parametrize("continuous", [False, True])
def test_a_particle_world(continuous):
    """Simple spread reports no workload: said; moves are counted, and thrusts by a function."""
    world = pytest.importorskip("mpe2.simple_spread_v3", reason="mpe2 is not installed")

    def make(**given):
        return FairGNE(world.parallel_env(max_cycles=5, continuous_actions=continuous), dual=Fixed(LAMBDA), **given)

    env = make()
    env.reset(seed=0)
    still = {agent: 0 * env.action_space(agent).sample() for agent in env.agents}
    refused("agent 'agent_0': infos have no 'workload'", lambda: env.step(still))
    if continuous:
        refused("use ActionWork", lambda: make(workload=ActionCount()))
    tracker = ActionWork(lambda action: float(action.sum())) if continuous else ActionCount()
    env = make(workload=tracker)
    env.reset(seed=0)
    one = {agent: still[agent] + 1 for agent in still}
    gain = 0.0
    while env.agents:
        *_, infos = env.step({**still, "agent_1": one["agent_1"]})
        gain += infos["agent_0"]["shaped_reward"] - infos["agent_0"]["unshaped_reward"]
    assert gain == pytest.approx(LAMBDA * (1 / 3 - 1.0)), "agent_1 did everything"
