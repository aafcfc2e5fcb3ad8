"""Random finite games, random policies for them, and what profiles reach, from the definition."""

from __future__ import annotations

from itertools import product

import numpy as np

from evenhand.equilibrium import FiniteGame


def random_game(seed, states, actions, *, successors=3, common=True, horizon=None, discount=None, work=False):
    """Return a game as a dictionary of arrays; features are returns, index and work, in this order.

    Each pair of a state and a joint action has a few next states, ``after`` (S, J, k), with ``probability`` (S, J, k).
    """
    rng = np.random.default_rng(seed)
    shape, joint, n = (states, *actions), int(np.prod(actions)), len(actions)
    successors = min(successors, states)
    if states <= 100:
        after = np.argsort(rng.random((states, joint, states)), axis=-1)[..., :successors]
    else:
        # Near by, so that HiGHS can factorise large games; distinct, because each lies in a part of its own.
        away = rng.integers(0, 3, (states, joint, successors)) + 3 * np.arange(successors)
        after = (np.arange(states)[:, None, None] + away) % states
    rewards = rng.random(shape if common else (n, *shape))
    index = rng.random(shape)
    works = rng.random((n, *shape)) if work else None
    parts = [rewards.reshape(-1, *shape), index[None], *([] if works is None else [works])]
    features = np.moveaxis(np.concatenate(parts), 0, -1)
    final = np.zeros((states, features.shape[-1]))
    columns = 1 if common else n
    if horizon:
        final[:, : columns + 1] = rng.random((states, columns + 1))
    return {
        "after": after,
        "probability": rng.dirichlet(np.ones(successors), (states, joint)),
        "rewards": rewards,
        "index": index,
        "start": rng.dirichlet(np.ones(states)),
        "horizon": horizon,
        "discount": discount,
        "work": works,
        "features": features,
        "final": final,
        "columns": columns,
    }


def as_finite_game(game):
    """Return the dictionary as a `FiniteGame`."""
    columns, final, after = game["columns"], game["final"], game["after"]
    rewards = final[:, 0] if columns == 1 else final[:, :columns].T
    finals = {"final_rewards": rewards, "final_index": final[:, columns]} if game["horizon"] else {}
    rows = after.shape[0] * after.shape[1]
    transition = (game["probability"].ravel(), after.ravel(), np.arange(rows + 1) * after.shape[2])
    return FiniteGame(
        transition,
        *(game[name] for name in ("rewards", "index", "start")),
        horizon=game["horizon"],
        discount=game["discount"],
        work=game["work"],
        **finals,
    )


def random_policies(seed, states, actions, *, pure=False):
    """Return for each agent probabilities of shape (S, A_i)."""
    rng = np.random.default_rng([seed, 1])
    if pure:
        return [np.eye(n)[rng.integers(0, n, states)] for n in actions]
    return [rng.dirichlet(np.ones(n), states) for n in actions]


def fair_policies(seed, game):
    """Return policies half of which is random, half the action with the largest mean index: the constraint binds."""
    policies = random_policies(seed, len(game["index"]), game["index"].shape[1:])
    for agent, policy in enumerate(policies):
        others = tuple(axis for axis in range(1, game["index"].ndim) if axis != agent + 1)
        fairest = game["index"].mean(axis=others).argmax(axis=1)
        policies[agent] = 0.5 * policy + 0.5 * np.eye(policy.shape[1])[fairest]
    return policies


def reached(game, policies):
    """Return the expected features of a profile, by summing over all joint actions in turn."""
    states, actions = len(game["index"]), game["index"].shape[1:]
    chain, gains = np.zeros((states, states)), np.zeros((states, game["features"].shape[-1]))
    for number, joint in enumerate(product(*map(range, actions))):
        weight = np.prod([policy[:, action] for policy, action in zip(policies, joint, strict=True)], axis=0)
        for state in range(states):
            chain[state, game["after"][state, number]] += weight[state] * game["probability"][state, number]
        gains += weight[:, None] * game["features"][(slice(None), *joint)]
    if game["discount"] is not None:
        return game["start"] @ np.linalg.solve(np.eye(states) - game["discount"] * chain, gains)
    at, total = game["start"], np.zeros(gains.shape[1])
    for _ in range(game["horizon"]):
        total = total + at @ gains
        at = at @ chain
    return total + at @ game["final"]
