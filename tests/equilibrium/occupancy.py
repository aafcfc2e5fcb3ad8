"""A second opinion on decision problems: linear programs over occupancy measures, solved by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array


@dataclass(frozen=True)
class Solved:
    """The value of a linear program, and the price of its constraint."""

    value: float
    multiplier: float


def marginal(game, policies, agent):
    """Return the transitions (rows S A, columns S) and features (S, A, F) of one agent's problem, from the definition.

    `game` is a dictionary of `random_games`, `policies` has probabilities (S, A_i); `agent` None stands for a planner,
    who chooses joint actions.
    """
    actions, states = game["index"].shape[1:], len(game["index"])
    joint = int(np.prod(actions))
    width = joint if agent is None else actions[agent]
    before, after, probability, features = [], [], [], np.zeros((states, width, game["features"].shape[-1]))
    for number in range(joint):
        played = np.unravel_index(number, actions)
        weight = np.ones(states)
        for other, action in enumerate(played):
            if agent is not None and other != agent:
                weight = weight * policies[other][:, action]
        own = number if agent is None else played[agent]
        rows = np.repeat(np.arange(states) * width + own, game["after"].shape[-1])
        before.append(rows)
        after.append(game["after"][:, number].ravel())
        probability.append((weight[:, None] * game["probability"][:, number]).ravel())
        features[:, own] += weight[:, None] * game["features"][(slice(None), *played)]
    entries = (np.concatenate(probability), (np.concatenate(before), np.concatenate(after)))
    return coo_array(entries, shape=(states * width, states)).tocsr(), features


def occupancy(transition, features, final, start, horizon, discount, weights, index, tau):
    """Return the largest expected ``features @ weights`` with an expected ``features @ index`` of at least `tau`.

    Variables are the expected numbers of visits to (step, state, action), and to the last states.
    """
    states, actions, _ = features.shape
    steps, tail = (horizon, states) if horizon else (1, 0)
    width = states * actions
    size = steps * width
    into = transition.T.tocoo()
    rows, columns, values = [], [], []
    for step in range(steps):
        rows.append(step * states + np.arange(width) // actions)
        columns.append(step * width + np.arange(width))
        values.append(np.ones(width))
        target = (step + 1) * states if horizon else 0
        rows.append(target + into.row)
        columns.append(step * width + into.col)
        values.append(-(1.0 if horizon else discount) * into.data)
    if horizon:
        rows.append(size // actions + np.arange(states))
        columns.append(size + np.arange(states))
        values.append(np.ones(states))
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    equal = coo_array(entries, shape=(steps * states + tail, size + tail)).tocsr()
    right = np.zeros(steps * states + tail)
    right[:states] = start
    gains, indices = (
        np.concatenate([np.tile((features @ one).ravel(), steps), (final @ one)[:tail]]) for one in (weights, index)
    )
    bound = {} if tau is None else {"A_ub": csr_array(-indices[None]), "b_ub": [-tau]}
    found = linprog(-gains, A_eq=equal, b_eq=right, method="highs", **bound)
    assert found.status == 0, found.message
    return Solved(-found.fun, 0.0 if tau is None else -found.ineqlin.marginals[0])
