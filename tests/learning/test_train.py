"""Training as a user meets it: reports, interruption, resuming, and what is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil

import jax
import numpy as np
import pytest
from flax import serialization
from tests.learning.small_run import SMALL, interrupted_after, same, with_short_episodes

from evenhand.errors import InputError
from evenhand.learning import checkpoint
from evenhand.learning.build import beyond_reach, environment_of, learner_of
from evenhand.learning.config import Config
from evenhand.learning.failure import enough_memory
from evenhand.learning.run_folder import owner_of, prepare, read_config
from evenhand.learning.settings import ParallelValueSettings
from evenhand.learning.training import TrainingError, load, train
from evenhand.tables.exclusive import exclusive


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a small run that nobody disturbed."""
    return train(SMALL, folder=tmp_path_factory.mktemp("runs") / "whole")


def test_a_broken_run_resumed_is_the_whole_one(whole, tmp_path):
    """Networks, optimiser, episodes, multiplier and keys: every bit as in the run without a break."""
    broken = train(SMALL, folder=tmp_path / "run", progress=interrupted_after(17))
    assert not same(broken.training, whole.training)
    resumed = train(SMALL, folder=tmp_path / "run", resume=True)
    assert same(resumed.training, whole.training)
    rows = [json.loads(line) for line in (tmp_path / "run" / "progress.jsonl").read_text().splitlines()]
    steps = [row["steps"] for row in rows]
    assert steps == sorted(set(steps))
    assert steps[-1] == whole.reports[-1].steps


def test_a_run_killed_before_its_first_checkpoint_begins_again(whole, tmp_path):
    """Nothing is lost but the time; until then, reading it says what to do."""
    train(SMALL, folder=tmp_path / "run", progress=interrupted_after(1))
    checkpoint.latest(tmp_path / "run").unlink()
    with pytest.raises(InputError, match="no checkpoint here yet"):
        load(tmp_path / "run")
    assert same(train(SMALL, folder=tmp_path / "run", resume=True).training, whole.training)


def test_a_finished_run_resumed_is_left_as_it_is(whole):
    """No step is made, and nothing of what it learned is written again."""
    path = checkpoint.latest(whole.folder)
    before = path.stat().st_mtime_ns
    resumed = train(SMALL, folder=whole.folder, resume=True)
    assert resumed.finished
    assert resumed.reports == ()
    assert path.stat().st_mtime_ns == before


def test_a_run_is_read_back(whole):
    """`load` returns what training ended with."""
    assert same(load(whole.folder).training, whole.training)


def test_same_seed_same_bits_another_seed_others(whole):
    """The seed decides everything."""
    assert same(train(SMALL).training, whole.training)
    assert not same(train(Config(**{**vars(SMALL), "seed": 1})).training, whole.training)


def test_runs_that_differ_by_their_seed_share_what_is_compiled(tmp_path):
    """A scenario's file may change between two runs: then the learner is another."""
    file = with_short_episodes(tmp_path, "fair-gne", 20)
    config = dataclasses.replace(SMALL, scenario=str(file))
    learner = learner_of(config)
    assert learner_of(dataclasses.replace(config, seed=7)) is learner
    assert learner_of(dataclasses.replace(config, tau=0.7)).team.constraint.tau == 0.7
    with_short_episodes(tmp_path, "fair-gne", 21)
    assert (learner.team.env.horizon, learner_of(config).team.env.horizon) == (20, 21)


def test_a_damaged_checkpoint_is_named_and_the_one_before_serves(whole, tmp_path):
    """Truncated, corrupted, emptied: one line; without it, the run goes on from the one before."""
    train(SMALL, folder=tmp_path / "run", progress=interrupted_after(5))
    first = checkpoint.latest(tmp_path / "run")
    train(SMALL, folder=tmp_path / "run", progress=interrupted_after(5), resume=True)
    last = checkpoint.latest(tmp_path / "run")
    assert last != first
    good = last.read_bytes()
    for bad in (good[:-100], good[:-1] + bytes([good[-1] ^ 1]), b"", b"{}\n"):
        last.write_bytes(bad)
        with pytest.raises(checkpoint.CheckpointError, match=last.name):
            train(SMALL, folder=tmp_path / "run", resume=True)
    with pytest.raises(checkpoint.CheckpointError, match=f"remove it to continue from {first.name}, which is valid"):
        load(tmp_path / "run")
    last.unlink()
    assert same(train(SMALL, folder=tmp_path / "run", resume=True).training, whole.training)


def test_a_checkpoint_of_another_run_is_refused(whole):
    """The scenario and the configuration it was trained with are part of a checkpoint."""
    path = checkpoint.latest(whole.folder)
    with pytest.raises(checkpoint.CheckpointError, match="another scenario"):
        checkpoint.restore(path, whole.training, {"scenario": "0"})
    other = json.loads(json.dumps(SMALL.to_dict()))
    other["dual"]["cap"] = 3.0
    other["news"] = 1
    with pytest.raises(checkpoint.CheckpointError) as caught:
        checkpoint.restore(path, whole.training, {"configuration": other})
    expected = "another configuration.dual.cap, configuration.news (which its version does not know)"
    assert str(caught.value).endswith(expected)


