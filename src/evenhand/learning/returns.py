"""Lambda-returns. In this file lambda is the trace parameter, not the multiplier."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array


def lambda_returns(
    reward: Array, done: Array, value: Array, greedy: Array, gae_lambda: float, discount: float
) -> Array:
    r"""Return Watkins' lambda-returns, whose traces are cut where the next action was exploratory.

    .. math:: G_t = r_t + \gamma \bigl((1 - \ell_{t+1}) V_{t+1} + \ell_{t+1} G_{t+1}\bigr),
              \qquad \ell_t = \ell \cdot [a_t \text{ greedy}]

    What follows an exploratory action says nothing about the greedy policy, so the return falls back on the value
    before it.

    Parameters
    ----------
    reward, done
        Shape (T, B): reward of each step, and whether it ended its episode. There is no bootstrapping after the end of
        an episode, nor at the horizon: that is where the workloads are compared, and agents observe the time left.
    value
        Shape (T + 1, B, m): value of the greedy actions in the states before each step, and after the last.
    greedy
        Shape (T, B): whether all agents acted greedily.
    gae_lambda
        Trace parameter :math:`\ell` in [0, 1]: 0 bootstraps after one step, 1 uses the rewards of the whole rollout.
    discount
        :math:`\gamma` in (0, 1].

    Returns
    -------
    Array
        Shape (T, B, m).

    References
    ----------
    C. Watkins, Learning from delayed rewards, 1989; R. Sutton and A. Barto, Reinforcement learning, 2018, 12.10.
    """
    # Beyond the last step there is no return, only a value: its weight is 0.
    weight = gae_lambda * jnp.concatenate([greedy[1:], jnp.zeros_like(greedy[:1])])[..., None]

    def back(after: Array, step: tuple[Array, Array, Array, Array]) -> tuple[Array, Array]:
        reward, done, value, weight = step
        ahead = (1.0 - weight) * value + weight * after
        now = reward[:, None] + discount * jnp.where(done[:, None], 0.0, ahead)
        return now, now

    _, returns = jax.lax.scan(back, value[-1], (reward, done, value[1:], weight), reverse=True)
    return returns
