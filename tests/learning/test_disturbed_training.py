"""Training and evaluation under disturbances: draws, resumption, levels, fairness among those present."""

from __future__ import annotations

import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.learning.disturbed_shift import ShiftEnvironment
from tests.learning.first_states import first_states, first_view, seen_in
from tests.learning.known_team import KnownEnvironment
from tests.learning.small_run import SMALL, interrupted_after, same, untrained

from evenhand.errors import InputError
from evenhand.learning.build import learner_of
from evenhand.learning.certificates.policy_tables import team_states
from evenhand.learning.certificates.trained_response import learned_response
from evenhand.learning.config import Config
from evenhand.learning.disturbance import Disturbed, under
from evenhand.learning.disturbance_level import Level
from evenhand.learning.episodes import Episodes, play_episodes
from evenhand.learning.evaluation import evaluate
from evenhand.learning.record import Terms, at_level, record_of
from evenhand.learning.settings import Disturbance, ParallelValueSettings, PolicySettings, ValueSettings
from evenhand.learning.training import Run, load, train
from evenhand.learning.watching import watch

ALL = Disturbance(delay=(0, 2), noise=(0.0, 0.1), absence=0.5)
TINY = {"num_envs": 8, "num_steps": 4, "hidden_size": 8, "num_layers": 1}
HARD = dataclasses.replace(SMALL, disturbance=ALL, steps=1_280)


def shift(config):
    """Return a run in the small game that has made no step."""
    learner = learner_of(config, ShiftEnvironment())
    return Run(config, learner, learner.init(config.seed), (), False, 0.0, None)


OTHERS = [
    pytest.param(name, marks=pytest.mark.slow)
    for name in ("ippo", "vdn", "iql", "parallel-vdn", "parallel-iql", "parallel-qmix")
]


@pytest.mark.parametrize("learner", ["mappo", "qmix", *OTHERS])
def test_every_learner_trains_under_all_disturbances(learner):
    config = Config(
        learner=learner,
        steps=96,
        disturbance=ALL,
        policy=PolicySettings(**TINY),
        parallel=ParallelValueSettings(**TINY),
        value=ValueSettings(**TINY, buffer_size=512, min_buffer_size=32, batch_size=16, window=2),
    )
    run = train(config, env=ShiftEnvironment())
    assert run.finished
    assert isinstance(run.learner.team.env, Disturbed)
    view = seen_in(run.learner.team, run.training.players.states, run.training.players.multiplier)
    actions = run.learner.act(run.parameters, view)
    assert np.asarray(jnp.take_along_axis(view.mask, actions[..., None], axis=-1)).all()


def test_undisturbed_training_has_no_wrapper():
    env = learner_of(SMALL).team.env
    assert type(env).__name__ == "VectorizedHospital"
    assert learner_of(SMALL).team.present(None) is None


def test_a_disturbed_run_goes_on_bit_for_bit(tmp_path):
    env = ShiftEnvironment()
    whole = train(HARD, folder=tmp_path / "whole", env=env)
    train(HARD, folder=tmp_path / "halves", progress=interrupted_after(7), env=env)
    halves = train(HARD, folder=tmp_path / "halves", resume=True, env=env)
    assert same(whole.training, halves.training)
    assert same(whole.training, load(tmp_path / "whole", env).training)


def test_a_level_is_the_training_environment_with_fixed_ranges():
    """The same starts, noise and absent agents: a level draws as training with both ends of its ranges equal does."""
    fixed = Disturbance(delay=1, noise=0.1)
    one = learner_of(dataclasses.replace(SMALL, disturbance=fixed), ShiftEnvironment())
    parameters = one.init(3).parameters
    other = under(one, Level(delay=1, noise=0.1))
    forces = np.full(64, 0.1)
    played, again = (play_episodes(learner, parameters, forces, seed=2) for learner in (one, other))
    np.testing.assert_array_equal(played.workload, again.workload)
    np.testing.assert_array_equal(played.episode_steps, again.episode_steps)


def test_levels_differ_from_each_other_only_by_what_is_disturbed():
    run = shift(HARD)
    starts = [
        first_states(at_level(run, level).learner.team, 16, 4).now for level in (Level(), Level(delay=2, noise=0.1))
    ]
    assert same(*starts)


def test_a_run_without_the_section_loads_as_before(tmp_path):
    """As an older version wrote it: no such section in the configuration, nor in the checkpoint."""
    run = train(dataclasses.replace(SMALL, steps=128), folder=tmp_path / "run")
    path = tmp_path / "run" / "config.json"
    values = json.loads(path.read_text())
    del values["config"]["disturbance"]
    path.write_text(json.dumps(values))
    (file,) = (tmp_path / "run").glob("checkpoint-*")
    head, body = file.read_bytes().split(b"\n", 1)
    known = json.loads(head)
    del known["belongs_to"]["configuration"]["disturbance"]
    file.write_bytes(json.dumps(known).encode() + b"\n" + body)
    assert same(load(tmp_path / "run").training, run.training)


def test_a_run_with_the_section_is_no_run_without_it(tmp_path):
    from evenhand.learning.checkpoint import CheckpointError

    train(dataclasses.replace(SMALL, steps=128), folder=tmp_path / "run")
    path = tmp_path / "run" / "config.json"
    values = json.loads(path.read_text())
    values["config"]["disturbance"]["delay"] = [0, 1]
    path.write_text(json.dumps(values))
    with pytest.raises(CheckpointError, match=r"another configuration\.disturbance\.delay"):
        load(tmp_path / "run")


