"""Settings that make no sense are refused at the door, in one line: which, what it is, what would be right."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest

from evenhand.cli.options import read_steps
from evenhand.errors import InputError
from evenhand.learning.allowed_ranges import Range
from evenhand.learning.build import iterations_of
from evenhand.learning.config import Config
from evenhand.learning.settings import DualSettings, ParallelValueSettings

NAN = float("nan")
REFUSED = [
    ({"tau": 1.5}, "tau is 1.5; it must be a number above 0, at most 1"),
    ({"tau": NAN}, "tau is nan; it must be a number above 0, at most 1"),
    ({"tau": -1}, "tau is -1; it must be a number above 0, at most 1"),
    ({"steps": 0}, "steps is 0; it must be a whole number from 1"),
    ({"steps": "many"}, "steps is 'many'; it must be a whole number from 1"),
    ({"steps": 1.5}, "steps is 1.5; it must be a whole number from 1"),
    ({"seed": -1}, "seed is -1; it must be a whole number from 0 to 2,000,000,000"),
    ({"seed": 2**40}, "seed is 1099511627776; it must be a whole number from 0 to 2,000,000,000"),
    ({"learner": "qmixx"}, "learner is 'qmixx'; did you mean 'qmix'?"),
    ({"learner": "QMIX"}, "learner is 'QMIX'; did you mean 'qmix'?"),
    ({"method": "fairgne"}, "method is 'fairgne'; did you mean 'fair-gne'?"),
    ({"shaping": "telescope"}, "shaping is 'telescope'; did you mean 'telescoped'?"),
    ({"workload": "usefull"}, "workload is 'usefull'; did you mean 'useful'? known are useful, actions, effort"),
    ({"parallel": {"num_envs": 0}}, "parallel.num_envs is 0; it must be a whole number from 1 to 1,000,000"),
    ({"parallel": {"num_steps": 0}}, "parallel.num_steps is 0"),
    ({"parallel": {"num_epochs": -2}}, "parallel.num_epochs is -2"),
    (
        {"parallel": {"num_minibatches": 7}},
        "parallel.num_minibatches is 7; it must divide the 4,096 steps of a rollout",
    ),
    ({"policy": {"num_minibatches": 7}}, "policy.num_minibatches is 7; it must divide the 2,048 steps of a rollout"),
    ({"parallel": {"learning_rate": -1e-3}}, "parallel.learning_rate is -0.001; it must be a number above 0"),
    ({"value": {"discount": 2}}, "value.discount is 2; it must be a number above 0, at most 1"),
    ({"value": {"min_buffer_size": -1}}, "value.min_buffer_size is -1; it must be a whole number from 0"),
    ({"value": {"exploration": {"floor": 2}}}, "value.exploration.floor is 2; it must be a number from 0 to 1"),
    ({"policy": {"clip_range": 0}}, "policy.clip_range is 0; it must be a number above 0"),
    ({"dual": {"cap": -1}}, "dual.cap is -1; it must be a number above 0"),
    ({"dual": {"smoothing": 1}}, "dual.smoothing is 1; it must be a number from 0, below 1"),
    ({"dual": {"warm_up": 2}}, "dual.warm_up is 2; it must be a number from 0 to 1"),
    ({"dual": {"controller": "pid", "kp": 0, "ki": 0}}, "dual.kp, dual.ki and dual.kd are all 0"),
    ({"dual": {"multiplier": 50}}, "dual.multiplier is 50.0; it must be a number from 0 to 2"),
    (
        {"method": "workload-penalty", "conditioned": False},
        "dual.multiplier is 0; workload-penalty for one weight needs",
    ),
    ({"parallel": {"exploration": {"held_until": 1}}}, "parallel.exploration.held_until is 1; it must be a number"),
    ({"dual": {"stepsize": 1.0}}, "dual.stepsize is not a key; did you mean 'step_size'?"),
    ({"dual": 3}, "dual is 3; it must be a table of settings, or DualSettings"),
    ([], "[] is no configuration"),
]


@pytest.mark.parametrize(("values", "message"), REFUSED, ids=[str(values) for values, _ in REFUSED])
def test_what_a_file_may_not_say(values, message):
    """The file, the key, the value and what would be right, in one line."""
    with pytest.raises(InputError) as caught:
        Config.from_dict(values, "run.toml")
    assert str(caught.value).startswith(f"run.toml: {message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"steps": 2.5}, "steps is 2.5; it must be a whole number"),
        ({"steps": True}, "steps is True"),
        ({"learner": 3}, "learner is 3; known are"),
        ({"form": "expect"}, "form is 'expect'; did you mean 'expectation'"),
        ({"workload": "usefull"}, "workload is 'usefull'; did you mean 'useful'"),
        ({"dual": DualSettings(controller="pidd")}, "dual.controller is 'pidd'; did you mean 'pid'"),
    ],
)
def test_what_a_script_may_not_say(values, message):
    """Where no file is read, types are checked too."""
    with pytest.raises(InputError, match=message):
        Config(**values)


@pytest.mark.parametrize(
    "steps", [200_000, 2e5, np.int64(200_000), np.uint32(200_000), np.float32(2e5), np.float64(2e5)]
)
def test_a_whole_number_is_one_however_it_is_written(steps):
    """Python's and NumPy's, in a script and from a file: the same configuration, in Python's own types."""
    same = Config(
        steps=200_000, seed=3, tau=0.5, parallel=ParallelValueSettings(num_epochs=2), dual=DualSettings(cap=3.0)
    )
    values = {"steps": steps, "seed": np.int8(3), "tau": np.float32(0.5), "conditioned": np.bool_(True)}
    sections = {"parallel": {"num_epochs": np.int64(2)}, "dual": {"cap": 3}}
    for config in (Config(**values, **sections), Config.from_dict(values | sections)):
        assert config == same
        assert json.loads(json.dumps(config.to_dict())) == same.to_dict()
        assert [type(part) for part in (config.steps, config.seed, config.tau)] == [int, int, float]
        assert (type(config.parallel.num_epochs), type(config.dual.cap), config.conditioned) == (int, float, True)


