r"""An environment that agents see late and blurred, and from which one of them may be absent.

Delay, noise and absence are drawn for each episode. An agent sees the state of `delay` steps ago, with noise on every
feature that the environment declares continuous. Known at once are which actions are possible, which an agent would
find out by trying, and the multiplier. Nobody knows who is absent. A central critic or mixer sees
the state as it is, with the delay, the noise and who is absent.

What helps against a disturbance is in the observations if training has that disturbance, and otherwise not even kept:

===========  =====================================================================================================
trained for  the agent also sees
===========  =====================================================================================================
delay        its own last actions, as many as the longest delay, and the age of what it sees, one-hot: without
             them, an agent repeats what it has done already, because it cannot see yet that it has
noise        means of what it has seen, over about the last 4 and the last 8 steps
absence      nothing more: it sees who has worked so far, and who has not moved
===========  =====================================================================================================

The means are exponential averages, :math:`m_t = m_{t-1} + a_t (o_t - m_{t-1})` with
:math:`a_t = \max(1 / t, 2 / (k + 1))`: the mean of all observations at first, and later one with the variance of a mean
of k, without the k observations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from evenhand.learning.disturbance_level import Level, agents_of, refuse_unfit
from evenhand.learning.settings import Disturbance

if TYPE_CHECKING:
    from evenhand.fair_gne import Constraint

AVERAGED = (4, 8)
"""Numbers k of observations in the running means."""
NOBODY = -1
"""An action before the first step."""
STATIC = ("scenario", "arrays", "tables", "levels", "total_work", "workload_definition", "agent_names")
OF_A_STATE = ("workloads", "units", "progress")
"""Optional attributes of an environment that do not depend on the state, and functions of the state."""


class DisturbedState(NamedTuple):
    """An episode with what the agents remember of it; parts that no disturbance needs are None.

    Attributes
    ----------
    now
        State of the environment inside.
    time
        Scalar: number of steps so far.
    past
        States of the last D steps, newest first, arrays (D, ...); before the beginning, the first state.
    delay, noise
        Scalars: the episode's delay and its standard deviation.
    absent
        Shape (n,): which agents are absent.
    actions
        Shape (K, n): the last joint actions as they were executed, newest first; NOBODY before the first step.
    luck
        Key data of this step's random numbers.
    sight
        Shape (n, F): what each agent sees, blurred.
    means
        Shape (len(AVERAGED), n, F): running means of that.
    """

    now: Any
    time: Array
    past: Any
    delay: Any
    noise: Any
    absent: Any
    actions: Any
    luck: Array
    sight: Any
    means: Any


class Disturbed:
    """An environment around another one, which its agents see disturbed; its states hold what they remember.

    Observations (n, O) are the sight (n, F = D + n + 1), which is the observation inside, every agent's share of the
    work and the index, all late and blurred; then what is remembered. Starts and steps are those of the environment
    inside for the same random keys.

    Parameters
    ----------
    env
        The environment.
    constraint
        The constraint, whose index agents see.
    trained
        Disturbances of training, which decide what is remembered.
    level
        Disturbances to play under; default those of training.

    Raises
    ------
    InputError
        If the environment does not allow a disturbance: the message says what it lacks.
    """

    observes_work = True

    def __init__(self, env: Any, constraint: Constraint, trained: Disturbance, level: Level | None = None) -> None:
        self.env, self.trained = env, trained
        drawn = trained if level is None else level.drawn
        self.level = Level() if level is None else level
        self._drawn = drawn
        self._away = agents_of(env, self.level.absent)
        refuse_unfit(env, drawn, self.level)
        self._work: Callable[..., Array] = lambda work, present: work_features(constraint, work, present)
        self.n_agents: int = env.n_agents
        self.n_actions: int = env.n_actions
        self.horizon: int = env.horizon
        self._depth = drawn.delay[1]
        self._own = trained.delay[1]
        self._kept = max(self._own, self._depth if self.level.predict else 0)
        self._blurs = bool(drawn.noise[1])
        self._averages = bool(trained.noise[1])
        self._absence = bool(drawn.absence or self._away)
        self.sight_size = env.observation_size + self.n_agents + 1
        ages = self._own + 1 if self._own else 0
        averaged = len(AVERAGED) * self.sight_size if self._averages else 0
        self.observation_size = self.sight_size + averaged + self._own * self.n_actions + ages
        told = bool(self._own) + bool(self._averages) + self.n_agents * bool(trained.absence)
        self.state_size = env.state_size + told
        for name in STATIC:
            if hasattr(env, name):
                setattr(self, name, getattr(env, name))
        for name in OF_A_STATE:
            if hasattr(env, name):
                setattr(self, name, _of_now(getattr(env, name)))
        if (self._absence and not self.level.counted) or hasattr(env, "present"):
            self.present = self._present

    def reset(self, key: Array) -> DisturbedState:
        """Return the first state of an episode, with its disturbances drawn."""
        now = self.env.reset(key)
        for_delay, for_noise, for_absence, for_whom, luck = jax.random.split(jax.random.fold_in(key, 1), 5)
        drawn, n = self._drawn, self.n_agents
        low, high = drawn.noise
        absent = jnp.isin(jnp.arange(n), jnp.asarray(self._away, jnp.int32))
        if drawn.absence:
            away = jax.random.uniform(for_absence) < drawn.absence
            absent = (jnp.arange(n) == jax.random.randint(for_whom, (), 0, n)) & away
        begun = DisturbedState(
            now=now,
            time=jnp.zeros((), jnp.int32),
            past=jax.tree.map(lambda part: jnp.broadcast_to(part, (self._depth, *part.shape)), now)
            if self._depth
            else None,
            delay=jax.random.randint(for_delay, (), drawn.delay[0], drawn.delay[1] + 1) if self._depth else None,
            noise=jax.random.uniform(for_noise, minval=low, maxval=high) if self._blurs else None,
            absent=absent if self._absence else None,
            actions=jnp.full((self._kept, n), NOBODY, jnp.int32) if self._kept else None,
            luck=jax.random.key_data(luck),
            sight=None,
            means=None,
        )
        return self._seen(begun, None)

    def step(self, key: Array, state: DisturbedState, actions: Array) -> tuple[DisturbedState, Any]:
        """Return the next state and the outcome, with the actions (n,) of those present and whatever the absent do."""
        executed = self.executed(key, state, actions)
        now, outcome = self.env.step(key, state.now, executed)
        luck = jax.random.split(jax.random.wrap_key_data(state.luck), 1)[0]
        after = state._replace(
            now=now,
            time=state.time + 1,
            past=None if state.past is None else _shifted(state.now, state.past),
            actions=None if state.actions is None else _shifted(executed.astype(jnp.int32), state.actions),
            luck=jax.random.key_data(luck),
        )
        return self._seen(after, state.means), outcome

    def executed(self, key: Array, state: DisturbedState, actions: Array) -> Array:
        """Return the actions (n,) that are executed: those of absent agents are not their policy's."""
        if not self._absence:
            return actions
        behaviour = self._drawn.absent_behaviour
        own = self._any_possible(state) if behaviour == "random" else jnp.full_like(actions, self.env.idle_action)
        if behaviour == "lazy":
            after, _ = self.env.step(key, state.now, actions)
            works = self.env.workload(after) > self.env.workload(state.now)
            own = jnp.where(works, own, actions)
        return jnp.where(state.absent, own.astype(actions.dtype), actions)

    def observe(self, state: DisturbedState) -> Array:
        """Return the observations, (n, O): the sight, and what is remembered."""
        parts = [self._clear(state) if state.sight is None else state.sight]
        if self._averages and state.means is not None:
            parts.extend(state.means)
        if self._own and state.actions is not None:
            own = jax.nn.one_hot(state.actions[: self._own], self.n_actions)
            parts.append(own.transpose(1, 0, 2).reshape(self.n_agents, -1))
            age = jax.nn.one_hot(jnp.minimum(self._age(state), self._own), self._own + 1)
            parts.append(jnp.broadcast_to(age, (self.n_agents, self._own + 1)))
        return jnp.concatenate(parts, axis=-1)

    def global_state(self, state: DisturbedState) -> Array:
        """Return the state as it is, then delay and noise as shares of their most, and who is absent; (G,)."""
        trained, none = self.trained, jnp.zeros(())
        parts = [self.env.global_state(state.now)]
        if self._own:
            parts.append((none if state.delay is None else state.delay)[None] / trained.delay[1])
        if self._averages:
            parts.append((none if state.noise is None else state.noise)[None] / trained.noise[1])
        if trained.absence:
            nobody = jnp.zeros(self.n_agents)
            parts.append(nobody if state.absent is None else state.absent.astype(jnp.float32))
        return jnp.concatenate(parts)

    def mask(self, state: DisturbedState) -> Array:
        """Return which actions are possible now, (n, A); for an agent that is absent only what it will do, if known."""
        possible = self.env.mask(state.now)
        if not self._absence or self._drawn.absent_behaviour == "lazy":
            return possible
        only = self.executed(state.luck, state, jnp.zeros(self.n_agents, jnp.int32))
        return jnp.where(state.absent[:, None], only[:, None] == jnp.arange(self.n_actions), possible)

    def workload(self, state: DisturbedState) -> Array:
        """Return the work of each agent since the episode began, (n,), of those absent too."""
        return self.env.workload(state.now)

    def _present(self, state: DisturbedState) -> Array:
        inside = getattr(self.env, "present", None)
        here = jnp.ones(self.n_agents, bool) if inside is None else inside(state.now)
        return here if state.absent is None or self.level.counted else here & ~state.absent

    def _any_possible(self, state: DisturbedState) -> Array:
        """Draw an action of each agent, the same whenever asked in this state, all possible ones equally likely."""
        key = jax.random.fold_in(jax.random.wrap_key_data(state.luck), 1)
        logits = jnp.where(self.env.mask(state.now), 0.0, -jnp.inf)
        return jax.random.categorical(key, logits).astype(jnp.int32)

    def _seen(self, state: DisturbedState, means: Array | None) -> DisturbedState:
        """Return the state with what is seen in it, if that is kept, and the means before brought up to date."""
        if not (self._blurs or self._averages):
            return state
        sight = self._clear(state)
        if state.noise is not None:
            key = jax.random.fold_in(jax.random.wrap_key_data(state.luck), 0)
            blurred = np.append(self.env.continuous, np.ones(self.n_agents + 1, bool))
            sight = sight + state.noise * blurred * jax.random.normal(key, sight.shape)
        if not self._averages:
            return state._replace(sight=sight)
        if means is None:
            means = jnp.broadcast_to(sight, (len(AVERAGED), *sight.shape))
        weight = jnp.maximum(1.0 / (state.time + 1.0), 2.0 / (jnp.array(AVERAGED) + 1.0))[:, None, None]
        return state._replace(sight=sight, means=means + weight * (sight - means))

    def _clear(self, state: DisturbedState) -> Array:
        """Return what the agents would see without noise, (n, F)."""
        old = self._late(state)
        inside = getattr(self.env, "present", None)
        work = self._work(self.env.workload(old), None if inside is None else inside(old))
        seen = self.env.observe(old)
        return jnp.concatenate([seen, jnp.broadcast_to(work, (self.n_agents, work.shape[-1]))], axis=-1)

    def _late(self, state: DisturbedState) -> Any:
        """Return the state that agents see, rolled forward where that is asked for."""
        if state.past is None:
            return state.now
        back = state.delay
        old = jax.tree.map(lambda now, past: jnp.concatenate([now[None], past])[back], state.now, state.past)
        if not self.level.predict or state.actions is None:
            return old
        for ago in reversed(range(self._depth)):
            after, _ = self.env.step(jax.random.key(0), old, jnp.maximum(state.actions[ago], 0))
            known = ago < jnp.minimum(state.delay, state.time)
            old = jax.tree.map(lambda new, kept, known=known: jnp.where(known, new, kept), after, old)
        return old

    def _age(self, state: DisturbedState) -> Array:
        """Return how many steps ago what agents see was the case."""
        if state.delay is None or self.level.predict:
            return jnp.zeros((), jnp.int32)
        return jnp.minimum(state.delay, state.time)


