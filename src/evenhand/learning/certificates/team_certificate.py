"""Certify a trained team: who would deviate, what it would gain, and who would pay for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from evenhand.equilibrium import Certificate, certify
from evenhand.learning.allowed_ranges import COUNT, MARGIN, NOT_NEGATIVE, POSITIVE_SHARE, SHARE, Range, check
from evenhand.learning.certificates.exact_curve import ExactCurve
from evenhand.learning.certificates.hospital_game import HospitalGame
from evenhand.learning.certificates.planned_optimum import planned_optimum
from evenhand.learning.certificates.policy_tables import refuse_others
from evenhand.learning.lottery import Lottery
from evenhand.learning.training_progress import PICKING, StageProgress

if TYPE_CHECKING:
    from evenhand.hospital.enumeration import TeamStates
    from evenhand.hospital.scenario import Scenario
    from evenhand.learning.training import Run

MOST_STATES = 5_000_000
"""Default limit on the states that are enumerated for each agent, about 1 GB of memory."""
PLANNING = "planning"
"""Name of the stage in which the exact planner finds the team's optimum, for progress reports."""
Stop = Callable[[], bool]


@dataclass(frozen=True)
class CertifyTerms:
    """Settings of a certificate.

    Attributes
    ----------
    tau
        Threshold of the index; None for the run's own.
    multiplier
        A multiplier to play under; None for the lottery that meets the threshold with the highest reward, of which all
        means are exact.
    margin
        Distance above the threshold to aim at when the lottery is picked.
    selfish
        Prices of a unit of own work, from 0 to 1, at which each agent's deviation is looked for as well.
    most_states
        Limit on the number of states that are enumerated for each agent; where it ends the search, gains are intervals.

    Raises
    ------
    InputError
        If a number is outside its range.
    """

    tau: float | None = None
    multiplier: float | None = None
    margin: float = 0.0
    selfish: tuple[float, ...] = ()
    most_states: int = MOST_STATES

    def __post_init__(self) -> None:
        allowed = {"tau": POSITIVE_SHARE, "multiplier": NOT_NEGATIVE, "margin": MARGIN, "most_states": COUNT}
        for name, limits in allowed.items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, check(name, value, limits))
        weights = tuple(check("selfish", weight, SHARE) for weight in self.selfish)
        object.__setattr__(self, "selfish", weights)


@dataclass(frozen=True, repr=False)
class TeamCertificate:
    """The certificate of a trained team, as it plays greedily: the table of its actions that was read once.

    Attributes
    ----------
    scenario
        The scenario.
    learner, method, seed
        What the team was trained with.
    workload
        Definition of the workload that the constraint is on.
    index
        Name of what the constraint bounds: Jain's index, or the share of episodes in which it is large enough.
    lottery
        Lottery from which each episode draws its multiplier, for all to see.
    certificate
        The certificate. Work is that of the definition above, and gains are in the unit of the return.
    teams
        States of the team under each multiplier of the lottery, in its order, with the tables that were read.
    seconds
        Wall-clock time.
    """

    scenario: Scenario
    learner: str
    method: str
    seed: int
    workload: str
    index: str
    lottery: Lottery
    certificate: Certificate
    teams: tuple[TeamStates, ...] = field(compare=False)
    seconds: float

    @property
    def agents(self) -> tuple[str, ...]:
        """Names of the agents."""
        return tuple(agent.name for agent in self.scenario.agents)

    def __repr__(self) -> str:
        return f"TeamCertificate({self.scenario.name!r}, {self.certificate!r})"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values: those of the certificate, and which team it is about."""
        return {
            "scenario": self.scenario.name,
            "agent_names": list(self.agents),
            "learner": self.learner,
            "method": self.method,
            "seed": self.seed,
            "workload_definition": self.workload,
            "index_name": self.index,
            "multipliers": self.lottery.to_dict(),
            "policy": "greedy, as read once in every state that was reached",
            "states_read": sum(team.reached for team in self.teams),
            "seconds": self.seconds,
            **self.certificate.to_dict(),
        }


def certify_team(
    run: Run, terms: CertifyTerms | None = None, *, progress: StageProgress | None = None, stop: Stop | None = None
) -> TeamCertificate:
    """Certify the team of a run in a scenario of the hospital.

    Parameters
    ----------
    run
        The run.
    terms
        Settings; default ``CertifyTerms()``.
    progress
        Called with the name of a stage, the number of its steps that are done, and that of all; for an agent's states,
        with the number reached and the limit.
    stop
        Asked now and then; once it returns True, the search ends and gains are the intervals found so far.

    Raises
    ------
    InputError
        If the states of the run's environment cannot be enumerated, if every team would meet the threshold, or if the
        multiplier is above the run's cap.
    """
    begun = time.perf_counter()
    asked = CertifyTerms() if terms is None else terms
    env = run.learner.team.env
    refuse_others(env)
    constraint = run.learner.team.constraint
    tau = constraint.tau if asked.tau is None else constraint.with_parameter(asked.tau).tau
    curve = ExactCurve(run, tau)
    lottery = _lottery(run, asked, curve, progress)
    outcomes = drawn(lottery)
    teams = tuple(curve.states(multiplier) for _, multiplier in outcomes)
    game = HospitalGame(env.arrays, env.workload_definition, constraint, tau)
    if progress is not None:
        progress(PLANNING, 0, 1)
    optimum = planned_optimum(env, constraint, tau)
    certificate = certify(
        game,
        teams,
        float(constraint.target(tau)),
        lottery=tuple(share for share, _ in outcomes),
        selfish=asked.selfish,
        team_optimum=optimum,
        value_bound=game.value_bound,
        most_states=asked.most_states,
        progress=None if progress is None else partial(_report, progress, env.scenario, asked.most_states),
        stop=stop,
    )
    return TeamCertificate(
        scenario=env.scenario,
        learner=run.config.learner,
        method=run.config.method,
        seed=run.config.seed,
        workload=env.workload_definition,
        index=f"share of episodes with an index of at least {tau:g}" if constraint.form == "share" else "Jain's index",
        lottery=lottery,
        certificate=certificate,
        teams=teams,
        seconds=time.perf_counter() - begun,
    )


def drawn(lottery: Lottery) -> list[tuple[float, float]]:
    """Return the outcomes of a lottery, each with its probability: two, or one if the other is never drawn."""
    if lottery.share in (0.0, 1.0) or lottery.low == lottery.high:
        return [(1.0, lottery.likelier)]
    return [(1.0 - lottery.share, lottery.low), (lottery.share, lottery.high)]


def _lottery(run: Run, asked: CertifyTerms, curve: ExactCurve, progress: StageProgress | None) -> Lottery:
    if asked.multiplier is not None:
        check("multiplier", asked.multiplier, Range(0.0, run.config.dual.cap))
        return Lottery.always(asked.multiplier)
    if not run.learner.conditioned:
        return Lottery.always(run.multiplier)
    return curve.pick(margin=asked.margin, progress=None if progress is None else partial(progress, PICKING)).lottery


def _report(progress: StageProgress, scenario: Scenario, most: int, agent: int, states: int) -> None:
    progress(f"states of {scenario.agents[agent].name}", states, most)
