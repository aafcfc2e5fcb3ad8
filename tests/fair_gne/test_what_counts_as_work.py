"""Work is what infos report, a count of actions or a function of them; what is none is refused in one line."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evenhand.fair_gne import (
    ActionCount,
    ActionWork,
    FairGNE,
    Reported,
    Summed,
)

pytest.importorskip("pettingzoo")
from gymnasium import spaces
from scripted_team import LAMBDA, ScriptedTeam, gains, line, refused, wrapped


def test_work_so_far_does_not_fall():
    """An environment that reports the work of each step would be judged by its last step alone."""
    script = (line(1, 0, 0), line(0, 1, 0), line(1, 0, 1))
    env = wrapped(*script)
    env.reset()
    env.step(dict.fromkeys("abc", 0))
    refused(
        r"agent 'a': infos report the workload 0 .* after 1.*Summed\('workload'\)",
        lambda: env.step(dict.fromkeys("abc", 0)),
    )
    _, told = gains(wrapped(*script, options={"workload": Summed("workload")}))
    assert told["a"]["jain"] == pytest.approx(16 / 18), "J(2, 1, 1)"
    total, told = gains(wrapped(*script, options={"workload": Reported(may_fall=True)}))
    assert told["a"]["jain"] == pytest.approx(2 / 3), "J(1, 0, 1)"
    assert total == pytest.approx(dict.fromkeys("abc", LAMBDA * (2 / 3 - 1)))


CONTINUOUS = spaces.Box(-1.0, 1.0, (), np.float32)


@pytest.mark.parametrize(
    "space", [CONTINUOUS, spaces.Box(-1.0, 1.0, (2,)), spaces.MultiDiscrete([2, 3]), spaces.MultiBinary(2)]
)
def test_a_count_of_actions_needs_discrete_ones(space):
    make = lambda tracker: FairGNE(ScriptedTeam(line(), space=space), workload=tracker)  # noqa: E731
    refused(
        "agent 'a' has the actions (Box|Multi).*ActionCount counts discrete ones; use ActionWork",
        lambda: make(ActionCount()),
    )
    env = make(ActionWork(lambda action: np.abs(action).sum() > 0.1))
    env.reset()
    idle = np.zeros(space.shape, space.dtype)
    *_, infos = env.step({"a": idle, "b": idle + 1, "c": idle})
    assert [infos[agent]["workload"] for agent in "abc"] == [0.0, 1.0, 0.0]


@pytest.mark.parametrize("action", [0.7, np.float32(0.7), np.ones(1), np.array([1, 2]), "work", [1]])
def test_an_action_that_is_no_whole_number_is_not_counted_as_idle(action):
    env = wrapped(line(), options={"workload": ActionCount()})
    env.reset()
    refused("agent 'b': its action is .* use ActionWork", lambda: env.step({"a": 0, "b": action, "c": 0}))
    refused("of float", lambda: ActionCount().update(np.zeros(2), np.array([0.7, 0.0])))


def test_work_by_a_function_of_the_action():
    """Thrusts of 0.7 and -0.3, then 0.1 and 0.3: the workloads are 0.8 and 0.6, c's 0."""
    env = FairGNE(ScriptedTeam(line(), line(), space=CONTINUOUS), workload=ActionWork(abs))
    env.reset()
    env.step({"a": 0.7, "b": np.float32(-0.3), "c": 0.0})
    env.step({"a": 0.1, "b": 0.3, "c": 0.0})
    assert env.workloads == pytest.approx([0.8, 0.6, 0.0], abs=1e-6)


@pytest.mark.parametrize("work", [-1.0, math.nan, None, np.ones(2), "much"])
def test_a_function_that_tells_no_work_is_refused(work):
    env = wrapped(line(), options={"workload": ActionWork(lambda action: work)})
    env.reset()
    refused("agent 'a': the work of its action is", lambda: env.step(dict.fromkeys("abc", 0)))
    refused("ActionWork is given 3; it needs a function", lambda: ActionWork(3))


class Told:
    """A tracker of somebody else's."""

    def __init__(self, workloads):
        self.workloads = workloads

    def initial(self, n):
        """Return zeros."""
        return np.zeros(n)

    def update(self, state, actions, infos=()):
        """Return what was given."""
        return self.workloads

    def value(self, state):
        """Return the state."""
        return state


@pytest.mark.parametrize(
    ("workloads", "words"),
    [
        (np.array([1.0, -2.0, 0.0]), "agent 'b': its workload is"),
        (np.array([1.0, 1.0, math.nan]), "agent 'c': its workload is"),
        (np.ones(2), r"the tracker returns workloads of shape \(2,\) for 3 agents"),
        (1.0, r"of shape \(\) for 3"),
    ],
)
def test_what_a_tracker_tells_is_checked(workloads, words):
    env = wrapped(line(), options={"workload": Told(workloads)})
    env.reset()
    refused(words, lambda: env.step(dict.fromkeys("abc", 0)))


@pytest.mark.parametrize("idle", [0, {0.5}, {"wait"}, None])
def test_idle_actions_are_whole_numbers(idle):
    refused("idle is .*; it must be a set of discrete actions", lambda: ActionCount(idle))
