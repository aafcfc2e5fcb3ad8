"""A run's team acts in loops that are not ours as it does when it is evaluated."""

from __future__ import annotations

import dataclasses
import json
import logging

import jax
import numpy as np
import pytest
from tests.learning.eager_team import eager, strong
from tests.learning.pump import names_of_the_game
from tests.learning.small_run import SMALL

from evenhand import hospital
from evenhand.errors import InputError
from evenhand.learning import Config, Lottery, train
from evenhand.learning.acting import CURVES
from evenhand.learning.build import learner_of
from evenhand.learning.episodes import play_episodes
from evenhand.learning.record import Terms, record_of
from evenhand.learning.run import Run
from evenhand.player import Player
from evenhand.player.lottery import Mixture, Vertex

pytestmark = pytest.mark.usefixtures("few_episodes")


def reference_episode(run, seed, number, act, scenario=None):
    """Play the episode of this number of `play_episodes` in the reference environment; return how it ends."""
    team = run.learner.team
    start = team.env.reset(jax.random.fold_in(jax.random.key(seed), number))
    stations = [station.name for station in team.env.scenario.stations]
    places = {"agent_starts": start.station, "item_starts": start.item_place}
    env = hospital.make(scenario or team.env.scenario, backend="reference")
    observations, infos = env.reset(options={key: [stations[k] for k in at] for key, at in places.items()})
    steps, reward = 0, 0.0
    while env.agents:
        observations, rewards, terminations, _, infos = env.step(act(observations, infos))
        steps, reward = steps + 1, np.float32(reward + rewards[env.possible_agents[0]])
    agents = env.possible_agents
    return (
        terminations[agents[0]],
        steps,
        reward,
        [getattr(infos[agent]["workloads"], team.env.workload_definition) for agent in agents],
    )


def assert_as_evaluated(run, act, multipliers, seed=5, scenario=None):
    """Check that the team ends each episode in the reference environment as it does in an evaluation."""
    played = play_episodes(run.learner, run.parameters, multipliers, seed=seed)
    for number in range(len(multipliers)):
        success, steps, reward, work = reference_episode(run, seed, number, act, scenario)
        assert (success, steps, work) == (
            played.success[number],
            played.episode_steps[number],
            played.workload[number].tolist(),
        )
        assert reward == pytest.approx(played.reward[number], abs=1e-6)
    return played


@pytest.mark.parametrize("learner", ["mappo", "vdn"])
def test_play_in_the_reference_environment_is_play_in_an_evaluation(learner):
    """Ends, steps, rewards and workloads, episode by episode; the hospital's infos may be left out."""
    run = eager(learner)
    played = assert_as_evaluated(run, lambda seen, infos: run.act(seen, multiplier=0.5), [0.5] * 8)
    assert played.workload.any(), "somebody works, or little is compared"


def test_episodes_draw_their_multipliers_as_in_an_evaluation():
    """Also where the team's work is counted in actions, while the environment reports useful units, two an action."""
    run = eager(workload="actions")
    player = run.player(tau=0.7, seed=3)
    lottery = record_of(run, Terms(episodes=1, tau=0.7)).picked.lottery
    assert player.lottery[:3] == dataclasses.astuple(lottery)
    multipliers = Lottery(0.0, 2.0, 0.5).draw(8, seed=3)
    player = Player(player.description, player._choose, Mixture(0.0, 2.0, 0.5, 0.0, 0.0), seed=3)
    played = assert_as_evaluated(run, player.act, multipliers, scenario=strong("useful"))
    assert (played.definitions["useful"] != played.workload).any()


@pytest.mark.slow
def test_a_trained_team_does_as_well_in_the_reference_environment(tmp_path):
    """200 episodes of a team that succeeds, each as in the evaluation, under a lottery between two multipliers."""
    run = train(Config(scenario="rescue-breaths/specialist", steps=60_000), folder=tmp_path / "a")
    record = record_of(run, Terms(episodes=200, tau=0.7))
    player = run.player(tau=0.7, seed=1001)
    assert player.lottery[:3] == dataclasses.astuple(record.picked.lottery)
    multipliers = record.picked.lottery.draw(200, 1001)
    played = assert_as_evaluated(run, player.act, multipliers, seed=1001)
    assert played.success.mean() == record.evaluation.success.value > 0.9
    assert played.jain.mean() == pytest.approx(record.evaluation.jain.value)


def test_the_lottery_is_that_of_an_evaluation_and_is_kept_with_the_run(tmp_path, monkeypatch):
    """Found once; played again for other parameters, and where the file is damaged."""
    run = eager(folder=tmp_path)
    player = run.player(tau=0.75)
    picked = record_of(run, Terms(episodes=1, tau=0.75)).picked
    assert player.lottery[:3] == dataclasses.astuple(picked.lottery)
    assert (player.lottery.aim, player.lottery.expected) == (picked.aim, picked.expected)

    class PlayedAgainError(Exception):
        """Somebody has played."""

    def play(*_, **__):
        raise PlayedAgainError

    monkeypatch.setattr("evenhand.learning.multiplier_curve.play_episodes", play)
    assert run.player(tau=0.75).lottery == player.lottery
    assert dataclasses.replace(run).player(tau=0.75).lottery == player.lottery, "read from the folder"
    assert run.player(multiplier=0.3).lottery[:3] == (0.3, 0.3, 0.0)
    with pytest.raises(PlayedAgainError):
        run.player(tau=0.8)
    with pytest.raises(PlayedAgainError):
        eager(folder=tmp_path, boldness=1.9).player(tau=0.75)
    assert len(json.loads((tmp_path / CURVES).read_text())) == 1
    for damage in ('{"x": [["a"]]}', "{", "[]"):
        (tmp_path / CURVES).write_text(damage)
        with pytest.raises(PlayedAgainError):
            dataclasses.replace(run).player(tau=0.75)


