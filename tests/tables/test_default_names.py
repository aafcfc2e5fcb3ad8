"""Names made on demand behave like the tuple that they stand for."""

from __future__ import annotations

import json
import pickle
from itertools import product

import pytest

from evenhand.tables.default_names import DefaultNames

WRITTEN = ("task-1", "task-2", "task-3", "task-4", "task-5", "task-6", "task-7", "task-8", "task-9", "task-10")
NAMES = DefaultNames("task", 10)


def test_they_equal_and_hash_like_the_tuple_on_either_side() -> None:
    """Dictionaries and comparisons cannot tell the two apart."""
    assert NAMES == WRITTEN
    assert WRITTEN == NAMES
    assert {WRITTEN: 1}[NAMES] == 1  # type: ignore[index]
    assert DefaultNames("task", 10) == NAMES
    assert DefaultNames("task", 9) != NAMES
    assert DefaultNames("agent", 10) != NAMES
    assert WRITTEN[:9] != NAMES
    assert (*WRITTEN[:9], "task-11") != NAMES
    assert DefaultNames("agent", 0) == DefaultNames("task", 0) == ()
    assert list(WRITTEN) != NAMES  # nor does a tuple equal a list


def test_positions_and_slices() -> None:
    """Every index and every slice gives what the tuple gives, beyond the ends too."""
    assert [NAMES[k] for k in range(-10, 10)] == [WRITTEN[k] for k in range(-10, 10)]
    for first, last, step in product((None, -12, -3, 0, 4, 12), (None, -12, -1, 5, 20), (None, -2, 1, 3)):
        assert NAMES[first:last:step] == WRITTEN[first:last:step]
    for k in (10, -11):
        with pytest.raises(IndexError):
            NAMES[k]
    assert list(NAMES) == list(WRITTEN)
    assert list(reversed(NAMES)) == list(reversed(WRITTEN))
    assert json.dumps(list(NAMES)) == json.dumps(WRITTEN)
    assert pickle.loads(pickle.dumps(NAMES)) == NAMES


def test_a_name_is_found_without_looking_at_the_others() -> None:
    """Membership and position are read from the name itself; only the exact spelling counts."""
    many = DefaultNames("task", 10**12)
    assert len(many) == 10**12
    assert many.index("task-999999999999") == 999_999_999_998
    assert [NAMES.index(name) for name in WRITTEN] == list(range(10))
    assert NAMES.count("task-3") == 1
    strange = ("task-0", "task-11", "task-03", "task-", "task", "agent-1", "task-1 ", "task-+1", "task-²", "task-٣", 1)
    for name in strange:
        assert name not in NAMES
        with pytest.raises(ValueError, match="is not among"):
            NAMES.index(name)
    with pytest.raises(ValueError, match="is not among"):
        NAMES.index("task-2", 2)
    assert NAMES.index("task-3", -9, -1) == 2
    assert "10 names" in repr(NAMES)
    assert repr(DefaultNames("a", 2)) == "('a-1', 'a-2')"
