"""The wrapper keeps PettingZoo's contract, pays exactly what it says, and can be stopped and continued."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.fair_gne import PID, ActionCount, Ascent, Constraint, FairGNE, Fixed, Reported, Summed
from evenhand.fairness import CVAtMost, JainAtLeast
from evenhand.fairness.measures import jain_index

pytest.importorskip("pettingzoo")
from pettingzoo.test import parallel_api_test
from toy_team import REST, WORK, ToyTeam

ALONE = [WORK, REST, REST]
TOGETHER = [WORK, WORK, WORK]


def play(env, steps):
    """Reset, play the steps (one action per agent), and return the last step's result and the team's rewards."""
    env.reset(seed=0)
    rewards, result = [], None
    for actions in steps:
        if not env.agents:
            break
        chosen = dict(zip(env.possible_agents, actions, strict=True))
        result = env.step({agent: chosen[agent] for agent in env.agents})
        rewards.append(max(result[1].values()))
    return result, rewards


@pytest.mark.parametrize("observe", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("leaves", [None, 2])
def test_pettingzoos_own_test(observe, masked, leaves, capsys):
    """The wrapped environment passes the API test, with masks and with an agent that leaves early."""
    team = ToyTeam(masked=masked, leaves=leaves)
    parallel_api_test(FairGNE(team, observe=observe, keep_agents=leaves is not None), num_cycles=40)
    assert "Passed" in capsys.readouterr().out


@pytest.mark.parametrize("horizon", [1, 3, 8, 40])
def test_returns_gain_exactly_the_lagrangian(horizon):
    """Over random episodes, ended by success or by time, rewards gain lambda (J(w_T) - 1)."""
    generator = np.random.default_rng(horizon)
    env = FairGNE(ToyTeam(horizon), dual=Fixed(7.0))
    for _ in range(20):
        result, shaped = play(env, generator.integers(0, 2, (horizon, 3)))
        info = result[4]["b"]
        gain = sum(shaped) - env.unwrapped.work.sum()
        assert gain == pytest.approx(7.0 * (float(jain_index(env.unwrapped.work)) - 1.0), abs=1e-12)
        assert info["jain"] == float(jain_index(env.unwrapped.work))
        assert info["cost"] == 1.0 - info["jain"]
        assert info["multiplier"] == 7.0
        assert info["shaped_reward"] == shaped[-1]
        assert info["unshaped_reward"] == env.unwrapped.last


def test_infos_have_the_same_entries_at_reset_and_after_steps():
    """TorchRL lays out its tensors by those of reset; nothing has been paid by then."""
    env = FairGNE(ToyTeam(horizon=2))
    _, begun = env.reset(seed=0)
    _, _, _, _, after = env.step(dict.fromkeys(env.agents, 0))
    assert {agent: set(info) for agent, info in begun.items()} == {agent: set(info) for agent, info in after.items()}
    assert {(info["shaped_reward"], info["unshaped_reward"]) for info in begun.values()} == {(0.0, 0.0)}


def test_the_multiplier_moves_when_an_episode_ends():
    """One update per finished episode, by tau - J(w_T); within the episode it stands still."""
    env = FairGNE(ToyTeam(horizon=2), tau=0.85, dual=Ascent(step_size=1.0))
    _, rewards = play(env, [ALONE, ALONE])
    assert rewards == [1.0, 1.0]
    assert env.multiplier == pytest.approx(0.85 - 1 / 3)
    result, _ = play(env, [TOGETHER, TOGETHER])
    assert result[4]["a"]["multiplier"] == pytest.approx(0.85 - 1 / 3)
    assert env.multiplier == pytest.approx(0.85 - 1 / 3 - 0.15)


def test_an_episode_left_by_a_reset_does_not_count():
    """Only fresh, finished episodes move the multiplier."""
    env = FairGNE(ToyTeam(), dual=Ascent(step_size=1.0))
    play(env, [ALONE])
    env.reset()
    assert env.multiplier == 0.0
    assert env.workloads.tolist() == [0.0, 0.0, 0.0]


def test_evaluation_freezes_the_multiplier():
    """With training off, rewards are shaped as before and the controller sleeps."""
    env = FairGNE(ToyTeam(horizon=2), dual=Ascent(step_size=1.0))
    play(env, [ALONE, ALONE])
    before, env.training = env.dual_state, False
    _, rewards = play(env, [ALONE, ALONE])
    assert env.dual_state == before
    assert sum(rewards) == pytest.approx(2.0 + env.multiplier * (1 / 3 - 1.0))


def test_tau_changes_while_running():
    """A supervisor's hand: the next episode is judged by the new threshold; impossible ones are refused."""
    env = FairGNE(ToyTeam(horizon=2), tau=0.85, dual=Ascent(step_size=1.0))
    env.tau = 0.5
    play(env, [ALONE, ALONE])
    assert env.multiplier == pytest.approx(0.5 - 1 / 3)
    with pytest.raises(InputError, match="asks nothing of 3 agents"):
        env.tau = 0.3
    assert env.tau == 0.5