def test_a_threshold_that_no_multiplier_meets_is_said(caplog, monkeypatch):
    """As in an evaluation, the fairest is played."""
    run = eager()
    monkeypatch.setattr(
        "evenhand.learning.acting.curve_of", lambda *_: [Vertex(0.0, 0.5, 0.1, 500), Vertex(1, 0.9, 0, 500)]
    )
    with caplog.at_level(logging.WARNING):
        assert run.player(tau=0.9).lottery[:3] == (1, 1, 0.0)
        assert not caplog.messages
        assert run.player(tau=0.95).lottery[:3] == (1, 1, 0.0)
    assert caplog.messages == ["no multiplier is fair enough for 0.95; the fairest has a mean index of 0.900"]


@pytest.mark.parametrize(
    ("changes", "asked", "said"),
    [
        ({}, {"tau": 0.5}, r"tau is 0\.5; it must be a number above 1/2, which every team meets, and at most 1"),
        ({}, {"tau": 1.5}, r"tau is 1\.5; it must be a number above 1/2"),
        ({}, {"tau": float("nan")}, "tau is nan; it must be a number above 1/2"),
        ({}, {"tau": "0.7"}, r"tau is '0\.7'; it must be a number above 1/2"),
        ({}, {"multiplier": 2.5}, r"multiplier is 2\.5; it must be a number from 0 to 2"),
        ({}, {"multiplier": float("nan")}, "multiplier is nan; it must be a number from 0 to 2"),
        (
            {"conditioned": False},
            {"tau": 0.7},
            r"tau is 0\.7; the team was trained for 0\.85 alone \(conditioned = false\): leave out tau, or",
        ),
        (
            {"method": "none"},
            {"tau": 0.85},
            r"tau is 0\.85; the team was trained without a constraint \(method none\): leave out tau",
        ),
    ],
)
def test_what_the_team_was_not_trained_for_is_refused(changes, asked, said):
    run = eager(**changes)
    with pytest.raises(InputError, match=f"^{said}"):
        run.player(**asked)


@pytest.mark.parametrize(
    "changes", [{"conditioned": False}, {"method": "none"}, {"conditioned": False, "form": "share"}]
)
def test_a_team_for_one_multiplier_plays_under_it(changes):
    """The controller's last one, without and with its own threshold."""
    run = eager(**changes)
    assert run.player().lottery[:3] == (run.multiplier, run.multiplier, 0.0)
    if "method" not in changes:
        assert run.player(tau=0.85).lottery[:3] == (run.multiplier, run.multiplier, 0.0)


def test_a_team_of_ones_own_environment_acts_on_what_the_environment_shows():
    """The pump's team does under `act` what it does when it is evaluated; work must be given, masks need not be."""
    pump = names_of_the_game()["Pump"]()
    config = dataclasses.replace(SMALL, steps=64)
    learner = learner_of(config, pump)
    run = Run(config, learner, learner.init(0), (), False, 0.0, None)
    played = play_episodes(learner, run.parameters, [0.5], seed=0)
    state, work = pump.reset(jax.random.key(0)), []
    for _ in range(played.episode_steps[0]):
        seen = {f"agent_{i}": row for i, row in enumerate(np.asarray(pump.observe(state)))}
        infos = {agent: {"workload": float(state.pumped[i])} for i, agent in enumerate(seen)}
        actions = run.act(seen, infos, multiplier=0.5)
        state, outcome = pump.step(None, state, np.array(list(actions.values())))
        work.append(state.pumped.tolist())
    assert work[-1] == played.workload[0].tolist()
    assert outcome.success == played.success[0]
    with pytest.raises(
        InputError, match=r"pass infos in which every agent has 'workload', or workload=\[\.\.\.\] of agent_0, "
    ):
        run.act(seen)


def test_a_mask_that_ones_own_environment_uses_is_needed(monkeypatch):
    """It is found out by playing: the third person may not pump at first."""
    game = names_of_the_game()
    allowed = lambda self, state: jax.numpy.ones((3, 2), bool).at[2, 1].set(state.time > 0)  # noqa: E731
    monkeypatch.setattr(game["Pump"], "mask", allowed)
    learner = learner_of(SMALL, game["Pump"]())
    run = Run(SMALL, learner, learner.init(0), (), False, 0.0, None)
    with pytest.raises(InputError, match=r"^the team was trained with action masks"):
        run.act(np.zeros((3, 7)), multiplier=0.0, workload=np.zeros(3))
