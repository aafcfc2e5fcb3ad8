"""Assemble the constraint, reward shaping and controller of each method from the Fair-GNE layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jax import Array

from evenhand.errors import InputError
from evenhand.fair_gne import PID, Ascent, Constraint, Fixed, PerStep, Published, Telescoped
from evenhand.fair_gne.dual_controllers import DualController
from evenhand.fair_gne.penalties import (
    ActionCountPenalty,
    FairEfficient,
    GeneralisedGini,
    WorkloadPenalty,
    WorkloadSkillPenalty,
)
from evenhand.fair_gne.shaping import Priced, RewardShaper
from evenhand.fairness import JainAtLeast
from evenhand.learning.config import Config
from evenhand.learning.environment import Environment
from evenhand.learning.settings import DualSettings
from evenhand.learning.team import Team

Prices = tuple[Priced, Callable[[Any], Array] | None]

COUNTED_ACTIONS = "actions"
"""Name of the workload definition that ``action-count-penalty`` prices."""


def team_of(config: Config, env: Environment[Any]) -> Team:
    """Return the environment with the constraint and the shaped reward of the configuration's method.

    Raises
    ------
    InputError
        If tau is at most 1 / n, which every team meets, or if the environment lacks what the method needs.
    """
    constraint = Constraint(JainAtLeast(config.tau), env.n_agents, form=config.form)
    potential, priced = PRICES.get(config.method, _the_constraint)(env, constraint)
    return Team(env, constraint, _shaper(config, constraint, potential), config.dual.cap, priced)


def controller_of(config: Config) -> DualController:
    """Return the controller of the multiplier."""
    if config.method == "none":
        return Fixed(0.0)
    if config.method != "fair-gne":
        return _fixed(config.dual)
    return {"ascent": _ascent, "pid": _pid, "fixed": _fixed}[config.dual.controller](config.dual)


def is_conditioned(config: Config) -> bool:
    """Return whether most episodes are played under random multipliers."""
    return config.conditioned and config.method != "none"


def _shaper(config: Config, constraint: Constraint, potential: Priced) -> RewardShaper:
    if config.shaping == "published" and potential is constraint:
        return Published(constraint)
    if config.shaping == "telescoped":
        return Telescoped(potential, config.sizes.discount)
    return PerStep(potential)


def _the_constraint(env: Any, constraint: Constraint) -> Prices:
    del env
    return constraint, None


def _workload_penalty(env: Any, constraint: Constraint) -> Prices:
    del env, constraint
    return WorkloadPenalty(), None


def _generalised_gini(env: Any, constraint: Constraint) -> Prices:
    del env, constraint
    return GeneralisedGini(), None


def _action_count_penalty(env: Any, constraint: Constraint) -> Prices:
    del constraint
    _needs(
        env, "workloads", "action-count-penalty", f"a method that returns a dictionary with {COUNTED_ACTIONS!r} in it"
    )
    return ActionCountPenalty(), lambda state: env.workloads(state)[COUNTED_ACTIONS]


def _workload_skill_penalty(env: Any, constraint: Constraint) -> Prices:
    del constraint
    _needs(
        env, "units", "workload-skill-penalty", "a method that returns the units of each kind that each agent has done"
    )
    _needs(env, "levels", "workload-skill-penalty", "each agent's level at work of each kind")
    return WorkloadSkillPenalty(tuple(map(tuple, env.levels.tolist()))), env.units


def _fair_efficient(env: Any, constraint: Constraint) -> Prices:
    _needs(env, "total_work", "fair-efficient", "the team's work in an episode that does all there is to do")
    return FairEfficient(ceiling=env.total_work / constraint.agents), None


def _needs(env: Any, attribute: str, method: str, meaning: str) -> None:
    if not hasattr(env, attribute):
        raise InputError(f"method {method!r} needs {type(env).__name__}.{attribute}: {meaning}")


PRICES: dict[str, Callable[[Any, Constraint], Prices]] = {
    "workload-penalty": _workload_penalty,
    "workload-skill-penalty": _workload_skill_penalty,
    "action-count-penalty": _action_count_penalty,
    "fair-efficient": _fair_efficient,
    "generalised-gini": _generalised_gini,
}
"""Builders, by method, of the penalty that the multiplier weighs and of the function of a state it applies to.

None stands for the workload. Methods without an entry price the constraint itself.
"""


def _ascent(dual: DualSettings) -> Ascent:
    return Ascent(dual.step_size, dual.decay, cap=dual.cap, cadence=dual.cadence, warm_up=dual.warm_up)


def _pid(dual: DualSettings) -> PID:
    gains = {"kp": dual.kp, "ki": dual.ki, "kd": dual.kd, "smoothing": dual.smoothing}
    return PID(**gains, cap=dual.cap, cadence=dual.cadence, warm_up=dual.warm_up)


def _fixed(dual: DualSettings) -> Fixed:
    return Fixed(dual.multiplier, cap=dual.cap)
