"""Policies of a finite game: read, checked, and played."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.equilibrium.array_checks import checked_numbers, checked_sums, is_single
from evenhand.equilibrium.decision import Floats
from evenhand.equilibrium.discounted import evaluated
from evenhand.equilibrium.finite_game import FiniteGame, joint_weights
from evenhand.equilibrium.loops import Rows, count_entries, expectations, fill_rows
from evenhand.errors import InputError

Profile = list[Floats]
"""For each agent the probabilities of its actions, shape (T, S, A_i), with T = 1 if they are the same in every step."""


def read_profile(game: FiniteGame, policies: Any, name: str = "policies") -> Profile:
    """Return the policies of all agents as probabilities.

    Parameters
    ----------
    game
        The game.
    policies
        One policy for each agent: whole numbers are actions, shape (S,); floats are probabilities, shape (S, A_i). Each
        may have a leading axis of the game's horizon, if it changes from step to step. In a game of one state, an
        action, or shape (A_i,), will do.
    name
        What messages call the policies.

    Raises
    ------
    InputError
        If there is a policy too few, or one is for another game.
    """
    if isinstance(policies, str) or not isinstance(policies, Sequence | np.ndarray):
        raise InputError(f"{name} is {policies!r}; it must have one policy for each agent")
    if len(policies) != game.num_agents:
        raise InputError(f"{name} has {len(policies)} policies; the game has {game.num_agents} agents")
    return [read_policy(game, agent, policy, f"{name}[{agent}]") for agent, policy in enumerate(policies)]


def read_policy(game: FiniteGame, agent: int, policy: Any, name: str) -> Floats:
    """Return one agent's policy as probabilities; see :func:`read_profile`."""
    actions, states, horizon = game.actions[agent], game.num_states, game.horizon
    numbers = checked_numbers(name, policy)
    array, whole = numbers.astype(np.float64), numbers.dtype.kind in "iub"
    if states == 1 and array.ndim == (0 if whole else 1):
        array = array[None]
    expected = (states,) if whole else (states, actions)
    timed = horizon is not None and array.shape == (horizon, *expected)
    if array.shape != expected and not timed:
        kind = "whole numbers, which are actions" if whole else "floats, which are probabilities"
        other = "probabilities are floats, such as 1.0" if whole else "actions are whole numbers"
        also = "" if horizon is None else f" or {(horizon, *expected)}"
        raise InputError(f"{name} has shape {array.shape}; as {kind}, it must be {expected}{also} ({other})")
    array = array if timed else array[None]
    if not whole:
        flat = checked_sums(
            name, array.reshape(-1, actions), lambda row: _place(row, states, timed), single=is_single(numbers)
        )
        return flat.reshape(array.shape)
    wrong = np.argwhere((array < 0) | (array >= actions))
    if len(wrong):
        step, state = map(int, wrong[0])
        at = _place(step * states + state, states, timed)
        raise InputError(f"{name}{at} is {array[step, state]:g}; the actions of agent {agent} are 0 to {actions - 1}")
    probabilities = np.zeros((*array.shape, actions))
    np.put_along_axis(probabilities, array.astype(np.int64)[..., None], 1.0, axis=-1)
    return probabilities


def _place(row: int, states: int, timed: bool) -> str:
    step, state = divmod(row, states)
    return f"[{step}, {state}]" if timed else f"[{state}]"


def at_step(profile: Profile, step: int) -> list[Floats]:
    """Return each agent's probabilities in one step, shape (S, A_i)."""
    return [policy[min(step, len(policy) - 1)] for policy in profile]


def distinct_steps(profile: Profile) -> int:
    """Return the number of steps that differ: 1 if no policy changes over time."""
    return max(len(policy) for policy in profile)


def reduced(game: FiniteGame, weights: Floats, group: Any, groups: int) -> tuple[Rows, Floats]:
    """Return the transitions and features that remain when joint actions are merged, those of a group with weights.

    Parameters
    ----------
    game
        The game.
    weights
        Shape (S, J): weight of each joint action.
    group
        Shape (J,): the action that remains.
    groups
        Number A of actions that remain.

    Returns
    -------
    tuple
        Sparse rows of all pairs of a state and an action; features of shape (S, A, F).
    """
    indptr = count_entries(game.transition.indptr, weights, group, groups)
    columns, values = np.empty(indptr[-1], np.int32), np.empty(indptr[-1])
    fill_rows(*game.transition, weights, group, indptr, columns, values)
    features = np.stack(
        [np.einsum("sj,sjf->sf", weights[:, group == one], game.features[:, group == one]) for one in range(groups)], 1
    )
    return Rows(indptr, columns, values), features


def played(game: FiniteGame, profile: Profile) -> Floats:
    """Return the expected features of a profile, shape (F,), from the joint game."""
    everyone = np.zeros(int(np.prod(game.actions)), np.int64)
    steps = [
        reduced(game, joint_weights(game, at_step(profile, step)), everyone, 1)
        for step in range(distinct_steps(profile))
    ]
    if game.discount is not None:
        rows, features = steps[0]
        result: Floats = game.start @ evaluated(rows, features[:, 0], game.discount)
        return result
    assert game.horizon is not None
    values = game.final
    for step in range(game.horizon - 1, -1, -1):
        rows, features = steps[min(step, len(steps) - 1)]
        values = features[:, 0] + expectations(*rows, values)
    ended: Floats = game.start @ values
    return ended