def test_fairness_of_episodes_is_among_those_present():
    some = Episodes(
        success=np.ones(3, bool),
        episode_steps=np.full(3, 5, np.int32),
        reward=np.zeros(3),
        workload=np.array([[2.0, 2.0, 0.0], [2.0, 2.0, 0.0], [0.0, 0.0, 3.0]]),
        multiplier=np.zeros(3),
        definitions={"halves": np.array([[4.0, 4.0, 0.0], [4.0, 0.0, 4.0], [0.0, 0.0, 6.0]])},
        present=np.array([[True, True, False], [True, True, True], [True, True, False]]),
    )
    np.testing.assert_allclose(some.jain, [1.0, 2 / 3, 1.0])
    np.testing.assert_allclose(some.cv, [0.0, np.sqrt(0.5), 0.0], atol=1e-7)
    np.testing.assert_array_equal(some.worked, [True, True, False])
    np.testing.assert_allclose(some.measured(lambda work: work.sum(axis=-1), "halves"), [8, 8, 0])
    np.testing.assert_array_equal(some[1:].present, some.present[1:])


def test_an_evaluation_speaks_of_those_present():
    """Everybody works wherever that is possible, for six steps, and one is absent."""
    learner = learner_of(
        Config(steps=64, disturbance=Disturbance(absence=0.5), policy=PolicySettings(**TINY)), ShiftEnvironment()
    )
    parameters = learner.init(0).parameters

    @dataclasses.dataclass(frozen=True, eq=False)
    class Busy:
        team: object

        def act(self, parameters, view):
            """Work wherever that is possible."""
            return view.mask[..., 1].astype(jnp.int32)

    busy = Busy(under(learner, Level(absent=("agent_0",))).team)
    found = evaluate(busy, parameters, episodes=20, seed=0)
    # Six steps: agent 1 does 12 units; agent 2, who cannot work in the first, 15; agent 0 none.
    assert [work.value for work in found.workload["workload"]] == [0.0, 12.0, 15.0]
    assert found.jain.value == pytest.approx(27**2 / (2 * (12**2 + 15**2)))
    assert found.gini.value == pytest.approx(3 / 2 / 27)
    assert found.potential.value == pytest.approx(found.jain.value)
    whole = evaluate(Busy(under(learner, Level()).team), parameters, episodes=20, seed=0)
    assert whole.jain.value == pytest.approx(33**2 / (3 * (6**2 + 12**2 + 15**2)))


def test_the_bonus_prices_fairness_among_those_present():
    learner = learner_of(Config(steps=64, disturbance=Disturbance(absence=0.5)), ShiftEnvironment())
    team = under(learner, Level(absent=(0,))).team
    states = first_states(team, 1)
    after, moved = team.step(jax.random.key(0), states, jnp.array([[1, 1, 0]]))
    assert float(moved.bonus[0]) == pytest.approx(1 / 2 - 1)  # agent 1 alone of two, not of three
    assert float(team.index(after)[0]) == pytest.approx(1 / 2)


def test_a_record_at_a_level_has_both_choices_of_multipliers():
    run = shift(HARD)
    record = record_of(run, Terms(episodes=200, level=Level(delay=2)))
    values = record.to_dict()
    assert values["disturbance"]["delay"] == (2, 2)
    assert values["under_undisturbed_multipliers"]["episodes"] == 200
    assert record.undisturbed_choice is not None
    plain = record_of(run, Terms(episodes=200, multiplier=0.1, level=Level(delay=2)))
    assert plain.undisturbed_choice is None
    assert "disturbance" not in record_of(shift(SMALL), Terms(episodes=200, multiplier=0.1)).to_dict()


def test_a_team_without_memory_plays_as_it_was_trained():
    """What it sees is late; the sizes of its networks' inputs stay the same."""
    run = shift(SMALL)
    late = at_level(run, Level(delay=2)).learner
    plain, disturbed = (first_view(learner.team, 2) for learner in (run.learner, late))
    np.testing.assert_array_equal(plain.agents, disturbed.agents)  # nothing has happened yet
    assert late.act(run.parameters, disturbed).shape == (2, 3)
    assert at_level(run, Level()) is run


def test_an_episode_is_shown_with_its_absent_agent():
    episode = watch(untrained(HARD), level=Level(absent=("agent_2",)), multiplier=0.0)
    assert episode.absent == (1,)
    assert not any(deeds[1] for deeds in episode.deeds)
    assert watch(untrained(SMALL), multiplier=0.0).absent == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"disturbance": {"absence": 0.3}, "method": "workload-penalty"},
            "workload-penalty is for whole teams, and only",
        ),
        ({"disturbance": {"lateness": 1}}, "disturbance.lateness"),
        ({"disturbance": {"delay": [0, "1"]}}, "disturbance.delay is '1'; it must be a whole number from 0"),
        ({"disturbance": 1}, "disturbance is 1; it must be a table of settings, or Disturbance"),
    ],
)
def test_configurations_that_make_no_sense(changes, said):
    with pytest.raises(InputError, match=said):
        Config(**changes)


def test_a_delay_beyond_the_horizon_is_refused_before_training():
    with pytest.raises(InputError, match="delay is up to 61; episodes of VectorizedHospital have at most 60 steps"):
        learner_of(Config(scenario="lone-expert", disturbance={"delay": 61}))


def test_two_agents_cannot_do_without_one():
    with pytest.raises(InputError, match="1 of 2 agents would be absent; at least 2 must be present"):
        learner_of(Config(scenario="ward/6", disturbance={"absence": 0.3}), KnownEnvironment())


def test_a_disturbed_team_is_not_certified():
    run = shift(HARD)
    with pytest.raises(InputError, match="the team plays under disturbances: its actions depend on what its agents"):
        learned_response(run, 0)
    with pytest.raises(InputError, match="the team plays under disturbances"):
        team_states(run, 0.0)
