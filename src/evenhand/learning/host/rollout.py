"""Train in environments on the host: worker processes play, and what is learned is compiled as everywhere else.

One iteration, as in :mod:`evenhand.learning.on_policy`: in each of T steps, the networks choose the actions of all B
episodes in one compiled call, and the workers step their environments. The rollout is then handed to the learner.

The seed of an episode and the actions in it determine its state. They are part of the state of training, so that a run
that is resumed plays the episodes under way again and goes on bit for bit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import numpy as np
from jax import Array

from evenhand.fair_gne.shaping import end_for
from evenhand.learning.control import starts_under
from evenhand.learning.host.environment import FromPettingZoo, HostState, draw_seeds
from evenhand.learning.metrics import Metrics
from evenhand.learning.rollout import Choice, Played, Players, assign
from evenhand.learning.team import Team

if TYPE_CHECKING:
    from evenhand.learning.host.workers import Workers
    from evenhand.learning.on_policy import TeamLearner

logger = logging.getLogger(__name__)


class _Steps(NamedTuple):
    """A rollout, arrays (T, B, ...): the states before each step, the choices, and the outcomes."""

    states: HostState
    choice: Choice
    reward: Any
    done: Any
    success: Any
    worked: Any
    multiplier: Any
    controlled: Any


class _Next(NamedTuple):
    """What one compiled call chooses for B episodes: actions, and the episodes that follow those that end."""

    choice: Choice
    seeds: Array
    multiplier: Array
    controlled: Array


class HostTraining:
    """The iterations of a run in environments on the host; ended by :meth:`close`.

    Parameters
    ----------
    learner
        A learner whose environment is a :class:`FromPettingZoo`.
    """

    def __init__(self, learner: TeamLearner) -> None:
        self._learner = learner
        self._env: FromPettingZoo = learner.team.env  # type: ignore[assignment]
        self._workers: Workers | None = None

    def advance(self, training: Any, length: int) -> tuple[Any, Metrics]:
        """Run a number of iterations; return the state after them, and their metrics, arrays (length,)."""
        metrics = []
        for _ in range(length):
            training, measured = self._iterate(training)
            metrics.append(jax.device_get(measured))
        return training, jax.tree.map(lambda *values: np.stack(values), *metrics)

    def close(self) -> None:
        """End the worker processes."""
        if self._workers is not None:
            self._workers.close()

    def _iterate(self, training: Any) -> tuple[Any, Metrics]:
        learner = self._learner
        players = jax.tree.map(np.asarray, training.players)
        workers = self._at(players.states)
        training = jax.device_put(training._replace(players=None))  # once, rather than with each call below
        key, for_fit, for_steps = _keys(learner)(training)
        states, multiplier, controlled = shown(workers), players.multiplier, players.controlled
        steps = []
        for for_step in for_steps:
            chosen = _choose(learner)(training, for_step, states, multiplier)
            chosen = jax.tree.map(np.asarray, chosen)
            workers.table.actions[:], workers.table.next_seed[:] = chosen.choice.actions, chosen.seeds
            workers.step()
            table = workers.table
            outcome = (table.reward.copy(), table.done.copy(), table.success.copy(), table.worked.copy())
            steps.append(_Steps(states, chosen.choice, *outcome, multiplier, controlled))
            multiplier = np.where(table.done, chosen.multiplier, multiplier)
            controlled = np.where(table.done, chosen.controlled, controlled)
            states = shown(workers)
        rollout = jax.tree.map(lambda *parts: np.stack(parts), *steps)
        after = Players(states, multiplier, controlled, states.age)
        trained, metrics = _learn(learner)(training, rollout, after, for_fit, key)
        past = states._replace(past=workers.table.past.copy())
        return trained._replace(players=after._replace(states=past)), metrics

    def _at(self, states: HostState) -> Workers:
        """Return the workers, with their environments in these states."""
        if self._workers is None:
            self._workers = self._env.start(len(states.seed))
            self._workers.table.active[:] = True
        table = self._workers.table
        if states.shown.all() and all(
            np.array_equal(getattr(table, name), getattr(states, name)) for name in ("seed", "age", "past")
        ):
            return self._workers
        table.seed[:], table.age[:], table.past[:] = states.seed, states.age, states.past
        self._workers.recall()
        if not all(
            np.array_equal(getattr(table, name)[states.shown], getattr(states, name)[states.shown])
            for name in ("seen", "world", "mask", "work")
        ):
            logger.warning(
                "%s: the episodes under way, played again, do not come out as before; training goes on from what comes "
                "out, and not bit for bit",
                self._env.name,
            )
        return self._workers


def shown(workers: Workers) -> HostState:
    """Return a copy of what the workers show, without the past, which no network looks at."""
    table = workers.table
    parts = {name: getattr(table, name).copy() for name in ("seed", "age", "seen", "world", "mask", "work")}
    return HostState(past=None, shown=np.ones(len(table.seed), bool), **parts)  # type: ignore[arg-type]


@lru_cache(maxsize=4)
def _keys(learner: TeamLearner) -> Callable[[Any], Any]:
    """Return the compiled split of an iteration's random key: of the next one, of the fit, and of each step."""

    def split(training: Any) -> Any:
        key, for_play, for_fit = jax.random.split(jax.random.wrap_key_data(training.key), 3)
        steps = jax.random.split(for_play, learner.settings.num_steps)
        return jax.tree.map(jax.random.key_data, (key, for_fit, list(steps)))

    return jax.jit(split)


@lru_cache(maxsize=4)
def _choose(learner: TeamLearner) -> Callable[..., _Next]:
    def choose(training: Any, key: Array, states: HostState, multiplier: Array) -> _Next:
        for_policy, for_seeds, for_starts = jax.random.split(jax.random.wrap_key_data(key), 3)
        choice = learner.policy(training)(for_policy, learner.team.view(states, multiplier))
        starts = starts_under(training.dual, training.success, learner.conditioned)
        episodes = multiplier.shape[0]
        return _Next(choice, draw_seeds(for_seeds, (episodes,)), *assign(for_starts, learner.team, episodes, starts))

    return jax.jit(choose)


@lru_cache(maxsize=4)
def _learn(learner: TeamLearner) -> Callable[..., tuple[Any, Metrics]]:
    def learn(training: Any, rollout: _Steps, after: Players, for_fit: Array, key: Array) -> Any:
        keys = (jax.random.wrap_key_data(for_fit), jax.random.wrap_key_data(key))
        return learner.learn(training, after, _played(learner.team, rollout), *keys)

    return jax.jit(learn)


def _played(team: Team, rollout: _Steps) -> Played:
    """Return a rollout as the learners know it."""
    before = rollout.states.work
    view = jax.vmap(team.view)(rollout.states, rollout.multiplier)
    return Played(
        states=rollout.states,
        view=view,
        choice=rollout.choice,
        sound=team.sound(view),
        reward=rollout.reward,
        bonus=team.shaper.bonus(before, rollout.worked, **end_for(team.shaper, rollout.done)),
        multiplier=rollout.multiplier,
        done=rollout.done,
        success=rollout.success,
        before=before,
        workload=rollout.worked,
        present=None,
        controlled=rollout.controlled,
        age=rollout.states.age + 1,
    )
