"""Training as a user meets it: reports, interruption, resuming, and what is refused."""

from __future__ import annotations

import json

import jax
import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.learning import checkpoint
from evenhand.learning.config import Config
from evenhand.learning.settings import ParallelValueSettings
from evenhand.learning.train import TrainingError, load, train

SMALL = Config(
    scenario="fair-gne",
    learner="parallel-vdn",
    steps=4_000,
    parallel=ParallelValueSettings(episodes=8, rollout=8, width=16, layers=1),
)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a small run that nobody disturbed."""
    return train(SMALL, folder=tmp_path_factory.mktemp("runs") / "whole")


def interrupted_after(reports):
    seen = []

    def progress(report):
        seen.append(report)
        if len(seen) == reports:
            raise KeyboardInterrupt

    return progress


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


def test_a_run_is_read_back(whole):
    """`load` returns what training ended with."""
    assert same(load(whole.folder).training, whole.training)


def test_same_seed_same_bits_another_seed_others(whole):
    """The seed decides everything."""
    assert same(train(SMALL).training, whole.training)
    assert not same(train(Config(**{**vars(SMALL), "seed": 1})).training, whole.training)


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
    last.unlink()
    assert same(train(SMALL, folder=tmp_path / "run", resume=True).training, whole.training)


def test_a_checkpoint_of_another_run_is_refused(whole):
    """The scenario and the configuration it was trained with are part of a checkpoint."""
    path = checkpoint.latest(whole.folder)
    with pytest.raises(checkpoint.CheckpointError, match="another scenario"):
        checkpoint.restore(path, whole.training, {"scenario": "0"})


def test_what_is_refused(whole, tmp_path):
    """A second run in one folder, nothing to resume, a folder that is a file."""
    with pytest.raises(InputError, match="holds a run already"):
        train(SMALL, folder=whole.folder)
    with pytest.raises(InputError, match=r"config\.json is missing"):
        train(SMALL, folder=tmp_path / "nothing", resume=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        train(SMALL, folder=tmp_path / "file" / "run")


def test_a_loss_that_is_no_number_stops_the_run(tmp_path):
    """With the step and the last good checkpoint."""
    wild = ParallelValueSettings(episodes=8, rollout=8, width=16, layers=1, learning_rate=1e38)
    with pytest.raises(TrainingError, match="no longer a number before step"):
        train(Config(scenario="fair-gne", learner="parallel-vdn", steps=4_000, parallel=wild), folder=tmp_path / "run")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learner": "qmixx"}, "did you mean 'qmix'"),
        ({"method": "fairgne"}, "did you mean 'fair-gne'"),
        ({"tau": 1.5}, "Jain's index is at most 1"),
        ({"steps": 0}, "at least one"),
        ({"dual": {"stepsize": 1.0}}, "dual.stepsize is not a key; did you mean 'step_size'"),
        ({"steps": "many"}, "steps"),
    ],
)
def test_configurations_that_are_refused(changes, message):
    """The key, the value and what would be right, in one line."""
    with pytest.raises(InputError, match=message) as caught:
        Config.from_dict(changes)
    assert "\n" not in str(caught.value)


def test_a_threshold_that_asks_nothing_is_refused():
    """With three agents, Jain's index is at least a third."""
    with pytest.raises(InputError, match="asks nothing of 3 agents"):
        train(Config(scenario="fair-gne", tau=0.3, steps=100))
