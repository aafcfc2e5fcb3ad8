"""Evaluate a trained team: at thresholds, with a supervisor, with disturbances, defectors and exchanged skills."""

from __future__ import annotations

import resource
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from evenhand import hospital
from evenhand.learning.certificates.team_certificate import CertifyTerms, certify_team
from evenhand.learning.certificates.team_stationarity import stationarity_of
from evenhand.learning.disturbance import under
from evenhand.learning.disturbance_level import Level
from evenhand.learning.episodes import play_episodes
from evenhand.learning.evaluation import evaluate, multipliers_of
from evenhand.learning.lottery import Lottery
from evenhand.learning.multiplier_curve import trade_off_curve
from evenhand.learning.pick_multiplier import pick
from evenhand.statistics import mean_estimate
from reproductions.fair_gne.aligning import BEST, USED, AligningHospital, misalignment
from reproductions.fair_gne.asked import STARTS
from reproductions.fair_gne.defector import with_defector
from reproductions.fair_gne.shifting import ShiftingHospital, distinct_rosters
from reproductions.fair_gne.supervisor import Controlled, Read, Steering, supervise

if TYPE_CHECKING:
    from evenhand.learning.kkt import Stationarity
    from evenhand.learning.pick_multiplier import Picked
    from evenhand.learning.training import Run
    from reproductions.fair_gne.asked import Asked

    Force = float | Lottery

KEPT = (
    "success",
    "jain",
    "jain_given_success",
    "idle_episodes",
    "episode_steps",
    "reward",
    "workload",
    "constraint_unmet",
)
"""Metrics that are kept of a disturbed team's evaluation."""
STEERED_BATCH = 100
"""Episodes between two updates of the multiplier with a defector in the team; a few dozen updates are enough."""
CURVE = 2000
"""Episodes for each multiplier of a curve."""


def judged(run: Run, asked: Asked) -> dict[str, Any]:
    """Return all records that are asked for."""
    picks = [_picked(run, asked, tau) for tau in asked.taus]
    told: dict[str, Any] = {
        "records": [_record(run, asked, tau, picked) for tau, picked in zip(asked.taus, picks, strict=True)]
    }
    if asked.curve:
        told["curve"] = _curve(run)
    if asked.orders:
        told["followed"] = _followed(run, asked)
    if asked.certified:
        told["certificates"] = [_certificate(run, tau, multiplier) for tau, multiplier in asked.certified]
    if asked.taus:
        told |= _disturbed(run, asked, _force(run, picks[0]))
    return told


