"""Lambda-returns against hand computation and a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.learning.returns import lambda_returns


def by_loop(reward, done, value, greedy, trace, discount):
    steps, episodes = reward.shape
    returns = np.zeros_like(value[:-1])
    for b in range(episodes):
        for t in reversed(range(steps)):
            ahead = value[t + 1, b]
            if t + 1 < steps and greedy[t + 1, b]:
                ahead = (1 - trace) * value[t + 1, b] + trace * returns[t + 1, b]
            returns[t, b] = reward[t, b] + (0.0 if done[t, b] else discount * ahead)
    return returns


def test_by_hand():
    """Three steps, the second explored: its return does not flow back, its value does."""
    reward = np.array([[1.0], [2.0], [4.0]])
    done = np.array([[False], [False], [True]])
    value = np.array([[[0.0]], [[10.0]], [[20.0]], [[30.0]]])
    greedy = np.array([[True], [False], [True]])
    returns = lambda_returns(reward, done, value, greedy, gae_lambda=0.5, discount=1.0)
    # Backwards: 4 (the episode ends); 2 + (20 + 4) / 2 = 14; 1 + 10, the trace being cut.
    np.testing.assert_allclose(np.asarray(returns)[:, 0, 0], [11.0, 14.0, 4.0])


@pytest.mark.parametrize("trace", [0.0, 0.7, 1.0])
def test_as_a_plain_loop(trace):
    """Any batch gives what two nested loops give."""
    rng = np.random.default_rng(3)
    reward, value = rng.normal(size=(9, 5)), rng.normal(size=(10, 5, 2))
    done, greedy = rng.random((9, 5)) < 0.2, rng.random((9, 5)) < 0.7
    returns = lambda_returns(reward, done, value, greedy, gae_lambda=trace, discount=0.9)
    np.testing.assert_allclose(returns, by_loop(reward, done, value, greedy, trace, 0.9), rtol=1e-5, atol=1e-5)
