"""The settings of the learners and of the controller, with defaults that were tuned on the hospital scenarios."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from evenhand.errors import InputError, choices
from evenhand.learning.allowed_ranges import (
    COUNT,
    NOT_NEGATIVE,
    POSITIVE,
    POSITIVE_SHARE,
    SHARE,
    SIZE,
    Range,
    check,
    check_ends,
    setting,
)

Controller = Literal["ascent", "pid", "fixed"]
Behaviour = Literal["idle", "lazy", "random"]


@dataclass(frozen=True)
class Exploration:
    """Epsilon-greedy exploration: the rate falls from 1 to a floor, stays there, and falls to 0 at the end of the run.

    Attributes
    ----------
    floor
        Exploration rate after the first decline, in [0, 1].
    falls_until, held_until
        Fractions of the run at which the rate reaches the floor, and at which it begins to fall to 0.
    """

    floor: float = setting(0.05, SHARE)
    falls_until: float = setting(0.3, POSITIVE_SHARE)
    held_until: float = setting(0.8, Range(0.0, 1.0, below_most=True))


@dataclass(frozen=True)
class LearnerSettings:
    """The settings that all learners have.

    Attributes
    ----------
    num_envs, num_steps
        Number of environments that run in parallel, and steps of each per rollout.
    learning_rate, final_learning_rate_fraction
        Initial learning rate, and the fraction of it that remains at the end; it falls linearly.
    gae_lambda, discount
        Lambda and gamma of the lambda-returns (generalised advantage estimation for policies, TD(lambda) for values). A
        lambda of 0 bootstraps after one step.
    max_grad_norm
        Upper limit on the global norm of a gradient; larger gradients are scaled down to it.
    hidden_size, num_layers
        Units per hidden layer, and number of hidden layers.
    """

    num_envs: int = setting(128, SIZE)
    num_steps: int = setting(16, SIZE)
    learning_rate: float = setting(1e-3, POSITIVE)
    final_learning_rate_fraction: float = setting(0.01, SHARE)
    gae_lambda: float = setting(0.9, SHARE)
    discount: float = setting(1.0, POSITIVE_SHARE)
    max_grad_norm: float = setting(10.0, POSITIVE)
    hidden_size: int = setting(64, SIZE)
    num_layers: int = setting(2, Range(0, 1_000, whole=True))

    @property
    def steps_per_iteration(self) -> int:
        """Environment steps per rollout."""
        return self.num_envs * self.num_steps


@dataclass(frozen=True)
class ParallelValueSettings(LearnerSettings):
    """Value decomposition without replay: these settings and those of :class:`LearnerSettings`.

    Attributes
    ----------
    num_epochs, num_minibatches
        Number of passes over each rollout, and of minibatches per pass.
    exploration
        Schedule of the exploration rate.
    """

    num_envs: int = setting(256, SIZE)
    num_epochs: int = setting(4, SIZE)
    num_minibatches: int = setting(8, SIZE)
    exploration: Exploration = field(default_factory=Exploration)


@dataclass(frozen=True)
class ValueSettings(LearnerSettings):
    """Value decomposition with replay: these settings and those of :class:`LearnerSettings`.

    Attributes
    ----------
    buffer_size, min_buffer_size
        Capacity of the replay buffer in transitions, and number of transitions that it must hold before the first
        gradient step.
    replay_ratio
        Replayed transitions per environment step.
    batch_size, window
        Transitions per gradient step, and length of the windows of consecutive steps that make up the batch.
    relabelled
        Fraction of the windows that are trained on under a newly drawn multiplier instead of the one they were played
        under; without effect unless the learner is conditioned on the multiplier.
    target_update_rate
        Step of the target network towards the online network after each gradient step, as a fraction of their
        difference (Polyak averaging). With 1 the target network equals the online network.
    exploration
        Schedule of the exploration rate.
    """

    num_envs: int = setting(64, SIZE)
    num_steps: int = setting(8, SIZE)
    buffer_size: int = setting(131_072, Range(1, 2_000_000_000, whole=True))
    min_buffer_size: int = setting(8_192, Range(0, whole=True))
    replay_ratio: float = setting(4.0, POSITIVE)
    batch_size: int = setting(256, SIZE)
    window: int = setting(8, SIZE)
    relabelled: float = setting(0.5, SHARE)
    target_update_rate: float = setting(0.02, POSITIVE_SHARE)
    exploration: Exploration = field(default_factory=Exploration)

    @property
    def rollouts(self) -> int:
        """Capacity of the replay buffer in whole rollouts."""
        return self.buffer_size // self.steps_per_iteration

    @property
    def fits(self) -> int:
        """Gradient steps per iteration."""
        return max(1, round(self.replay_ratio * self.steps_per_iteration / self.batch_size))

    @property
    def windows(self) -> int:
        """Windows per gradient step."""
        return max(1, round(self.replay_ratio * self.steps_per_iteration / (self.fits * self.window)))

    @property
    def replayed(self) -> float:
        """The replay ratio that results from rounding to whole windows and gradient steps."""
        return self.fits * self.windows * self.window / self.steps_per_iteration


@dataclass(frozen=True)
class PolicySettings(LearnerSettings):
    """The policy gradients, IPPO and MAPPO: these settings and those of :class:`LearnerSettings`.

    Attributes
    ----------
    num_epochs, num_minibatches
        Number of passes over each rollout, and of minibatches per pass.
    clip_range
        Half-width of the interval around 1 in which PPO's probability ratio is not clipped.
    entropy_coef, entropy_until
        Initial weight of the entropy bonus, and the fraction of the run after which it is 0; it falls linearly.
    value_coef
        Weight of the critic's squared error in the loss.
    share
        Whether all agents share one policy network, which tells them apart by their observations, or each has its own;
        so with the critics of IPPO. MAPPO has one critic.
    """

    learning_rate: float = setting(2e-3, POSITIVE)
    gae_lambda: float = setting(0.95, SHARE)
    max_grad_norm: float = setting(0.5, POSITIVE)
    num_epochs: int = setting(2, SIZE)
    num_minibatches: int = setting(4, SIZE)
    clip_range: float = setting(0.2, POSITIVE)
    entropy_coef: float = setting(0.05, NOT_NEGATIVE)
    entropy_until: float = setting(0.5, POSITIVE_SHARE)
    value_coef: float = setting(0.5, NOT_NEGATIVE)
    share: bool = True


@dataclass(frozen=True)
class DualSettings:
    """The controller of the multiplier, as in :mod:`evenhand.fair_gne.dual_controllers`.

    Attributes
    ----------
    controller
        ``"ascent"``, ``"pid"`` or ``"fixed"``.
    cap
        Upper limit on the multiplier.
    step_size, decay
        Step size of dual ascent, and the rate at which it decays.
    kp, ki, kd, smoothing
        Proportional, integral and derivative gains of the PID controller, and the weight of the past in the moving
        average of its violations, in [0, 1).
    cadence, warm_up
        Number of episodes between updates of the multiplier, fewer where episodes are so long that these would take
        more than 10,000 steps, and the success rate that must be reached before updates
        begin.
    multiplier
        The multiplier of the ``"fixed"`` controller.
    """

    controller: Controller = "ascent"
    cap: float = setting(2.0, POSITIVE)
    step_size: float = setting(0.02, POSITIVE)
    decay: float = setting(0.0, NOT_NEGATIVE)
    kp: float = setting(1.0, NOT_NEGATIVE)
    ki: float = setting(0.05, NOT_NEGATIVE)
    kd: float = setting(0.0, NOT_NEGATIVE)
    smoothing: float = setting(0.9, Range(0.0, 1.0, below_most=True))
    cadence: int = setting(100, COUNT)
    warm_up: float = setting(0.9, SHARE)
    multiplier: float = setting(0.0, NOT_NEGATIVE)


@dataclass(frozen=True)
class Disturbance:
    """What stands between the team and the world, drawn anew for each episode; by default nothing.

    Attributes
    ----------
    delay
        Lowest and highest number of steps after which agents see a state; one number for both. Each whole number in the
        range is equally likely.
    noise
        Lowest and highest standard deviation of the Gaussian noise on what agents see; one number for both. The
        deviation is uniform in the range, and each feature of each agent is blurred independently in each step.
    absence
        Probability that one agent, each with the same probability, is absent from an episode.
    absent_behaviour
        What an absent agent does: ``idle`` nothing, ``lazy`` all but work, ``random`` anything that is possible.

    Raises
    ------
    InputError
        If a value is out of range; the message names it.
    """

    delay: tuple[int, int] = (0, 0)
    noise: tuple[float, float] = (0.0, 0.0)
    absence: float = setting(0.0, SHARE)
    absent_behaviour: Behaviour = "idle"

    def __post_init__(self) -> None:
        object.__setattr__(self, "delay", check_ends("disturbance.delay", self.delay, DELAYS))
        object.__setattr__(self, "noise", check_ends("disturbance.noise", self.noise, NOISES))
        object.__setattr__(self, "absence", check("disturbance.absence", self.absence, SHARE))
        if self.absent_behaviour not in get_args(Behaviour):
            known = choices(self.absent_behaviour, get_args(Behaviour), quoted=False)
            raise InputError(f"disturbance.absent_behaviour is {self.absent_behaviour!r}; {known}")

    @property
    def is_none(self) -> bool:
        """Whether nothing is disturbed."""
        return not (self.delay[1] or self.noise[1] or self.absence)


DELAYS, NOISES = Range(0, 1_000, whole=True), Range(0.0, 1_000.0)
"""What may be asked for; an environment's horizon limits delays further."""
