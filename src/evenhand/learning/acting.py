"""A trained team as a player, for loops over an environment that is not ours, such as PettingZoo's."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax import Array

import evenhand
from evenhand.errors import InputError
from evenhand.hospital.feature_names import observation_names, work_name
from evenhand.hospital.scenario_arrays import WORKLOADS
from evenhand.hospital.vectorized import VectorizedHospital
from evenhand.hospital.vectorized.reading import state_of
from evenhand.learning import conditioning
from evenhand.learning.disturbance import AVERAGED, Disturbed, inner
from evenhand.learning.disturbance_level import names_of
from evenhand.learning.entity_team import EntityTeam
from evenhand.learning.episodes import Played, WorkloadDefinitions
from evenhand.learning.multiplier_curve import trade_off_curve
from evenhand.learning.pick_multiplier import frontier, settled_curve
from evenhand.learning.run_folder import owner_of
from evenhand.learning.senses import senses_of
from evenhand.learning.team import View
from evenhand.player import Player
from evenhand.player.lottery import Vertex, check_tau, lottery_of
from evenhand.tables.documents import read_json
from evenhand.tables.shapes import check_shape
from evenhand.tables.write import write_json

logger = logging.getLogger(__name__)

CURVES = "multipliers.json"
"""Name of the file, in the folder of a run, that holds the trade-off curves that were played."""
SEED = 1
"""Seed of their episodes, as in an evaluation by default."""


def player_of(run: Any, *, tau: float | None = None, multiplier: float | None = None, seed: int = 0) -> Player:
    """Return the team of a run as a player; parameters and errors as in :meth:`evenhand.learning.Run.player`."""
    description = description_of(run, tau)
    curve = [] if multiplier is not None else [vertex._asdict() for vertex in curve_of(run, tau)]
    lottery = lottery_of(description, curve, multiplier=multiplier)
    act = _act(run.learner)

    def choose(agents: Any, mask: Any) -> Any:
        return np.asarray(act(run.parameters, agents, mask))

    return Player(description, choose, lottery, seed=seed)


@lru_cache(maxsize=8)
def _act(learner: Any) -> Callable[[Any, Array, Array], Array]:
    """Return the learner's policy, compiled, as a function of what the agents see; it is kept for later calls."""
    return jax.jit(policy_of(learner))


def policy_of(learner: Any) -> Callable[[Any, Array, Array], Array]:
    """Return a learner's policy: the actions (B, n), given parameters, what agents see (B, n, F) and masks (B, n, A).

    Raises
    ------
    InputError
        If its network sees entities of an environment whose states cannot be read from observations.
    """
    team, env = learner.team, inner(learner.team.env)
    if not isinstance(team, EntityTeam):
        # Actors see no global state: without one, a policy that looks at it fails.
        return lambda parameters, agents, mask: learner.act(parameters, View(agents, None, mask))
    if type(env) is not VectorizedHospital:
        raise InputError(
            f"the team's network sees the entities of a state, which observations of {type(env).__name__} do not show; "
            "run.learner.act(run.parameters, run.learner.team.view(states, multipliers)) takes states"
        )

    def act(parameters: Any, agents: Array, mask: Array) -> Array:
        first = agents[:, 0]
        states = jax.vmap(lambda seen: state_of(seen, env.tables))(first[:, : env.observation_size])
        view = team.view(states, first[:, -conditioning.SIZE] * team.cap)
        return learner.act(parameters, view._replace(mask=mask))

    return act


