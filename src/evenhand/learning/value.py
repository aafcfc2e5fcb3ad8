"""Value decomposition with replay and target networks: IQL, VDN and QMIX, one code and three mixers.

The algorithm, one iteration:

1. play B episodes for T steps, epsilon-greedily, each under its multiplier, and write them into the ring;
2. some times: sample windows of steps, give each a multiplier, see them with it, form the shaped rewards;
3. fit the mixed utilities of the actions taken to lambda-returns, in which the online network chooses the best action
   and the target network says what it is worth (double Q); traces are cut where another than the action best now
   was taken;
4. let the target network follow;
5. let the dual controller see how fair its finished episodes were.

A window learns under the multiplier its episode was played under or under another one (relabelling): the network sees
the multiplier, and whatever the team did can be judged by any. Where the learner is not conditioned, all windows are
judged by the controller's multiplier in force.

References
----------
M. Tan, Multi-agent reinforcement learning, ICML 1993 (IQL); P. Sunehag et al., Value-decomposition networks, AAMAS 2018
(VDN); T. Rashid et al., QMIX, ICML 2018; H. van Hasselt, A. Guez and D. Silver, Deep reinforcement learning with double
Q-learning, AAAI 2016; C. Watkins, Learning from delayed rewards, 1989.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from evenhand.errors import InputError
from evenhand.learning.control import first_dual, starts_under, update_dual
from evenhand.learning.exploration import epsilon_greedy, exploration_rate
from evenhand.learning.fitting import falling
from evenhand.learning.metrics import Metrics, measure
from evenhand.learning.networks import IMPOSSIBLE, MIXERS, Decomposition, Utility
from evenhand.learning.replay import Replay, Ring, Transition, layout_of
from evenhand.learning.returns import lambda_returns
from evenhand.learning.rollout import Choice, Players, Starts, assign, begin, flat, play

if TYPE_CHECKING:
    from jax import Array

    from evenhand.fair_gne.dual import DualController, DualState
    from evenhand.learning.settings import ValueSettings
    from evenhand.learning.team import Team, View


class Training(NamedTuple):
    """Everything that changes while training.

    Attributes
    ----------
    parameters, target
        Of the utilities and the mixer: online, and as they lag behind.
    optimiser
        The optimiser's state.
    ring
        What is replayed.
    players
        The episodes under way.
    dual
        The controller's state.
    success
        Moving average of the success rate.
    iteration
        Number of iterations done.
    key
        Random key data of the next one.
    """

    parameters: Any
    target: Any
    optimiser: Any
    ring: Ring
    players: Players
    dual: DualState
    success: Array
    iteration: Array
    key: Array


class _Learned(NamedTuple):
    parameters: Any
    target: Any
    optimiser: Any


@dataclass(frozen=True, eq=False)
class Value:
    """The learner.

    Attributes
    ----------
    team
        The environment under its constraint.
    dual
        The controller of the multiplier.
    conditioned
        Whether multipliers are drawn for part of the episodes, and for part of what is replayed.
    mixer
        ``"iql"``, ``"vdn"`` or ``"qmix"``.
    settings
        Sizes and rates.
    iterations
        Number of iterations of the whole run, by which the rates fall.

    Raises
    ------
    InputError
        Where the ring is too small for its windows.
    """

    team: Team
    dual: DualController
    conditioned: bool
    mixer: str
    settings: ValueSettings
    iterations: int

    def __post_init__(self) -> None:
        least = (self.settings.window + 1) * self.settings.num_envs
        if self.settings.rollouts * self.steps_per_iteration < least:
            raise InputError(
                f"buffer_size is {self.settings.buffer_size}; windows of {self.settings.window} steps of "
                f"{self.settings.num_envs} environments need at least {least}, in whole rollouts"
            )

    @property
    def steps_per_iteration(self) -> int:
        """Environment steps of one iteration."""
        return self.settings.steps_per_iteration

    def init(self, seed: int) -> Training:
        """Return the state before the first iteration."""
        return jax.jit(self._init)(jax.random.key(seed))

    def iterate(self, training: Training) -> tuple[Training, Metrics]:
        """Do one iteration."""
        key, for_play, for_fit = jax.random.split(jax.random.wrap_key_data(training.key), 3)
        rate = exploration_rate(self.settings.exploration, training.iteration / self.iterations)

        def policy(key: Array, view: View) -> Choice:
            actions, _ = epsilon_greedy(key, self.utilities(training.parameters, view), view.mask, rate)
            return Choice(actions, ())

        starts = starts_under(training.dual, training.success, self.conditioned)
        players, played = play(for_play, self.team, training.players, policy, starts, self.settings.num_steps)
        seen = Transition(
            played.states, played.choice.actions, played.reward, played.bonus, played.multiplier, played.done
        )
        replay = self._replay(players.states)
        ring = replay.write(training.ring, seen)
        before = _Learned(training.parameters, training.target, training.optimiser)
        learned, loss = self._learn(for_fit, before, replay, ring, starts)
        metrics = measure(self.team, played, loss, rate, training.dual.multiplier)
        after = Training(
            **learned._asdict(),
            ring=ring,
            players=players,
            dual=update_dual(self.dual, self.team.constraint, training.dual, played, training.success),
            success=metrics.moving_success(training.success),
            iteration=training.iteration + 1,
            key=jax.random.key_data(key),
        )
        return after, metrics

    def act(self, parameters: Any, view: View) -> Array:
        """Return the greedy actions, (B, n)."""
        return self.utilities(parameters, view).argmax(axis=-1).astype(jnp.int32)

    def utilities(self, parameters: Any, view: View) -> Array:
        """Return the utilities (..., n, A), IMPOSSIBLE where the mask forbids."""
        return self._networks.utilities(parameters, view)

    def loss(self, parameters: Any, target: Any, batch: Transition) -> Array:
        """Return the mean squared error on windows, arrays (L + 1, N, ...).

        Of the last step only the state counts. The multipliers are those that the windows are judged by.
        """
        view = self._view(batch)
        chosen, taken = self._chosen(parameters, view, batch.actions)
        returns = lambda_returns(
            reward=(batch.reward + batch.multiplier * batch.bonus)[:-1],
            done=batch.done[:-1],
            value=self._worth(target, view, chosen),
            greedy=(chosen == batch.actions).all(axis=-1)[:-1],
            gae_lambda=self.settings.gae_lambda,
            discount=self.settings.discount,
        )
        mixed = self._networks.mix(parameters, taken[:-1], view.world[:-1])
        return jnp.square(mixed - jax.lax.stop_gradient(returns)).mean()

    def judged_by(self, key: Array, own: Array, starts: Starts) -> Array:
        """Return the multipliers that windows are judged by, given those they were played under; both (L + 1, N)."""
        if not self.conditioned:
            return jnp.broadcast_to(starts.controller, own.shape)
        for_which, for_size = jax.random.split(key)
        windows = own.shape[1]
        another, _ = assign(for_size, self.team, windows, starts)
        relabelled = jax.random.uniform(for_which, (windows,)) < self.settings.relabelled
        return jnp.where(relabelled, another, own)

    def _init(self, key: Array) -> Training:
        for_players, for_parameters, key = jax.random.split(key, 3)
        dual = first_dual(self.dual)
        starts = starts_under(dual, jnp.zeros(()), self.conditioned)
        players = begin(for_players, self.team, self.settings.num_envs, starts)
        view = self.team.view(players.states, players.multiplier)
        parameters = self._networks.init(for_parameters, view)
        return Training(
            parameters=parameters,
            target=jax.tree.map(jnp.copy, parameters),
            optimiser=self._optimiser.init(parameters),
            ring=self._replay(players.states).init(),
            players=players,
            dual=dual,
            success=jnp.zeros(()),
            iteration=jnp.zeros((), jnp.int32),
            key=jax.random.key_data(key),
        )

    @property
    def _networks(self) -> Decomposition:
        utility = Utility(self.team.env.n_actions, self.settings.hidden_size, self.settings.num_layers)
        return Decomposition(utility, MIXERS[self.mixer]())

    @property
    def _optimiser(self) -> optax.GradientTransformation:
        return falling(optax.adam, self.settings, self.iterations * self.settings.fits)

    def _replay(self, states: Any) -> Replay:
        layout = layout_of(states, self.team.env.n_agents)
        return Replay(layout, self.settings.rollouts, self.settings.num_steps, self.settings.num_envs)

    def _learn(
        self, key: Array, learned: _Learned, replay: Replay, ring: Ring, starts: Starts
    ) -> tuple[_Learned, Array]:
        """Fit to what is replayed, once there is enough of it."""
        window = self.settings.window + 1

        def fit(learned: _Learned, key: Array) -> tuple[_Learned, Array]:
            for_sample, for_multiplier = jax.random.split(key)
            batch = replay.sample(for_sample, ring, self.settings.windows, window)
            batch = batch._replace(multiplier=self.judged_by(for_multiplier, batch.multiplier, starts))
            return self._fit(learned, batch)

        def all_fits(learned: _Learned) -> tuple[_Learned, Array]:
            learned, losses = jax.lax.scan(fit, learned, jax.random.split(key, self.settings.fits))
            return learned, losses.mean()

        enough = max(window, self.settings.min_buffer_size // self.settings.num_envs)
        ready = replay.filled(ring) >= min(enough, replay.length)
        return jax.lax.cond(ready, all_fits, lambda learned: (learned, jnp.zeros(())), learned)

    def _fit(self, learned: _Learned, batch: Transition) -> tuple[_Learned, Array]:
        loss, gradient = jax.value_and_grad(self.loss)(learned.parameters, learned.target, batch)
        change, optimiser = self._optimiser.update(gradient, learned.optimiser, learned.parameters)
        parameters: Any = optax.apply_updates(learned.parameters, change)
        target = optax.incremental_update(parameters, learned.target, self.settings.target_update_rate)
        return _Learned(parameters, target, optimiser), loss

    def _view(self, batch: Transition) -> View:
        """Return what the networks see of the windows, arrays (L + 1, N, ...)."""
        shape = batch.done.shape
        view = self.team.view(*flat((batch.states, batch.multiplier)))
        return jax.tree.map(lambda part: part.reshape(*shape, *part.shape[1:]), view)

    def _chosen(self, parameters: Any, view: View, actions: Array) -> tuple[Array, Array]:
        """Return the best actions now, and the utilities of those taken; both (L + 1, N, n)."""
        utilities = self._networks.unmasked(parameters, view.agents)
        best = jnp.where(view.mask, utilities, IMPOSSIBLE).argmax(axis=-1).astype(jnp.int32)
        return best, _pick(utilities, actions)

    def _worth(self, target: Any, view: View, actions: Array) -> Array:
        """Return what the target network thinks of joint actions (L + 1, N, n): (L + 1, N, m)."""
        utilities = self._networks.unmasked(target, view.agents)
        return self._networks.mix(target, _pick(utilities, actions), view.world)


def _pick(utilities: Array, actions: Array) -> Array:
    # A product with a one-hot row: the gradient of a gather is a scatter, which is slow on a CPU.
    return (utilities * jax.nn.one_hot(actions, utilities.shape[-1])).sum(axis=-1)
