"""Environments that come and go, say nothing, or are none: counted right, or refused in one line that names whom.

Shaped rewards are compared with lambda (J(w_T) - 1), J worked out by hand: with three agents, J(4, 2, 0) is
36 / (3 * 20) = 0.6, J(1, 0, 0) 1/3, J(1, 1, 0) 2/3, J(2, 1, 0) 9 / (3 * 5) = 0.6.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.fair_gne import (
    PID,
    ActionCount,
    ActionWork,
    AgentError,
    Ascent,
    Constraint,
    FairEfficient,
    FairGNE,
    Fixed,
    PerStep,
    Published,
    Reported,
    Summed,
    Telescoped,
    WorkloadSkillPenalty,
)
from evenhand.fairness import JainAtLeast

pytest.importorskip("pettingzoo")
from gymnasium import spaces
from pettingzoo.test import parallel_api_test, parallel_seed_test
from scripted_team import ScriptedTeam, gains, line
from toy_team import ToyTeam

LAMBDA = 5.0
WORKED = (line(2, 0, 0), line(3, 2, 0), line(4, 2, 0))  # J(w_T) = 0.6
LOSS = LAMBDA * (0.6 - 1.0)


def wrapped(*script, options=None, **team):
    return FairGNE(ScriptedTeam(*script, **team), dual=Fixed(LAMBDA), **options or {})


def refused(words, action):
    with pytest.raises(InputError, match=words) as caught:
        action()
    assert "\n" not in str(caught.value)
    return caught.value


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


# What is returned.


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


# What counts as work.


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


# What is no environment.


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


# Environments of others.


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
