"""Cloning: lessons hold what the scripted policy does, the loss falls, its actions are reached, bad ones are named."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.learning.pump import names_of_the_game
from tests.learning.small_run import same

from evenhand.errors import InputError
from evenhand.hospital import load
from evenhand.hospital.playing import Greedy
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario_arrays import arrays_of
from evenhand.learning import checkpoint
from evenhand.learning.build import learner_of
from evenhand.learning.cloning import Clone, collect, fit_to, scripted_policy
from evenhand.learning.config import Config
from evenhand.learning.run_folder import clone_of, owner_of, prepare
from evenhand.learning.settings import PolicySettings
from evenhand.learning.several_seeds import train_several
from evenhand.learning.training import _started, train

TINY = PolicySettings(num_envs=8, num_steps=8, hidden_size=32, num_layers=1)
CONFIG = Config(scenario="fair-gne", network="entity", steps=64, policy=TINY)
CLONE = Clone(episodes=8, steps=120, batch_size=32, learning_rate=5e-3)


@pytest.fixture(scope="module")
def learner():
    """Return a small MAPPO with an entity network."""
    return learner_of(CONFIG)


@pytest.fixture(scope="module")
def lessons(learner):
    """Return what greedy play does in eight episodes."""
    return collect(learner.team, scripted_policy(learner.team.env, CLONE), CLONE, seed=3)


def test_a_name_is_the_reference_policy(learner, lessons):
    """In every state that was met, the named policy does what the reference's greedy policy does."""
    greedy = Greedy(Rules(arrays_of(load("fair-gne"))))
    named = scripted_policy(learner.team.env, Clone("greedy"))
    plain = jax.device_get(lessons.states)
    for row in range(0, lessons.actions.shape[0], 7):
        state = jax.tree.map(lambda part, row=row: part[row], plain)
        assert named(state) == lessons.actions[row].tolist()
        lists = {name: np.asarray(getattr(state, name)).tolist() for name in ("station", "travel", "holding", "energy")}
        assert len(lists["station"]) == len(greedy._rules.agents)


def test_returns_are_sums_to_the_end(learner):
    """Without random actions greedy play succeeds: each first state is worth its episode's rewards, and J(w_T) - 1."""
    alone = Clone(episodes=2, random_share=0.0)
    found = collect(learner.team, scripted_policy(learner.team.env, alone), alone, seed=1)
    time = np.asarray(found.states.time)
    first, last = np.flatnonzero(time == 0), np.asarray(found.reward)
    assert first.tolist() == [0, 1]  # two episodes side by side
    rules = Rules(arrays_of(load("fair-gne")))
    for start in first:
        lengths = (time == time.max()).sum()
        assert lengths >= 1
        # Progress 1, success, and a cost for each step, as the scenario has them; the episode's own length is found by
        # playing it by the reference rules.
        state = rules.start(*(np.asarray(getattr(found.states, k))[start].tolist() for k in ("station", "item_place")))
        total, work = 0.0, None
        while not rules.is_over(state):
            state, outcome = rules.step(state, Greedy(rules)(state))
            total += float(outcome.reward)
            work = np.array(state.workload[0], float)
        assert last[start] == pytest.approx(total, abs=1e-5)
        assert float(found.bonus[start]) == pytest.approx(work.sum() ** 2 / (3 * (work**2).sum()) - 1.0, abs=1e-5)


def test_random_actions_lead_off_the_path_but_are_not_learned(learner):
    """With every action random the episodes differ, and the lessons are still what greedy play would do."""
    noisy = Clone(episodes=4, random_share=1.0)
    policy = scripted_policy(learner.team.env, noisy)
    found = collect(learner.team, policy, noisy, seed=1)
    plain = jax.device_get(found.states)
    for row in range(0, found.actions.shape[0], 11):
        assert policy(jax.tree.map(lambda part, row=row: part[row], plain)) == found.actions[row].tolist()
    assert int(np.asarray(found.states.masked).max()) == 0  # only possible actions were drawn


