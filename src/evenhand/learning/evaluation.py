"""Evaluate a trained policy: success, speed and fairness over many episodes, each with a confidence interval."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.errors import InputError
from evenhand.fairness.measures import gini, jain_index
from evenhand.learning.allowed_ranges import COUNT, check
from evenhand.learning.episode_windows import SLACK, WINDOW, windows_met
from evenhand.learning.episodes import Episodes, Learner, Played, WorkloadDefinitions, play_episodes
from evenhand.learning.kkt import KKT, Stationarity, kkt_table
from evenhand.learning.lottery import Lottery
from evenhand.statistics import Estimate, mean_estimate, share_estimate

SHORTFALL = 0.005
"""Shortfall of the mean over all episodes below the threshold beyond which the constraint counts as unmet."""


@dataclass(frozen=True)
class Evaluation:
    """The evaluation of a policy; each estimate is a mean over episodes with a 95 % confidence interval.

    Where agents are absent, all that is said of fairness is about those who are present.

    Attributes
    ----------
    episodes
        Number of episodes.
    success
        Fraction of the episodes in which the task was done.
    episode_steps
        Number of steps per episode, successful or not.
    reward
        Sum of the environment's rewards in an episode, without the fairness bonus.
    jain, jain_given_success
        Jain's index of the workloads at the end, in all episodes (1 if nobody has worked) and in the successful ones.
    idle_episodes
        Fraction of the episodes in which nobody has worked.
    potential
        The quantity whose mean the constraint bounds, at the end of the episode: Jain's index again, or with the form
        ``share`` 1 if the episode meets the threshold, otherwise 0. A team that was trained with the form ``step`` is
        evaluated at the ends of its episodes as well.
    jain_satisfied
        Fraction of the episodes that meet the threshold individually.
    windows_satisfied, windows_strictly_satisfied
        Fraction of the windows of 200 episodes whose mean index is at least the threshold less 0.01, and at least the
        threshold itself.
    cv, gini
        Coefficient of variation and Gini index of the workloads, 0 if nobody has worked.
    workload
        Workload of each agent at the end, by the name of each definition of work.
    workload_definition
        Name of the definition that the constraint applies to.
    jain_by_definition
        Jain's index by the name of each definition. A team that is fair by one definition only may be doing work just
        for the sake of the index.
    multiplier
        Multiplier of the episodes.
    lottery
        The lottery from which the multipliers were drawn; None if they were given.
    tau
        Threshold of the index.
    shortfall
        How far the mean of `potential` falls short of what the constraint asks; 0 if it does not.
    kkt
        The Karush-Kuhn-Tucker conditions; None if there are fewer than 200 episodes, or if the multiplier prices
        something other than the constraint.
    seconds
        Wall-clock time of play.
    """

    episodes: int
    success: Estimate
    episode_steps: Estimate
    reward: Estimate
    jain: Estimate
    jain_given_success: Estimate
    idle_episodes: Estimate
    potential: Estimate
    jain_satisfied: Estimate
    windows_satisfied: Estimate
    windows_strictly_satisfied: Estimate
    cv: Estimate
    gini: Estimate
    workload: Mapping[str, tuple[Estimate, ...]]
    workload_definition: str
    jain_by_definition: Mapping[str, Estimate]
    multiplier: Estimate
    lottery: Lottery | None
    tau: float
    shortfall: float
    kkt: KKT | None
    seconds: float

    @property
    def constraint_unmet(self) -> bool:
        """Whether the shortfall is above the tolerance of 0.005."""
        return self.shortfall > SHORTFALL

    @property
    def met(self) -> str:
        """Whether the constraint is met, in words, with the shortfall if that is within the tolerance."""
        if self.constraint_unmet:
            return "not met"
        if self.shortfall == 0.0:
            return "met"
        return f"short by {self.shortfall:.1g}, within the tolerance of {SHORTFALL:g}"

    def __repr__(self) -> str:
        unmet = ", constraint unmet" if self.constraint_unmet else ""
        said = f"success {self.success}, Jain {self.jain}, steps {self.episode_steps}{unmet}"
        return f"Evaluation({self.episodes} episodes, {said})"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values: each estimate as ``mean``, ``low`` and ``high``, null where nothing was measured."""
        own = self.workload[self.workload_definition]
        return {
            "episodes": self.episodes,
            "success": self.success.to_dict(),
            "episode_steps": self.episode_steps.to_dict(),
            "reward": self.reward.to_dict(),
            "jain": self.jain.to_dict(),
            "jain_given_success": self.jain_given_success.to_dict(),
            "idle_episodes": self.idle_episodes.to_dict(),
            "potential": self.potential.to_dict(),
            "jain_satisfied": self.jain_satisfied.to_dict(),
            "windows_satisfied": self.windows_satisfied.to_dict(),
            "windows_strictly_satisfied": self.windows_strictly_satisfied.to_dict(),
            "cv": self.cv.to_dict(),
            "gini": self.gini.to_dict(),
            "workload": [agent.to_dict() for agent in own],
            "workload_definition": self.workload_definition,
            "workloads": {name: [agent.to_dict() for agent in work] for name, work in self.workload.items()},
            "jain_by_definition": {name: jain.to_dict() for name, jain in self.jain_by_definition.items()},
            "multiplier": self.multiplier.to_dict(),
            "lottery": None if self.lottery is None else self.lottery.to_dict(),
            "tau": self.tau,
            "constraint_unmet": self.constraint_unmet,
            "shortfall": self.shortfall,
            "kkt": None if self.kkt is None else self.kkt.to_dict(),
            "seconds": self.seconds,
        }


