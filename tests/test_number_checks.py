"""Numbers that users give pass one check for each notion, whichever room they enter by."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evenhand.applications import generalised_assignment, load_shedding
from evenhand.assignment.generated_instances import generate_plane
from evenhand.errors import InputError
from evenhand.hospital.loading import load
from evenhand.hospital.playing import play
from evenhand.number_checks import as_number, checked_whole

NO_WHOLE_NUMBER = [True, np.True_, 2.0, 5.5, "5", None, [5], math.nan]
DOORS = {
    "agents of generated costs": lambda given: generate_plane(given, 9),
    "seed of generated costs": lambda given: generate_plane(3, 9, seed=given),
    "agents of a generated instance": lambda given: generalised_assignment.generate(given, 9),
    "seed of a generated instance": lambda given: generalised_assignment.generate(3, 9, seed=given),
    "buses": lambda given: load_shedding.generate_network(given),
    "seed of a network": lambda given: load_shedding.generate_network(9, seed=given),
    "seed of an episode": lambda given: play(load("lone-expert"), "random", seed=given),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("given", [*NO_WHOLE_NUMBER, -1], ids=repr)
def test_what_is_no_whole_number_in_range_is_refused_at_every_door(door, given):
    with pytest.raises(InputError, match=r"^\w+ is .*; it must be a whole number from \d"):
        DOORS[door](given)


@pytest.mark.parametrize("given", [3, np.int8(3), np.uint64(3), np.array(3)], ids=repr)
def test_integers_of_every_type_are_the_same_number(given):
    taken = checked_whole("agents", given, 2, 3)
    assert taken == 3
    assert type(taken) is int


@pytest.mark.parametrize("given", [1, 4])
def test_both_ends_of_a_range_are_in_the_message(given):
    with pytest.raises(InputError, match=f"agents is {given}; it must be people, a whole number from 2 to 3"):
        checked_whole("agents", given, 2, 3, what="people")


@pytest.mark.parametrize(
    ("given", "number"), [(2, 2.0), (np.float32(0.5), 0.5), (True, math.nan), ("2", math.nan), (10**400, math.inf)]
)
def test_numbers_of_every_type_are_floats_and_the_rest_is_none(given, number):
    assert as_number(given) == pytest.approx(number, nan_ok=True)
