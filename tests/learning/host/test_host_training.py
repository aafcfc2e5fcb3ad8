"""A team trains in plain Python as it does in JAX: the same bits with any number of workers, and after a resumption."""

from __future__ import annotations

import dataclasses
import logging
import os

import jax
import numpy as np
import pytest
from tests.learning.first_states import seen_in
from tests.learning.host.host_camp import Camp, camp
from tests.learning.small_run import interrupted_after, same

from evenhand import hospital
from evenhand.errors import InputError
from evenhand.learning import FromPettingZoo, checkpoint, evaluate, load
from evenhand.learning.config import Config
from evenhand.learning.episodes import play_episodes
from evenhand.learning.host.workers import Workers
from evenhand.learning.run_folder import Keeper
from evenhand.learning.settings import Disturbance, ParallelValueSettings, PolicySettings, ValueSettings
from evenhand.learning.training import TrainingError, train

SIZES = {"num_envs": 4, "num_steps": 3, "hidden_size": 8, "num_layers": 1, "num_minibatches": 2, "num_epochs": 1}
SMALL = Config(learner="mappo", tau=0.9, steps=72, policy=PolicySettings(**SIZES))


@pytest.fixture(scope="module")
def whole():
    """Return a run of six iterations in this process."""
    return train(SMALL, env=FromPettingZoo(camp, workers=0))


@pytest.fixture
def started(monkeypatch):
    """Return the numbers of all worker processes that are started."""
    pids, start = [], Workers._started

    def noted(self, share):
        process = start(self, share)
        pids.append(process._process.pid)
        return process

    monkeypatch.setattr(Workers, "_started", noted)
    return pids


def running(pids):
    """Return the processes that have not been waited for."""
    return [pid for pid in pids if os.path.isdir(f"/proc/{pid}")]  # noqa: PTH112


def test_the_signals_of_a_run_are_those_of_the_camp(whole):
    """Four-step days that always succeed; the networks see identity, observation, time left, and more."""
    assert whole.finished
    ends = [report for report in whole.reports if report.episode_steps is not None]
    assert {report.episode_steps for report in ends} == {4.0}
    assert {report.success for report in ends} == {1.0}
    view = seen_in(whole.learner.team, whole.training.players.states, whole.training.players.multiplier)
    assert view.agents.shape[:2] == (4, 2)
    first = np.asarray(view.agents[0])
    states = jax.tree.map(lambda part: np.asarray(part[0]), whole.training.players.states)
    left = 1 - states.age / 4
    assert first[:, :2].tolist() == [[1, 0], [0, 1]]
    assert first[:, 2:6].tolist() == [[*row, left] for row in states.seen.tolist()]


@pytest.mark.parametrize("workers", [2])
def test_any_number_of_workers_trains_the_same_team(whole, started, workers):
    """Bit for bit; the processes are gone afterwards."""
    run = train(SMALL, env=FromPettingZoo(camp, workers=workers))
    assert same(run.training, whole.training)
    assert len(started) == workers
    assert running(started) == []


def test_a_run_in_pieces_is_the_whole_run(whole, tmp_path, monkeypatch):
    """The episodes under way are played again by their seeds and actions; nothing else is kept of them."""
    monkeypatch.setattr("evenhand.learning.run_folder.BETWEEN_CHECKPOINTS", 0.0)
    env = FromPettingZoo(camp, workers=0)
    part = train(SMALL, folder=tmp_path / "run", env=env, progress=interrupted_after(3))
    assert not part.finished
    assert train(SMALL, folder=tmp_path / "run", env=env, resume=True).finished
    assert same(load(tmp_path / "run", env).training, whole.training)


def test_episodes_that_come_out_otherwise_are_said(tmp_path, caplog):
    """Chance that the check at the door did not find: training goes on, with a warning."""

    class Tired(Camp):
        """Rain where the seed says sun, and sun where it says rain, once it is late."""

        late = False

        def reset(self, seed=None, options=None):
            """Begin."""
            super().reset(seed)
            self.rain = 1 - self.rain if Tired.late else self.rain
            return self._observed(), self._infos()

    env = FromPettingZoo(Tired, workers=0)
    train(SMALL, folder=tmp_path / "run", env=env, progress=interrupted_after(3))
    Tired.late = True
    with caplog.at_level(logging.WARNING):
        train(SMALL, folder=tmp_path / "run", env=env, resume=True)
    assert [record.getMessage()[:66] for record in caplog.records] == [
        "camp: the episodes under way, played again, do not come out as bef"
    ]


