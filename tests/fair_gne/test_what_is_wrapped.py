"""A layer goes around parallel environments only, and its parts take NumPy's numbers as Python's."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.fair_gne import (
    PID,
    ActionCount,
    Ascent,
    Constraint,
    FairEfficient,
    FairGNE,
    Fixed,
    Telescoped,
    WorkloadSkillPenalty,
)
from evenhand.fairness import JainAtLeast

pytest.importorskip("pettingzoo")
from gymnasium import spaces
from scripted_team import LAMBDA, ScriptedTeam, line, refused
from toy_team import ToyTeam


class Alone:
    """The interface of gymnasium: one agent."""

    action_space = observation_space = spaces.Discrete(2)

    def reset(self):
        """Begin."""

    def step(self, action):
        """Act."""


class Turns:
    """The interface of an AEC environment."""

    possible_agents = ("a", "b")
    agent_selection = "a"


@pytest.mark.parametrize(
    ("env", "words"),
    [
        (Turns(), r"Turns is an AEC environment.*pettingzoo.utils.aec_to_parallel\(env\)"),
        (Alone(), "has no possible_agents, no observation_space, no action_space"),
        (ToyTeam, r"ToyTeam is a class; FairGNE wraps an environment: ToyTeam\(...\)"),
        ("rescue-breaths/specialist", "'rescue-breaths/specialist' has no possible_agents"),
        (None, "None has no possible_agents"),
        (lambda: 1, "has no possible_agents"),
    ],
)
def test_what_is_no_parallel_environment_is_refused(env, words):
    refused(words, lambda: FairGNE(env))


def test_teams_are_of_two_or_more_and_each_agent_once():
    env = ScriptedTeam(line(1))
    env.possible_agents = ["a", "a"]
    refused(r"possible_agents of ScriptedTeam are \['a', 'a'\]", lambda: FairGNE(env))
    env.possible_agents = ["a"]
    refused("agents is 1; it must be a number of agents, of whom fairness needs two", lambda: FairGNE(env))


def test_an_aec_environment_made_parallel_is_taken():
    from pettingzoo.utils import aec_to_parallel, parallel_to_aec

    team = ToyTeam()
    team.render_mode = None
    turns = parallel_to_aec(team)
    refused("is an AEC environment", lambda: FairGNE(turns))
    env = FairGNE(aec_to_parallel(turns), dual=Fixed(LAMBDA))
    env.reset()
    env.step({"a": 1, "b": 0, "c": 0})
    assert env.workloads.tolist() == [1, 0, 0]


# Numbers of NumPy's.


def test_numbers_of_numpy_make_the_same_parts():
    """Equal parts look alike, or a checkpoint would refuse its own controller."""
    one, two = np.float32(1.0), np.int64(2)
    pairs = [
        (
            Ascent(step_size=one, decay=one, cap=two, cadence=two, warm_up=one),
            Ascent(step_size=1.0, decay=1.0, cap=2.0, cadence=2, warm_up=1.0),
        ),
        (PID(one, one, one, np.float64(0.5)), PID(1.0, 1.0, 1.0, 0.5)),
        (Fixed(two), Fixed(2.0)),
        (
            Constraint(JainAtLeast(np.float64(0.5)), np.int32(3), delta=np.float64(0.1)),
            Constraint(JainAtLeast(0.5), 3, delta=0.1),
        ),
        (FairEfficient(one, np.float64(0.1)), FairEfficient(1.0, 0.1)),
        (WorkloadSkillPenalty(np.ones((2, 1)), np.float64(0.5)), WorkloadSkillPenalty(((1.0,), (1.0,)), 0.5)),
        (Telescoped(Constraint(JainAtLeast(0.5), 3), one), Telescoped(Constraint(JainAtLeast(0.5), 3), 1.0)),
        (ActionCount({two}), ActionCount({2})),
    ]
    for ours, theirs in pairs:
        assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("cadence", [0, True, 2.0, "2", None])
def test_a_cadence_is_a_whole_number(cadence):
    refused("cadence is .*; it must be a number of episodes, a whole number from 1", lambda: Ascent(cadence=cadence))
