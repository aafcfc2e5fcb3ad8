"""The training loop of the learners without a replay buffer, and the parts of it that all learners share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from evenhand.fair_gne.dual_controllers import DualController, DualState
from evenhand.learning.control import first_dual, starts_under, update_dual
from evenhand.learning.fitting import falling, fit_in_epochs
from evenhand.learning.metrics import Metrics, measure
from evenhand.learning.rollout import Played, Players, Policy, begin, play
from evenhand.learning.settings import ParallelValueSettings, PolicySettings
from evenhand.learning.team import Team, View


class Training(NamedTuple):
    """Everything that changes from one iteration to the next.

    Attributes
    ----------
    parameters
        Parameters of the networks.
    optimiser
        State of the optimiser.
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
    optimiser: Any
    players: Players
    dual: DualState
    success: Array
    iteration: Array
    key: Array


@dataclass(frozen=True, eq=False)
class TeamLearner:
    """What every learner has and does, with a replay buffer or without.

    Attributes
    ----------
    team
        The environment with its constraint and shaped reward.
    dual
        The controller of the multiplier.
    conditioned
        Whether most episodes are played under random multipliers, so that the team learns to respond to all of them.
    settings
        Sizes, rates and coefficients.
    iterations
        Number of iterations of the whole run, over which rates fall.
    """

    team: Team
    dual: DualController
    conditioned: bool
    settings: Any
    iterations: int

    @property
    def steps_per_iteration(self) -> int:
        """Environment steps per iteration."""
        return int(self.settings.steps_per_iteration)

    def init(self, seed: int) -> Any:
        """Return the state before the first iteration."""
        return _first_state(self)(jax.random.key(seed))

    def blank(self) -> Any:
        """Return zeros in the shapes of a state, for a checkpoint to be read into; nothing is compiled for it."""
        shapes = _first_state(self).eval_shape(jax.random.key(0))
        return jax.tree.map(lambda part: np.zeros(part.shape, part.dtype), shapes)

    def iterate(self, training: Any) -> tuple[Any, Metrics]:
        """Run one iteration: play a rollout, fit the networks, and update the controller."""
        key, for_play, for_fit = jax.random.split(jax.random.wrap_key_data(training.key), 3)
        starts = starts_under(training.dual, training.success, self.conditioned)
        policy = self.policy(training)
        players, played = play(for_play, self.team, training.players, policy, starts, self.settings.num_steps)
        return self.learn(training, players, played, for_fit, key)

    def policy(self, training: Any) -> Policy:
        """Return the policy of an iteration's rollout, a function of a random key and of what the team sees."""
        raise NotImplementedError

    def learn(self, training: Any, players: Players, played: Played, for_fit: Array, key: Array) -> tuple[Any, Metrics]:
        """Learn from a rollout after which the episodes are at `players`, and update the controller.

        Of the training's own `players` nothing is read: where worker processes play, there are none.
        """
        raise NotImplementedError

    def _init(self, key: Array) -> Any:
        raise NotImplementedError

    def _begin(self, for_players: Array, key: Array) -> dict[str, Any]:
        """Return the parts of the first state that do not depend on the networks."""
        dual = first_dual(self.dual)
        starts = starts_under(dual, jnp.zeros(()), self.conditioned)
        return {
            "players": begin(for_players, self.team, self.settings.num_envs, starts),
            "dual": dual,
            "success": jnp.zeros(()),
            "iteration": jnp.zeros((), jnp.int32),
            "key": jax.random.key_data(key),
        }

    def _proceed(self, training: Any, players: Players, played: Played, metrics: Metrics, key: Array) -> dict[str, Any]:
        """Return these parts of the state after an iteration."""
        return {
            "players": players,
            "dual": update_dual(
                self.dual, self.team.constraint, training.dual, played, training.success, self.conditioned
            ),
            "success": metrics.moving_success(training.success),
            "iteration": training.iteration + 1,
            "key": jax.random.key_data(key),
        }


@lru_cache(maxsize=4)
def _first_state(learner: TeamLearner) -> Any:
    """Return the compiled function that makes the first state; it is kept for the learner's other seeds."""
    return jax.jit(learner._init)


@dataclass(frozen=True, eq=False)
class OnPolicy(TeamLearner):
    """A learner that fits its networks to each rollout and then forgets it; a subclass says what it plays and fits."""

    settings: ParallelValueSettings | PolicySettings

    def _init(self, key: Array) -> Training:
        for_players, *for_networks, key = jax.random.split(key, 2 + self._number_of_networks)
        begun = self._begin(for_players, key)
        view = self.team.view(begun["players"].states, begun["players"].multiplier)
        parameters = self._first_parameters(for_networks, view)
        return Training(parameters=parameters, optimiser=self._optimiser.init(parameters), **begun)

    def learn(
        self, training: Training, players: Players, played: Played, for_fit: Array, key: Array
    ) -> tuple[Training, Metrics]:
        """Fit the networks to a rollout after which the episodes are at `players`, and update the controller."""
        (parameters, optimiser), loss = fit_in_epochs(
            for_fit,
            self._loss(training),
            self._optimiser,
            (training.parameters, training.optimiser),
            self._batch(training.parameters, players, played),
            num_epochs=self.settings.num_epochs,
            num_minibatches=self.settings.num_minibatches,
        )
        metrics = measure(self.team, played, loss, self._exploration(training, played), training.dual.multiplier)
        return Training(parameters, optimiser, **self._proceed(training, players, played, metrics, key)), metrics

    @property
    def _optimiser(self) -> optax.GradientTransformation:
        fits = self.iterations * self.settings.num_epochs * self.settings.num_minibatches
        return falling(self._method, self.settings, fits)

    _number_of_networks = 1
    """Number of random keys for the networks' first parameters."""

    def _method(self, rate: optax.Schedule) -> optax.GradientTransformation:
        """Return the Optax optimiser of a learning rate."""
        raise NotImplementedError

    def _first_parameters(self, keys: Sequence[Array], view: View) -> Any:
        raise NotImplementedError

    def _batch(self, parameters: Any, players: Players, played: Played) -> Any:
        """Return the rollout as one batch, arrays (T B, ...)."""
        raise NotImplementedError

    def _loss(self, training: Training) -> Callable[[Any, Any], Array]:
        """Return the loss of an iteration, a function of the parameters and a minibatch."""
        raise NotImplementedError

    def _exploration(self, training: Training, played: Played) -> Array:
        """Return the rate of exploration of a rollout, for the log."""
        raise NotImplementedError
