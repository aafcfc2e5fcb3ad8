"""Towns are what their description says, and distances that are none are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evenhand.applications.towns import Towns, generate_towns
from evenhand.errors import InputError

SQUARE = np.array([[0.0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 1], [1, 2, 1, 0]])
NAMES = ("a", "b", "c", "d")


def test_a_tour_is_closed():
    towns = Towns(SQUARE, 0, NAMES)
    assert towns.length([0, 1, 2, 3]) == 4
    assert towns.length([0, 2, 1, 3]) == 6
    assert towns.length([0, 2]) == 4, "there and back"
    assert towns.length([0]) == 0
    assert towns.length([]) == 0


def test_the_depot_can_be_moved():
    assert Towns(SQUARE, 0, NAMES).with_depot("c").customers == (0, 1, 3)
    with pytest.raises(InputError, match="depot is 'e'; memory has the nodes a, b, c, d"):
        Towns(SQUARE, 0, NAMES).with_depot("e")


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        ((0, 1), 7.0, "7 from a to b, but 1 back; distances must be symmetric"),
        ((2, 1), -1.0, "the distance from c to b is -1; it must be finite and not negative"),
        ((3, 0), np.nan, "the distance from d to a is nan"),
        ((1, 1), 2.0, "the distance from b to itself is 2; it must be 0"),
    ],
)
def test_distances_that_are_none_are_refused(at, value, message):
    distances = SQUARE.copy()
    distances[at] = value
    with pytest.raises(InputError, match=message):
        Towns(distances, 0, NAMES)


def test_shapes_must_agree():
    with pytest.raises(InputError, match=r"distances of shape \(4, 4\) for 3 nodes"):
        Towns(SQUARE, 0, NAMES[:3])
    with pytest.raises(InputError, match=r"coordinates of shape \(3, 2\) for 4 nodes"):
        Towns(SQUARE, 0, NAMES, np.zeros((3, 2)))
    with pytest.raises(InputError, match="depot is 4; it must be a position from 0 to 3"):
        Towns(SQUARE, 4, NAMES)
    with pytest.raises(InputError, match="1 nodes; there must be 2 to 2000"):
        Towns(np.zeros((1, 1)), 0, ("a",))
    with pytest.raises(InputError, match="nodes 1 and 2 are both called 'a'"):
        Towns(SQUARE, 0, ("a", "a", "c", "d"))


def test_generated_towns_have_rounded_straight_lines():
    towns = generate_towns(30, seed=5)
    assert len(towns) == 30
    assert ((towns.coordinates >= 0) & (towns.coordinates <= 100)).all()
    (x, y), (u, v) = towns.coordinates[[3, 17]]
    assert towns.distances[3, 17] == math.floor(math.hypot(x - u, y - v) + 0.5)


def test_a_seed_names_one_province():
    first, again, other = generate_towns(12, 1), generate_towns(12, 1), generate_towns(12, 2)
    assert (first.distances == again.distances).all()
    assert (first.distances != other.distances).any()


@pytest.mark.parametrize(
    ("nodes", "seed", "message"),
    [
        (1, 0, "nodes is 1; it must be a whole number from 2 to 2000"),
        (2.5, 0, "nodes is 2.5; it must be"),
        (True, 0, "nodes is True; it must be"),
        (2001, 0, "nodes is 2001; it must be a whole number from 2 to 2000"),
        (5, -1, "seed is -1; it must be a whole number from 0"),
    ],
)
def test_sizes_that_are_none_are_refused(nodes, seed, message):
    with pytest.raises(InputError, match=message):
        generate_towns(nodes, seed)
