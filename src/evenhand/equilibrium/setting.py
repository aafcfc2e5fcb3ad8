"""A game and the policies that are judged, read and checked: what is asked of one agent after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.equilibrium.array_checks import checked_numbers, checked_sums, is_single
from evenhand.equilibrium.best_response import Deviations
from evenhand.equilibrium.decision import Columns, Decision, Floats
from evenhand.equilibrium.finite_game import FiniteGame
from evenhand.equilibrium.layered_decision import LayeredDecision, ValueBound
from evenhand.equilibrium.layers import LayeredGame
from evenhand.equilibrium.outcome import Outcome
from evenhand.equilibrium.profiles import played, read_profile
from evenhand.equilibrium.tabular_decision import TabularDecision
from evenhand.errors import InputError
from evenhand.number_checks import as_number
from evenhand.visible import one_line

FEASIBLE = 1e-9
"""Amount by which an expected index may be below the threshold and still meet it."""

Progress = Callable[[int, int], None]
"""Function of an agent's number and the number of states that are enumerated for it."""

Stop = Callable[[], bool]
"""Function that returns True once no more states shall be enumerated."""


@dataclass(frozen=True)
class Limits:
    """How far games in layers are enumerated.

    Attributes
    ----------
    value_bound
        Upper bound on the return of episodes that go on, see `ValueBound`.
    most_states
        Number of states of one agent's problem above which no more layers are enumerated.
    progress, stop
        Functions that are called after each enumeration.
    """

    value_bound: ValueBound | None
    most_states: int
    progress: Progress | None
    stop: Stop | None


@dataclass(frozen=True)
class Setting:
    """A game, the profiles of a public lottery, and their outcomes.

    Attributes
    ----------
    game
        The game.
    profiles
        K profiles, as the game reads them.
    probabilities
        Shape (K,).
    columns
        The features of the game.
    present
        Shape (K, F): features of each profile.
    tau
        The threshold, or None.
    """

    game: FiniteGame | LayeredGame
    profiles: Sequence[Any]
    probabilities: Floats
    columns: Columns
    present: Floats
    tau: float | None

    @property
    def mean(self) -> Floats:
        """Features of the profiles over the lottery, shape (F,)."""
        result: Floats = self.probabilities @ self.present
        return result

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcome of each profile."""
        return tuple(self.columns.outcome(features) for features in self.present)

    @property
    def slack(self) -> float:
        """Expected index less the threshold; infinite without a constraint."""
        return np.inf if self.tau is None else float(self.columns.index @ self.mean) - self.tau

    @property
    def feasible(self) -> bool:
        """Whether the profiles meet the constraint."""
        return self.slack >= -FEASIBLE

    @property
    def required(self) -> float | None:
        """Index that deviations must reach: tau, or a little less if the profiles meet it but for rounding."""
        return (
            self.tau if self.tau is None or not self.feasible else min(self.tau, float(self.columns.index @ self.mean))
        )

    def deviations(self, agent: int, limits: Limits) -> Deviations:
        """Return what one agent can do."""
        decisions = [self._decision(profile, agent, limits) for profile in self.profiles]
        return Deviations(self.probabilities, decisions, self.present)

    def _decision(self, profile: Any, agent: int, limits: Limits) -> Decision:
        if isinstance(self.game, FiniteGame):
            return TabularDecision.of_agent(self.game, profile, agent)
        return LayeredDecision(
            iter(self.game.layers(profile, agent)),
            np.asarray(self.game.start, np.float64),
            self.game.num_agents,
            f"agent {agent}",
            limits.value_bound,
        )


def read_setting(
    game: FiniteGame | LayeredGame, policies: Any, constraint: Any, lottery: Sequence[float] | None
) -> Setting:
    """Return the setting of `certify`, checked."""
    if isinstance(game, type) or not (isinstance(game, FiniteGame) or hasattr(game, "layers")):
        raise InputError(
            f"game is {one_line(repr(game), 60)}; it must be a FiniteGame, or a game in layers (LayeredGame)"
        )
    several = [policies] if lottery is None else policies
    probabilities = _lottery(lottery, several)
    if isinstance(game, FiniteGame):
        columns = game.columns
        names = ["policies"] if lottery is None else [f"policies[{number}]" for number in range(len(several))]
        profiles: Sequence[Any] = [
            read_profile(game, profile, name) for profile, name in zip(several, names, strict=True)
        ]
        present = np.array([played(game, profile) for profile in profiles])
    else:
        columns, profiles = Columns(1, game.num_agents), list(several)
        present = np.array([columns.features(game.play(profile)) for profile in profiles])
        if present.shape != (len(profiles), columns.number) or not np.isfinite(present).all():
            raise InputError(f"play() returned {present.tolist()}; each profile has one return, an index and n works")
    return Setting(game, profiles, probabilities, columns, present, _read_threshold(constraint))


def _read_threshold(constraint: Any) -> float | None:
    """Return the least expected index of a constraint: a number, an object with ``target()``, or None for none."""
    if constraint is None:
        return None
    target = getattr(constraint, "target", None)
    tau = as_number(target() if callable(target) else constraint)
    if not np.isfinite(tau):
        raise InputError(
            f"constraint is {constraint!r}; it must be a finite number (the least expected index), an object with "
            "target(), such as evenhand.fair_gne.Constraint, or None"
        )
    return tau


def _lottery(lottery: Sequence[float] | None, profiles: Any) -> Floats:
    if lottery is None:
        return np.ones(1)
    if isinstance(profiles, str) or not isinstance(profiles, Sequence | np.ndarray):
        raise InputError(
            f"policies is {one_line(repr(profiles), 60)}; with a lottery, it must have a profile for each outcome"
        )
    numbers = checked_numbers("lottery", lottery)
    probabilities: Floats = numbers.astype(np.float64)
    if probabilities.ndim != 1 or len(probabilities) != len(profiles) or not len(probabilities):
        raise InputError(
            f"lottery has shape {probabilities.shape}; with {len(profiles)} profiles in policies, it must have as many "
            "probabilities"
        )
    scaled: Floats = checked_sums("lottery", probabilities[None], lambda row: "", single=is_single(numbers))[0]
    return scaled
