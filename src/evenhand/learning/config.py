"""The configuration of a training run: typed, checked, read from TOML and saved with the run."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, get_args

from evenhand.errors import InputError, nearest, prefixed
from evenhand.fair_gne.constraint import Form
from evenhand.learning.allowed_ranges import COUNT, POSITIVE_SHARE, SEED, Range, check, setting, taken
from evenhand.learning.settings import (
    Controller,
    Disturbance,
    DualSettings,
    LearnerSettings,
    ParallelValueSettings,
    PolicySettings,
    ValueSettings,
)
from evenhand.tables.documents import read_toml
from evenhand.tables.shapes import refuse_unknown

LEARNERS = ("parallel-vdn", "parallel-qmix", "parallel-iql", "vdn", "qmix", "iql", "ippo", "mappo")
"""Names of the learners: value decomposition without and with replay, and policy gradients."""
PARALLEL = "parallel-"
"""Prefix in the names of the learners without replay."""
POLICIES = ("ippo", "mappo")
"""Names of the policy-gradient learners."""
METHODS = (
    "fair-gne",
    "none",
    "workload-penalty",
    "workload-skill-penalty",
    "action-count-penalty",
    "fair-efficient",
    "generalised-gini",
)
"""Names of the methods: the constraint with a dual controller, no fairness, and fixed penalties from the literature."""
SHAPINGS = ("telescoped", "smoothed", "published", "per-step")
"""Names of the ways to shape the reward, as in :mod:`evenhand.fair_gne.shaping`."""
NETWORKS = ("flat", "entity")
"""Names of the networks: of one vector for each agent, or of entities, for teams of any size."""
Workload = Literal["useful", "actions", "effort"]


@dataclass(frozen=True)
class Config:
    """The configuration of a training run.

    Numbers may be Python's or NumPy's, and a whole number may be written as 2e5. Strings and booleans are not accepted
    as numbers.

    Attributes
    ----------
    scenario
        Name of a built-in hospital scenario, or path of a TOML file that describes one.
    learner
        One of LEARNERS.
    method
        One of METHODS.
    tau
        Threshold of Jain's index, in (1/n, 1]; :mod:`evenhand.fair_gne.shaping` says where it acts.
    form
        What the threshold applies to, as in :class:`evenhand.fair_gne.Constraint`: for instance the mean of the index
        over episodes.
    workload
        How the hospital counts the work that is to be shared: ``useful``, ``actions`` or ``effort``.
    shaping
        One of SHAPINGS.
    network
        One of NETWORKS. ``entity`` needs an environment that shows its states as entities
        (:class:`evenhand.learning.environment.EntityEnvironment`), as the hospital does, and one of POLICIES.
    conditioned
        Whether the multiplier is an input of the networks, so that one policy covers all multipliers.
    steps
        Number of environment steps in the run.
    seed
        Seed of all random numbers.
    disturbance
        Delay, noise and absence in training.
    dual
        Settings of the controller of the multiplier.
    parallel, value, policy
        Settings of value decomposition without replay, with replay, and of the policy gradients; only those of the
        chosen learner are used.
    """

    scenario: str = "rescue-breaths/specialist"
    learner: str = "mappo"
    method: str = "fair-gne"
    tau: float = setting(0.85, POSITIVE_SHARE)
    form: Form = "expectation"
    workload: Workload = "useful"
    shaping: str = "telescoped"
    network: str = "flat"
    conditioned: bool = True
    steps: int = setting(1_000_000, COUNT)
    seed: int = setting(0, SEED)
    disturbance: Disturbance = field(default_factory=Disturbance)
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
        _known("network", self.network, NETWORKS)
        _known("form", self.form, get_args(Form))
        _known("workload", self.workload, get_args(Workload))
        _known("dual.controller", self.dual.controller, get_args(Controller))
        _check_together(self)

    @property
    def sizes(self) -> LearnerSettings:
        """The settings of the chosen learner."""
        if self.learner in POLICIES:
            return self.policy
        return self.parallel if self.learner.startswith(PARALLEL) else self.value

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as JSON values."""
        values: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any], source: str = "configuration") -> Self:
        """Return the configuration that a dictionary describes, for instance one read from a file.

        Raises
        ------
        InputError
            If a key is unknown or a value is not allowed; the message names the key, the value and what is allowed.
        """
        if not isinstance(values, dict):
            raise InputError(f"{source}: {values!r} is no configuration; it must be names with values")
        with prefixed(source):
            refuse_unknown(values, [part.name for part in dataclasses.fields(cls)])
            return cls(**values)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a configuration from a TOML file."""
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
    """Check the rules that involve more than one setting."""
    _check_parts("parallel", config.parallel)
    _check_parts("policy", config.policy)
    if config.network == "entity" and config.learner not in POLICIES:
        raise InputError(f"network is 'entity'; {config.learner} has no such network, only {', '.join(POLICIES)} have")
    if config.network == "entity" and not config.policy.share:
        raise InputError("policy.share is false; agents with an entity network share it, whatever their number")
    if config.shaping == "smoothed" and config.method not in ("fair-gne", "none"):
        raise InputError(f"shaping is 'smoothed', which smooths the index; {config.method} has a penalty instead")
    dual = config.dual
    if dual.controller == "pid" and not dual.kp + dual.ki + dual.kd > 0.0:
        raise InputError("dual.kp, dual.ki and dual.kd are all 0; at least one must be above 0")
    check("dual.multiplier", dual.multiplier, Range(0.0, dual.cap))
    if config.method not in ("fair-gne", "none") and config.disturbance.absence:
        raise InputError(
            f"disturbance.absence is {config.disturbance.absence:g}; {config.method} is for whole teams, and "
            "only fair-gne and none allow for absent agents"
        )
    if config.method not in ("fair-gne", "none") and not config.conditioned and not dual.multiplier:
        raise InputError(f"dual.multiplier is 0; {config.method} for one weight needs a weight above 0")


def _check_parts(section: str, sizes: ParallelValueSettings | PolicySettings) -> None:
    steps = sizes.num_envs * sizes.num_steps
    if steps % sizes.num_minibatches:
        raise InputError(
            f"{section}.num_minibatches is {sizes.num_minibatches}; it must divide the {steps:,} steps of a rollout "
            f"({sizes.num_envs} environments x {sizes.num_steps} steps)"
        )
