"""From a configuration to a learner: the only place that knows the hospital and the learners by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand import hospital
from evenhand.errors import InputError
from evenhand.hospital.feasibility import most_even
from evenhand.hospital.vectorized import CountingHospital, VectorizedHospital
from evenhand.learning.config import PARALLEL, POLICIES
from evenhand.learning.contract import check
from evenhand.learning.methods import controller_of, is_conditioned, team_of
from evenhand.learning.parallel_value import ParallelValue
from evenhand.learning.policy import ProximalPolicy
from evenhand.learning.value import Value

if TYPE_CHECKING:
    from evenhand.learning.config import Config
    from evenhand.learning.environment import Environment

BY_KIND = ("workload-skill-penalty",)
"""Methods that ask who has done which kind of work."""
MOST_ITERATIONS = 10_000_000
"""So that the fits of a run, some hundred an iteration, can be counted in 32 bits."""


def environment_of(config: Config) -> Environment[Any]:
    """Return the hospital of the configuration, with the workload that is to be shared."""
    scenario = hospital.load(config.scenario).model_copy(update={"workload": config.workload})
    return CountingHospital(scenario) if config.method in BY_KIND else hospital.make(scenario, backend="jax")


def learner_of(config: Config, env: Environment[Any] | None = None, iterations: int | None = None) -> Any:
    """Return the learner of a configuration.

    Parameters
    ----------
    config
        What is asked.
    env
        An environment of one's own; that of the configuration's scenario by default.
    iterations
        Of the whole run, by which the rates fall; those that the configuration's steps take by default.
    """
    env = environment_of(config) if env is None else env
    if not isinstance(env, VectorizedHospital):
        check(env)
    team = team_of(config, env)
    controller, conditioned = controller_of(config), is_conditioned(config)
    asked = iterations_of(config) if iterations is None else iterations
    if config.learner in POLICIES:
        return ProximalPolicy(team, controller, conditioned, config.learner == "mappo", config.policy, asked)
    mixer = config.learner.removeprefix(PARALLEL)
    if config.learner.startswith(PARALLEL):
        return ParallelValue(team, controller, conditioned, mixer, config.parallel, asked)
    return Value(team, controller, conditioned, mixer, config.value, asked)


def beyond_reach(config: Config, env: Environment[Any] | None = None) -> str | None:
    """Return why no team of the hospital can succeed and meet the threshold, where that is proven; None elsewhere."""
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
    """Return the iterations that the configuration's steps take, at least one.

    Raises
    ------
    InputError
        Where there are more than can be counted.
    """
    steps = config.sizes.steps_per_iteration
    iterations = max(1, -(-config.steps // steps))
    if iterations > MOST_ITERATIONS:
        raise InputError(
            f"steps is {config.steps:.6g}; with {steps} steps an iteration it must be at most "
            f"{MOST_ITERATIONS * steps:.6g}"
        )
    return iterations
