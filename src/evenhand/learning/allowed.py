"""Which values a setting may have, said in one line where it has another."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError

if TYPE_CHECKING:
    from evenhand.learning.config import Config
    from evenhand.learning.settings import ParallelValueSettings, PolicySettings


@dataclass(frozen=True)
class Range:
    """Numbers that are allowed, finite ones only.

    Attributes
    ----------
    least, most
        Limits.
    whole
        Whether only whole numbers are.
    beyond_least, below_most
        Whether a limit itself is left out.
    """

    least: float
    most: float = math.inf
    whole: bool = False
    beyond_least: bool = False
    below_most: bool = False

    def __contains__(self, value: object) -> bool:
        kind = (int,) if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kind) or not math.isfinite(value):
            return False
        if (self.beyond_least and value == self.least) or (self.below_most and value == self.most):
            return False
        return self.least <= value <= self.most

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        low = f"{'above' if self.beyond_least else 'from'} {self.least:g}"
        if math.isinf(self.most):
            return f"{kind} {low}"
        if self.beyond_least or self.below_most:
            return f"{kind} {low}, {'below' if self.below_most else 'at most'} {self.most:g}"
        return f"{kind} {low} to {f'{self.most:,.0f}' if self.whole else f'{self.most:g}'}"


COUNT = Range(1, whole=True)
SIZE = Range(1, 1_000_000, whole=True)
SEED = Range(0, 2_000_000_000, whole=True)
"""32 bits, with room for seeds that are counted on from a given one."""
POSITIVE = Range(0.0, beyond_least=True)
NOT_NEGATIVE = Range(0.0)
SHARE = Range(0.0, 1.0)
POSITIVE_SHARE = Range(0.0, 1.0, beyond_least=True)

ALLOWED = {
    COUNT: "steps cadence",
    SIZE: "episodes rollout passes minibatches width batch window",
    Range(0, 1_000, whole=True): "layers",
    Range(1, 2_000_000_000, whole=True): "capacity",
    Range(0, whole=True): "value.warm_up",
    SEED: "seed",
    POSITIVE: "learning_rate gradient_norm replay_ratio clip cap step_size",
    NOT_NEGATIVE: "entropy value_weight decay kp ki kd multiplier",
    SHARE: "final_rate trace relabelled floor dual.warm_up",
    POSITIVE_SHARE: "tau discount target_rate falls_until entropy_until",
    Range(0.0, 1.0, below_most=True): "smoothing held_until",
}
"""Names of settings by what they may be; with their section where a name stands for two things."""
_RANGES = {name: allowed for allowed, names in ALLOWED.items() for name in names.split()}


def check(name: str, value: Any, allowed: Range) -> None:
    """Raise an InputError that names setting, value and what is right, unless the value is allowed."""
    if value not in allowed:
        raise InputError(f"{name} is {value!r}; it must be {allowed}")


def check_settings(config: Config) -> None:
    """Check all numbers of a configuration, each by itself and those that must fit together."""
    _check_each(config, "")
    _check_parts("parallel", config.parallel)
    _check_parts("policy", config.policy)
    dual = config.dual
    if dual.controller == "pid" and not dual.kp + dual.ki + dual.kd > 0.0:
        raise InputError("dual.kp, dual.ki and dual.kd are all 0; at least one must be above 0")
    check("dual.multiplier", dual.multiplier, Range(0.0, dual.cap))
    if config.method not in ("fair-gne", "none") and not config.conditioned and not dual.multiplier:
        raise InputError(f"dual.multiplier is 0; {config.method} for one weight needs a weight above 0")


def _check_each(settings: Any, section: str) -> None:
    for part in dataclasses.fields(settings):
        value, path = getattr(settings, part.name), section + part.name
        if dataclasses.is_dataclass(value):
            _check_each(value, f"{path}.")
            continue
        allowed = _RANGES.get(path, _RANGES.get(part.name))
        if allowed is not None:
            check(path, value, allowed)


def _check_parts(section: str, sizes: ParallelValueSettings | PolicySettings) -> None:
    steps = sizes.episodes * sizes.rollout
    if steps % sizes.minibatches:
        raise InputError(
            f"{section}.minibatches is {sizes.minibatches}; it must divide the {steps:,} steps of a rollout "
            f"({sizes.episodes} episodes x {sizes.rollout} steps)"
        )