def test_a_checkpoint_of_another_version_is_refused(whole, tmp_path):
    """Another format, other parts, other shapes: said in one line, instead of failing while it learns."""
    path = checkpoint.latest(whole.folder)
    parts = whole.training._asdict()
    with pytest.raises(checkpoint.CheckpointError, match="other parts"):
        checkpoint.restore(path, {**parts, "momentum": parts["success"]}, {})
    wider = whole.training._replace(success=np.zeros(3))
    with pytest.raises(checkpoint.CheckpointError, match="another environment or version"):
        checkpoint.restore(path, wider, {})
    newer = tmp_path / path.name
    newer.write_bytes(path.read_bytes().replace(b'"format": 1', b'"format": 9', 1))
    with pytest.raises(checkpoint.CheckpointError, match="format 9; this version reads format 1"):
        checkpoint.restore(newer, whole.training, {})


def test_what_is_refused(whole, tmp_path):
    """A second run in one folder, nothing to resume, a folder that is a file."""
    with pytest.raises(InputError, match="holds a run already"):
        train(SMALL, folder=whole.folder)
    with pytest.raises(InputError, match=r"config\.json is missing"):
        train(SMALL, folder=tmp_path / "nothing", resume=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be used as a folder"):
        train(SMALL, folder=tmp_path / "file" / "run")
    with pytest.raises(InputError, match="cannot be used as a folder"):
        train(SMALL, folder=tmp_path / ("x" * 300))
    with pytest.raises(InputError, match="resume needs the folder"):
        train(SMALL, resume=True)


def test_a_loss_that_is_no_number_stops_the_run(tmp_path):
    """With the step and the last good checkpoint."""
    wild = ParallelValueSettings(num_envs=8, num_steps=8, hidden_size=16, num_layers=1, learning_rate=1e38)
    with pytest.raises(TrainingError, match="no longer a number before step"):
        train(Config(scenario="fair-gne", learner="parallel-vdn", steps=4_000, parallel=wild), folder=tmp_path / "run")


def test_what_was_learned_before_it_broke_is_kept(tmp_path, monkeypatch):
    """The error names the checkpoint of the last report that was sound."""
    sound = train(SMALL, progress=interrupted_after(2))
    verdicts = iter([True, True, False])
    monkeypatch.setattr("evenhand.learning.training._finite", lambda parameters: next(verdicts))
    with pytest.raises(TrainingError, match=r"before step 192; the last good checkpoint is .*checkpoint-0+2"):
        train(SMALL, folder=tmp_path / "run")
    assert same(load(tmp_path / "run").training, sound.training)


def test_a_lack_of_memory_says_what_needs_less():
    """Instead of a trace through the compiler; other errors of it are bugs, and stay what they are."""
    with pytest.raises(TrainingError, match="a smaller num_envs"), enough_memory():
        raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 100000000000 bytes.")
    with pytest.raises(jax.errors.JaxRuntimeError, match="INTERNAL"), enough_memory():
        raise jax.errors.JaxRuntimeError("INTERNAL: who knows")


def test_a_threshold_that_asks_nothing_is_refused():
    """With three agents, Jain's index is at least a third."""
    with pytest.raises(InputError, match="asks nothing of 3 agents"):
        train(Config(scenario="fair-gne", tau=0.3, steps=100))


def test_a_finished_run_is_trained_longer(whole, tmp_path):
    """With more steps it goes on from where it was; the folder says so; fewer steps are refused."""
    shutil.copytree(whole.folder, tmp_path / "run")
    steps = whole.reports[-1].steps
    longer = dataclasses.replace(SMALL, steps=steps + 640)
    run = train(longer, folder=tmp_path / "run", resume=True)
    assert run.finished
    assert (run.reports[0].steps > steps, run.reports[-1].steps) == (True, steps + 640)
    assert int(run.training.iteration) == (steps + 640) // 64
    assert read_config(tmp_path / "run") == longer
    assert same(load(tmp_path / "run").training, run.training)
    with pytest.raises(InputError, match="resume takes as many or more"):
        train(SMALL, folder=tmp_path / "run", resume=True)


def test_a_run_starts_from_the_parameters_of_another(whole, tmp_path):
    """The checkpoint at its beginning has them, so that a kill does not lose them; others' do not fit."""

    def stop(report):
        raise KeyboardInterrupt

    asked = dataclasses.replace(SMALL, seed=7, tau=0.7)
    train(asked, folder=tmp_path / "run", start=whole.folder, progress=stop)
    first = checkpoint.saved(tmp_path / "run")[0]
    assert first.name == "checkpoint-00000000"
    like = learner_of(asked).init(asked.seed)
    begun, done = checkpoint.restore(first, like, owner_of(asked, environment_of(asked)))
    assert done == 0
    assert same(begun.parameters, whole.parameters)
    assert not same(begun.parameters, like.parameters)
    other = dataclasses.replace(SMALL, parallel=dataclasses.replace(SMALL.parallel, hidden_size=8))
    with pytest.raises(InputError, match=r"its parameters do not fit this run: .* is \(16,\) there and \(8,\) here"):
        train(other, start=whole.folder)


def test_a_second_training_in_one_folder_is_reported(whole):
    """Nothing of the first is touched, and nothing compiled."""
    with exclusive(whole.folder), pytest.raises(InputError, match=rf"is in use by process {os.getpid()} on"):
        train(SMALL, folder=whole.folder, resume=True)


def test_a_run_in_an_own_environment_says_how_to_load_it(whole, tmp_path):
    """The command line cannot make the environment; Python's call is named."""
    home = prepare(tmp_path / "run", SMALL, resume=False, env=whole.learner.team.env)
    told = r"your own environment, .*VectorizedHospital, .*learning\.load\('.*run', env=VectorizedHospital\(\.\.\.\)\)"
    with pytest.raises(InputError, match=told):
        load(home)
    with pytest.raises(InputError, match=told):
        train(SMALL, folder=home, resume=True)


ONE_OF_TWO = """
horizon = 20
travel = { within_room = 1 }
stations = [{ name = "bed", room = "bay" }]
items = []
agents = [{ name = "Ann", skills = { press = 1 }, start = "bed" }, { name = "Ben", skills = {}, start = "bed" }]

[[patients]]
name = "patient"
at = "bed"
steps = [{ name = "press", treat = "press", units = 4 }]
"""


def test_a_threshold_that_skills_put_out_of_reach_is_said_at_the_start(tmp_path):
    """Of two agents one has no skill and there is nothing to carry: half is the most."""
    (tmp_path / "one.toml").write_text(ONE_OF_TWO)
    asked = Config(scenario=tmp_path / "one.toml", tau=0.85)
    assert "tau is 0.85, out of reach: where the task is done, Jain's index is at most 0.5" in beyond_reach(asked)
    assert beyond_reach(dataclasses.replace(asked, method="none")) is None
    assert beyond_reach(SMALL) is None


def forged(path, folder, head=(), parts=()):
    """Write a checkpoint with another head or other parts, and with the digest that belongs to it."""
    first, _, body = path.read_bytes().partition(b"\n")
    state = serialization.msgpack_restore(body)
    state.update(parts)
    body = serialization.msgpack_serialize(state) if parts else body
    written = json.loads(first) | {"sha256": hashlib.sha256(body).hexdigest()} | dict(head)
    (folder / path.name).write_bytes(json.dumps(written).encode() + b"\n" + body)
    return folder / path.name


@pytest.mark.parametrize("iteration", [None, -5, [3], 2.5, True, "3"])
def test_a_checkpoint_whose_head_makes_no_sense_is_refused(whole, tmp_path, iteration):
    """Its digest is right: only its maker was not."""
    file = forged(checkpoint.latest(whole.folder), tmp_path, {"iteration": iteration})
    with pytest.raises(checkpoint.CheckpointError, match=r"iteration is .*must be a whole number of at least 0"):
        checkpoint.restore(file, whole.training, {})


def test_a_checkpoint_with_another_body_is_refused(whole, tmp_path):
    """Weights that are no numbers, parts that are lists, bodies that are no msgpack or claim more than they hold."""
    path = checkpoint.latest(whole.folder)
    good, _ = checkpoint.restore(forged(path, tmp_path), whole.training, {})
    weights = jax.tree.map(np.array, serialization.to_state_dict(good)["parameters"])
    kernel = next(leaf for leaf in jax.tree.leaves(weights) if leaf.size > 1)
    kernel.flat[1] = np.nan
    with pytest.raises(checkpoint.CheckpointError, match=r"damaged .*no numbers"):
        checkpoint.restore(forged(path, tmp_path, parts={"parameters": weights}), whole.training, {})
    for odd in ([1.0], {}, "text", None, 3, {"a": {"b": {}}}):
        with pytest.raises(checkpoint.CheckpointError):
            checkpoint.restore(forged(path, tmp_path, parts={"success": odd}), whole.training, {})
    first = json.loads(path.read_bytes().partition(b"\n")[0])
    claims = b"\xdd\xff\xff\xff\xff"  # a list of four billion values
    for body in (b"", b"garbage", claims, claims * 2000, b"\x91" * 3000 + b"\xc0", b"\x80\x80"):
        head = first | {"sha256": hashlib.sha256(body).hexdigest()}
        (tmp_path / path.name).write_bytes(json.dumps(head).encode() + b"\n" + body)
        with pytest.raises(checkpoint.CheckpointError) as caught:
            checkpoint.restore(tmp_path / path.name, whole.training, {})
        assert len(str(caught.value)) < 1001
