"""What a run is asked to do: typed, checked, read from TOML, written beside the run."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from evenhand.errors import InputError, nearest
from evenhand.fair_gne.constraint import Form
from evenhand.learning.allowed import COUNT, POSITIVE_SHARE, SEED, Range, check, setting, taken
from evenhand.learning.settings import (
    Controller,
    DualSettings,
    LearnerSettings,
    ParallelValueSettings,
    PolicySettings,
    ValueSettings,
)
from evenhand.tables.documents import read_toml
from evenhand.tables.shapes import refuse_unknown

if TYPE_CHECKING:
    from pathlib import Path

LEARNERS = ("parallel-vdn", "parallel-qmix", "parallel-iql", "vdn", "qmix", "iql", "ippo", "mappo")
"""Value decomposition without and with replay; policy gradients."""
PARALLEL = "parallel-"
"""Prefix of value decomposition without replay."""
POLICIES = ("ippo", "mappo")
"""The learners by policy gradients."""
METHODS = (
    "fair-gne",
    "none",
    "workload-penalty",
    "workload-skill-penalty",
    "action-count-penalty",
    "fair-efficient",
    "generalised-gini",
)
"""The constraint under a dual controller; no fairness; and fixed penalties of other people's kinds."""
SHAPINGS = ("telescoped", "published", "per-step")
Workload = Literal["useful", "actions", "effort"]


@dataclass(frozen=True)
class Config:
    """A run.

    Numbers may be Python's or NumPy's, and a whole number may be written as 2e5; texts and booleans are no numbers.

    Attributes
    ----------
    scenario
        Name or TOML file of the hospital's scenario.
    learner
        One of LEARNERS.
    method
        One of METHODS.
    tau
        Threshold of Jain's index, in (1/n, 1].
    form
        Sense of the constraint, as in :class:`evenhand.fair_gne.Constraint`.
    workload
        Which of the hospital's definitions is shared: ``useful``, ``actions`` or ``effort``.
    shaping
        One of SHAPINGS.
    conditioned
        Whether one network learns the answers to all multipliers.
    steps
        Environment steps of the run.
    seed
        Of everything that is random.
    dual, parallel, value, policy
        Settings of the controller, of the learners without and with replay, and of the policy gradients.
    """

    scenario: str = "rescue-breaths/specialist"
    learner: str = "mappo"
    method: str = "fair-gne"
    tau: float = setting(0.85, POSITIVE_SHARE)
    form: Form = "expectation"
    workload: Workload = "useful"
    shaping: str = "telescoped"
    conditioned: bool = True
    steps: int = setting(1_000_000, COUNT)
    seed: int = setting(0, SEED)
    dual: DualSettings = field(default_factory=DualSettings)
    parallel: ParallelValueSettings = field(default_factory=ParallelValueSettings)
    value: ValueSettings = field(default_factory=ValueSettings)
    policy: PolicySettings = field(default_factory=PolicySettings)

    def __post_init__(self) -> None:
        for name, value in taken(self).items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "scenario", _name_or_file(self.scenario))
        _known("learner", self.learner, LEARNERS)
        _known("method", self.method, METHODS)
        _known("shaping", self.shaping, SHAPINGS)
        _known("form", self.form, get_args(Form))
        _known("workload", self.workload, get_args(Workload))
        _known("dual.controller", self.dual.controller, get_args(Controller))
        _check_together(self)

    @property
    def sizes(self) -> LearnerSettings:
        """The settings of the learner that is asked for."""
        if self.learner in POLICIES:
            return self.policy
        return self.parallel if self.learner.startswith(PARALLEL) else self.value

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any], source: str = "configuration") -> Self:
        """Check values as they come from a file.

        Raises
        ------
        InputError
            Naming key, value and what would be right, in one line.
        """
        if not isinstance(values, dict):
            raise InputError(f"{source}: {values!r} is no configuration; it must be names with values")
        try:
            refuse_unknown(values, [part.name for part in dataclasses.fields(cls)])
            return cls(**values)
        except InputError as error:
            raise InputError(f"{source}: {error}") from error

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a TOML file."""
        return cls.from_dict(read_toml(path), str(path))


def _name_or_file(scenario: Any) -> str:
    if isinstance(scenario, str | os.PathLike) and isinstance(os.fspath(scenario), str):
        return str(os.fspath(scenario))
    raise InputError(f"scenario is {scenario!r}; it must be the name of a scenario or of a TOML file")


def _known(name: str, value: Any, known: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in known:
        near = nearest(value, known)
        hint = f"did you mean {near!r}? " if near else ""
        raise InputError(f"{name} is {value!r}; {hint}known are {', '.join(known)}")


def _check_together(config: Config) -> None:
    """Check the settings that must fit together."""
    _check_parts("parallel", config.parallel)
    _check_parts("policy", config.policy)
    dual = config.dual
    if dual.controller == "pid" and not dual.kp + dual.ki + dual.kd > 0.0:
        raise InputError("dual.kp, dual.ki and dual.kd are all 0; at least one must be above 0")
    check("dual.multiplier", dual.multiplier, Range(0.0, dual.cap))
    if config.method not in ("fair-gne", "none") and not config.conditioned and not dual.multiplier:
        raise InputError(f"dual.multiplier is 0; {config.method} for one weight needs a weight above 0")


def _check_parts(section: str, sizes: ParallelValueSettings | PolicySettings) -> None:
    steps = sizes.num_envs * sizes.num_steps
    if steps % sizes.num_minibatches:
        raise InputError(
            f"{section}.num_minibatches is {sizes.num_minibatches}; it must divide the {steps:,} steps of a rollout "
            f"({sizes.num_envs} environments x {sizes.num_steps} steps)"
        )
