"""Replay a certified team and a deviation from it in the reference simulator, from the start at which it gains most."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.hospital.playing import Episode, follow
from evenhand.learning.certificates.team_certificate import TeamCertificate, drawn

if TYPE_CHECKING:
    from evenhand.equilibrium import Deviation
    from evenhand.hospital.enumeration import Played, TeamStates


class Pair(NamedTuple):
    """An episode of the team, and one in which an agent deviates from the same start, under the same multiplier."""

    team: Episode
    deviation: Episode
    multiplier: float


def pair_of(found: TeamCertificate, deviation: Deviation, weight: float = 0.0) -> Pair:
    """Return the episodes of the team and of a deviation from the start at which the agent gains most.

    Parameters
    ----------
    found
        The certificate.
    deviation
        A deviation in it.
    weight
        Price of the agent's own work, for a selfish deviation.
    """
    witness = deviation.witness
    plans = witness.second if witness.share >= 0.5 else witness.first
    best: tuple[float, int, int, Played, Played] | None = None
    for number, (states, plan) in enumerate(zip(found.teams, plans, strict=True)):
        team = states.play()
        changed = team if plan is None else states.play(witness.agent, plan)
        more = _utility(found, states, changed, witness.agent, weight) - _utility(
            found, states, team, witness.agent, weight
        )
        start = int(more.argmax())
        if best is None or more[start] > best[0]:
            best = float(more[start]), number, start, team, changed
    assert best is not None  # a lottery has an outcome
    _, number, start, team, changed = best
    states = found.teams[number]
    ours, its = (_episode(found, states, played, start) for played in (team, changed))
    return Pair(ours, its, drawn(found.lottery)[number][1])


def _utility(
    found: TeamCertificate, states: TeamStates, played: Played, agent: int, weight: float
) -> NDArray[np.float64]:
    work = states.workload(played.rows, found.workload)[:, agent]
    return states.returns(played.rows, played.lengths) - weight * work


def _episode(found: TeamCertificate, states: TeamStates, played: Played, start: int) -> Episode:
    row, n = states.start_rows[start], len(found.agents)
    place = states.columns.item_place
    items = row[place : place + states.scenario.items]
    actions = played.joint[start, : played.lengths[start]]
    return follow(found.scenario, row[:n].tolist(), items.tolist(), actions.tolist())
