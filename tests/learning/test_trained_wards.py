"""A team of entities that begins with greedy play learns to share in a ward of 6, and plays one of 24 as it is."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from benchmarks.learning.wards import CLONE, config_of

from evenhand.learning.build import learner_of
from evenhand.learning.episodes import play_episodes
from evenhand.learning.training import train

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run():
    """Return a team of the benchmark."""
    return train(config_of("ward-6", seed=0), clone=CLONE)


def test_the_team_succeeds_and_shares(run):
    """Greedy play reaches an index of .42 in 35 steps at first; the team gets far above it, and is quicker."""
    episodes = play_episodes(run.learner, run.parameters, np.full(200, 0.1), seed=9)
    assert episodes.success.mean() >= 0.99
    assert episodes.jain.mean() >= 0.85
    assert episodes.episode_steps.mean() <= 20


def test_it_plays_a_ward_of_another_size(run):
    """The parameters of 6 agents play 24: almost all episodes succeed, more fairly than greedy play's .34."""
    learner = learner_of(dataclasses.replace(run.config, scenario="ward/24"))
    episodes = play_episodes(learner, run.parameters, np.full(100, 0.02), seed=9)
    assert episodes.success.mean() >= 0.98
    assert episodes.jain.mean() >= 0.65
