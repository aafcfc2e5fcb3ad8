"""Build the environment and the learner of a configuration; only this file knows the hospital and learners by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jax import Array

from evenhand import hospital
from evenhand.errors import InputError
from evenhand.fair_gne import PID, Ascent, Constraint, Fixed, PerStep, Published, Smoothed, Telescoped
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
from evenhand.hospital.feasibility import most_even
from evenhand.hospital.vectorized import CountingHospital, VectorizedHospital
from evenhand.learning.check_environment import check
from evenhand.learning.config import PARALLEL, POLICIES, Config
from evenhand.learning.disturbance import Disturbed, inner
from evenhand.learning.entity_team import EntityTeam
from evenhand.learning.environment import Environment
from evenhand.learning.host.environment import FromPettingZoo, on_host
from evenhand.learning.parallel_value import ParallelValue
from evenhand.learning.policy_gradient import ProximalPolicy
from evenhand.learning.settings import DualSettings
from evenhand.learning.team import Team
from evenhand.learning.value_decomposition import Value

BY_KIND = ("workload-skill-penalty",)
"""Methods that need the work of each agent by kind."""
MOST_ITERATIONS = 10_000_000
"""Largest number of iterations, for which the gradient steps (about 100 per iteration) can be counted in 32 bits."""


def environment_of(config: Config) -> Environment[Any]:
    """Return the hospital scenario of the configuration, with the configuration's definition of workload."""
    scenario = hospital.load(config.scenario).model_copy(update={"workload": config.workload})
    return CountingHospital(scenario) if config.method in BY_KIND else hospital.make(scenario, backend="jax")


def learner_of(config: Config, env: Environment[Any] | None = None, iterations: int | None = None) -> Any:
    """Return the learner of a configuration.

    Runs in the hospital that differ by their seed only share a learner, and with it its compiled functions.

    Parameters
    ----------
    config
        The configuration.
    env
        A custom environment, or a function that makes one of PettingZoo's; default the configuration's hospital
        scenario.
    iterations
        Number of iterations of the whole run, over which rates fall; default as many as the configuration's steps take.

    Raises
    ------
    InputError
        If the environment breaks the protocol, or lacks what the method needs.
    """
    asked = iterations_of(config) if iterations is None else iterations
    if env is None:
        # A file may have changed since it was last read, so it is the scenario itself that must be the same.
        scenario = hospital.load(config.scenario).model_dump_json()
        return _in_the_hospital(dataclasses.replace(config, seed=0), scenario, asked)
    env = on_host(env)
    if isinstance(env, FromPettingZoo):
        _refuse_on_host(config)
    elif not isinstance(env, VectorizedHospital):
        check(env)
    return _learner(config, env, asked)


def _refuse_on_host(config: Config) -> None:
    """Raise an error for what is not supported in environments that worker processes step."""
    if not config.disturbance.is_none:
        raise InputError(
            "disturbance is for environments that JAX compiles; a PettingZoo environment is disturbed by a wrapper of "
            "its own"
        )


@lru_cache(maxsize=4)
def _in_the_hospital(config: Config, scenario: str, iterations: int) -> Any:
    """Return the learner of a configuration in its scenario, of which the text is part of the key only."""
    del scenario
    return _learner(config, environment_of(config), iterations)


def _learner(config: Config, env: Environment[Any], asked: int) -> Any:
    team = team_of(config, env)
    controller, conditioned = _controller_of(config), _is_conditioned(config)
    if config.learner in POLICIES:
        return ProximalPolicy(team, controller, conditioned, config.policy, asked, config.learner == "mappo")
    mixer = config.learner.removeprefix(PARALLEL)
    if config.learner.startswith(PARALLEL):
        return ParallelValue(team, controller, conditioned, config.parallel, asked, mixer)
    return Value(team, controller, conditioned, config.value, asked, mixer)


