"""Value decomposition with replay and target networks: IQL, VDN and QMIX, which differ in their mixer only.

One iteration:

1. play B episodes for T steps with epsilon-greedy actions, each episode under its multiplier, and write them into the
   replay buffer; then, for each gradient step:
2. sample windows of consecutive steps, choose a multiplier for each, and compute observations and shaped rewards for
   it;
3. fit the mixed utilities of the actions taken to lambda-returns. The online network chooses the greedy action and the
   target network evaluates it (double Q-learning); a trace is cut where the action taken is not greedy any more
   (Watkins);
4. move the target network towards the online network;

and finally

5. update the dual controller with the fairness of the episodes that ended under its multiplier.

A window may be trained on under another multiplier than its episode was played under (relabelling, as goals are in
hindsight experience replay, Andrychowicz et al., NeurIPS 2017). That is sound because the multiplier changes the
reward, which is computed when sampling, but not the dynamics. A learner that is not conditioned on the multiplier
trains on all windows under the controller's current one.

References
----------
M. Tan, Multi-agent reinforcement learning, ICML 1993 (IQL); P. Sunehag et al., Value-decomposition networks, AAMAS 2018
(VDN); T. Rashid et al., QMIX, ICML 2018; H. van Hasselt, A. Guez and D. Silver, Deep reinforcement learning with double
Q-learning, AAAI 2016; C. Watkins, Learning from delayed rewards, 1989.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from evenhand.errors import InputError
from evenhand.fair_gne.dual_controllers import DualState
from evenhand.learning.control import starts_under
from evenhand.learning.exploration import epsilon_greedy, exploration_rate
from evenhand.learning.fitting import falling
from evenhand.learning.metrics import Metrics, measure
from evenhand.learning.networks import IMPOSSIBLE, MIXERS, Decomposition, Utility
from evenhand.learning.on_policy import TeamLearner
from evenhand.learning.replay_buffer import Replay, Ring, Transition, layout_of
from evenhand.learning.returns import lambda_returns
from evenhand.learning.rollout import Choice, Played, Players, Policy, Starts, assign, flat
from evenhand.learning.settings import ValueSettings
from evenhand.learning.team import View


class Training(NamedTuple):
    """Everything that changes from one iteration to the next.

    Attributes
    ----------
    parameters, target
        Parameters of utility network and mixer: the online ones, and those of the target network.
    optimiser
        State of the optimiser.
    ring
        Contents of the replay buffer.
    players
        The episodes under way.
    dual
        State of the controller of the multiplier.
    success
        Scalar: moving average of the success rate.
    iteration
        Scalar: number of iterations done.
    key
        Key data of the random key for the next iteration.
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
class Value(TeamLearner):
    """IQL, VDN and QMIX with replay: the attributes of a :class:`TeamLearner`, and one more.

    If the learner is conditioned, part of the replayed windows are relabelled.

    Attributes
    ----------
    mixer
        ``"iql"``, ``"vdn"`` or ``"qmix"``.

    Raises
    ------
    InputError
        If the replay buffer is too small to hold one window.
    """

    settings: ValueSettings
    mixer: str

    def __post_init__(self) -> None:
        least = (self.settings.window + 1) * self.settings.num_envs
        if self.settings.rollouts * self.steps_per_iteration < least:
            raise InputError(
                f"buffer_size is {self.settings.buffer_size}; windows of {self.settings.window} steps of "
                f"{self.settings.num_envs} environments need at least {least}, in whole rollouts"
            )

    def policy(self, training: Training) -> Policy:
        """Return the epsilon-greedy policy of an iteration."""
        rate = self._rate(training)

        def policy(key: Array, view: View) -> Choice:
            actions, _ = epsilon_greedy(key, self.utilities(training.parameters, view), view.mask, rate)
            return Choice(actions, ())

        return policy

    def learn(
        self, training: Training, players: Players, played: Played, for_fit: Array, key: Array
    ) -> tuple[Training, Metrics]:
        """Store a rollout, fit to replayed windows, and update the controller."""
        starts = starts_under(training.dual, training.success, self.conditioned)
        seen = Transition(
            self._kept(played.states),
            played.choice.actions,
            played.reward,
            played.bonus,
            played.multiplier,
            played.done,
        )
        replay = self._replay(players.states)
        ring = replay.write(training.ring, seen)
        before = _Learned(training.parameters, training.target, training.optimiser)
        learned, loss = self._learn(for_fit, before, replay, ring, starts)
        metrics = measure(self.team, played, loss, self._rate(training), training.dual.multiplier)
        proceeded = self._proceed(training, players, played, metrics, key)
        return Training(**learned._asdict(), ring=ring, **proceeded), metrics

    def act(self, parameters: Any, view: View) -> Array:
        """Return the greedy actions, (B, n)."""
        return self.utilities(parameters, view).argmax(axis=-1).astype(jnp.int32)

    def acting(self, parameters: Any) -> tuple[Utility, Any]:
        """Return the network that chooses actions, a function of what an agent sees, and its parameters."""
        return self._networks.utility, parameters["utility"]

    def utilities(self, parameters: Any, view: View) -> Array:
        """Return the utilities (..., n, A), IMPOSSIBLE where the mask forbids."""
        return self._networks.utilities(parameters, view)

    def loss(self, parameters: Any, target: Any, batch: Transition) -> Array:
        """Return the mean squared error between mixed utilities and lambda-returns.

        Parameters
        ----------
        parameters, target
            Parameters of the online and of the target network.
        batch
            N windows of L + 1 steps, arrays (L + 1, N, ...), with the multipliers to train under. Of the last step only
            the state is used, to bootstrap from.
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
        """Return the multipliers to train windows under, given those they were played under; both (L + 1, N)."""
        if not self.conditioned:
            return jnp.broadcast_to(starts.controller, own.shape)
        for_which, for_size = jax.random.split(key)
        windows = own.shape[1]
        another, _ = assign(for_size, self.team, windows, starts)
        relabelled = jax.random.uniform(for_which, (windows,)) < self.settings.relabelled
        return jnp.where(relabelled, another, own)

    def _init(self, key: Array) -> Training:
        for_players, for_parameters, key = jax.random.split(key, 3)
        begun = self._begin(for_players, key)
        states = begun["players"].states
        parameters = self._networks.init(for_parameters, self.team.view(states, begun["players"].multiplier))
        return Training(
            parameters=parameters,
            target=jax.tree.map(jnp.copy, parameters),
            optimiser=self._optimiser.init(parameters),
            ring=self._replay(states).init(),
            **begun,
        )

    @property
    def _networks(self) -> Decomposition:
        utility = Utility(self.team.env.n_actions, self.settings.hidden_size, self.settings.num_layers)
        return Decomposition(utility, MIXERS[self.mixer]())

    @property
    def _optimiser(self) -> optax.GradientTransformation:
        return falling(optax.adam, self.settings, self.iterations * self.settings.fits)

    def _rate(self, training: Training) -> Array:
        return exploration_rate(self.settings.exploration, training.iteration / self.iterations)

    def _kept(self, states: Any) -> Any:
        """Return what is replayed of states: all that the networks look at."""
        kept = getattr(self.team.env, "without_past", None)
        return states if kept is None else kept(states)

    def _replay(self, states: Any) -> Replay:
        layout = layout_of(self._kept(states), self.team.env.n_agents)
        return Replay(layout, self.settings.rollouts, self.settings.num_steps, self.settings.num_envs)

    def _learn(
        self, key: Array, learned: _Learned, replay: Replay, ring: Ring, starts: Starts
    ) -> tuple[_Learned, Array]:
        """Take the gradient steps of one iteration, once the replay buffer is filled far enough."""
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
        """Return the networks' inputs for windows of states, arrays (L + 1, N, ...)."""
        shape = batch.done.shape
        view = self.team.view(*flat((batch.states, batch.multiplier)))
        return jax.tree.map(lambda part: part.reshape(*shape, *part.shape[1:]), view)

    def _chosen(self, parameters: Any, view: View, actions: Array) -> tuple[Array, Array]:
        """Return the greedy actions of the online network and its utilities of those taken; both (L + 1, N, n)."""
        utilities = self._networks.unmasked(parameters, view.agents)
        best = jnp.where(view.mask, utilities, IMPOSSIBLE).argmax(axis=-1).astype(jnp.int32)
        return best, _pick(utilities, actions)

    def _worth(self, target: Any, view: View, actions: Array) -> Array:
        """Return the target network's team values (L + 1, N, m) of joint actions (L + 1, N, n)."""
        utilities = self._networks.unmasked(target, view.agents)
        return self._networks.mix(target, _pick(utilities, actions), view.world)


def _pick(utilities: Array, actions: Array) -> Array:
    # A product with one-hot rows instead of a gather, whose gradient is a scatter and slow on a CPU.
    return (utilities * jax.nn.one_hot(actions, utilities.shape[-1])).sum(axis=-1)
