"""The compiled generator draws Marsaglia's numbers: the same plans by seed on every machine."""

from __future__ import annotations

from evenhand.random_draws import draw, generator_state


def xorshift(state: int) -> int:
    """Return the next state in exact arithmetic; 13, 7 and 17 are the paper's shifts."""
    state ^= state << 13 & (1 << 64) - 1
    state ^= state >> 7
    return state ^ (state << 17 & (1 << 64) - 1)


def test_draws_are_the_upper_bits_of_an_xorshift() -> None:
    state = generator_state(5)
    expected = int(state[0])
    for below in (1, 2, 10, 1000, 1 << 32):
        expected = xorshift(expected)
        assert vars(draw)["py_func"](state, below) == (expected >> 32) * below >> 32
        assert state[0] == expected