def beyond_reach(config: Config, env: Environment[Any] | None = None) -> str | None:
    """Return why no team in the hospital can both succeed and meet the threshold; None if that is not proven."""
    env = environment_of(config) if env is None else inner(env)
    if config.method != "fair-gne" or not isinstance(env, VectorizedHospital):
        return None
    most, why = most_even(env.scenario)
    if config.tau <= most:
        return None
    return (
        f"tau is {config.tau:g}, out of reach: where the task is done, Jain's index is at most {most:.3g}, for {why}; "
        "only episodes without work are fairer, so the constraint stays unmet"
    )


def iterations_of(config: Config) -> int:
    """Return the number of iterations that the configuration's steps take, at least one.

    Raises
    ------
    InputError
        If there are more than MOST_ITERATIONS.
    """
    steps = config.sizes.steps_per_iteration
    iterations = max(1, -(-config.steps // steps))
    if iterations > MOST_ITERATIONS:
        raise InputError(
            f"steps is {config.steps:.6g}; with {steps} steps an iteration it must be at most "
            f"{MOST_ITERATIONS * steps:.6g}"
        )
    return iterations


Prices = tuple[Priced, Callable[[Any], Array] | None]

TOTAL_WORK = "the team's work in an episode that does all there is to do"
COUNTED_ACTIONS = "actions"
"""Name of the workload definition that ``action-count-penalty`` prices."""


def team_of(config: Config, env: Environment[Any]) -> Team:
    """Return the environment with the constraint and the shaped reward of the configuration's method.

    Raises
    ------
    InputError
        If tau is at most 1 / n, which every team meets, or if the environment lacks what the method or a disturbance
        needs.
    """
    constraint = Constraint(JainAtLeast(config.tau), env.n_agents, form=config.form)
    if not config.disturbance.is_none:
        env = Disturbed(env, constraint, config.disturbance)
    potential, priced = PRICES.get(config.method, _the_constraint)(env, constraint)
    kind = EntityTeam if config.network == "entity" else Team
    return kind(env, constraint, _shaper(config, env, constraint, potential), config.dual.cap, priced)


def _controller_of(config: Config) -> DualController:
    """Return the controller of the multiplier."""
    if config.method == "none":
        return Fixed(0.0)
    if config.method != "fair-gne":
        return _fixed(config.dual)
    return {"ascent": _ascent, "pid": _pid, "fixed": _fixed}[config.dual.controller](config.dual)


def _is_conditioned(config: Config) -> bool:
    """Return whether most episodes are played under random multipliers."""
    return config.conditioned and config.method != "none"


def _shaper(config: Config, env: Any, constraint: Constraint, potential: Priced) -> RewardShaper:
    if config.shaping == "smoothed":
        _needs(env, "total_work", "shaping 'smoothed'", TOTAL_WORK)
        return Smoothed(constraint, env.total_work / constraint.agents, config.sizes.discount)
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
        env,
        "workloads",
        "method 'action-count-penalty'",
        f"a method that returns a dictionary with {COUNTED_ACTIONS!r} in it",
    )
    return ActionCountPenalty(), lambda state: env.workloads(state)[COUNTED_ACTIONS]


def _workload_skill_penalty(env: Any, constraint: Constraint) -> Prices:
    del constraint
    _needs(
        env,
        "units",
        "method 'workload-skill-penalty'",
        "a method that returns the units of each kind that each agent has done",
    )
    _needs(env, "levels", "method 'workload-skill-penalty'", "each agent's level at work of each kind")
    return WorkloadSkillPenalty(tuple(map(tuple, env.levels.tolist()))), env.units


def _fair_efficient(env: Any, constraint: Constraint) -> Prices:
    _needs(env, "total_work", "method 'fair-efficient'", TOTAL_WORK)
    return FairEfficient(ceiling=env.total_work / constraint.agents), None


def _needs(env: Any, attribute: str, what: str, meaning: str) -> None:
    if not hasattr(env, attribute):
        raise InputError(f"{what} needs {type(inner(env)).__name__}.{attribute}: {meaning}")


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