def test_the_loss_falls_and_the_actions_are_reached(learner, lessons):
    """After 120 gradient steps at least nine in ten of greedy play's actions are the likeliest."""
    training = learner.init(0)
    parameters, losses = fit_to(learner, training.parameters, lessons, CLONE, seed=0)
    assert losses[-10:].mean() < 0.5 * losses[:5].mean()
    view = learner.team.view(lessons.states, jnp.zeros(lessons.actions.shape[0]))
    before = (learner.act(training.parameters, view) == lessons.actions).mean()
    after = (learner.act(parameters, view) == lessons.actions).mean()
    assert before < 0.7
    assert after > 0.9


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (lambda state: [0, 0], r"returns \[0, 0\]; it must return 3 whole numbers, the actions"),
        (lambda state: [0.5] * 3, "it must return 3 whole numbers"),
        (lambda state: [0, 99, 0], r"chooses action 99 for agent 1 \(the first is 0\) in step 1 of an ep.*0 to 8$"),
        (lambda state: [0, 0, -1], r"chooses action -1 for agent 2 .*; actions are 0 to 8$"),
        (
            lambda state: [1 + int(state.station[0]), 0, 0],
            "for agent 0 .* in step 1 of an episode; the mask forbids it",
        ),
    ],
)
def test_impossible_actions_are_named(learner, policy, said):
    """One line says what was chosen, for whom, when, and why it cannot be."""
    with pytest.raises(InputError, match=said):
        collect(learner.team, policy, Clone(policy, episodes=2), seed=0)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: Clone(""), "clone.policy is ''; it must be a name or a function of a state"),
        (lambda: Clone(episodes=0), "clone.episodes is 0; it must be a whole number from 1"),
        (lambda: Clone(random_share=1.5), "clone.random_share is 1.5; it must be a number from 0 to 1"),
        (lambda: train(CONFIG, clone="gredy"), "the scripted policy is 'gredy'; did you mean 'greedy'"),
        (lambda: train(CONFIG, clone="greedy", start="runs/a"), "start and clone both say what parameters training"),
        (
            lambda: train(Config(learner="vdn"), clone="greedy"),
            "clone starts a policy, and this learner has values instead; take ippo or mappo",
        ),
        (
            lambda: train(Config(tau=0.7), clone="greedy", env=names_of_the_game()["Pump"]()),
            "clone is 'greedy'; Pump has no scripted policies .method scripted., so give a function",
        ),
        (
            lambda: train_several(CONFIG, seeds=2, folder="never", clone=lambda state: [0, 0, 0]),
            "several seeds are started from a scripted policy by name",
        ),
    ],
)
def test_what_cannot_be_cloned(made, said):
    """One line says what is wrong, before anything is trained or written."""
    with pytest.raises(InputError, match=said):
        made()


def test_a_run_begins_with_what_it_cloned(tmp_path, learner):
    """The folder says what was cloned; a run killed before its first checkpoint clones again, the same; warm starts."""
    lesson = Clone(episodes=2, steps=3, batch_size=8)
    one = train(CONFIG, folder=tmp_path / "one", clone=lesson)
    assert json.loads((tmp_path / "one" / "config.json").read_text())["clone"] == lesson.to_dict()
    for path in (tmp_path / "one").glob("checkpoint-*"):
        path.unlink()
    again = train(CONFIG, folder=tmp_path / "one", resume=True)
    assert same(one.parameters, again.parameters)


def kept(folder, config):
    """Write the folder of a run whose parameters are all 1, and return it with its learner."""
    learner = learner_of(config)
    prepare(folder, config, resume=False)
    ones = jax.tree.map(jnp.ones_like, learner.blank())
    checkpoint.save(folder, ones, 1, owner_of(config, learner.team.env))
    return folder


def started(config, folder):
    """Return the parameters with which a run of a configuration starts from another run's folder."""
    learner = learner_of(config)
    return _started(learner.blank(), folder, learner, None).parameters


def test_a_run_of_another_size_is_a_start(tmp_path):
    """With the entity network ward/6 starts ward/9; the critic's and the actor's parameters all come over."""
    six = kept(tmp_path / "six", Config(scenario="ward/6", network="entity", policy=TINY))
    taken = started(Config(scenario="ward/9", network="entity", policy=TINY), six)
    assert all((np.asarray(leaf) == 1.0).all() for leaf in jax.tree.leaves(taken))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"scenario": "ward/9"}, "parameters do not fit this run: .* and the sizes of the environment unless the netw"),
        ({"scenario": "ward/6", "network": "entity"}, "parameters do not fit this run: .*learner, network, hidden_siz"),
    ],
)
def test_a_flat_network_starts_its_own_size_only(tmp_path, settings, said):
    """The refusal names a part and both shapes, and what must be the same."""
    six = kept(tmp_path / "six", Config(scenario="ward/6", policy=TINY))
    with pytest.raises(InputError, match=said):
        started(Config(policy=TINY, **settings), six)


def test_entities_of_other_kinds_are_no_start(tmp_path):
    """The parameters may have the same shapes and mean other things: both lists of kinds are named."""
    other = kept(tmp_path / "other", Config(scenario="fair-gne", network="entity", policy=TINY))
    with pytest.raises(InputError, match=r"its network knows entities of other kinds: cpr_board, pump, .* here$"):
        started(Config(scenario="rescue-breaths", network="entity", policy=TINY), other)


def test_a_function_is_not_cloned_twice(tmp_path):
    """A run that began from a function and has no checkpoint cannot begin again: the folder does not hold it."""

    def idle(state):
        return [0, 0, 0]

    prepare(tmp_path, CONFIG, resume=False, clone=Clone(idle))
    with pytest.raises(InputError, match=r"starts from your own function .*idle and has no checkpoint yet"):
        clone_of(tmp_path)
