r"""Policy gradients with a clipped objective: IPPO and MAPPO, one code, parallel episodes, shared parameters.

After PPO (Schulman et al., arXiv 1707.06347) and its team forms: each agent's critic sees what the agent sees (IPPO;
de Witt et al., arXiv 2011.09533), or one critic sees the world (MAPPO; Yu et al., NeurIPS 2022). The constraint's
multiplier is an input of both networks, as in :mod:`evenhand.learning.parallel_value`: every episode has its own.

The algorithm, one iteration:

1. play B episodes for T steps, drawing actions from the policy, each under its multiplier;
2. form the shaped rewards and, from the critic, the advantages (GAE: lambda-return minus value);
3. some passes over the batch: raise the clipped objective and the entropy, fit the critic to the returns;
4. let the dual controller see how fair its finished episodes were.

.. math:: \max_\theta\; E\bigl[\min(\rho A, \mathrm{clip}(\rho, 1 - c, 1 + c) A) + \beta H(\pi_\theta)
          - v\, (V_\theta - G)^2\bigr], \qquad \rho = \pi_\theta(a) / \pi_{old}(a)

The reward is :math:`(r + \lambda b) / (1 + \lambda)`. The division changes no episode's best policy, and keeps the
advantages of all multipliers on one scale: a batch holds many multipliers, and is normalised as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from evenhand.learning.control import first_dual, starts_under, update_dual
from evenhand.learning.fitting import falling, fit_in_epochs
from evenhand.learning.metrics import Metrics, measure
from evenhand.learning.networks import IMPOSSIBLE, Utility, apply
from evenhand.learning.returns import lambda_returns
from evenhand.learning.rollout import Choice, Played, Players, begin, flat, play
from evenhand.learning.training_state import Training

if TYPE_CHECKING:
    from jax import Array

    from evenhand.fair_gne.dual import DualController
    from evenhand.learning.settings import PolicySettings
    from evenhand.learning.team import Team, View


class _Memory(NamedTuple):
    """Of each choice: log-probability (B, n), value estimate (B, m), probability of the other actions (B, n)."""

    log_prob: Array
    value: Array
    doubt: Array


class _Batch(NamedTuple):
    """A rollout, flat, (T B, ...)."""

    view: View
    actions: Array
    log_prob: Array
    advantage: Array
    returns: Array


@dataclass(frozen=True, eq=False)
class ProximalPolicy:
    """The learner.

    Attributes
    ----------
    team
        The environment under its constraint.
    dual
        The controller of the multiplier.
    conditioned
        Whether multipliers are drawn for part of the episodes.
    central
        Whether one critic sees the world (MAPPO), or each agent's its own observation (IPPO).
    settings
        Sizes and rates.
    iterations
        Number of iterations of the whole run, by which the rates fall.
    """

    team: Team
    dual: DualController
    conditioned: bool
    central: bool
    settings: PolicySettings
    iterations: int

    @property
    def steps_per_iteration(self) -> int:
        """Environment steps of one iteration."""
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
        """Do one iteration."""
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
        """Return the likeliest actions, (B, n)."""
        return self.log_probs(parameters, view).argmax(axis=-1).astype(jnp.int32)

    def log_probs(self, parameters: Any, view: View) -> Array:
        """Return the log-probabilities of all actions, (..., n, A); those that the mask forbids are near -inf."""
        preferences = apply(self._actor, parameters["actor"], view.agents)
        return jax.nn.log_softmax(jnp.where(view.mask, preferences, IMPOSSIBLE))

    def values(self, parameters: Any, view: View) -> Array:
        """Return what the critic expects: (..., n), or (..., 1) where one critic sees the world."""
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
        # Bootstrapped from the critic's value of the state after the last step.
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
        # With every step counted as greedy, no trace is cut: returns minus values are GAE (Schulman et al., 2016).
        advantage = returns - memory.value
        batch = _Batch(played.view, played.choice.actions, memory.log_prob, advantage, returns)
        return flat(batch)

    def _loss(self, parameters: Any, batch: _Batch, left: Array) -> Array:
        settings = self.settings
        log_probs = self.log_probs(parameters, batch.view)
        # PPO's clipped surrogate (Schulman et al., 2017, eq. 7): beyond 1 +- clip_range a ratio gains no more.
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
    """Draw an action from each row of probabilities (..., A): one random number each, none of probability 0."""
    actions = probabilities.shape[-1]
    reached = probabilities @ jnp.triu(jnp.ones((actions, actions)))
    point = jax.random.uniform(key, probabilities.shape[:-1]) * reached[..., -1]
    return (reached <= point[..., None]).sum(axis=-1).astype(jnp.int32)


def _of(table: Array, actions: Array) -> Array:
    return jnp.take_along_axis(table, actions[..., None], axis=-1)[..., 0]
