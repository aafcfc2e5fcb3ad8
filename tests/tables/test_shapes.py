"""Shapes of documents: what fits, and the line about the first value that does not."""

from __future__ import annotations

import math

import pytest

from evenhand.errors import InputError
from evenhand.tables.shapes import Number, Whole, check_shape

TRIAL = {
    "kind": "evenhand trial",
    "seconds": float,
    "done?": bool,
    "seed": Whole(least=0),
    "names": [str],
    "result": {str: (float, None)},
    "share?": Number(0, 1),
    "about": object,
}
GOOD = {
    "kind": "evenhand trial",
    "seconds": 2,
    "seed": 0,
    "names": ["a"],
    "result": {"x": None, "y": 1.5},
    "about": [{}],
}


@pytest.mark.parametrize("change", [{}, {"done": True}, {"share": 1}, {"names": []}, {"more": "keys"}, {"result": {}}])
def test_what_fits(change):
    check_shape(GOOD | change, TRIAL, "a.json")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "other"}, "kind is 'other'; it must be 'evenhand trial'"),
        ({"seconds": "2"}, "seconds is '2'; it must be a number"),
        ({"seconds": True}, "seconds is true; it must be a number"),
        ({"seconds": math.nan}, "seconds is nan; it must be a number"),
        ({"done": 1}, "done is 1; it must be true or false"),
        ({"done": None}, "done is null; it must be true or false"),
        ({"seed": -5}, "seed is -5; it must be a whole number of at least 0"),
        ({"seed": 1.0}, "seed is 1.0; it must be a whole number of at least 0"),
        ({"seed": 2**63}, "seed is 9223372036854775808; it must be a whole number of at least 0"),
        ({"seed": []}, "seed is a list; it must be a whole number"),
        ({"names": ["a", 3]}, "names[1] is 3; it must be text"),
        ({"names": "a"}, "names is 'a'; it must be a list"),
        ({"result": {"x": {}}}, "result.x is an object; it must be a number or null"),
        ({"result": {"a b": "z"}}, "result.'a b' is 'z'; it must be a number or null"),
        ({"share": 1.5}, "share is 1.5; it must be a number of at least 0 and at most 1"),
    ],
)
def test_what_does_not(change, message):
    with pytest.raises(InputError) as caught:
        check_shape(GOOD | change, TRIAL, "a.json")
    assert str(caught.value).startswith(f"a.json: {message}")


def test_missing_keys_and_other_documents():
    with pytest.raises(InputError, match=r"a\.json: seed is missing; it must be a whole number of at least 0"):
        check_shape({key: GOOD[key] for key in GOOD if key != "seed"}, TRIAL, "a.json")
    with pytest.raises(InputError, match=r"a\.json: config is missing$"):
        check_shape({}, {"config": object}, "a.json")
    with pytest.raises(InputError, match=r"a\.json: is a list; it must be an object"):
        check_shape([], TRIAL, "a.json")


def test_whole_numbers_beyond_floats_are_no_numbers():
    """A number is one that a float holds; a whole number may be larger where whole numbers are asked for."""
    with pytest.raises(InputError, match="it must be a number"):
        check_shape(10**400, float, "file")
    check_shape(10**400, Whole(most=10**500), "file")
    check_shape(10**308, float, "file")
