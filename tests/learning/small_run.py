"""A run that takes a second once its loop is compiled."""

from __future__ import annotations

import re
from importlib import resources

import jax
import numpy as np

from evenhand.learning.build import learner_of
from evenhand.learning.config import Config
from evenhand.learning.settings import ParallelValueSettings
from evenhand.learning.training import Run

SMALL = Config(
    scenario="fair-gne",
    learner="parallel-vdn",
    steps=4_000,
    parallel=ParallelValueSettings(num_envs=8, num_steps=8, hidden_size=16, num_layers=1),
)


def with_short_episodes(folder, scenario, horizon):
    """Write a built-in scenario with another horizon: a team that has learned nothing plays, and is drawn, up to it."""
    rules = resources.files("evenhand.hospital").joinpath(f"scenarios/{scenario}.toml").read_text(encoding="utf-8")
    before, after = re.split(r"(?<=\nhorizon = )\d+", rules)
    path = folder / f"{scenario}.toml"
    path.write_text(f"{before}{horizon}{after}", encoding="utf-8")
    return path


def untrained(config):
    """Return a run that has made no step, of which nothing had to be compiled."""
    learner = learner_of(config)
    return Run(config, learner, learner.init(config.seed), (), False, 0.0, None)


def same(one, other):
    """Tell whether two states are the same, bit for bit."""
    return all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


def interrupted_after(reports):
    """Return a callback that presses Ctrl-C at the report of this number."""
    seen = []

    def progress(*report):
        seen.append(report)
        if len(seen) == reports:
            raise KeyboardInterrupt

    return progress