def evaluate(
    learner: Learner,
    parameters: Any,
    *,
    episodes: int,
    seed: int,
    multiplier: float | ArrayLike | Lottery = 0.0,
    tau: float | None = None,
    exact: Stationarity | None = None,
    aim: float | None = None,
    progress: Played | None = None,
) -> Evaluation:
    """Play episodes with the greedy policy and evaluate them; a team of entities draws its actions.

    Parameters
    ----------
    learner, parameters
        The policy.
    episodes
        Number of episodes to play.
    seed
        Seed of the episodes' starts and of the lottery.
    multiplier
        The multiplier: one number, one number per episode, or a lottery that draws them.
    tau
        Threshold to compare with, in the unit of the constraint's index; default the constraint's own.
    exact, aim
        As in :func:`~evenhand.learning.kkt.kkt_table`.
    progress
        As in :func:`~evenhand.learning.episodes.play_episodes`.

    Raises
    ------
    InputError
        If `episodes` is below 1, or if the multipliers are negative, not finite, or not one per episode.
    """
    begun = time.perf_counter()
    played = play_episodes(
        learner, parameters, multipliers_of(multiplier, episodes, seed), seed=seed, progress=progress
    )
    lottery = multiplier if isinstance(multiplier, Lottery) else None
    seconds = time.perf_counter() - begun
    return summarise(learner, played, tau=tau, lottery=lottery, exact=exact, aim=aim, seconds=seconds)


def multipliers_of(multiplier: float | ArrayLike | Lottery, episodes: int, seed: int) -> NDArray[np.float32]:
    """Return one multiplier for each episode, (episodes,)."""
    episodes = check("episodes", episodes, COUNT)
    if isinstance(multiplier, Lottery):
        return multiplier.draw(episodes, seed)
    forces = np.asarray(multiplier, dtype=np.float32)
    if forces.ndim and forces.shape != (episodes,):
        raise InputError(
            f"multiplier has the shape {forces.shape}; it must be one number, or one per episode ({episodes})"
        )
    if not (np.isfinite(forces) & (forces >= 0.0)).all():
        raise InputError(f"multiplier is {multiplier!r}; it must be a number from 0")
    return np.broadcast_to(forces, (episodes,))


def summarise(
    learner: Learner,
    played: Episodes,
    *,
    tau: float | None = None,
    lottery: Lottery | None = None,
    exact: Stationarity | None = None,
    aim: float | None = None,
    seconds: float = 0.0,
) -> Evaluation:
    """Return the evaluation of episodes that were played; parameters as in :func:`evaluate`."""
    team = learner.team
    constraint = team.constraint
    tau = constraint.tau if tau is None else tau
    met, strictly = (windows_met(played, constraint, tau, slack) for slack in (SLACK, 0.0))
    potential = np.asarray(constraint.potential(played.workload, tau, played.present), dtype=np.float64)
    table = None
    if team.prices_constraint and len(played) >= WINDOW:
        table = kkt_table(played, constraint, cap=team.cap, tau=tau, exact=exact, aim=aim)
    definition = team.env.workload_definition if isinstance(team.env, WorkloadDefinitions) else "workload"
    definitions = {definition: played.workload, **played.definitions}
    return Evaluation(
        episodes=len(played),
        success=share_estimate(played.success),
        episode_steps=mean_estimate(played.episode_steps),
        reward=mean_estimate(played.reward),
        jain=mean_estimate(played.jain),
        jain_given_success=mean_estimate(played.jain[played.success]),
        idle_episodes=share_estimate(~played.worked),
        potential=mean_estimate(potential),
        jain_satisfied=share_estimate(constraint.satisfied(played.workload, tau, played.present)),
        windows_satisfied=share_estimate(met),
        windows_strictly_satisfied=share_estimate(strictly),
        cv=mean_estimate(played.cv),
        gini=mean_estimate(played.measured(gini)),
        workload={name: tuple(mean_estimate(agent) for agent in work.T) for name, work in definitions.items()},
        workload_definition=definition,
        jain_by_definition={
            name: mean_estimate(played.measured(jain_index, name if name in played.definitions else None))
            for name in definitions
        },
        multiplier=mean_estimate(played.multiplier),
        lottery=lottery,
        tau=tau,
        shortfall=max(0.0, float(constraint.target(tau)) - float(potential.mean())),
        kkt=table,
        seconds=seconds,
    )