def test_ctrl_c_ends_the_workers(started):
    """The run is returned as far as it got."""
    run = train(SMALL, env=FromPettingZoo(camp, workers=2), progress=interrupted_after(2))
    assert (run.finished, len(run.reports)) == (False, 2)
    assert len(started) == 2
    assert running(started) == []


def test_what_goes_wrong_ends_training_with_the_last_good_state(tmp_path, monkeypatch, started):
    """The message says what, for which agent, in which step, and where the checkpoint is; the workers are gone."""

    class Late(Camp):
        """A reward that is no number, once it has been trained in for long."""

        def step(self, actions):
            """Go wrong after a few days."""
            observed, rewards, *rest = super().step(actions)
            if self.episodes > 4 and self.time == 2:
                rewards["bob"] = float("inf")
            return observed, rewards, *rest

    monkeypatch.setattr(Keeper, "save_now_and_then", Keeper.save)
    with pytest.raises(
        TrainingError,
        match=r"^camp: step\(\) returned the reward inf for agent 'bob'; it must be a finite number \(in step 2 of an "
        r"episode, seed \d+\); the last good checkpoint is .*checkpoint-0000000\d$",
    ):
        train(SMALL, folder=tmp_path / "run", env=FromPettingZoo(Late, workers=2))
    assert checkpoint.saved(tmp_path / "run")
    assert running(started) == []


def test_a_run_is_loaded_with_its_environment(whole, tmp_path):
    """Without it, the call is named."""
    run = train(dataclasses.replace(SMALL, steps=12), folder=tmp_path / "run", env=FromPettingZoo(camp, workers=0))
    with pytest.raises(
        InputError, match=r"your own environment, PettingZoo's camp, .*load\('.*run', env=lambda: \.\.\.\)"
    ):
        load(tmp_path / "run")
    again = load(tmp_path / "run", env=camp)
    assert same(again.training, run.training)


def test_episodes_are_the_same_with_any_workers_and_company(whole):
    """Success, steps, rewards and work of an episode depend on its number; 64 environments play 70 episodes."""
    numbers, forces = np.arange(70), np.linspace(0, 2, 70)
    played = play_episodes(whole.learner, whole.parameters, forces, seed=3, starts=numbers)
    assert played.episode_steps.tolist() == [4] * 70
    assert played.success.all()
    some = [69, 5, 66]
    for workers in (0, 2):
        learner = dataclasses.replace(
            whole.learner, team=dataclasses.replace(whole.learner.team, env=FromPettingZoo(camp, workers=workers))
        )
        done = []
        again = play_episodes(
            learner,
            whole.parameters,
            forces[some],
            seed=3,
            starts=some,
            progress=lambda *so_far, done=done: done.append(so_far),
        )
        for name in ("success", "episode_steps", "reward", "workload", "multiplier"):
            assert getattr(again, name).tolist() == getattr(played, name)[some].tolist()
        assert done[-1] == (3, 3)


def test_an_evaluation_adds_up(whole):
    """Every step pays the mean over both of the logs carried, Ann's share of which ends after two steps."""
    found = evaluate(whole.learner, whole.parameters, episodes=40, seed=0)
    assert found.success.value == 1.0
    assert found.episode_steps.value == 4.0
    played = play_episodes(whole.learner, whole.parameters, np.zeros(40), seed=0)
    assert (played.workload[:, 0] <= 2).all()
    assert (played.reward <= played.workload.sum(axis=1)).all()
    assert played.jain.mean() == pytest.approx(found.jain.value)


@pytest.mark.parametrize("learner", ["ippo", "parallel-qmix"])
def test_the_other_learners_without_replay_train_too(learner):
    config = Config(learner=learner, steps=24, policy=SMALL.policy, parallel=ParallelValueSettings(**SIZES))
    run = train(config, env=FromPettingZoo(camp, workers=0))
    assert run.finished
    assert np.isfinite(run.reports[-1].loss)


REPLAY = ValueSettings(
    num_envs=8,
    num_steps=8,
    learning_rate=5e-3,
    hidden_size=16,
    num_layers=1,
    buffer_size=4_096,
    min_buffer_size=64,
    batch_size=64,
    replay_ratio=16.0,
)


@pytest.mark.parametrize(
    "learner", ["qmix", pytest.param("vdn", marks=pytest.mark.slow), pytest.param("iql", marks=pytest.mark.slow)]
)
def test_value_decomposition_with_replay_finds_the_optimum(learner):
    """On a dry day three logs in each of two steps, 6; when it rains nobody may carry."""
    config = Config(learner=learner, method="none", steps=4_096, value=REPLAY)
    run = train(config, env=FromPettingZoo(lambda: Camp(days=2, masks=True), workers=0))
    played = play_episodes(run.learner, run.parameters, np.zeros(32), seed=0)
    assert set(played.reward.tolist()) == {0.0, 6.0}
    assert set(played.workload.sum(axis=1).tolist()) == {0.0, 6.0}


