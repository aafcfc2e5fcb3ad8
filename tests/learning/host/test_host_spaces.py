"""Observations of every kind that is supported become the vectors that the rule says; other kinds are refused."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from evenhand.errors import InputError
from evenhand.learning.host.spaces import flattening, number_of_actions

NUMBERS = np.array([[1.5, -2.0], [3.0, 4.0]], np.float32)


@pytest.mark.parametrize(
    ("space", "value", "vector"),
    [
        (spaces.Box(-np.inf, np.inf, (2, 2)), NUMBERS, [1.5, -2, 3, 4]),
        (spaces.Box(-np.inf, np.inf, (2,)), [1, 2], [1, 2]),
        (spaces.Box(0, 255, (1, 2, 2), np.uint8), np.array([[[0, 51], [102, 255]]], np.uint8), [0, 0.2, 0.4, 1]),
        (spaces.Box(-2, 2, (3,), np.int64), np.array([-2, 0, 2]), [0, 0.5, 1]),
        (spaces.Box(np.array([5, 0]), np.array([5, 4]), dtype=np.int32), np.array([5, 1]), [0, 0.25]),
        (spaces.Box(0, 4, (2,), np.float32), np.array([1.0, 4.0]), [1, 4]),
        (spaces.Box(0, 4, ()), 2.0, [2]),
        (spaces.Discrete(3), 2, [0, 0, 1]),
        (spaces.Discrete(3, start=-1), np.int64(-1), [1, 0, 0]),
        (spaces.MultiDiscrete([2, 3]), np.array([1, 0]), [0, 1, 1, 0, 0]),
        (spaces.MultiBinary(3), np.array([1, 0, 1], np.int8), [1, 0, 1]),
        (spaces.Tuple((spaces.Discrete(2), spaces.Box(0, 9, (1,)))), (1, np.array([7.0])), [0, 1, 7]),
        (
            spaces.Dict({"b": spaces.Discrete(2), "a": spaces.Dict({"x": spaces.Box(0, 9, (2,))})}),
            {"a": {"x": np.array([3.0, 4.0])}, "b": 0},
            [3, 4, 1, 0],
        ),
        (
            spaces.Dict({"action_mask": spaces.Box(0, 1, (4,), np.int8), "observation": spaces.Box(0, 9, (1,))}),
            {"action_mask": np.ones(4, np.int8), "observation": np.array([8.0])},
            [8],
        ),
    ],
)
def test_values_become_vectors(space, value, vector):
    """By hand, kind by kind; what the vector held before is gone."""
    flat = flattening(space)
    assert flat.size == len(vector)
    out = np.full(flat.size, 99.0, np.float32)
    flat.write(value, out)
    np.testing.assert_allclose(out, vector, rtol=1e-6)


@pytest.mark.parametrize("space", [spaces.Text(4), spaces.Sequence(spaces.Discrete(2)), None])
def test_other_spaces_are_refused(space):
    with pytest.raises(InputError, match=r"is not flattened to numbers; Box, Discrete, [^\n]* of these are$"):
        flattening(space)


def test_a_space_inside_another_is_refused():
    with pytest.raises(InputError, match=r"^Text.* is not flattened"):
        flattening(spaces.Dict({"note": spaces.Text(4)}))


@pytest.mark.parametrize(
    ("space", "value", "message"),
    [
        (spaces.Box(0, 1, (3,)), np.zeros(2), r"has the shape \(2,\), and its space \(3,\); spaces may not change"),
        (spaces.Box(0, 1, (3,)), [[1, 2], [3]], r"inhomogeneous|shape"),
        (spaces.Discrete(3), 3, "is 3, which is not in its space"),
        (spaces.MultiDiscrete([2, 3]), np.array([0, -1]), "which is not in its space"),
        (spaces.Dict({"a": spaces.Discrete(2)}), {"b": 1}, "lacks its part 'a'"),
        (spaces.Tuple((spaces.Discrete(2),)), (), "lacks its part 0"),
        (spaces.Tuple((spaces.Discrete(2),)), 1, "is 1, and its space has 1 parts"),
    ],
)
def test_values_of_another_space_are_named(space, value, message):
    flat = flattening(space)
    with pytest.raises(ValueError, match=message):
        flat.write(value, np.zeros(flat.size, np.float32))


def test_actions_are_of_discrete_spaces():
    assert number_of_actions(spaces.Discrete(4, start=2)) == 4
    for space, advice in (
        (spaces.Box(0, 1, (2,)), "continuous actions must be made discrete by a wrapper"),
        (spaces.MultiDiscrete([2, 2]), "number the combinations, in a wrapper"),
        (spaces.MultiBinary(2), "one action of a Discrete space"),
    ):
        with pytest.raises(InputError, match=advice):
            number_of_actions(space)
