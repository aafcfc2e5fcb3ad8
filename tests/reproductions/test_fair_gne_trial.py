"""A real trial, small: everything that a trial can be asked for comes back under the name that sections read."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from reproductions.fair_gne.aligning import BEST, USED, AligningHospital, misalignment
from reproductions.fair_gne.trial import run

from evenhand import hospital
from evenhand.errors import InputError

SMALL = {"num_envs": 8, "num_steps": 8, "hidden_size": 16, "num_layers": 1}
CONFIG = {"scenario": "lone-expert/default", "steps": 2000, "conditioned": False, "policy": SMALL}


@pytest.mark.parametrize("left_out", [{"delays", "exchanged"}, pytest.param(set(), marks=pytest.mark.slow)], ids=len)
def test_a_small_trial_does_all_that_is_asked(few_episodes, left_out):
    """Each kind of disturbance is compiled anew, so the quick suite asks for two of four."""
    asked = {
        "config": CONFIG,
        "taus": [0.85],
        "episodes": 200,
        "noises": [0.1],
        "delays": [1],
        "defectors": ["idle"],
        "exchanged": [5],
        "steered": 200,
    }
    asked = {name: value for name, value in asked.items() if name not in left_out}
    told = run(asked)
    json.dumps(told, allow_nan=False)
    assert told["records"][0]["tau"] == 0.85
    assert told["records"][0]["episodes"] == 200
    for name, level in (("noises", {"noise": 0.1}), ("delays", {"delay": 1}), ("exchanged", {"from_step": 5})):
        assert (name in told) == (name in asked)
        if name in left_out:
            continue
        [one] = told[name]
        assert level.items() <= one.items()
        assert 0.0 <= one["success"]["mean"] <= 1.0
    assert [one["agent"] for one in told["defections"]] == [0, 1, 2]
    for one in told["defections"]:
        assert one["workload"][one["agent"]]["mean"] == 0.0, "who idles does no work"
        assert one["steered"]["episode"] == 0
    assert {"steps", "multiplier"} <= told["reports"][-1].keys()
    assert told["training"]["processor_seconds"] > 0.0


def test_who_sees_who_has_done_what_is_told_how_able_they_were(few_episodes):
    told = run({"config": CONFIG | {"steps": 500}, "aligned": True, "episodes": 200})
    assert 0.0 <= told["records"][0]["misalignment"]["mean"] <= 1.0


def test_skill_used_and_best_skill_of_known_units():
    """Levels by hand: board, compressions, mask, breaths; items ask for no skill, so their level is 1."""
    env = AligningHospital(hospital.load("rescue-breaths/specialist"))
    assert env.levels.tolist() == [[1, 3, 1, 1], [1, 1, 1, 2], [1, 1, 1, 1]]
    state = env.reset(jax.random.key(0))._replace(units=jnp.array([[0, 1, 0, 2], [1, 0, 1, 0], [0, 2, 0, 0]]))
    accounts = env.workloads(state)
    assert accounts[USED].tolist() == [5.0, 2.0, 2.0]  # 1*3 + 2*1; 1 + 1; 2*1
    assert accounts[BEST].tolist() == [7.0, 2.0, 6.0]  # 1*3 + 2*2; 1 + 1; 2*3
    both = [np.asarray(accounts[name])[None] for name in (USED, BEST)]
    assert misalignment(*both).tolist() == pytest.approx([1 - 9 / 15])
    assert misalignment(np.zeros((1, 3)), np.zeros((1, 3))).tolist() == [0.0]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"config": {}, "noise": [0.1]}, r"noise is not a key of a trial; known are config, taus, "),
        ({"taus": [0.85]}, "config is missing"),
        ({"config": {}, "skills": "mixed"}, "skills is 'mixed'; known are own, drawn"),
        ({"config": {}, "taus": [], "noises": [0.1]}, "taus is empty; disturbances are played under"),
    ],
)
def test_what_makes_no_sense_is_refused(asked, message):
    with pytest.raises(InputError, match=message):
        run(asked)
