"""The disturbances that a trained team is evaluated or shown under, and what they ask of an environment."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.errors import InputError, choices
from evenhand.learning.allowed_ranges import Range, check
from evenhand.learning.settings import Behaviour, Disturbance


@dataclass(frozen=True)
class Level:
    """Disturbances under which a team is evaluated or shown, instead of those of its training.

    Attributes
    ----------
    delay, noise
        Ranges, as in :class:`~evenhand.learning.settings.Disturbance`; one number for both ends.
    absent
        Names or numbers of the agents that are absent from every episode.
    absent_behaviour
        What they do.
    counted
        Whether fairness counts the absent as well. Then they are members who do not cooperate.
    predict
        Whether late states are rolled forward through the joint actions since. That undoes a delay, and assumes what a
        delay rarely allows: that all actions are announced at once or can be computed by everybody, that every agent
        knows the rules, and that steps are not random.

    Raises
    ------
    InputError
        If a value is out of range.
    """

    delay: tuple[int, int] = (0, 0)
    noise: tuple[float, float] = (0.0, 0.0)
    absent: tuple[int | str, ...] = ()
    absent_behaviour: Behaviour = "idle"
    counted: bool = False
    predict: bool = False

    def __post_init__(self) -> None:
        for name in ("delay", "noise"):
            object.__setattr__(self, name, getattr(self.drawn, name))
        object.__setattr__(self, "absent", tuple(self.absent))
        if self.predict and not self.delay[1]:
            raise InputError("predict is given without a delay; it rolls late states forward")
        if self.predict and self.noise[1]:
            raise InputError("predict rolls the exact late state forward, which noise hides; leave out one of them")

    @property
    def drawn(self) -> Disturbance:
        """The ranges as in training; who is absent is given, not drawn."""
        return Disturbance(delay=self.delay, noise=self.noise, absent_behaviour=self.absent_behaviour)

    def to_dict(self) -> dict[str, Any]:
        """Return the level as JSON values."""
        return dataclasses.asdict(self)


def names_of(env: Any) -> tuple[str, ...]:
    """Return the agents' names: those of the scenario, an environment's ``agent_names``, or agent_0, agent_1, ..."""
    scenario = getattr(env, "scenario", None)
    if scenario is not None:
        return tuple(agent.name for agent in scenario.agents)
    given = getattr(env, "agent_names", None)
    return tuple(f"agent_{number}" for number in range(env.n_agents)) if given is None else tuple(given)


def agents_of(env: Any, agents: Iterable[int | str]) -> tuple[int, ...]:
    """Return the numbers of agents that are given by name or number, in order.

    Raises
    ------
    InputError
        If there is no such agent.
    """
    names = names_of(env)
    found = set()
    for agent in agents:
        if isinstance(agent, str):
            if agent not in names:
                raise InputError(f"absent is {agent!r}; {choices(agent, names)}")
            found.add(names.index(agent))
        else:
            found.add(check("absent", agent, Range(0, env.n_agents - 1, whole=True)))
    return tuple(sorted(found))


def unready(trained: Disturbance, level: Level) -> str:
    """Return which disturbances of a level go beyond those of training, joined by commas; empty if none do."""
    beyond = {
        "a delay this long" if trained.delay[1] else "delay": level.delay[1] > trained.delay[1] and not level.predict,
        "noise this strong" if trained.noise[1] else "noise": level.noise[1] > trained.noise[1],
        "absent agents": bool(level.absent) and not trained.absence,
    }
    return ", ".join(name for name, there in beyond.items() if there)


def refuse_unfit(env: Any, drawn: Disturbance, level: Level) -> None:
    """Raise an InputError if an environment does not allow disturbances; the message says what it would need."""
    name = type(env).__name__
    if drawn.delay[1] > env.horizon:
        raise InputError(f"delay is up to {drawn.delay[1]}; episodes of {name} have at most {env.horizon} steps")
    if drawn.noise[1]:
        _refuse_noise(env, name)
    away = max(len(agents_of(env, level.absent)), int(drawn.absence > 0.0))
    here = env.n_agents - away
    if away and not level.counted and (here < 2 or away > here):
        raise InputError(
            f"{away} of {env.n_agents} agents would be absent; at least 2 must be present, and no fewer than are absent"
        )
    if away and drawn.absent_behaviour != "random" and not hasattr(env, "idle_action"):
        raise InputError(
            f"{name} has no idle_action, the number of an action that is always possible and does nothing; an agent "
            "whose absent_behaviour is idle or lazy takes it"
        )
    if level.predict and not getattr(env, "deterministic", False):
        raise InputError(f"{name} does not declare deterministic = True; only steps without chance can be predicted")


def _refuse_noise(env: Any, name: str) -> None:
    size = env.observation_size
    declared = getattr(env, "continuous", None)
    if declared is None:
        raise InputError(
            f"{name} does not say which features of an observation may be noisy; noise needs {name}.continuous, "
            f"{size} booleans, False for discrete features"
        )
    marks = np.asarray(declared)
    if marks.shape != (size,) or marks.dtype != np.bool_:
        raise InputError(f"{name}.continuous is {marks.dtype} {marks.shape}; it must be boolean ({size},)")
    if not marks.any():
        raise InputError(f"noise is above 0, but all features that {name} shows are discrete ({name}.continuous)")
