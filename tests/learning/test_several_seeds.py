"""Several seeds: trained side by side, judged together."""

from __future__ import annotations

import dataclasses
import math
import shutil
from types import SimpleNamespace

import pytest
from tests.learning.small_run import SMALL, interrupted_after, same

from evenhand.errors import InputError
from evenhand.learning import several_seeds as several
from evenhand.learning.record import Terms, record_of
from evenhand.learning.run_folder import prepare
from evenhand.learning.several_seeds import evaluate_several, load_several, resume_several, train_several
from evenhand.learning.training import Run, load, train
from evenhand.statistics import Estimate

TINY = dataclasses.replace(SMALL, steps=512, seed=4)
TERMS = Terms(episodes=20, multiplier=0.5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder of the seeds 4, 5 and 6, interrupted in the second."""
    home = tmp_path_factory.mktemp("runs") / "several"
    runs = train_several(TINY, seeds=3, folder=home, progress=interrupted_after(9))
    assert [run.finished for run in runs] == [True, False]
    return home


def test_interrupted_seeds_go_on(folder):
    """Those that are finished stay, the others are what they would have been alone."""
    seen = []
    runs = resume_several(folder, progress=lambda seed, report: seen.append(seed))
    assert [run.config.seed for run in runs] == [4, 5, 6]
    assert all(run.finished for run in runs)
    assert set(seen) == {5, 6}
    assert same(runs[1].training, train(dataclasses.replace(TINY, seed=5)).training)
    assert [same(read.training, run.training) for read, run in zip(load_several(folder), runs, strict=True)] == [
        True
    ] * 3


def test_each_seed_has_the_record_it_has_alone(folder):
    """What is compiled once for all changes nothing."""
    resume_several(folder)
    together = evaluate_several(load_several(folder), TERMS)
    assert [record.seed for record in together.records] == [4, 5, 6]
    alone = record_of(load(folder / "seed-6"), TERMS)
    assert dataclasses.replace(alone.evaluation, seconds=0.0) == dataclasses.replace(
        together.records[2].evaluation, seconds=0.0
    )
    values = together.to_dict()
    assert [one["seed"] for one in values["seeds"]] == [4, 5, 6]
    assert values["together"]["multiplier"]["mean"] == 0.5
    assert set(values["together"]["jain"]) == {"mean", "low", "high"}


def test_together_is_the_interquartile_mean_over_seeds(monkeypatch):
    """Of five the middle three; a metric that one seed did not measure is that of the others."""
    success = {0: 0.0, 1: 0.5, 2: 0.6, 3: 0.7, 4: 1.0}
    given = {0: math.nan, 1: 0.8, 2: math.nan, 3: math.nan, 4: math.nan}

    def record(run, terms, progress):
        numbers = dict.fromkeys(several.METRICS, 0.25)
        numbers |= {"success": success[run.config.seed], "jain_given_success": given[run.config.seed]}
        measured = {name: Estimate(value, value, value) for name, value in numbers.items()}
        evaluation = SimpleNamespace(**measured, constraint_unmet=run.config.seed == 0)
        return SimpleNamespace(seed=run.config.seed, evaluation=evaluation)

    monkeypatch.setattr(several, "record_of", record)
    judged = evaluate_several([run_of(seed) for seed in range(5)])
    assert judged.together["success"].value == pytest.approx(0.6)
    assert 0.0 <= judged.together["success"].low < 0.6 < judged.together["success"].high <= 1.0
    assert judged.together["episode_steps"] == Estimate(0.25, 0.25, 0.25)
    assert judged.together["jain_given_success"].value == 0.8
    assert math.isnan(judged.together["jain_given_success"].low)
    assert judged.met == 4


def run_of(seed):
    """Return a run that is nothing but its configuration."""
    config = dataclasses.replace(TINY, seed=seed)
    return Run(config, None, None, (), True, 0.0, None)


def test_what_is_refused(folder, tmp_path):
    """A folder that is taken, one without seeds, seeds out of range, runs that differ by more than their seed."""
    for taken in (folder, folder / "seed-4"):
        with pytest.raises(InputError, match="already"):
            train_several(TINY, seeds=2, folder=taken)
    with pytest.raises(InputError, match="holds runs of several seeds already"):
        train(TINY, folder=folder)
    with pytest.raises(InputError, match="no runs of several seeds here"):
        load_several(tmp_path)
    with pytest.raises(InputError, match="seeds is 0"):
        train_several(TINY, seeds=0, folder=tmp_path / "new")
    with pytest.raises(InputError, match="seed is 2000000001"):
        train_several(dataclasses.replace(TINY, seed=2_000_000_000), seeds=2, folder=tmp_path / "new")
    with pytest.raises(InputError, match="asks nothing of 3 agents"):
        train_several(dataclasses.replace(TINY, tau=0.3), seeds=2, folder=tmp_path / "new")
    assert not (tmp_path / "new").exists()
    with pytest.raises(InputError, match="differ by more"):
        evaluate_several([run_of(0), dataclasses.replace(run_of(1), config=SMALL)])
    with pytest.raises(InputError, match="at least one"):
        evaluate_several([])
    shutil.copytree(folder / "seed-4", tmp_path / "mixed" / "seed-4")
    prepare(tmp_path / "mixed" / "seed-5", SMALL, resume=False)
    with pytest.raises(InputError, match=r"seed-5: differs from .*seed-4 by more than its seed"):
        load_several(tmp_path / "mixed")
