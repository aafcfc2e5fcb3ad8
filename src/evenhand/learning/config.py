"""What a run is asked to do: typed, checked, read from TOML, written beside the run."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, Self

from evenhand.errors import InputError, MissingExtraError

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


@dataclass(frozen=True)
class Exploration:
    """Epsilon-greedy exploration: from 1 to a floor, held, and down to 0 at the end.

    Attributes
    ----------
    floor
        Rate that is held.
    falls_until, held_until
        Parts of the run.
    """

    floor: float = 0.05
    falls_until: float = 0.3
    held_until: float = 0.8


@dataclass(frozen=True)
class ParallelValueSettings:
    """Sizes and rates of the learners without replay.

    Attributes
    ----------
    episodes, rollout
        Episodes side by side, and steps of each between two fits.
    passes, minibatches
        Passes over a rollout, each in so many parts.
    learning_rate, final_rate
        Of the first fit, and the part of it that is left at the last.
    trace, discount
        Of the lambda-returns.
    gradient_norm
        Largest norm of a gradient.
    width, layers
        Of the utilities.
    exploration
        How it explores.
    """

    episodes: int = 256
    rollout: int = 16
    passes: int = 4
    minibatches: int = 8
    learning_rate: float = 1e-3
    final_rate: float = 0.01
    trace: float = 0.9
    discount: float = 1.0
    gradient_norm: float = 10.0
    width: int = 64
    layers: int = 2
    exploration: Exploration = field(default_factory=Exploration)


@dataclass(frozen=True)
class ValueSettings:
    """Sizes and rates of the learners with replay.

    Attributes
    ----------
    episodes, rollout
        Episodes side by side, and steps of each between two turns of learning.
    capacity, warm_up
        Transitions that the ring holds, and that it must hold before the first fit.
    replay_ratio
        Replayed transitions for each environment step.
    batch, window
        Transitions of a fit, in windows of so many consecutive steps.
    relabelled
        Part of the windows that are judged by another multiplier than their own, where the learner is conditioned.
    target_rate
        Part of the way that the target network moves towards the online network at each fit; 1 for no target network.
    learning_rate, final_rate
        Of the first fit, and the part of it that is left at the last.
    trace, discount
        Of the lambda-returns; a trace of 0 is plain double Q-learning, one step ahead.
    gradient_norm
        Largest norm of a gradient.
    width, layers
        Of the utilities.
    exploration
        How it explores.
    """

    episodes: int = 64
    rollout: int = 8
    capacity: int = 131_072
    warm_up: int = 8_192
    replay_ratio: float = 4.0
    batch: int = 256
    window: int = 8
    relabelled: float = 0.5
    target_rate: float = 0.02
    learning_rate: float = 1e-3
    final_rate: float = 0.01
    trace: float = 0.9
    discount: float = 1.0
    gradient_norm: float = 10.0
    width: int = 64
    layers: int = 2
    exploration: Exploration = field(default_factory=Exploration)


@dataclass(frozen=True)
class PolicySettings:
    """Sizes and rates of the policy gradients, IPPO and MAPPO.

    Attributes
    ----------
    episodes, rollout
        Episodes side by side, and steps of each between two fits.
    passes, minibatches
        Passes over a rollout, each in so many parts.
    learning_rate, final_rate
        Of the first fit, and the part of it that is left at the last.
    trace, discount
        Of the advantages.
    clip
        How far from 1 a ratio of probabilities still gains.
    entropy
        Weight of the policy's entropy at first; it falls to 0 at the end.
    value_weight
        Weight of the critic's error.
    gradient_norm
        Largest norm of a gradient.
    width, layers
        Of the policy and the critic.
    """

    episodes: int = 128
    rollout: int = 16
    passes: int = 2
    minibatches: int = 4
    learning_rate: float = 1e-3
    final_rate: float = 0.01
    trace: float = 0.95
    discount: float = 1.0
    clip: float = 0.2
    entropy: float = 0.02
    value_weight: float = 0.5
    gradient_norm: float = 0.5
    width: int = 64
    layers: int = 2


@dataclass(frozen=True)
class DualSettings:
    """The controller of the multiplier, as in :mod:`evenhand.fair_gne.dual`.

    Attributes
    ----------
    controller
        ``"ascent"``, ``"pid"`` or ``"fixed"``.
    cap
        Largest multiplier.
    step_size, decay
        Of ascent.
    kp, ki, kd, smoothing
        Of PID.
    cadence, warm_up
        Episodes from one change to the next; success rate before the first.
    multiplier
        Of a fixed one.
    """

    controller: Literal["ascent", "pid", "fixed"] = "ascent"
    cap: float = 2.0
    step_size: float = 0.02
    decay: float = 0.0
    kp: float = 1.0
    ki: float = 0.05
    kd: float = 0.0
    smoothing: float = 0.9
    cadence: int = 100
    warm_up: float = 0.9
    multiplier: float = 0.0


@dataclass(frozen=True)
class Config:
    """A run.

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
    learner: str = "parallel-vdn"
    method: str = "fair-gne"
    tau: float = 0.85
    form: Literal["expectation", "share", "step"] = "expectation"
    workload: Literal["useful", "actions", "effort"] = "useful"
    shaping: str = "telescoped"
    conditioned: bool = True
    steps: int = 4_000_000
    seed: int = 0
    dual: DualSettings = field(default_factory=DualSettings)
    parallel: ParallelValueSettings = field(default_factory=ParallelValueSettings)
    value: ValueSettings = field(default_factory=ValueSettings)
    policy: PolicySettings = field(default_factory=PolicySettings)

    def __post_init__(self) -> None:
        _known("learner", self.learner, LEARNERS)
        _known("method", self.method, METHODS)
        _known("shaping", self.shaping, SHAPINGS)
        if not self.tau <= 1.0:
            raise InputError(f"tau is {self.tau!r}; Jain's index is at most 1")
        if self.steps < 1:
            raise InputError(f"steps is {self.steps!r}; a run needs at least one")

    @property
    def sizes(self) -> ParallelValueSettings | ValueSettings | PolicySettings:
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
        try:
            from pydantic import TypeAdapter, ValidationError
        except ImportError as error:
            raise MissingExtraError("pydantic", "learn") from error
        _refuse_unknown_keys(values, cls, source)
        try:
            return TypeAdapter(cls).validate_python(values)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise InputError(f"{source}: {key or 'value'}: {first['msg']} (found {first['input']!r})") from error

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a TOML file."""
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(f"{path}: cannot be read as TOML: {error}") from error
        return cls.from_dict(values, str(path))


def _known(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        near = get_close_matches(value, known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(f"{name} is {value!r}; {hint}known are {', '.join(known)}")


def _refuse_unknown_keys(values: dict[str, Any], kind: Any, source: str, path: str = "") -> None:
    fields = {part.name: part for part in dataclasses.fields(kind)}
    for key, value in values.items():
        if key not in fields:
            near = get_close_matches(key, fields, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(fields)}"
            raise InputError(f"{source}: {path}{key} is not a key{hint}")
        default = fields[key].default_factory
        if default is not dataclasses.MISSING and isinstance(value, dict):
            _refuse_unknown_keys(value, default, source, f"{path}{key}.")
