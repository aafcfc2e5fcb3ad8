"""PettingZoo's own tests of an environment."""

from __future__ import annotations

import warnings

import pytest
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, render_test
from pettingzoo.utils.conversions import parallel_to_aec

from evenhand import hospital


@pytest.mark.parametrize("name", hospital.names())
def test_parallel_api(name: str) -> None:
    parallel_api_test(hospital.make(name), num_cycles=100)


@pytest.mark.parametrize("name", hospital.names())
def test_seed(name: str) -> None:
    parallel_seed_test(lambda: hospital.make(name), num_cycles=50)


# PettingZoo's own masked games have such spaces too; it knows them by name.
@pytest.mark.filterwarnings("ignore:Observation space for each agent probably should be:UserWarning")
@pytest.mark.filterwarnings("ignore:Observation is not a NumPy array:UserWarning")
def test_aec_api() -> None:
    """Also as a game in which agents move in turn, through PettingZoo's own conversion."""
    api_test(parallel_to_aec(hospital.make("rescue-breaths/specialist")), num_cycles=100)


def test_render() -> None:
    def make(render_mode: str) -> object:
        # The test constructs one environment for a screen, which this one does not have, and never draws it.
        return parallel_to_aec(
            hospital.make("rescue-breaths/specialist", render_mode=None if render_mode == "human" else render_mode)
        )

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        render_test(make)
