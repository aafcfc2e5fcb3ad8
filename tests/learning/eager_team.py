"""A team that has not been trained but works: two agents in the scenario of `treating_team`, inclined to treat."""

from __future__ import annotations

import dataclasses

from treating_team import GO_TO_BED, SCENARIO, TREAT

from evenhand import hospital
from evenhand.hospital import Scenario
from evenhand.learning import Config, ParallelValueSettings, PolicySettings, ValueSettings
from evenhand.learning.build import learner_of
from evenhand.learning.run import Run

SIZES = {"num_envs": 8, "hidden_size": 16, "num_layers": 1}
CONFIG = Config(
    scenario="treating",
    policy=PolicySettings(**SIZES),
    parallel=ParallelValueSettings(**SIZES),
    value=ValueSettings(**SIZES),
)


def strong(workload):
    """Return the scenario of `treating_team`, in which Ben needs one action for both breaths."""
    rules = SCENARIO.model_dump(exclude_none=True)
    rules["agents"][1]["skills"] = {"breathe": 2}
    return Scenario.model_validate({**rules, "workload": workload})


def eager(learner="mappo", *, conditioned=True, workload="useful", folder=None, boldness=2.0, **changes):
    """Return a run in the scenario of `treating_team`, untrained but inclined to go to the bed and treat."""
    config = dataclasses.replace(CONFIG, learner=learner, conditioned=conditioned, **changes)
    trained = learner_of(config, hospital.make(strong(workload), backend="jax"))
    training = trained.init(config.seed)
    if config.network == "entity":
        return Run(config, trained, training, (), False, 0.0, folder)
    network = training.parameters["actor" if "actor" in training.parameters else "utility"]["params"]
    last = network[f"Dense_{config.sizes.num_layers}"]
    last["bias"] = last["bias"].at[..., TREAT].add(boldness).at[..., GO_TO_BED].add(boldness / 2)
    return Run(config, trained, training, (), False, 0.0, folder)
