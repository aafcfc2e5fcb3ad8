"""What each method asks of the team, put together from the parts of the Fair-GNE layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.fair_gne import PID, Ascent, Constraint, Fixed, PerStep, Published, Telescoped
from evenhand.fair_gne.penalties import ActionCountPenalty, GeneralisedGini, WorkloadPenalty
from evenhand.fairness import JainAtLeast
from evenhand.learning.team import Team

if TYPE_CHECKING:
    from evenhand.fair_gne.dual import DualController
    from evenhand.learning.config import Config, DualSettings
    from evenhand.learning.environment import Environment

PENALTIES: dict[str, Any] = {
    "workload-penalty": WorkloadPenalty,
    "action-count-penalty": ActionCountPenalty,
    "generalised-gini": GeneralisedGini,
}


def team_of(config: Config, env: Environment[Any]) -> Team:
    """Return the environment under the constraint and the prices that the method asks for.

    Raises
    ------
    InputError
        Where tau asks nothing of so few agents.
    """
    constraint = Constraint(JainAtLeast(config.tau), env.n_agents, form=config.form)
    return Team(env, constraint, _shaper(config, constraint), config.dual.cap)


def controller_of(config: Config) -> DualController:
    """Return the controller of the multiplier."""
    if config.method == "none":
        return Fixed(0.0)
    if config.method != "fair-gne":
        return _fixed(config.dual)
    return {"ascent": _ascent, "pid": _pid, "fixed": _fixed}[config.dual.controller](config.dual)


def is_conditioned(config: Config) -> bool:
    """Tell whether multipliers are drawn for part of the episodes."""
    return config.conditioned and config.method != "none"


def _shaper(config: Config, constraint: Constraint) -> Any:
    if config.method in ("none", "fair-gne"):
        priced: Any = constraint
    elif config.method in PENALTIES:
        priced = PENALTIES[config.method]()
    else:
        raise InputError(
            f"method {config.method!r} is not built yet; built are {', '.join(('fair-gne', 'none', *PENALTIES))}"
        )
    if config.shaping == "published":
        return Published(constraint)
    discount = config.sizes.discount
    return PerStep(priced) if config.shaping == "per-step" else Telescoped(priced, discount)


def _ascent(dual: DualSettings) -> Ascent:
    return Ascent(dual.step_size, dual.decay, cap=dual.cap, cadence=dual.cadence, warm_up=dual.warm_up)


def _pid(dual: DualSettings) -> PID:
    gains = {"kp": dual.kp, "ki": dual.ki, "kd": dual.kd, "smoothing": dual.smoothing}
    return PID(**gains, cap=dual.cap, cadence=dual.cadence, warm_up=dual.warm_up)


def _fixed(dual: DualSettings) -> Fixed:
    return Fixed(dual.multiplier, cap=dual.cap)