def work_features(constraint: Constraint, work: Array, present: Array | None = None) -> Array:
    """Return every agent's share of the work so far and the fairness index, (..., n + 1), of workloads (..., n)."""
    # Scale by a power of two, which is exact, because the sum of large workloads could overflow.
    _, exponent = jnp.frexp(work.max(axis=-1, keepdims=True))
    scaled = jnp.ldexp(work, -exponent)
    shares = scaled / jnp.maximum(scaled.sum(axis=-1, keepdims=True), 1e-6)
    return jnp.concatenate([shares, constraint.index(scaled, present)[..., None]], axis=-1)


def inner(env: Any) -> Any:
    """Return the environment itself, without disturbances."""
    return env.env if isinstance(env, Disturbed) else env


def under(learner: Any, level: Level) -> Any:
    """Return a learner in whose team the disturbances are those of a level; its parameters stay valid.

    What agents remember is what they were trained to. A team that was trained undisturbed remembers nothing and plays
    by what it sees.

    Parameters
    ----------
    learner
        A learner.
    level
        The disturbances.

    Raises
    ------
    InputError
        If the environment does not allow them, or there is no such agent.
    """
    return _under(learner, level)


@lru_cache(maxsize=16)
def _under(learner: Any, level: Level) -> Any:
    """Return the learner; the last ones are kept, and with them their compiled functions."""
    team = learner.team
    trained = team.env.trained if isinstance(team.env, Disturbed) else Disturbance()
    env = Disturbed(inner(team.env), team.constraint, trained, level)
    return replace(learner, team=replace(team, env=env))


def _shifted(newest: Any, past: Any) -> Any:
    """Return the past with the newest in front, and without the oldest."""
    return jax.tree.map(lambda new, old: jnp.concatenate([new[None], old[:-1]]), newest, past)


def _of_now(function: Callable[[Any], Any]) -> Callable[[DisturbedState], Any]:
    return lambda state: function(state.now)