def description_of(run: Any, tau: float | None = None) -> dict[str, Any]:
    """Return the description of a run's team for a player, as JSON values.

    Parameters
    ----------
    run
        The run.
    tau
        Threshold to play for; the run's by default.

    Raises
    ------
    InputError
        If the team was not trained for it.
    """
    config, learner = run.config, run.learner
    disturbed, constraint = learner.team.env, learner.team.constraint
    env = inner(disturbed)
    agents = list(names_of(env))
    hospital = isinstance(env, VectorizedHospital)
    seen = _observation_names(env) if hospital else None
    definition = env.workload_definition if isinstance(env, WorkloadDefinitions) else "workload"
    # Work in noisy observations is noisy, and the team was trained with the noise added to what it sees of it.
    read = seen if seen is not None and not config.disturbance.noise[1] else None
    own = None if config.method == "none" else constraint.tau
    description = {
        "evenhand": evenhand.__version__,
        "scenario": config.scenario if hospital else None,
        "environment": getattr(env, "name", type(env).__name__),
        "learner": config.learner,
        "method": config.method,
        "agents": agents,
        "n_actions": env.n_actions,
        "actions": list(env.scenario.actions) if hospital else None,
        "observation_size": env.observation_size,
        "observation": seen,
        "added": [
            *(f"share of the work: {agent}" for agent in agents),
            "Jain's index of the work",
            "memory",
            "multiplier / cap",
            *(f"multiplier / (multiplier + {scale:g} cap)" for scale in conditioning.SCALES),
        ],
        **senses_of(env),
        "horizon": env.horizon,
        "workload": {
            "definition": definition,
            "positions": None
            if read is None
            else [read.index(f"{agent}: {work_name(definition)}") for agent in agents],
            "unit": float(env.arrays.inverse_workload[WORKLOADS.index(definition)]) if read else None,
            "counted": getattr(env, "counts_actions", False),
        },
        "remembers": {
            "means": list(AVERAGED) if config.disturbance.noise[1] else [],
            "actions": config.disturbance.delay[1],
        },
        "disturbance": asdict(config.disturbance),
        "multiplier": {"cap": learner.team.cap, "half_saturation": list(conditioning.SCALES)},
        "conditioned": learner.conditioned,
        "fairness": {
            "index": "jain",
            "form": constraint.form,
            "tau": own,
            "target": constraint.target() if constraint.form == "share" else None,
            "no_other": None if learner.conditioned else _only(own),
        },
    }
    description["fairness"]["tau"] = check_tau(description, tau)
    return description


def _only(tau: float | None) -> str:
    if tau is None:
        return "the team was trained without a constraint (method none): leave out tau"
    return (
        f"the team was trained for {tau:g} alone (conditioned = false): leave out tau, or train one with conditioning"
    )


def _observation_names(env: VectorizedHospital) -> list[str]:
    names = observation_names(env.scenario)
    return names + [f"count {k}" for k in range(env.observation_size - len(names))]


def curve_of(run: Any, tau: float | None = None, progress: Played | None = None) -> list[Vertex]:
    """Return the multipliers that a lottery may draw; they are kept in the run's folder, if it has one.

    Parameters
    ----------
    run
        The run.
    tau
        Threshold around which the curve is densest.
    progress
        As in :func:`evenhand.learning.pick`.
    """
    learner, parameters = run.learner, run.parameters
    tau = learner.team.constraint.tau if tau is None else tau
    key = _key(run, tau)
    kept = {**_kept(run.folder), **run.curves}
    if key not in kept:
        if learner.conditioned:
            points, _ = settled_curve(learner, parameters, tau=tau, seed=SEED, progress=progress)
        else:
            points = trade_off_curve(
                learner, parameters, multipliers=[run.multiplier], seed=SEED, tau=tau, progress=progress
            )
        kept[key] = [list(vertex) for vertex in frontier(points)]
        _keep(run.folder, kept)
    run.curves[key] = kept[key]
    return [Vertex(*vertex) for vertex in kept[key]]


def _key(run: Any, tau: float) -> str:
    """Return a text that is the same for the same networks, environment and threshold only."""
    env = run.learner.team.env
    level = env.level.to_dict() if isinstance(env, Disturbed) else None
    seen = hashlib.sha256(json.dumps([owner_of(run.config, env), level, tau]).encode())
    for leaf in jax.tree.leaves((run.parameters, run.multiplier)):
        seen.update(np.asarray(leaf).tobytes())
    return seen.hexdigest()


def _kept(folder: Path | None) -> dict[str, Any]:
    """Return the curves in a run's folder; none if their file is missing or cannot be used."""
    if folder is None or not (folder / CURVES).is_file():
        return {}
    try:
        curves: dict[str, Any] = read_json(folder / CURVES)
        check_shape(curves, {str: [[float]]}, str(folder / CURVES))
    except InputError as error:
        logger.info("%s; the curves are played again", error)
        return {}
    return curves


def _keep(folder: Path | None, curves: dict[str, Any]) -> None:
    if folder is None:
        return
    try:
        write_json(folder / CURVES, curves)
    except InputError as error:  # a folder that can only be read
        logger.info("%s; the curves are not kept", error)
