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
from evenhand.equilibrium.profiles import played, read_policy
from evenhand.equilibrium.setting import Setting, read_setting
from evenhand.errors import InputError
from evenhand.number_checks import as_number, checked_whole


def replay(
    game: FiniteGame | LayeredGame, policies: Any, witness: Witness, *, lottery: Sequence[float] | None = None
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
    if not isinstance(witness, Witness):
        raise InputError(f"witness is a {type(witness).__name__}; it must be a Witness, such as deviation.witness")
    setting = read_setting(game, policies, None, lottery)
    if not 0.0 <= as_number(witness.share) <= 1.0:
        raise InputError(f"witness.share is {witness.share!r}; a probability lies between 0 and 1")
    checked_whole("witness.agent", witness.agent, 0, game.num_agents - 1, what="an agent's number")
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
        policy = read_policy(game, agent, plan, "witness")
        return played(game, [policy if number == agent else other for number, other in enumerate(profile)])
    return _walked(game, profile, agent, plan)


def _walked(game: LayeredGame, profile: Any, agent: int, plan: Any) -> Floats:
    """Follow a plan from every start, one layer after the other."""
    plan = np.asarray(plan)
    if plan.ndim != 2 or len(plan) != len(game.start) or plan.dtype.kind not in "iu":
        raise InputError(f"witness has the shape {plan.shape}; it must be ({len(game.start)} starts, steps) of actions")
    features = np.zeros((len(game.start), 2 + game.num_agents))
    going = at = np.flatnonzero(np.asarray(game.start) > 0.0)
    for step, layer in enumerate(game.layers(profile, agent)):
        if step:
            assert layer.successor is not None
            actions = layer.successor.shape[1]
            chosen = plan[going, step - 1] if step <= plan.shape[1] else np.full(len(going), -1)
            known = (chosen >= 0) & (chosen < actions)
            at = np.where(known, layer.successor[at, np.where(known, chosen, 0)], -1)
            if (at < 0).any():
                raise InputError(
                    f"witness[{going[at < 0][0]}, {step - 1}] is {chosen[at < 0][0]}; agent {agent} is not allowed "
                    f"this action there, after {step - 1} steps from that start"
                )
        over = np.asarray(layer.ended)[at]
        ended = at[over]
        features[going[over]] = np.column_stack([layer.returns[ended], layer.index[ended], layer.work[ended]])
        going, at = going[~over], at[~over]
        if not len(going):
            break
    result: Floats = np.asarray(game.start, np.float64) @ features
    return result
