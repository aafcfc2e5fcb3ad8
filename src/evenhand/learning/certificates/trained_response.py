"""Train one agent's response beside a frozen team: a lower bound on its gain where states cannot be enumerated.

A best response is a reinforcement-learning problem of one agent, in an environment that has the others in it. What our
own learner finds is some response, so its gain is a lower bound on that of the best one, and an estimate; it is never
exact. :func:`evenhand.learning.certify_team` is, in scenarios that are small enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from evenhand.learning import conditioning
from evenhand.learning.allowed_ranges import COUNT, Range, check
from evenhand.learning.certificates.policy_tables import refuse_disturbed
from evenhand.learning.environment import Entities, Outcome
from evenhand.learning.evaluation import Evaluation, evaluate
from evenhand.learning.lottery import Lottery
from evenhand.learning.pick_multiplier import pick
from evenhand.learning.training import train
from evenhand.statistics import Estimate

if TYPE_CHECKING:
    from evenhand.learning.training import Run
    from evenhand.learning.training_progress import Progress

STEPS = 500_000
"""Default number of environment steps for which a response is trained."""
EPISODES = 4000
"""Number of fresh episodes on which the team and each response are evaluated."""
APART = 2000
"""Offset of the seeds of evaluation from those of the picking of multipliers."""


class Beside(NamedTuple):
    """An episode of the environment inside, and the multiplier that the team plays it under."""

    inner: Any
    multiplier: Array


class FrozenOthers:
    """An environment for one agent: the others follow a trained team's policy, whatever the learner does for them.

    The multiplier of an episode is drawn from the team's lottery, for all to see: it is part of the observations.
    The others have nothing to choose, so that a learner that trains all agents trains this one alone.

    Parameters
    ----------
    run
        The team.
    lottery
        Lottery over its multipliers.
    agent
        Number of the agent that learns.
    """

    def __init__(self, run: Run, lottery: Lottery, agent: int) -> None:
        env = run.learner.team.env
        self.env, self.run, self.lottery, self.agent = env, run, lottery, agent
        self.n_agents: int = env.n_agents
        self.n_actions: int = env.n_actions
        self.observation_size: int = env.observation_size + conditioning.SIZE
        self.state_size: int = env.state_size + conditioning.SIZE
        self.horizon: int = env.horizon
        # What networks and shapers may ask of an environment besides, as far as the team's own has it.
        for name in ("total_work", "action_places"):
            if hasattr(env, name):
                setattr(self, name, getattr(env, name))
        if hasattr(env, "entities"):
            self.entities = self._entities

    def reset(self, key: Array) -> Beside:
        """Draw the beginning of an episode, and its multiplier."""
        for_inner, for_draw = jax.random.split(key)
        high = jax.random.uniform(for_draw) < self.lottery.share
        return Beside(self.env.reset(for_inner), jnp.where(high, self.lottery.high, self.lottery.low))

    def step(self, key: Array, state: Beside, actions: Array) -> tuple[Beside, Outcome]:
        """Let the agent act beside the team."""
        learner = self.run.learner
        one = jax.tree.map(lambda part: part[None], state)
        theirs = learner.act(self.run.parameters, learner.team.view(one.inner, one.multiplier))[0]
        inner, outcome = self.env.step(key, state.inner, theirs.at[self.agent].set(actions[self.agent]))
        return Beside(inner, state.multiplier), outcome

    def observe(self, state: Beside) -> Array:
        """Return the observations (n, D), with the features of the multiplier at their end."""
        seen = self.env.observe(state.inner)
        shown = jnp.broadcast_to(self._features(state), (self.n_agents, conditioning.SIZE))
        return jnp.concatenate([seen, shown], axis=-1)

    def global_state(self, state: Beside) -> Array:
        """Return the global state (G,), with the features of the multiplier at its end."""
        return jnp.concatenate([self.env.global_state(state.inner), self._features(state)])

    def mask(self, state: Beside) -> Array:
        """Return the agent's possible actions; the others have their first one only, which is not played."""
        nothing = jnp.arange(self.n_actions) == 0
        mine = jnp.arange(self.n_agents)[:, None] == self.agent
        return jnp.where(mine, self.env.mask(state.inner), nothing)

    def workload(self, state: Beside) -> Array:
        """Return the workloads (n,)."""
        return self.env.workload(state.inner)

    def _entities(self, state: Beside) -> Entities:
        """Return the state as entities, with the features of the multiplier at the end of the world's."""
        seen = self.env.entities(state.inner)
        world = jnp.concatenate([seen.world, self._features(state)])
        return Entities(seen.agents, seen.places, seen.pairs, world)

    def _features(self, state: Beside) -> Array:
        return conditioning.features(state.multiplier, self.run.learner.team.cap)


