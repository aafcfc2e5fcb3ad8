"""PettingZoo's own tests of an environment."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from hospital_cases import bay, tiring_bay
from pettingzoo.test import parallel_api_test, parallel_seed_test, render_test
from pettingzoo.utils import parallel_to_aec

from evenhand.hospital.reference import Hospital

if TYPE_CHECKING:
    from evenhand.hospital.scenario import Scenario

SCENARIOS = [bay(), tiring_bay()]
NAMES = ["untiring", "tiring"]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=NAMES)
def test_parallel_api(scenario: Scenario) -> None:
    parallel_api_test(Hospital(scenario), num_cycles=300)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=NAMES)
def test_seed(scenario: Scenario) -> None:
    parallel_seed_test(lambda: Hospital(scenario), num_cycles=50)


@pytest.mark.skipif(find_spec("evenhand.hospital.render") is None, reason="no pictures in this installation")
def test_render() -> None:
    def make(render_mode: str) -> object:
        # The test constructs one environment for a screen, which this one does not have, and never draws it.
        return parallel_to_aec(Hospital(bay(), None if render_mode == "human" else render_mode))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        render_test(make)
