"""Value decomposition without replay: parallel episodes, layer normalisation, lambda-returns, no target network.

This is PQN (Gallici et al., Simplifying deep temporal difference learning, ICLR 2025) with the mixers of IQL, VDN and
QMIX. The multiplier of the constraint is an input of the networks. It stays the same throughout an episode and is
either the controller's or drawn at random, so that one network learns how to act under each multiplier.

One iteration:

1. play B episodes for T steps with epsilon-greedy actions, each episode under its multiplier;
2. compute the shaped rewards and the lambda-returns;
3. make a few passes over the rollout, fitting the mixed utilities of the actions taken to the returns;
4. update the dual controller with the fairness of the episodes that ended under its multiplier.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from evenhand.fair_gne.dual_controllers import DualController
from evenhand.learning.control import first_dual, starts_under, update_dual
from evenhand.learning.exploration import epsilon_greedy, exploration_rate
from evenhand.learning.fitting import falling, fit_in_epochs
from evenhand.learning.metrics import Metrics, measure
from evenhand.learning.networks import MIXERS, Decomposition, Utility
from evenhand.learning.returns import lambda_returns
from evenhand.learning.rollout import Choice, Played, Players, begin, flat, play
from evenhand.learning.settings import ParallelValueSettings
from evenhand.learning.team import Team, View
from evenhand.learning.training_state import Training


class _Batch(NamedTuple):
    agents: Array
    world: Array
    actions: Array
    returns: Array


@dataclass(frozen=True, eq=False)
class ParallelValue:
    """IQL, VDN and QMIX without replay.

    Attributes
    ----------
    team
        The environment with its constraint and shaped reward.
    dual
        The controller of the multiplier.
    conditioned
        Whether most episodes are played under random multipliers, so that the policy learns to respond to all of them.
    mixer
        ``"iql"``, ``"vdn"`` or ``"qmix"``.
    settings
        Sizes and rates.
    iterations
        Number of iterations of the whole run, over which learning rate and exploration fall.
    """

    team: Team
    dual: DualController
    conditioned: bool
    mixer: str
    settings: ParallelValueSettings
    iterations: int

    @property
    def steps_per_iteration(self) -> int:
        """Environment steps per iteration."""
        return self.settings.steps_per_iteration

    def init(self, seed: int) -> Training:
        """Return the state before the first iteration."""
        return jax.jit(self._init)(jax.random.key(seed))

    def _init(self, key: Array) -> Training:
        for_players, for_parameters, key = jax.random.split(key, 3)
        dual = first_dual(self.dual)
        starts = starts_under(dual, jnp.zeros(()), self.conditioned)
        players = begin(for_players, self.team, self.settings.num_envs, starts)
        view = self.team.view(players.states, players.multiplier)
        parameters = self._networks.init(for_parameters, view)
        return Training(
            parameters=parameters,
            optimiser=self._optimiser.init(parameters),
            players=players,
            dual=dual,
            success=jnp.zeros(()),
            iteration=jnp.zeros((), jnp.int32),
            key=jax.random.key_data(key),
        )

    def iterate(self, training: Training) -> tuple[Training, Metrics]:
        """Run one iteration: play a rollout, fit to its lambda-returns, and update the controller."""
        key, for_play, for_fit = jax.random.split(jax.random.wrap_key_data(training.key), 3)
        rate = exploration_rate(self.settings.exploration, training.iteration / self.iterations)

        def policy(key: Array, view: View) -> Choice:
            utilities = self.utilities(training.parameters, view)
            actions, greedy = epsilon_greedy(key, utilities, view.mask, rate)
            value = self._networks.mix(training.parameters, utilities.max(axis=-1), view.world)
            return Choice(actions, (value, greedy))

        starts = starts_under(training.dual, training.success, self.conditioned)
        players, played = play(for_play, self.team, training.players, policy, starts, self.settings.num_steps)
        batch = self._batch(training.parameters, players, played)
        (parameters, optimiser), loss = self._fit(for_fit, training.parameters, training.optimiser, batch)
        metrics = measure(self.team, played, loss, rate, training.dual.multiplier)
        after = Training(
            parameters=parameters,
            optimiser=optimiser,
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
        """Return the utilities (B, n, A), IMPOSSIBLE where the mask forbids."""
        return self._networks.utilities(parameters, view)

    @property
    def _networks(self) -> Decomposition:
        utility = Utility(self.team.env.n_actions, self.settings.hidden_size, self.settings.num_layers)
        return Decomposition(utility, MIXERS[self.mixer]())

    @property
    def _optimiser(self) -> optax.GradientTransformation:
        sizes = self.settings
        return falling(optax.radam, sizes, self.iterations * sizes.num_epochs * sizes.num_minibatches)

    def _batch(self, parameters: Any, players: Players, played: Played) -> _Batch:
        """Return the rollout as one batch of observations, actions and lambda-returns, arrays (T B, ...)."""
        # The values were estimated while playing and the parameters are the same, so only the state after the last step
        # is evaluated here. Without a target network, the returns stay fixed during the passes that follow.
        last = self.team.view(players.states, players.multiplier)
        best = self.utilities(parameters, last).max(axis=-1)
        values, greedy = played.choice.memory
        returns = lambda_returns(
            reward=played.reward + played.multiplier * played.bonus,
            done=played.done,
            value=jnp.concatenate([values, self._networks.mix(parameters, best, last.world)[None]]),
            greedy=greedy,
            gae_lambda=self.settings.gae_lambda,
            discount=self.settings.discount,
        )
        batch = _Batch(played.view.agents, played.view.world, played.choice.actions, returns)
        return flat(batch)

    def _fit(self, key: Array, parameters: Any, optimiser: Any, batch: _Batch) -> tuple[tuple[Any, Any], Array]:
        def loss(parameters: Any, part: _Batch) -> Array:
            utilities = self._networks.unmasked(parameters, part.agents)
            taken = jnp.take_along_axis(utilities, part.actions[..., None], axis=-1)[..., 0]
            return jnp.square(self._networks.mix(parameters, taken, part.world) - part.returns).mean()

        fitted, sizes = (parameters, optimiser), self.settings
        return fit_in_epochs(
            key,
            loss,
            self._optimiser,
            fitted,
            batch,
            num_epochs=sizes.num_epochs,
            num_minibatches=sizes.num_minibatches,
        )