@dataclass(frozen=True)
class LearnedGain:
    """What a trained response of one agent gains: an estimate of a lower bound on what its best response does.

    Attributes
    ----------
    agent
        Number of the agent.
    team
        The team, evaluated on fresh episodes.
    feasible
        The response under the multipliers with which it keeps the constraint; None if it does not keep it.
    free
        The response under the multiplier 0.
    reports
        Reports of its training, which show whether it has converged.
    """

    agent: int
    team: Evaluation
    feasible: Evaluation | None
    free: Evaluation
    reports: tuple[Progress, ...]

    @property
    def feasible_gain(self) -> Estimate:
        """The gain under the constraint, at least 0: the present policy is a response, too."""
        return Estimate(0.0, 0.0, 0.0) if self.feasible is None else _gain(self.feasible, self.team)

    @property
    def free_gain(self) -> Estimate:
        """The gain without the constraint, at least 0; any feasible response is one without the constraint."""
        found = _gain(self.free, self.team)
        return max(found, self.feasible_gain, key=lambda gain: gain.value)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values: the gains as estimates, their evaluations, and up to ten reports of training."""
        every = max(1, len(self.reports) // 10)
        kept = ("steps", "success", "jain", "episode_steps", "jain_at_multiplier", "multiplier", "loss")
        return {
            "agent": self.agent,
            "bound": "lower, estimated",
            "feasible_gain": self.feasible_gain.to_dict(),
            "free_gain": self.free_gain.to_dict(),
            "feasible": None if self.feasible is None else self.feasible.to_dict(),
            "free": self.free.to_dict(),
            "training": [{name: report.to_dict()[name] for name in kept} for report in self.reports[::every]],
        }


def learned_response(
    run: Run,
    agent: int,
    lottery: Lottery | None = None,
    *,
    tau: float | None = None,
    steps: int = STEPS,
    episodes: int = EPISODES,
    seed: int = 0,
    progress: Callable[[Progress], None] | None = None,
) -> LearnedGain:
    """Train a response of one agent beside the frozen team, and evaluate what it gains.

    Parameters
    ----------
    run
        The team, in any environment.
    agent
        Number of the agent.
    lottery
        The team's lottery over multipliers; default the one picked for the threshold.
    tau
        Threshold; default the run's own.
    steps
        Number of environment steps of training.
    episodes
        Number of fresh episodes for each evaluation.
    seed
        Seed of training and evaluation.
    progress
        Called with the reports of training.

    Raises
    ------
    InputError
        If there is no such agent, a number is out of range, or the team was trained under disturbances.
    KeyboardInterrupt
        If Ctrl-C ends the training.
    """
    refuse_disturbed(run.learner.team.env)
    agent = check("agent", agent, Range(0, run.learner.team.env.n_agents - 1, whole=True))
    steps, episodes = check("steps", steps, COUNT), check("episodes", episodes, COUNT)
    drawn = _lottery(run, tau, seed) if lottery is None else lottery
    config = replace(
        run.config,
        learner="mappo",
        method="fair-gne",
        conditioned=True,
        steps=steps,
        seed=seed,
        tau=run.config.tau if tau is None else tau,
    )
    found = train(config, env=FrozenOthers(run, drawn, agent), progress=progress)
    if not found.finished:
        raise KeyboardInterrupt
    picked = pick(found.learner, found.parameters, seed=seed)

    def judged(of: Run, multiplier: Lottery | float) -> Evaluation:
        return evaluate(
            of.learner, of.parameters, episodes=episodes, seed=seed + APART, multiplier=multiplier, tau=config.tau
        )

    feasible = judged(found, picked.lottery)
    return LearnedGain(
        agent=agent,
        team=judged(run, drawn),
        feasible=None if feasible.shortfall > 0.0 else feasible,
        free=judged(found, 0.0),
        reports=found.reports,
    )


def _lottery(run: Run, tau: float | None, seed: int) -> Lottery:
    """Return the lottery that the team plays at a threshold."""
    if not run.learner.conditioned:
        return Lottery.always(run.multiplier)
    return pick(run.learner, run.parameters, tau=tau, seed=seed).lottery


def _gain(response: Evaluation, team: Evaluation) -> Estimate:
    """Return the difference of mean rewards, at least 0, with the widest interval that theirs allow."""
    one, other = response.reward, team.reward
    ends = (one.value - other.value, one.low - other.high, one.high - other.low)
    return Estimate(*(max(0.0, end) for end in ends))
