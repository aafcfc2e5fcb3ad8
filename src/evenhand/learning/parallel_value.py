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

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import optax
from jax import Array

from evenhand.learning.exploration import epsilon_greedy, exploration_rate
from evenhand.learning.networks import MIXERS, Decomposition, Utility
from evenhand.learning.on_policy import OnPolicy, Training
from evenhand.learning.returns import lambda_returns
from evenhand.learning.rollout import Choice, Played, Players, Policy, flat
from evenhand.learning.settings import ParallelValueSettings
from evenhand.learning.team import View


class _Batch(NamedTuple):
    agents: Array
    world: Array
    actions: Array
    returns: Array


@dataclass(frozen=True, eq=False)
class ParallelValue(OnPolicy):
    """IQL, VDN and QMIX without replay: the attributes of a :class:`TeamLearner`, and one more.

    Attributes
    ----------
    mixer
        ``"iql"``, ``"vdn"`` or ``"qmix"``.
    """

    settings: ParallelValueSettings
    mixer: str

    def act(self, parameters: Any, view: View) -> Array:
        """Return the greedy actions, (B, n)."""
        return self.utilities(parameters, view).argmax(axis=-1).astype(jnp.int32)

    def acting(self, parameters: Any) -> tuple[Utility, Any]:
        """Return the network that chooses actions, a function of what an agent sees, and its parameters."""
        return self._networks.utility, parameters["utility"]

    def utilities(self, parameters: Any, view: View) -> Array:
        """Return the utilities (B, n, A), IMPOSSIBLE where the mask forbids."""
        return self._networks.utilities(parameters, view)

    @property
    def _networks(self) -> Decomposition:
        utility = Utility(self.team.env.n_actions, self.settings.hidden_size, self.settings.num_layers)
        return Decomposition(utility, MIXERS[self.mixer]())

    def _method(self, rate: optax.Schedule) -> optax.GradientTransformation:
        return optax.radam(rate)

    def _first_parameters(self, keys: Sequence[Array], view: View) -> Any:
        return self._networks.init(keys[0], view)

    def _exploration(self, training: Training, played: Played | None = None) -> Array:
        return exploration_rate(self.settings.exploration, training.iteration / self.iterations)

    def policy(self, training: Training) -> Policy:
        """Return the epsilon-greedy policy of an iteration."""
        rate = self._exploration(training)

        def policy(key: Array, view: View) -> Choice:
            utilities = self.utilities(training.parameters, view)
            actions, greedy = epsilon_greedy(key, utilities, view.mask, rate)
            value = self._networks.mix(training.parameters, utilities.max(axis=-1), view.world)
            return Choice(actions, (value, greedy))

        return policy

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

    def _loss(self, training: Training) -> Callable[[Any, _Batch], Array]:
        def loss(parameters: Any, part: _Batch) -> Array:
            utilities = self._networks.unmasked(parameters, part.agents)
            taken = jnp.take_along_axis(utilities, part.actions[..., None], axis=-1)[..., 0]
            return jnp.square(self._networks.mix(parameters, taken, part.world) - part.returns).mean()

        return loss
