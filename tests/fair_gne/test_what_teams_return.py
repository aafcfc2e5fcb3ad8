"""What an environment returns is refused in one line where it is no number, no dictionary, or lacks an agent."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evenhand.fair_gne import (
    Constraint,
    FairGNE,
    PerStep,
)
from evenhand.fairness import JainAtLeast

pytest.importorskip("pettingzoo")
from scripted_team import WORKED, ScriptedTeam, gains, line, refused, wrapped


@pytest.mark.parametrize("bad", [None, math.nan, math.inf, np.ones(1), np.ones(3), "1", [1.0], {}, 1j])
@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("rewards", "the reward .* for agent 'b'; it must be a finite"),
        ("infos", "agent 'b': infos report the workload"),
    ],
)
def test_what_is_no_number_is_refused(part, words, bad):
    value = {"workload": bad} if part == "infos" else bad
    env = wrapped(line(1, 1, 1), **{part: {"b": value}})
    env.reset()
    refused(words, lambda: env.step(dict.fromkeys("abc", 0)))


@pytest.mark.parametrize("good", [1, np.float32(1), np.int8(1), np.array(1.0), True, np.True_])
def test_numbers_of_any_kind_are_taken(good):
    total, told = gains(wrapped(line(good, good, 1), rewards={"b": good}))
    assert total == dict.fromkeys("abc", 0.0)
    assert (told["b"]["unshaped_reward"], told["b"]["workload"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        ({"rewards": 1.0}, r"step\(\) returned the rewards 1.0; a parallel environment returns a dictionary by agent"),
        ({"terminations": False}, r"step\(\) returned the terminations False"),
        ({"infos": None}, r"step\(\) returned the infos None"),
        ({"infos": {"b": None}}, r"step\(\) returned the infos None for agent 'b'"),
        ({"terminations": {"b": None}}, "the termination None for agent 'b'; it must be True or False"),
        ({"truncations": {"c": np.ones(2, bool)}}, r"the truncation array\(\[ True, True\]\) for agent 'c'"),
        ({"infos": {"b": {"workload": -1}}}, "agent 'b': infos report the workload -1 as 'workload'"),
    ],
)
def test_what_step_must_return(returned, words):
    env = wrapped(line(1, 1, 1), **returned)
    env.reset()
    refused(words, lambda: env.step(dict.fromkeys("abc", 0)))


@pytest.mark.parametrize("part", ["rewards", "terminations", "truncations"])
def test_every_living_agent_has_a_reward_and_an_end(part):
    env = wrapped(line(1, 1, 1))
    step = env.env.step
    index = ["observations", "rewards", "terminations", "truncations"].index(part)

    def without_b(actions):
        parts = step(actions)
        del parts[index]["b"]
        return parts

    env.env.step = without_b
    env.reset()
    refused(f"no {part[:-1]} for agent 'b'", lambda: env.step(dict.fromkeys("abc", 0)))


@pytest.mark.parametrize(
    ("method", "returned", "words"),
    [
        ("step", ({}, {}, {}, {}), r"step\(\) returned 4 values; it must return observations, rewards"),
        ("step", (np.ones(1), 1.0, False, False, {}), r"step\(\) returned the observations array\(\[1.\]\)"),
        ("step", None, r"step\(\) returned None"),
        ("reset", {}, r"reset\(\) returned \{\}; it must return observations and infos"),
        ("reset", (np.ones(1), {}), r"reset\(\) returned the observations array"),
    ],
)
def test_tuples_of_other_libraries_are_refused(method, returned, words):
    env = wrapped(line(1, 1, 1))
    if method == "step":
        env.reset()
    setattr(env.env, method, lambda *args, **named: returned)
    refused(words, env.reset if method == "reset" else lambda: env.step(dict.fromkeys("abc", 0)))


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        ({"a": 0, "b": 0}, "actions lack agent 'c'"),
        ({"a": 0, "b": 0, "c": 0, "d": 0}, "actions name agent 'd'; the agents are 'a', 'b', 'c'"),
        ([0, 0, 0], r"actions are \[0, 0, 0\]; step\(\) needs a dictionary"),
        (None, "actions are None"),
        ({"a": 0, "b": None, "c": 0}, "actions hold None for agent 'b'"),
    ],
)
def test_actions_are_of_the_living(actions, words):
    env = wrapped(*WORKED)
    env.reset()
    refused(words, lambda: env.step(actions))
    assert env.env.received == [], "nothing has happened"


def test_success_is_a_share():
    env = FairGNE(ScriptedTeam(line(1, 1, 1), infos={"b": {"workload": 1, "success": "yes"}}))
    env.reset()
    refused("infos of agent 'b' report the success 'yes'", lambda: env.step(dict.fromkeys("abc", 0)))


@pytest.mark.parametrize("options", [{}, {"observe": True}, {"keep_agents": True}, {"shaper": "each step"}])
def test_whoever_acts_next_sees_something(options):
    if "shaper" in options:
        options = {"shaper": PerStep(Constraint(JainAtLeast(0.85), 3))}
    for observed, words in (({"a": np.ones(1), "c": np.ones(1)}, "no observation"), ({"b": None}, "observation None")):
        team = ScriptedTeam(*WORKED)
        step = team.step

        def blind(actions, step=step, observed=observed):
            seen, *others = step(actions)
            return (observed if len(observed) == 2 else seen | observed, *others)

        team.step = blind
        env = FairGNE(team, **options)
        env.reset()
        refused(
            rf"step\(\) returned {'the ' if 'None' in words else ''}{words} for agent 'b'",
            lambda e=env: e.step(dict.fromkeys("abc", 0)),
        )
    team = ScriptedTeam(*WORKED)
    team.reset = lambda **_: (setattr(team, "agents", list("abc")), ({"a": 1, "b": 1}, {}))[1]
    refused(r"reset\(\) returned no observation for agent 'c'", FairGNE(team, **options).reset)


@pytest.mark.parametrize("listed", [None, 3, "abc"])
def test_agents_are_a_list_after_each_call(listed):
    team = ScriptedTeam(*WORKED)
    env = FairGNE(team)
    env.reset()
    step = team.step
    team.step = lambda actions: (step(actions), setattr(team, "agents", listed))[0]
    refused(rf"after step\(\) the environment's agents are {listed!r}", lambda: env.step(dict.fromkeys("abc", 0)))