def test_a_run_with_replay_in_pieces_is_the_whole_run(tmp_path, monkeypatch):
    """With what it has in the buffer, in which no actions of episodes so far are kept."""
    monkeypatch.setattr("evenhand.learning.run_folder.BETWEEN_CHECKPOINTS", 0.0)
    env = FromPettingZoo(camp, workers=0)
    config = Config(learner="qmix", tau=0.9, steps=512, value=REPLAY)
    whole = train(config, env=env)
    assert whole.training.players.states.past.shape == (8, 4, 2)
    train(config, folder=tmp_path / "run", env=env, progress=interrupted_after(3))
    train(config, folder=tmp_path / "run", env=env, resume=True)
    assert same(load(tmp_path / "run", env).training, whole.training)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"learner": "qmix", "value": dataclasses.replace(REPLAY, buffer_size=2_000_000_000)},
            r"^buffer_size is 2000000000; at \d+ bytes a transition that is more than this machine's memory; ",
        ),
        ({"method": "workload-skill-penalty"}, r"^method 'workload-skill-penalty' needs FromPettingZoo\.units: "),
        ({"tau": 0.5}, r"asks nothing of 2 agents"),
        ({"disturbance": Disturbance(noise=(0.0, 0.1))}, r"^disturbance is for environments that JAX compiles; "),
    ],
)
def test_what_is_not_supported_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        train(dataclasses.replace(SMALL, **changes), env=FromPettingZoo(camp, workers=0))


def test_an_environment_already_made_is_refused():
    with pytest.raises(
        InputError, match=r"^Camp is one environment, .* give a function that makes it, env=lambda: Camp"
    ):
        train(SMALL, env=Camp())


def test_a_class_is_a_function_that_makes_one(whole):
    assert train(dataclasses.replace(SMALL, steps=12), env=Camp).finished


def test_a_class_that_takes_arguments_needs_a_lambda():
    class Site(Camp):
        """A camp that takes an argument."""

        def __init__(self, place):
            super().__init__()

    with pytest.raises(InputError, match=r"^the environment cannot be made: .*'place'; .* give env=lambda: Site\("):
        train(SMALL, env=Site)


NAME = "fair-gne/specialist"
TWIN = hospital.make(NAME, backend="jax")


class Twinned(type(hospital.make(NAME))):
    """The reference hospital, whose seeds are the twin's."""

    def reset(self, seed=None, options=None):
        """Begin where the twin begins."""
        start = TWIN.reset(jax.random.key(seed))
        names = [station.name for station in self.scenario.stations]
        places = {"agent_starts": start.station, "item_starts": start.item_place}
        return super().reset(seed, {what: [names[place] for place in here] for what, here in places.items()})


def test_the_reference_hospital_comes_out_as_its_twin():
    """Random possible actions: observations, masks, rewards, work and ends are the same, number by number."""
    seeds = np.arange(6)
    env = FromPettingZoo(lambda: Twinned(hospital.load(NAME)), workers=0)
    workers = env.start(len(seeds))
    table = workers.table
    table.seed[:], table.next_seed[:], table.active[:] = seeds, -1, True
    workers.recall()
    states = [TWIN.reset(jax.random.key(seed)) for seed in seeds]
    step = jax.jit(TWIN.step)
    show = jax.jit(lambda state: (TWIN.observe(state), TWIN.mask(state), TWIN.global_state(state)))
    generator = np.random.default_rng(0)
    steps = 0
    while table.active.any():
        table.actions[:] = [[generator.choice(np.flatnonzero(row)) for row in rows] for rows in table.mask]
        active = table.active.copy()
        for place in np.flatnonzero(active):
            state = states[place]
            for name, expected in zip(("seen", "mask", "world"), show(state), strict=True):
                assert getattr(table, name)[place].tolist() == np.asarray(expected).tolist()
            states[place], outcome = step(jax.random.key(0), state, table.actions[place].copy())
            ended = bool(outcome.success | outcome.truncated)
            expected = (float(outcome.reward), ended, bool(outcome.success))
            workers.table.active[:] = np.arange(len(seeds)) == place
            workers.step()
            assert (float(table.reward[place]), bool(table.done[place]), bool(table.success[place])) == expected
            assert table.worked[place].tolist() == np.asarray(TWIN.workload(states[place])).tolist()
            active[place] = not ended
            steps += 1
        table.active[:] = active
    assert steps > 100
