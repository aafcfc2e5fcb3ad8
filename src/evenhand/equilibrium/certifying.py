"""Certify how close policies are to an equilibrium: each agent's best deviation, with the constraint and without."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evenhand.equilibrium.array_checks import LARGEST
from evenhand.equilibrium.certificate import KKT, AgentCertificate, Certificate, Deviation, SelfishDeviation
from evenhand.equilibrium.deviation_search import Search
from evenhand.equilibrium.finite_game import FiniteGame
from evenhand.equilibrium.layered_decision import ValueBound
from evenhand.equilibrium.layers import LayeredGame
from evenhand.equilibrium.outcome import Interval, Outcome, Scale
from evenhand.equilibrium.setting import FEASIBLE, Limits, Progress, Setting, Stop, read_setting
from evenhand.equilibrium.team import solve_team
from evenhand.errors import InputError
from evenhand.number_checks import as_number, checked_whole

MOST_STATES = 20_000_000
"""Default for the number of states of one agent's problem above which no more are enumerated."""

TOLERANT = 1e-6
"""Amount, relative to the optimum, by which a stated optimum of the team may be exceeded by rounding."""

UNKNOWN = Interval(0.0, math.inf)
"""A gain of which nothing is known."""


def certify(
    game: FiniteGame | LayeredGame,
    policies: Any,
    constraint: Any,
    *,
    lottery: Sequence[float] | None = None,
    selfish: Sequence[float] = (),
    team_optimum: float | None = None,
    value_bound: ValueBound | None = None,
    multiplier: float | None = None,
    most_states: int = MOST_STATES,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Certificate:
    r"""Return what each agent could gain by deviating while the others keep their policies.

    Agents share the constraint that the expected index is at least :math:`\tau`. A profile is an
    :math:`\varepsilon`-generalised Nash equilibrium (GNE) if it meets the constraint and no agent gains more than
    :math:`\varepsilon` by a deviation that still meets it. Each gain is a proven interval, mostly a single number.

    Parameters
    ----------
    game
        Arrays (`FiniteGame`), or layers that are enumerated on demand (`LayeredGame`).
    policies
        One profile of policies, or with `lottery` a sequence of K profiles, one of which is drawn publicly before each
        episode. For a `FiniteGame`, a profile has for each agent whole numbers of shape (S,), its actions, or
        floats of shape (S, A_i), their probabilities; either with a leading axis of the horizon if they change from
        step to step.
    constraint
        The threshold tau, an object with ``target()`` such as :class:`evenhand.fair_gne.Constraint`, or None.
    lottery
        Probabilities of the K profiles.
    selfish
        Prices of a unit of an agent's own work, at least 0. For each price, the certificate says what each agent would
        do and gain if its utility were its return minus the price times its work.
    team_optimum
        Largest expected return of the team under the constraint, if known; computed for a `FiniteGame`.
    value_bound
        For a `LayeredGame`: function of a number of steps t and the work done so far, shape (S, n), that returns an
        upper bound on the return of every episode that has not ended after t steps. With it, the game is enumerated
        only as far as the certificate needs.
    multiplier
        The shared multiplier of the KKT conditions. Default: the slope between the outcomes of a lottery over two
        profiles, or 0 if the constraint has slack; otherwise the conditions are left out.
    most_states
        Number of states of one agent's problem above which no more are enumerated; the interval then stands.
    progress
        Function that is called with an agent's number and the number of states enumerated for it.
    stop
        Function that returns True once no more states shall be enumerated; intervals then stand.

    Returns
    -------
    Certificate
        Gains, witnesses, multipliers, what deviations do to the others, and the price of decentralisation.

    Raises
    ------
    InputError
        If policies do not fit the game, a number is out of range, `team_optimum` is exceeded, or a game without
        `value_bound` has too many states.

    Examples
    --------
    Two agents work (1) or rest (0), once. Both work, which is fair; either would rather rest.

    >>> game = FiniteGame.once(rewards=[[0, 1], [1, 0.9]], index=[[1, 0.5], [0.5, 1]])
    >>> certificate = certify(game, [1, 1], constraint=0.8)
    >>> certificate
    Certificate(epsilon 0.04, NashConv 0.2, index 1)
    >>> deviation = certificate.agents[0].feasible
    >>> round(deviation.witness.share, 6), deviation.witness.first, round(deviation.multiplier, 6)
    (0.6, (array([[0]], dtype=int16),), 0.2)
    >>> round(certificate.team_optimum, 6), round(certificate.price_of_decentralisation, 6)
    (0.94, 0.04)
    """
    limits = _limits(value_bound, most_states, progress, stop)
    setting = read_setting(game, policies, constraint, lottery)
    weights = _selfish(selfish, setting)
    shared = _shared_multiplier(setting, multiplier)
    optimum, scale, largest = _team(setting, team_optimum)
    agents, stationarity = [], []
    paid: dict[tuple[int, int], SelfishDeviation] = {}
    stopped: str | None = None
    for agent in range(game.num_agents):
        search = Search(setting, agent, limits)
        feasible, free = search.both(setting.columns.utility(agent))
        if shared is not None:
            stationarity.append(search.stationarity(shared))
        feasible = _tightened(feasible, setting, optimum, shared, stationarity[-1] if stationarity else UNKNOWN)
        for place, weight in enumerate(weights):
            paid[place, agent] = SelfishDeviation(weight, agent, *search.both(setting.columns.utility(agent, weight)))
        agents.append(AgentCertificate(agent, search.states, feasible, free))
        stopped = stopped or search.stopped
    return Certificate(
        tau=setting.tau,
        feasible=setting.feasible,
        present=setting.columns.outcome(setting.mean),
        outcomes=setting.outcomes,
        lottery=tuple(setting.probabilities.tolist()),
        agents=tuple(agents),
        scale=scale,
        team_optimum=optimum,
        largest_index=largest,
        kkt=None if shared is None else KKT(shared, tuple(stationarity), setting.slack),
        selfish=tuple(paid[key] for key in sorted(paid)),
        stopped=stopped,
    )


def kkt(
    game: FiniteGame | LayeredGame,
    policies: Any,
    constraint: Any,
    *,
    lottery: Sequence[float] | None = None,
    multiplier: float | None = None,
    value_bound: ValueBound | None = None,
    most_states: int = MOST_STATES,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> KKT:
    r"""Return the KKT conditions at one shared multiplier, without the gains under the constraint.

    Parameters are those of :func:`certify`. Stationarity, primal feasibility and complementary slackness at one
    :math:`\mu \ge 0` for all agents suffice for a (variational) GNE: by weak duality, agent i gains at most its
    stationarity plus :math:`\mu (E[J] - \tau)`.

    Raises
    ------
    InputError
        As :func:`certify`; also if no multiplier is given or implied.

    Examples
    --------
    >>> game = FiniteGame.once(rewards=[[0, 1], [1, 0.9]], index=[[1, 0.5], [0.5, 1]])
    >>> found = kkt(game, [1, [0.4, 0.6]], constraint=0.8, multiplier=0.2)
    >>> [str(gain) for gain in found.stationarity], found.slackness
    (['0', '0'], 0.0)
    """
    limits = _limits(value_bound, most_states, progress, stop)
    setting = read_setting(game, policies, constraint, lottery)
    shared = _shared_multiplier(setting, multiplier)
    if setting.tau is None:
        raise InputError("constraint is None; the KKT conditions are those of a threshold: give it")
    if shared is None:
        raise InputError("multiplier is None; the constraint binds and there is no lottery that implies one: give it")
    found = []
    for agent in range(game.num_agents):
        found.append(Search(setting, agent, limits).stationarity(shared))
    return KKT(shared, tuple(found), setting.slack)


def _shared_multiplier(setting: Setting, given: float | None) -> float | None:
    """Return the multiplier of the KKT conditions: as given, or as the policies imply it; None if they do not."""
    if setting.tau is None:
        return None
    if given is not None:
        number = as_number(given)
        if not 0.0 <= number <= LARGEST:
            raise InputError(f"multiplier is {given!r}; it must be a finite number of at least 0")
        return number
    likely = setting.present[setting.probabilities > 0.0]
    if len(likely) == 2:
        slope = hull_slope(*(setting.columns.outcome(features) for features in likely))
        if slope is not None:
            return slope
    return 0.0 if setting.slack > FEASIBLE else None


def hull_slope(one: Outcome, other: Outcome) -> float | None:
    """Return the price of the index between two outcomes of a lottery: the return lost per unit of index gained.

    It is the multiplier at which both outcomes are equally good, whatever multipliers were drawn to reach them. None if
    their indices are equal, or the fairer one also has the larger return.
    """
    more = other.index - one.index
    lost = float(one.returns.sum() - other.returns.sum())
    if more == 0.0 or lost / more < 0.0:
        return None
    return lost / more


def _limits(value_bound: ValueBound | None, most_states: int, progress: Progress | None, stop: Stop | None) -> Limits:
    most = checked_whole("most_states", most_states, 1, what="a number of states")
    return Limits(value_bound, most, progress, stop)


def _selfish(weights: Any, setting: Setting) -> list[float]:
    if isinstance(weights, str) or not isinstance(weights, Sequence | np.ndarray):
        raise InputError(f"selfish is {weights!r}; it must be a sequence of prices, such as [0.1]")
    numbers = [as_number(weight) for weight in weights]
    for place, number in enumerate(numbers):
        if not 0.0 <= number <= LARGEST:
            raise InputError(f"selfish[{place}] is {weights[place]!r}; the price of a unit of work is at least 0")
    if numbers and not setting.columns.work:
        raise InputError("selfish is given, but the game has no work; FiniteGame(..., work=) says what each agent does")
    return numbers


def _team(setting: Setting, given: float | None) -> tuple[float | None, Scale | None, float | None]:
    """Return the team's optimum, what gains are compared with, and the largest index of any policy."""
    optimum = None if given is None else as_number(given)
    if optimum is not None and not np.isfinite(optimum):
        raise InputError(f"team_optimum is {given!r}; it must be a finite number, or None where it is unknown")
    if not isinstance(setting.game, FiniteGame):
        return optimum, setting.game.scale, None
    found = solve_team(setting.game, setting.required)
    return found.optimum if optimum is None else optimum, found.scale, found.largest_index


def _tightened(
    feasible: Deviation | None, setting: Setting, optimum: float | None, shared: float | None, stationarity: Interval
) -> Deviation | None:
    """Return the deviation with the smallest proven upper bound on its gain.

    No feasible deviation from a profile with a common reward gains more than the team's optimum is above it; and by
    weak duality none gains more than the stationarity plus the slackness at any multiplier.
    """
    if feasible is None:
        return None
    bounds = [feasible.gain.upper]
    if shared is not None:
        bounds.append(stationarity.upper + shared * setting.slack)
    if optimum is not None and setting.columns.returns == 1:
        room = optimum - float(setting.columns.welfare @ setting.mean)
        if feasible.gain.lower > room + TOLERANT * max(1.0, abs(optimum)):
            raise InputError(
                f"team_optimum is {optimum:.9g}; it is no upper bound: the profile and a deviation of agent "
                f"{feasible.witness.agent} reach {optimum - room + feasible.gain.lower:.9g}"
            )
        bounds.append(room)
    return replace(feasible, gain=Interval(feasible.gain.lower, max(feasible.gain.lower, min(bounds))))
