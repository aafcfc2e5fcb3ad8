"""The settings of the learners and of the controller: sizes and rates, with defaults that work in the hospital."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Controller = Literal["ascent", "pid", "fixed"]


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
class LearnerSettings:
    """Sizes and rates that every learner has.

    Attributes
    ----------
    episodes, rollout
        Episodes side by side, and steps of each between two turns of learning.
    learning_rate, final_rate
        Of the first fit, and the part of it that is left at the last.
    trace, discount
        Of the lambda-returns; a trace of 0 looks one step ahead.
    gradient_norm
        Largest norm of a gradient.
    width, layers
        Of the networks.
    """

    episodes: int = 128
    rollout: int = 16
    learning_rate: float = 1e-3
    final_rate: float = 0.01
    trace: float = 0.9
    discount: float = 1.0
    gradient_norm: float = 10.0
    width: int = 64
    layers: int = 2

    @property
    def steps_per_iteration(self) -> int:
        """Environment steps between two turns of learning."""
        return self.episodes * self.rollout


@dataclass(frozen=True)
class ParallelValueSettings(LearnerSettings):
    """Value decomposition without replay: :class:`LearnerSettings` and these.

    Attributes
    ----------
    passes, minibatches
        Passes over a rollout, each in so many parts.
    exploration
        How it explores.
    """

    episodes: int = 256
    passes: int = 4
    minibatches: int = 8
    exploration: Exploration = field(default_factory=Exploration)


@dataclass(frozen=True)
class ValueSettings(LearnerSettings):
    """Value decomposition with replay: :class:`LearnerSettings` and these.

    Attributes
    ----------
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
    exploration: Exploration = field(default_factory=Exploration)

    @property
    def rollouts(self) -> int:
        """Whole rollouts that the ring holds."""
        return self.capacity // self.steps_per_iteration

    @property
    def fits(self) -> int:
        """Fits of one iteration."""
        return max(1, round(self.replay_ratio * self.steps_per_iteration / self.batch))

    @property
    def windows(self) -> int:
        """Windows of one fit."""
        return max(1, round(self.replay_ratio * self.steps_per_iteration / (self.fits * self.window)))

    @property
    def replayed(self) -> float:
        """Replayed transitions for each environment step, as it comes out in whole windows and fits."""
        return self.fits * self.windows * self.window / self.steps_per_iteration


@dataclass(frozen=True)
class PolicySettings(LearnerSettings):
    """The policy gradients, IPPO and MAPPO: :class:`LearnerSettings` and these.

    Attributes
    ----------
    passes, minibatches
        Passes over a rollout, each in so many parts.
    clip
        How far from 1 a ratio of probabilities still gains.
    entropy, entropy_until
        Weight of the policy's entropy at first, and the part of the run in which it falls to 0.
    value_weight
        Weight of the critic's error.
    """

    learning_rate: float = 2e-3
    trace: float = 0.95
    gradient_norm: float = 0.5
    passes: int = 2
    minibatches: int = 4
    clip: float = 0.2
    entropy: float = 0.05
    entropy_until: float = 0.5
    value_weight: float = 0.5


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

    controller: Controller = "ascent"
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
