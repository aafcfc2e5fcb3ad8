"""Build the environment and the learner of a configuration; only this file knows the hospital and learners by name."""

from __future__ import annotations

from typing import Any

from evenhand import hospital
from evenhand.errors import InputError
from evenhand.hospital.feasibility import most_even
from evenhand.hospital.vectorized import CountingHospital, VectorizedHospital
from evenhand.learning.config import PARALLEL, POLICIES, Config
from evenhand.learning.contract import check
from evenhand.learning.environment import Environment
from evenhand.learning.methods import controller_of, is_conditioned, team_of
from evenhand.learning.parallel_value import ParallelValue
from evenhand.learning.policy import ProximalPolicy
from evenhand.learning.value import Value

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

    Parameters
    ----------
    config
        The configuration.
    env
        A custom environment; default the configuration's hospital scenario.
    iterations
        Number of iterations of the whole run, over which rates fall; default as many as the configuration's steps take.

    Raises
    ------
    InputError
        If the environment breaks the protocol, or lacks what the method needs.
    """
    env = environment_of(config) if env is None else env
    if not isinstance(env, VectorizedHospital):
        check(env)
    team = team_of(config, env)
    controller, conditioned = controller_of(config), is_conditioned(config)
    asked = iterations_of(config) if iterations is None else iterations
    if config.learner in POLICIES:
        return ProximalPolicy(team, controller, conditioned, config.policy, asked, config.learner == "mappo")
    mixer = config.learner.removeprefix(PARALLEL)
    if config.learner.startswith(PARALLEL):
        return ParallelValue(team, controller, conditioned, config.parallel, asked, mixer)
    return Value(team, controller, conditioned, config.value, asked, mixer)


def beyond_reach(config: Config, env: Environment[Any] | None = None) -> str | None:
    """Return why no team in the hospital can both succeed and meet the threshold; None if that is not proven."""
    env = environment_of(config) if env is None else env
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
