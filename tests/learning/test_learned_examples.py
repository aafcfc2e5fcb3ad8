"""The examples in the docstrings of lotteries and supervision run and print what they say."""

from __future__ import annotations

import doctest

import pytest

pytest.importorskip("jax")
from reproductions.fair_gne import supervisor

from evenhand.learning import lottery


@pytest.mark.parametrize("module", [lottery, supervisor])
def test_examples_run(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
