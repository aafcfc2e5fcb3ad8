r"""Policy gradients with a clipped objective (IPPO and MAPPO), with parallel episodes and shared parameters.

The agents share one policy, trained by PPO (Schulman et al., arXiv 1707.06347). In IPPO (de Witt et al., arXiv
2011.09533) the critic sees one agent's observation; in MAPPO (Yu et al., NeurIPS 2022) it sees the global state. The
multiplier of the constraint is an input of both networks, as in :mod:`evenhand.learning.parallel_value`, and stays the
same throughout an episode.

One iteration:

1. play B episodes for T steps, with actions drawn from the policy, each episode under its multiplier;
2. compute the shaped rewards and, with the critic, the advantages (GAE: lambda-return minus value);
3. make a few passes over the rollout, ascending the clipped objective plus an entropy bonus, and fitting the critic to
   the lambda-returns;
4. update the dual controller with the fairness of the episodes that ended under its multiplier.

The objective is equation 9 of the PPO paper,

.. math:: \max_\theta\; E\bigl[\min(\rho A, \mathrm{clip}(\rho, 1 - c, 1 + c) A) + \beta H(\pi_\theta)
          - v\, (V_\theta - G)^2\bigr], \qquad \rho = \pi_\theta(a) / \pi_{old}(a)

with advantage A, return G, entropy H and the settings c = ``clip_range``, :math:`\beta` = ``entropy_coef`` and
v = ``value_coef``.

The reward is :math:`(r + \lambda b) / (1 + \lambda)`. Dividing by a constant leaves the optimal policy of an episode
unchanged, and it keeps the advantages comparable: a batch contains many multipliers and is normalised as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from evenhand.fair_gne.dual_controllers import DualController
from evenhand.learning.control import first_dual, starts_under, update_dual
from evenhand.learning.fitting import falling, fit_in_epochs
from evenhand.learning.metrics import Metrics, measure
from evenhand.learning.networks import IMPOSSIBLE, Utility, apply
from evenhand.learning.returns import lambda_returns
from evenhand.learning.rollout import Choice, Played, Players, begin, flat, play
from evenhand.learning.settings import PolicySettings
from evenhand.learning.team import Team, View
from evenhand.learning.training_state import Training


class _Memory(NamedTuple):
    """What the policy knew at a step.

    Log-probability (B, n) of the action drawn, value estimate (B, m), and probability (B, n) of all actions but the
    likeliest, which is reported as the rate of exploration.
    """

    log_prob: Array
    value: Array
    doubt: Array


class _Batch(NamedTuple):
    """A rollout as one batch, arrays (T B, ...)."""

    view: View
    actions: Array
    log_prob: Array
    advantage: Array
    returns: Array


@dataclass(frozen=True, eq=False)
class ProximalPolicy:
    """IPPO and MAPPO.

    Attributes
    ----------
    team
        The environment with its constraint and shaped reward.
    dual
        The controller of the multiplier.
    conditioned
        Whether most episodes are played under random multipliers, so that the policy learns to respond to all of them.
    central
        Whether the critic sees the global state (MAPPO) or the observation of one agent (IPPO).
    settings
        Sizes, rates and coefficients.
    iterations
        Number of iterations of the whole run, over which learning rate and entropy bonus fall.
    """

    team: Team
    dual: DualController
    conditioned: bool
    central: bool
    settings: PolicySettings
    iterations: int

    @property
    def steps_per_iteration(self) -> int:
        """Environment steps per iteration."""
        return self.settings.steps_per_iteration

    def init(self, seed: int) -> Training:
        """Return the state before the first iteration."""
        return jax.jit(self._init)(jax.random.key(seed))

    def _init(self, key: Array) -> Training:
        for_players, for_actor, for_critic, key = jax.random.split(key, 4)
        dual = first_dual(self.dual)
        starts = starts_under(dual, jnp.zeros(()), self.conditioned)
        players = begin(for_players, self.team, self.settings.num_envs, starts)
        view = self.team.view(players.states, players.multiplier)
        actor = self._actor.init(for_actor, view.agents)
        critic = self._critic.init(for_critic, view.world if self.central else view.agents)
        parameters = {"actor": actor, "critic": critic}
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
        """Run one iteration: play a rollout, fit actor and critic to it, and update the controller."""
        key, for_play, for_fit = jax.random.split(jax.random.wrap_key_data(training.key), 3)
        part = training.iteration / (self.settings.entropy_until * self.iterations)
        left = jnp.maximum(0.0, 1.0 - part)
        starts = starts_under(training.dual, training.success, self.conditioned)

        def policy(key: Array, view: View) -> Choice:
            return self._draw(key, training.parameters, view)

        players, played = play(for_play, self.team, training.players, policy, starts, self.settings.num_steps)
        batch = self._batch(training.parameters, players, played)
        (parameters, optimiser), loss = self._fit(for_fit, training.parameters, training.optimiser, batch, left)
        doubt = played.choice.memory.doubt.mean()
        metrics = measure(self.team, played, loss, doubt, training.dual.multiplier)
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
        """Return the most probable action of each agent, (B, n)."""
        return self.log_probs(parameters, view).argmax(axis=-1).astype(jnp.int32)

    def log_probs(self, parameters: Any, view: View) -> Array:
        """Return the log-probabilities of all actions, (..., n, A); about -1e9 for actions that the mask forbids."""
        preferences = apply(self._actor, parameters["actor"], view.agents)
        return jax.nn.log_softmax(jnp.where(view.mask, preferences, IMPOSSIBLE))

    def values(self, parameters: Any, view: View) -> Array:
        """Return the critic's estimate of the return: (..., n) for IPPO, (..., 1) for MAPPO."""
        if self.central:
            return apply(self._critic, parameters["critic"], view.world)
        return apply(self._critic, parameters["critic"], view.agents)[..., 0]

    @property
    def _actor(self) -> Utility:
        return Utility(self.team.env.n_actions, self.settings.hidden_size, self.settings.num_layers)

    @property
    def _critic(self) -> Utility:
        return Utility(1, self.settings.hidden_size, self.settings.num_layers)

    @property
    def _optimiser(self) -> optax.GradientTransformation:
        sizes = self.settings
        return falling(partial(optax.adam, eps=1e-5), sizes, self.iterations * sizes.num_epochs * sizes.num_minibatches)

    def _draw(self, key: Array, parameters: Any, view: View) -> Choice:
        log_probs = self.log_probs(parameters, view)
        actions = draw(key, jnp.exp(log_probs))
        memory = _Memory(
            log_prob=_of(log_probs, actions),
            value=self.values(parameters, view),
            doubt=1.0 - jnp.exp(log_probs.max(axis=-1)),
        )
        return Choice(actions, memory)

    def _batch(self, parameters: Any, players: Players, played: Played) -> _Batch:
        memory = played.choice.memory
        # The rollout is cut off after T steps, so the returns are bootstrapped from the critic's value of what follows.
        last = self.values(parameters, self.team.view(players.states, players.multiplier))
        returns = lambda_returns(
            # The Lagrangian r + lambda * g, scaled by 1 / (1 + lambda) so that returns keep their size as lambda grows.
            reward=(played.reward + played.multiplier * played.bonus) / (1.0 + played.multiplier),
            done=played.done,
            value=jnp.concatenate([memory.value, last[None]]),
            greedy=jnp.ones_like(played.done),
            gae_lambda=self.settings.gae_lambda,
            discount=self.settings.discount,
        )
        # PPO is on-policy: with all steps marked as greedy no trace is cut, and return minus value is the generalised
        # advantage estimate, sum_k (gamma lambda)^k delta_{t+k} (Schulman et al., ICLR 2016, equation 16).
        advantage = returns - memory.value
        batch = _Batch(played.view, played.choice.actions, memory.log_prob, advantage, returns)
        return flat(batch)

    def _loss(self, parameters: Any, batch: _Batch, left: Array) -> Array:
        settings = self.settings
        log_probs = self.log_probs(parameters, batch.view)
        # The clipped surrogate (Schulman et al., 2017, equation 7). The minimum makes it a pessimistic bound: moving
        # the ratio beyond 1 +- clip_range gains nothing, so several passes over one rollout cannot take the policy far
        # from the one that played it.
        ratio = jnp.exp(_of(log_probs, batch.actions) - batch.log_prob)
        advantage = (batch.advantage - batch.advantage.mean()) / (batch.advantage.std() + 1e-6)
        clipped = jnp.clip(ratio, 1.0 - settings.clip_range, 1.0 + settings.clip_range)
        gain = jnp.minimum(ratio * advantage, clipped * advantage).mean()
        entropy = -(jnp.exp(log_probs) * log_probs).sum(axis=-1).mean()
        error = jnp.square(self.values(parameters, batch.view) - batch.returns).mean()
        return settings.value_coef * error - gain - settings.entropy_coef * left * entropy

    def _fit(
        self, key: Array, parameters: Any, optimiser: Any, batch: _Batch, left: Array
    ) -> tuple[tuple[Any, Any], Array]:
        def loss(parameters: Any, part: _Batch) -> Array:
            return self._loss(parameters, part, left)

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


def draw(key: Array, probabilities: Array) -> Array:
    """Draw an action from each row of probabilities (..., A), by inverting the distribution function.

    This takes one random number per row, where :func:`jax.random.categorical` takes A. An action of probability 0 is
    never drawn.
    """
    actions = probabilities.shape[-1]
    # Cumulative probabilities, as a product with a triangular matrix because A is small.
    reached = probabilities @ jnp.triu(jnp.ones((actions, actions)))
    point = jax.random.uniform(key, probabilities.shape[:-1]) * reached[..., -1]
    return (reached <= point[..., None]).sum(axis=-1).astype(jnp.int32)


def _of(table: Array, actions: Array) -> Array:
    return jnp.take_along_axis(table, actions[..., None], axis=-1)[..., 0]