def _certificate(run: Run, tau: float, multiplier: float | None) -> dict[str, Any]:
    """Return a certificate without its witnesses, and what it cost; memory is the most that the process has had."""
    begun = time.process_time()
    found = certify_team(run, CertifyTerms(tau=tau, multiplier=multiplier))
    told: dict[str, Any] = _without(found.to_dict(), "witness")
    spent = time.process_time() - begun
    return told | {"processor_seconds": spent, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _without(told: Any, name: str) -> Any:
    """Return JSON values without those that are called `name`, at any depth."""
    if isinstance(told, dict):
        return {key: _without(value, name) for key, value in told.items() if key != name}
    return [_without(value, name) for value in told] if isinstance(told, list) else told


def _picked(run: Run, asked: Asked, tau: float) -> Picked | None:
    return pick(run.learner, run.parameters, tau=tau, margin=asked.margin) if run.learner.conditioned else None


def _force(run: Run, picked: Picked | None) -> Force:
    return run.multiplier if picked is None else picked.lottery


def _record(run: Run, asked: Asked, tau: float, picked: Picked | None) -> dict[str, Any]:
    force = _force(run, picked)
    record = evaluate(
        run.learner,
        run.parameters,
        episodes=asked.episodes,
        seed=STARTS,
        multiplier=force,
        tau=tau,
        exact=_stationarity(run, force, tau) if asked.stationary else None,
        aim=None if picked is None else picked.aim,
    )
    told = record.to_dict() | {"picked": None if picked is None else picked.to_dict()}
    return told | (_alignment(run, asked, force) if isinstance(run.learner.team.env, AligningHospital) else {})


def _stationarity(run: Run, force: Force, tau: float) -> Stationarity:
    return stationarity_of(run, Lottery.always(force) if isinstance(force, float) else force, tau)


def _alignment(run: Run, asked: Asked, force: Force) -> dict[str, Any]:
    """Return how far the work was from the ablest, of the episodes that worked at all."""
    forces = multipliers_of(force, asked.episodes, STARTS)
    played = play_episodes(run.learner, run.parameters, forces, seed=STARTS)
    accounts = [played.definitions[name][played.worked] for name in (USED, BEST)]
    return {"misalignment": mean_estimate(misalignment(*accounts)).to_dict()}


def _curve(run: Run) -> list[dict[str, Any]]:
    points = trade_off_curve(run.learner, run.parameters, episodes=CURVE, seed=STARTS)
    names = ("success", "episode_steps", "reward", "jain")
    return [{"multiplier": point.multiplier} | {name: getattr(point, name).value for name in names} for point in points]


def _followed(run: Run, asked: Asked) -> dict[str, Any]:
    """Return how the team followed the supervisor's orders: by the controller, and by the curve it has measured."""
    team = run.learner.team
    orders = {first: tau for first, tau in asked.orders if tau is not None}
    ways: dict[str, Steering] = {
        "controller": Controlled(team.constraint, cap=team.cap),
        "curve": Read(team.constraint, trade_off_curve(run.learner, run.parameters, episodes=CURVE, seed=1)),
    }
    last = asked.orders[-1][0]
    return {
        name: supervise(run.learner, run.parameters, way, orders, episodes=last, seed=STARTS).to_dict()
        for name, way in ways.items()
    }


def _disturbed(run: Run, asked: Asked, force: Force) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if asked.noises:
        told["noises"] = [
            {"noise": noise} | _played(under(run.learner, Level(noise=(noise, noise))), run, asked, force)
            for noise in asked.noises
        ]
    if asked.delays:
        told["delays"] = [
            {"delay": delay} | _played(under(run.learner, Level(delay=(delay, delay))), run, asked, force)
            for delay in asked.delays
        ]
    if asked.exchanged:
        told["exchanged"] = [
            {"from_step": step} | _played(_exchanging(run, step), run, asked, force) for step in asked.exchanged
        ]
    if asked.defectors:
        told["defections"] = [
            _betrayed(run, asked, force, agent, kind)
            for kind in asked.defectors
            for agent in range(run.learner.team.env.n_agents)
        ]
    return told


def _exchanging(run: Run, step: int) -> Any:
    """Return the learner among agents who have exchanged skills, from a step on or from the start."""
    scenario = hospital.load(run.config.scenario).model_copy(update={"workload": run.config.workload})
    others = distinct_rosters(scenario)[1:]
    env = ShiftingHospital(scenario, others, shift=step or None)
    return replace(run.learner, team=replace(run.learner.team, env=env))


def _betrayed(run: Run, asked: Asked, force: Force, agent: int, kind: Any) -> dict[str, Any]:
    learner = with_defector(run.learner, agent, kind)
    told = {"agent": agent, "kind": kind} | _played(learner, run, asked, force)
    if not asked.steered or kind != asked.defectors[0]:
        return told
    team = run.learner.team
    steering = Controlled(team.constraint, cap=team.cap)
    orders = {0: asked.taus[0]}
    trace = supervise(
        learner, run.parameters, steering, orders, episodes=asked.steered, batch=STEERED_BATCH, seed=STARTS
    )
    return told | {"steered": trace.changes[-1].to_dict()}


def _played(learner: Any, run: Run, asked: Asked, force: Force) -> dict[str, Any]:
    tau = asked.taus[0]
    record = evaluate(learner, run.parameters, episodes=asked.episodes, seed=STARTS, multiplier=force, tau=tau)
    told = record.to_dict()
    return {name: told[name] for name in KEPT}