def test_as_published_the_multiplier_moves_within_an_episode():
    """Form `step`: r - lambda (tau - J(w_t)) with an update at every second step in which somebody has worked."""
    constraint = Constraint(JainAtLeast(0.85), 3, form="step")
    env = FairGNE(ToyTeam(horizon=5), constraint=constraint, dual=Ascent(step_size=1.0, cadence=2))
    _, rewards = play(env, [[REST] * 3, ALONE, ALONE, ALONE, TOGETHER])
    multiplier = 0.85 - 1 / 3  # after the third step, the second with work
    last = 3.0 - multiplier * (0.85 - 36 / (3 * 18))
    assert rewards == pytest.approx([0.0, 1.0, 1.0, 1.0 - multiplier * (0.85 - 1 / 3), last])


def test_unmet_is_said():
    """A threshold beyond reach: the multiplier ends at its cap, and the wrapper says so."""
    env = FairGNE(ToyTeam(horizon=1), tau=1.0, dual=Ascent(step_size=1.0, cap=1.0))
    play(env, [ALONE])
    assert not env.unmet
    play(env, [ALONE])
    assert env.unmet


def test_a_warm_up_waits_for_reported_success():
    """The multiplier sleeps until an episode reports success; without any report, that is an error."""
    env = FairGNE(ToyTeam(horizon=6), dual=Ascent(step_size=1.0, warm_up=1.0))
    play(env, [ALONE] * 5 + [[REST] * 3])
    assert env.multiplier == 0.0
    play(env, [ALONE] * 6)
    assert env.multiplier == pytest.approx(0.85 - 1 / 3)
    env.unwrapped._infos = lambda: {agent: {"workload": 0.0} for agent in env.agents}
    with pytest.raises(InputError, match="success"):
        play(env, [ALONE] * 6)


def test_observations_hold_workloads_and_multiplier():
    """The agent's own workload first, then its colleagues' in turn, then lambda; masks pass through."""
    env = FairGNE(ToyTeam(masked=True), dual=Fixed(7.0), observe=True)
    result, _ = play(env, [[REST, WORK, REST], [REST, WORK, WORK]])
    seen = result[0]["b"]
    assert seen["observation"].tolist() == [1, 2, 2, 1, 0, 7]
    assert seen["action_mask"].tolist() == [1, 1]
    assert env.observation_space("b").contains(seen)
    assert env.state().tolist() == [0, 2, 1, 2, 0, 2, 1, 7]
    assert env.state_space.contains(env.state())


def test_whole_number_observations_become_floats():
    """A Box of integers cannot hold a multiplier; it becomes one of float32."""
    env = FairGNE(ToyTeam(dtype=np.int64), observe=True)
    observations, _ = env.reset()
    assert observations["a"].dtype == np.float32
    assert env.observation_space("a").contains(observations["a"])


def test_an_agent_that_left_keeps_its_workload():
    """Agent a works twice and leaves; its work still counts at the end."""
    env = FairGNE(ToyTeam(horizon=4, leaves=2), dual=Ascent(step_size=1.0), keep_agents=True)
    result, _ = play(env, [ALONE] * 4)
    assert result[4]["a"]["workload"] == 2.0
    assert result[4]["b"]["jain"] == pytest.approx(1 / 3)
    assert env.multiplier == pytest.approx(0.85 - 1 / 3)