WRONG = (True, np.bool_(True), "200000", "2e5", [3], None, np.array([1, 2]), 1j, math.inf, 10**5000)


@pytest.mark.parametrize("value", WRONG, ids=[type(value).__name__ + str(k) for k, value in enumerate(WRONG)])
@pytest.mark.parametrize("name", ["steps", "seed", "tau", "parallel.num_epochs", "dual.cap", "value.exploration.floor"])
def test_no_text_no_truth_no_list_is_a_number(name, value):
    """For every kind of number, in a script and from a file alike, in one line that begins with the name."""
    values = {name.split(".")[-1]: value}
    for section in reversed(name.split(".")[:-1]):
        values = {section: values}
    with pytest.raises(InputError) as in_script:
        Config(**values)
    with pytest.raises(InputError) as from_file:
        Config.from_dict(values, "run.toml")
    assert str(in_script.value).startswith(f"{name} is ")
    assert str(from_file.value).startswith(f"run.toml: {name} is ")
    assert "it must be a" in str(in_script.value) or isinstance(value, int)


@pytest.mark.parametrize("value", [1, "true", None])
def test_a_truth_is_true_or_false(value):
    """Nothing that merely counts as true."""
    with pytest.raises(InputError, match=r"conditioned is .*; it must be true or false"):
        Config(conditioned=value)


@pytest.mark.parametrize("words", [["--steps", "2e5"], ["--steps", "200000"], ["--steps", "2.0E+5"]])
def test_the_command_line_takes_what_a_file_takes(words, tmp_path):
    """A file with steps = 2e5 and the option --steps 2e5 ask for the same."""
    (tmp_path / "run.toml").write_text("steps = 2e5\nseed = 3.0\n")
    assert read_steps(words[1]) == Config.read(tmp_path / "run.toml").steps == 200_000
    assert Config.read(tmp_path / "run.toml").seed == read_steps("3.0") == 3


def test_a_scenario_may_be_a_path():
    """It is kept as text, which JSON has."""
    assert Config(scenario=Path("ward.toml")).scenario == "ward.toml"
    with pytest.raises(InputError, match=r"scenario is 3; it must be the name"):
        Config(scenario=3)


def test_every_number_has_a_range():
    """A setting that is added must say what it may be."""

    def numbers(settings, section=""):
        for part in dataclasses.fields(settings):
            value = getattr(settings, part.name)
            if dataclasses.is_dataclass(value):
                yield from numbers(value, f"{part.name}.")
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                yield section + part.name, part.metadata.get("allowed")

    found = dict(numbers(Config()))
    assert len(found) > 30
    assert [name for name, allowed in found.items() if not isinstance(allowed, Range)] == []


def test_more_steps_than_can_be_counted_are_refused():
    """The message names the most that is possible: ten million iterations of 128 x 16 steps."""
    with pytest.raises(InputError, match=r"steps is 1e\+30; .* at most 2\.048e\+10"):
        iterations_of(Config(learner="mappo", steps=10**30))
