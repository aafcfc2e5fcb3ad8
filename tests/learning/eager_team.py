"""A team that has not been trained but works: two agents in the scenario of `treating_team`, inclined to treat."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from tests.learning.treating_team import GO_TO_BED, SCENARIO, TREAT

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


def drawn(parameters):
    """Return random parameters of the shapes of these, as networks begin with, without compiling anything."""
    generator = np.random.default_rng(1)

    def draw(path, leaf):
        kind = path[-1].key
        if kind == "kernel":
            return generator.normal(size=leaf.shape, scale=leaf.shape[-2] ** -0.5).astype(np.float32)
        return np.full(leaf.shape, float(kind == "scale"), np.float32)

    return jax.tree_util.tree_map_with_path(draw, parameters)


def eager(learner="mappo", *, conditioned=True, workload="useful", folder=None, boldness=1.0, **changes):
    """Return a run in the scenario of `treating_team`, untrained but inclined to go to the bed and treat."""
    config = dataclasses.replace(CONFIG, learner=learner, conditioned=conditioned, **changes)
    trained = learner_of(config, hospital.make(strong(workload), backend="jax"))
    parameters = drawn(trained.blank().parameters)
    if config.network == "flat":
        network = parameters["actor" if "actor" in parameters else "utility"]["params"]
        bias = network[f"Dense_{config.sizes.num_layers}"]["bias"]
        bias[..., TREAT] += boldness
        bias[..., GO_TO_BED] += boldness / 2
    training = trained.blank()._replace(parameters=jax.tree.map(jnp.asarray, parameters))
    return Run(config, trained, training, (), False, 0.0, folder)
