"""Play a witness again, from the game itself: nothing here knows how the deviation was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.equilibrium.certificate import Plan, Witness
from evenhand.equilibrium.decision import Floats
from evenhand.equilibrium.finite_game import FiniteGame
from evenhand.equilibrium.layers import LayeredGame
from evenhand.equilibrium.outcome import Outcome
from evenhand.equilibrium.profiles import played
from evenhand.equilibrium.setting import Setting, read_setting
from evenhand.errors import InputError


def replay(
    game: FiniteGame | LayeredGame,
    policies: Any,
    witness: Witness,
    *,
    lottery: Sequence[float] | None = None,
) -> Outcome:
    """Return the outcome of a deviation while the other agents follow their policies.

    Parameters
    ----------
    game, policies, lottery
        As `certify` was given them.
    witness
        The deviation.

    Raises
    ------
    InputError
        If the witness is for another game or other policies.

    Examples
    --------
    >>> from evenhand.equilibrium import FiniteGame, certify
    >>> game = FiniteGame.once(rewards=[[0, 1], [1, 0.9]], index=[[1, 0.5], [0.5, 1]])
    >>> witness = certify(game, [1, 1], constraint=0.8).agents[0].feasible.witness
    >>> outcome = replay(game, [1, 1], witness)
    >>> round(float(outcome.returns[0]), 6), round(outcome.index, 6)
    (0.94, 0.8)
    """
    setting = read_setting(game, policies, None, lottery)
    for name, plans in (("first", witness.first), ("second", witness.second)):
        if len(plans) != len(setting.profiles):
            raise InputError(f"witness.{name} has {len(plans)} plans; the lottery has {len(setting.profiles)} profiles")
    first, second = (_mean(setting, witness.agent, plans) for plans in (witness.first, witness.second))
    return setting.columns.outcome(first + witness.share * (second - first))


def _mean(setting: Setting, agent: int, plans: tuple[Plan, ...]) -> Floats:
    found = [
        setting.present[place] if plan is None else _features(setting, setting.profiles[place], agent, plan)
        for place, plan in enumerate(plans)
    ]
    result: Floats = setting.probabilities @ np.array(found)
    return result


def _features(setting: Setting, profile: Any, agent: int, plan: Any) -> Floats:
    game = setting.game
    if isinstance(game, FiniteGame):
        policy = np.zeros((*plan.shape, game.actions[agent]))
        np.put_along_axis(policy, plan.astype(np.int64)[..., None], 1.0, axis=-1)
        policy = policy.reshape(-1, game.num_states, game.actions[agent])
        return played(game, [policy if number == agent else other for number, other in enumerate(profile)])
    return _walked(game, profile, agent, plan)


def _walked(game: LayeredGame, profile: Any, agent: int, plan: Any) -> Floats:
    """Follow a plan from every start, one layer after the other."""
    features = np.zeros((len(game.start), 2 + game.num_agents))
    going = at = np.flatnonzero(np.asarray(game.start) > 0.0)
    for step, layer in enumerate(game.layers(profile, agent)):
        if step:
            assert layer.successor is not None
            at = layer.successor[at, plan[going, step - 1]] if step <= plan.shape[1] else np.full(len(at), -1)
            if (at < 0).any():
                raise InputError(f"the witness has no allowed action for start {going[at < 0][0]} at step {step - 1}")
        over = np.asarray(layer.ended)[at]
        ended = at[over]
        features[going[over]] = np.column_stack([layer.returns[ended], layer.index[ended], layer.work[ended]])
        going, at = going[~over], at[~over]
        if not len(going):
            break
    result: Floats = np.asarray(game.start, np.float64) @ features
    return result