def test_a_finished_environment_stays_finished():
    """Steps after the end return nothing and move nothing."""
    env = FairGNE(ToyTeam(horizon=1), dual=Ascent(step_size=1.0))
    play(env, [ALONE])
    before = env.dual_state
    assert env.step({})[1] == {}
    assert env.dual_state == before


@pytest.mark.parametrize(
    ("tracker", "expected"),
    [
        (Reported(), [2.0, 1.0, 0.0]),
        (Reported(("detail", "half")), [1.0, 0.5, 0.0]),
        (Summed("workload"), [3.0, 1.0, 0.0]),
        (ActionCount(), [2.0, 1.0, 0.0]),
        (ActionCount(idle=()), [2.0, 2.0, 2.0]),
    ],
)
def test_what_counts_as_work(tracker, expected):
    """The same two steps under each tracker; agent a works twice, b once."""
    env = FairGNE(ToyTeam(), workload=tracker)
    play(env, [ALONE, [WORK, WORK, REST]])
    assert env.workloads.tolist() == expected


def test_action_counts_in_a_compiled_batch():
    """Arrays of actions (..., n) are counted inside jit."""
    jax = pytest.importorskip("jax")
    tracker = ActionCount(idle={0, 2})
    actions = np.array([[0, 1, 2], [3, 1, 1]])
    counts = jax.jit(tracker.update)(np.ones((2, 3)), actions)
    assert counts.tolist() == [[1, 2, 1], [2, 2, 2]]


@pytest.mark.parametrize("dual", [Ascent(step_size=0.7, cadence=2), PID(1.0, 0.5, 2.0, warm_up=0.5)])
def test_state_round_trip(dual):
    """Continued from JSON, a wrapper ends where the uninterrupted one does, a half-full window included."""
    episodes = [[ALONE] * 6, [TOGETHER] * 2, [ALONE, TOGETHER, TOGETHER], [ALONE] * 6, [ALONE] * 6]
    whole, first, second = (FairGNE(ToyTeam(), dual=dual) for _ in range(3))
    whole.tau = first.tau = 0.9
    for number, episode in enumerate(episodes):
        play(whole, episode)
        play(first if number < 3 else second, episode)
        if number == 2:
            second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert second.state_dict() == whole.state_dict()
    assert second.tau == 0.9


def test_a_state_of_another_wrapper_is_refused():
    """Another constraint, another controller, or no state at all: said, and nothing changes."""
    env = FairGNE(ToyTeam())
    before = env.state_dict()
    others = [
        (FairGNE(ToyTeam(), constraint=Constraint(CVAtMost(0.4), 3)).state_dict(), "CVAtMost"),
        (FairGNE(ToyTeam(), dual=PID()).state_dict(), "controller PID"),
        ({}, "lacks"),
        ({**before, "dual_state": {"multiplier": 1.0}}, "parts"),
    ]
    for state, words in others:
        with pytest.raises(InputError, match=words):
            env.load_state_dict(state)
    assert env.state_dict() == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tau": 1 / 3}, "asks nothing of 3 agents"),
        ({"tau": 1.5}, "jain is 1.5"),
        ({"constraint": Constraint(JainAtLeast(0.9), 4)}, "for 4 agents, the environment has 3"),
    ],
)
def test_bad_input_is_named(options, words):
    """A threshold or a constraint that does not fit the team is refused."""
    with pytest.raises(InputError, match=words):
        FairGNE(ToyTeam(), **options)


def test_missing_workloads_are_named():
    """Infos without the key say what they have instead."""
    with pytest.raises(InputError, match=r"no 'load'; they have \['detail', 'success', 'workload'\]"):
        play(FairGNE(ToyTeam(), workload=Reported("load")), [ALONE])
    with pytest.raises(InputError, match="workload -1"):
        Reported().update(np.zeros(1), [0], [{"workload": -1}])


def test_observations_without_a_vector_cannot_be_extended():
    """A picture has no place for workloads."""
    env = ToyTeam()
    env.observation_space = lambda agent: env.action_space(agent)
    with pytest.raises(InputError, match="observe=True"):
        FairGNE(env, observe=True)


def test_the_layer_needs_no_optional_library():
    """Importing the package loads neither JAX nor PettingZoo."""
    code = "import sys, evenhand.fair_gne; print(sorted({'jax', 'pettingzoo', 'gymnasium'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
