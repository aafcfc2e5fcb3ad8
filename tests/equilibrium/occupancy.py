"""A second opinion on decision problems: linear programs over occupancy measures, solved by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array


@dataclass(frozen=True)
class Solved:
    """The value of a linear program, and the price of its constraint."""

    value: float
    multiplier: float


def marginal(game, policies, agent):
    """Return transitions (S, A, S) and features (S, A, F) of one agent's problem, from the dense definition.

    `policies` has probabilities (S, A_i); `agent` None stands for a planner, who chooses joint actions.
    """
    actions, states = game["index"].shape[1:], len(game["index"])
    transition, features = game["transition"], game["features"]
    if agent is None:
        return transition.reshape(states, -1, states), features.reshape(states, -1, features.shape[-1])
    for other in range(len(actions) - 1, -1, -1):
        if other != agent:
            weight = policies[other].reshape(states, *(n if k == other else 1 for k, n in enumerate(actions)), 1)
            transition = (transition * weight[: transition.shape[0]]).sum(axis=1 + other, keepdims=True)
            features = (features * weight).sum(axis=1 + other, keepdims=True)
    return transition.reshape(states, actions[agent], states), features.reshape(states, actions[agent], -1)


def occupancy(transition, features, final, start, horizon, discount, weights, index, tau):
    """Return the largest expected ``features @ weights`` with an expected ``features @ index`` of at least `tau`.

    Variables are the expected numbers of visits to (step, state, action), and to the last states.
    """
    states, actions, _ = transition.shape
    steps = horizon or 1
    size, tail = steps * states * actions, states if horizon else 0
    rows, columns, values = [], [], []

    def flow(row, column, value):
        rows.append(np.ravel(row)), columns.append(np.ravel(column)), values.append(np.ravel(value))

    for step in range(steps):
        for action in range(actions):
            column = (step * states + np.arange(states)) * actions + action
            flow(step * states + np.arange(states), column, np.ones(states))
            before, after = np.nonzero(transition[:, action])
            target = ((step + 1) * states if horizon else 0) + after
            scale = 1.0 if horizon else discount
            flow(target, column[before], -scale * transition[before, action, after])
    if horizon:
        flow(steps * states + np.arange(states), size + np.arange(states), np.ones(states))
    height = steps * states + tail
    equal = coo_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(height, size + tail)
    ).tocsr()
    right = np.zeros(height)
    right[:states] = start
    gains = np.concatenate([np.tile((features @ weights).ravel(), steps), (final @ weights)[:tail]])
    indices = np.concatenate([np.tile((features @ index).ravel(), steps), (final @ index)[:tail]])
    bound = {} if tau is None else {"A_ub": -indices[None], "b_ub": [-tau]}
    found = linprog(-gains, A_eq=equal, b_eq=right, method="highs", **bound)
    assert found.status == 0, found.message
    return Solved(-found.fun, 0.0 if tau is None else -found.ineqlin.marginals[0])
