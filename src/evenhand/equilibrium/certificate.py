"""The answer of `certify`: who would deviate, what it would gain, and what that would do to the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.equilibrium.outcome import Interval, Outcome, Scale

Plan = NDArray[np.signedinteger[Any]] | None
"""An agent's deterministic policy, or None for its present one. In a layered game shape (starts, steps): the action at
each step from each start, -1 after the end. In a `FiniteGame` shape (horizon, S), or (S,) with a discount."""


@dataclass(frozen=True)
class Witness:
    """A deviation that anyone can play: before the episode, the agent draws one of two deterministic policies.

    Attributes
    ----------
    agent
        The agent that deviates.
    share
        Probability of `second`, otherwise `first`.
    first, second
        One plan for each outcome of the public lottery over profiles; a single one without a lottery.
    """

    agent: int
    share: float
    first: tuple[Plan, ...]
    second: tuple[Plan, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values; null for a plan that is the present policy."""
        plans = {
            name: [None if plan is None else plan.tolist() for plan in pair]
            for name, pair in (("first", self.first), ("second", self.second))
        }
        return {"agent": self.agent, "share": self.share, **plans}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Witness:
        """Return the witness that :meth:`to_dict` wrote, so that a certificate on disk can be replayed."""
        first, second = (
            tuple(None if plan is None else np.asarray(plan, np.int32) for plan in written[name])
            for name in ("first", "second")
        )
        return cls(written["agent"], written["share"], first, second)


@dataclass(frozen=True)
class Deviation:
    """The best that one agent can do while the others keep their policies.

    Attributes
    ----------
    gain
        Utility of the deviation less that of the present policy, never negative.
    multiplier
        The agent's own price of the constraint: what its utility would gain per unit of a lower threshold. 0 where the
        constraint does not bind and for deviations that ignore it.
    outcome
        What happens when the witness is played: returns, index and the work of all agents.
    witness
        The deviation, which gains ``gain.lower``.
    """

    gain: Interval
    multiplier: float
    outcome: Outcome
    witness: Witness

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "gain": self.gain.to_dict(),
            "multiplier": self.multiplier,
            "outcome": self.outcome.to_dict(),
            "witness": self.witness.to_dict(),
        }


@dataclass(frozen=True)
class AgentCertificate:
    """The deviations of one agent.

    Attributes
    ----------
    agent
        Number of the agent.
    states
        Number of states that were enumerated for it.
    feasible
        Its best deviation under the constraint; None if the profile itself violates the constraint.
    free
        Its best deviation without the constraint.
    """

    agent: int
    states: int
    feasible: Deviation | None
    free: Deviation

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "agent": self.agent,
            "states": self.states,
            "feasible": None if self.feasible is None else self.feasible.to_dict(),
            "free": self.free.to_dict(),
        }


@dataclass(frozen=True)
class SelfishDeviation:
    """What an agent would do that pays for its own work: its utility is the return less `weight` times its work.

    Attributes
    ----------
    weight
        Price of a unit of its own work.
    agent
        Number of the agent.
    feasible, free
        Its best deviations with and without the constraint, with gains in that utility; `feasible` is None if the
        profile violates the constraint.
    """

    weight: float
    agent: int
    feasible: Deviation | None
    free: Deviation

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "weight": self.weight,
            "agent": self.agent,
            "feasible": None if self.feasible is None else self.feasible.to_dict(),
            "free": self.free.to_dict(),
        }


@dataclass(frozen=True)
class KKT:
    r"""The Karush-Kuhn-Tucker conditions at one multiplier :math:`\mu` for all agents.

    Attributes
    ----------
    multiplier
        :math:`\mu`, the shared price of the index.
    stationarity
        For each agent, the largest gain in :math:`R + \mu J`, without the constraint.
    slack
        :math:`E[J] - \tau`, negative where the constraint is violated.
    slackness
        :math:`\mu (E[J] - \tau)`, 0 if complementary slackness holds.
    """

    multiplier: float
    stationarity: tuple[Interval, ...]
    slack: float

    @property
    def slackness(self) -> float:
        """Multiplier times slack."""
        return self.multiplier * self.slack

    @property
    def gain_bounds(self) -> tuple[float, ...]:
        """Upper bound on each agent's feasible gain, by weak duality: stationarity plus slackness."""
        return tuple(gain.upper + self.slackness for gain in self.stationarity)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "multiplier": self.multiplier,
            "stationarity": [gain.to_dict() for gain in self.stationarity],
            "slack": self.slack,
            "slackness": self.slackness,
        }


