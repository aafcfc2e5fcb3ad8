r"""Policy gradients with a clipped objective (IPPO and MAPPO), with parallel episodes and shared parameters.

The agents share one policy, or with ``share = false`` have one each, trained by PPO (Schulman et al., arXiv
1707.06347). In IPPO (de Witt et al., arXiv 2011.09533) the critic sees one agent's observation; in MAPPO (Yu et al.,
NeurIPS 2022) it sees the global state. The multiplier of the constraint is an input of both networks, as in
:mod:`evenhand.learning.parallel_value`, and stays the same throughout an episode.

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

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from jax import Array

from evenhand.learning.entity_network import EntityActor, EntityCritic
from evenhand.learning.entity_team import EntityTeam, coins
from evenhand.learning.networks import IMPOSSIBLE, Separate, Utility, apply
from evenhand.learning.on_policy import OnPolicy, Training
from evenhand.learning.returns import lambda_returns
from evenhand.learning.rollout import Choice, Played, Players, Policy, flat, views_are_kept
from evenhand.learning.settings import PolicySettings
from evenhand.learning.team import View


class _Memory(NamedTuple):
    """What the policy knew at a step.

    Log-probability (B, n) of the action drawn, value estimate (B, m), and probability (B, n) of all actions but the
    likeliest, which is reported as the rate of exploration.
    """

    log_prob: Array
    value: Array
    doubt: Array


class _Unseen(NamedTuple):
    """States and multipliers, of which a view is computed."""

    states: Any
    multiplier: Array


class _Batch(NamedTuple):
    """A rollout as one batch, arrays (T B, ...), with its views, or if these are large with the states they come from.

    Attributes
    ----------
    view
        The views; or states and multipliers, from which each minibatch computes its views again.
    """

    view: View | _Unseen
    actions: Array
    log_prob: Array
    advantage: Array
    returns: Array


@dataclass(frozen=True, eq=False)
class ProximalPolicy(OnPolicy):
    """IPPO and MAPPO: the attributes of a :class:`TeamLearner`, and one more.

    Attributes
    ----------
    central
        Whether the critic sees the global state (MAPPO) or the observation of one agent (IPPO).
    """

    settings: PolicySettings
    central: bool

    def act(self, parameters: Any, view: View) -> Array:
        """Return the most probable action of each agent, (B, n); with entities drawn, as :func:`coins` says why."""
        log_probs = self.log_probs(parameters, view)
        if isinstance(self.team, EntityTeam):
            return _drawn_at(coins(view.agents), jnp.exp(log_probs))
        return log_probs.argmax(axis=-1).astype(jnp.int32)

    def acting(self, parameters: Any) -> tuple[nn.Module, Any]:
        """Return the network that chooses actions, a function of what an agent sees, and its parameters."""
        return self._actor, parameters["actor"]

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
    def _actor(self) -> nn.Module:
        if isinstance(self.team, EntityTeam):
            pointed = tuple(map(int, self.team.env.action_places))  # type: ignore[attr-defined]
            return EntityActor(pointed, self.settings.hidden_size, self.settings.num_layers)
        return self._one_or_each(self.team.env.n_actions, self.settings.hidden_size, self.settings.num_layers)

    @property
    def _critic(self) -> nn.Module:
        if isinstance(self.team, EntityTeam):
            return EntityCritic(self.central, self.settings.hidden_size, self.settings.num_layers)
        network = Utility if self.central else self._one_or_each
        return network(1, self.settings.hidden_size, self.settings.num_layers)

    @property
    def _one_or_each(self) -> type[Utility]:
        """The network that all agents share, or one for each."""
        return Utility if self.settings.share else Separate

    _number_of_networks = 2

    def _method(self, rate: optax.Schedule) -> optax.GradientTransformation:
        return optax.adam(rate, eps=1e-5)

    def _first_parameters(self, keys: Sequence[Array], view: View) -> Any:
        for_actor, for_critic = keys
        actor = self._actor.init(for_actor, view.agents)
        return {"actor": actor, "critic": self._critic.init(for_critic, view.world if self.central else view.agents)}

    def _exploration(self, training: Training, played: Played) -> Array:
        return played.choice.memory.doubt.mean()

    def policy(self, training: Training) -> Policy:
        """Return the policy that draws actions by the networks' probabilities."""
        return partial(self._draw, training.parameters)

    def _draw(self, parameters: Any, key: Array, view: View) -> Choice:
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
        seen = played.view if views_are_kept(played.view) else _Unseen(played.states, played.multiplier)
        batch = _Batch(seen, played.choice.actions, memory.log_prob, advantage, returns)
        return flat(batch)

    def _loss(self, training: Training) -> Callable[[Any, _Batch], Array]:
        part = training.iteration / (self.settings.entropy_until * self.iterations)
        return partial(self._surrogate, jnp.maximum(0.0, 1.0 - part))

    def _surrogate(self, left: Array, parameters: Any, batch: _Batch) -> Array:
        """Return the loss of a minibatch when this part of the entropy bonus is left."""
        settings = self.settings
        view = self.team.view(*batch.view) if isinstance(batch.view, _Unseen) else batch.view
        log_probs = self.log_probs(parameters, view)
        # The clipped surrogate (Schulman et al., 2017, equation 7). The minimum makes it a pessimistic bound: moving
        # the ratio beyond 1 +- clip_range gains nothing, so several passes over one rollout cannot take the policy far
        # from the one that played it.
        ratio = jnp.exp(_of(log_probs, batch.actions) - batch.log_prob)
        advantage = (batch.advantage - batch.advantage.mean()) / (batch.advantage.std() + 1e-6)
        clipped = jnp.clip(ratio, 1.0 - settings.clip_range, 1.0 + settings.clip_range)
        gain = jnp.minimum(ratio * advantage, clipped * advantage).mean()
        entropy = -(jnp.exp(log_probs) * log_probs).sum(axis=-1).mean()
        error = jnp.square(self.values(parameters, view) - batch.returns).mean()
        return settings.value_coef * error - gain - settings.entropy_coef * left * entropy


def draw(key: Array, probabilities: Array) -> Array:
    """Draw an action from each row of probabilities (..., A), by inverting the distribution function.

    This takes one random number per row, where :func:`jax.random.categorical` takes A. An action of probability 0 is
    never drawn.
    """
    return _drawn_at(jax.random.uniform(key, probabilities.shape[:-1]), probabilities)


def _drawn_at(points: Array, probabilities: Array) -> Array:
    """Return the actions at points (...) in [0, 1) of the distribution functions of probabilities (..., A)."""
    actions = probabilities.shape[-1]
    # Cumulative probabilities, as a product with a triangular matrix because A is small.
    reached = probabilities @ jnp.triu(jnp.ones((actions, actions)))
    point = points * reached[..., -1]
    return (reached <= point[..., None]).sum(axis=-1).astype(jnp.int32)


def _of(table: Array, actions: Array) -> Array:
    return jnp.take_along_axis(table, actions[..., None], axis=-1)[..., 0]