@dataclass(frozen=True, repr=False)
class Certificate:
    """Evidence on whether a profile of policies is an equilibrium of a game with a shared constraint.

    Attributes
    ----------
    tau
        Threshold: the expected index must be at least `tau`; None without a constraint.
    feasible
        Whether the profile meets the constraint. If not, it is no equilibrium, whatever its agents could gain.
    present
        Outcome of the profile, over the lottery.
    outcomes
        Outcome of each profile of the lottery.
    lottery
        Probability of each profile.
    agents
        The deviations of each agent.
    scale
        What gains are compared with, or None.
    team_optimum
        Largest expected return (sum of the returns, if each agent has its own) of the team under the constraint; None
        if unknown.
    largest_index
        Largest expected index of any policy of the team; None if unknown. Below `tau`, the constraint is infeasible.
    kkt
        The KKT conditions at one shared multiplier; None if no multiplier was given or implied.
    selfish
        Deviations of agents that pay for their own work, by weight and agent.
    stopped
        Why gains are intervals, not numbers; None if all are exact.
    """

    tau: float | None
    feasible: bool
    present: Outcome
    outcomes: tuple[Outcome, ...]
    lottery: tuple[float, ...]
    agents: tuple[AgentCertificate, ...]
    scale: Scale | None = None
    team_optimum: float | None = None
    largest_index: float | None = None
    kkt: KKT | None = None
    selfish: tuple[SelfishDeviation, ...] = ()
    stopped: str | None = None

    @property
    def epsilon(self) -> Interval | None:
        """The profile is an epsilon-GNE: the largest feasible gain of any agent; None if it is infeasible."""
        gains = [agent.feasible.gain for agent in self.agents if agent.feasible is not None]
        if not gains:
            return None
        return Interval(max(gain.lower for gain in gains), max(gain.upper for gain in gains))

    @property
    def nash_conv(self) -> Interval:
        """Sum over agents of the gains without the constraint."""
        gains = [agent.free.gain for agent in self.agents]
        return Interval(sum(gain.lower for gain in gains), sum(gain.upper for gain in gains))

    @property
    def exact(self) -> bool:
        """Whether every gain is known exactly."""
        found = [(one.feasible, one.free) for one in self.agents]
        found += [(one.feasible, one.free) for one in self.selfish]
        return all(deviation is None or deviation.gain.exact for pair in found for deviation in pair)

    @property
    def price_of_decentralisation(self) -> float | None:
        """The optimum of the team less the return of the profile; None if unknown, or if the profile is infeasible."""
        if self.team_optimum is None or not self.feasible:
            return None
        return self.team_optimum - float(self.present.returns.sum())

    def others(self, deviation: Deviation) -> NDArray[np.float64]:
        """Return by how much a deviation changes the expected work of each agent, shape (n,)."""
        return deviation.outcome.work - self.present.work

    def __repr__(self) -> str:
        verdict = f"epsilon {self.epsilon}" if self.feasible else "infeasible profile"
        return f"Certificate({verdict}, NashConv {self.nash_conv}, index {self.present.index:.6g})"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "tau": self.tau,
            "feasible": self.feasible,
            "present": self.present.to_dict(),
            "outcomes": [outcome.to_dict() for outcome in self.outcomes],
            "lottery": list(self.lottery),
            "epsilon": None if self.epsilon is None else self.epsilon.to_dict(),
            "nash_conv": self.nash_conv.to_dict(),
            "exact": self.exact,
            "stopped": self.stopped,
            "scale": None if self.scale is None else self.scale.to_dict(),
            "team_optimum": self.team_optimum,
            "largest_index": self.largest_index,
            "price_of_decentralisation": self.price_of_decentralisation,
            "kkt": None if self.kkt is None else self.kkt.to_dict(),
            "agents": [agent.to_dict() for agent in self.agents],
            "selfish": [found.to_dict() for found in self.selfish],
        }
