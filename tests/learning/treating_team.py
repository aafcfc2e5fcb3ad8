"""A team whose certificate can be computed by hand: two agents, each with work that only it can do.

Ada starts at one of four stations, Ben at the bed. Ada has two compressions to do there and Ben two breaths, in any
order, so that a success has Jain's index 1. A journey takes a step, a step costs 0.03, success and all progress are
worth 1 each. A success after T steps returns 2 - 0.03 T; without Ada's work or without Ben's, an episode returns
0.5 - 0.03 * 8 = 0.26 after the 8 steps of the horizon.

The prompt team goes and works: T is 2 if Ada starts at the bed, otherwise 3. In the late team, Ada waits a step first
if she starts in the corner: T is 4 there.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import jax.numpy as jnp

from evenhand.fair_gne import Constraint, Telescoped
from evenhand.fairness import JainAtLeast
from evenhand.hospital import make
from evenhand.hospital.scenario import Scenario
from evenhand.learning import conditioning
from evenhand.learning.config import Config
from evenhand.learning.settings import DualSettings
from evenhand.learning.team import Team
from evenhand.learning.training import Run

STATIONS = ("bed", "cart", "door", "corner")
WAIT, GO_TO_BED, TREAT = 0, 1, len(STATIONS) + 2
SCENARIO = Scenario.model_validate({
    "name": "treating",
    "horizon": 8,
    "rewards": {"success": 1.0, "time": 0.03},
    "stations": tuple({"name": name} for name in STATIONS),
    "agents": (
        {"name": "Ada", "skills": {"compress": 1}, "start": "anywhere"},
        {"name": "Ben", "skills": {"breathe": 1}, "start": "bed"},
    ),
    "patients": (
        {
            "name": "patient",
            "at": "bed",
            "steps": (
                {"name": "compressions", "treat": "compress", "units": 2},
                {"name": "breaths", "treat": "breathe", "units": 2},
            ),
        },
    ),
})  # fmt: skip
LATE_BELOW = 0.5
"""Multiplier below which the team that depends on it is late."""


class Treating:
    """The policy: treat if possible, otherwise go to the bed; late always, never, or under small multipliers."""

    def __init__(self, *, late, conditioned=False, **form):
        constraint = Constraint(JainAtLeast(0.85), 2, **form)
        self.team = Team(make(SCENARIO, backend="jax"), constraint, Telescoped(constraint), cap=1.0)
        self.late, self.conditioned = late, conditioned

    def act(self, parameters, view):
        """Follow the rule."""
        del parameters
        prompt = jnp.where(view.mask[..., TREAT], TREAT, jnp.where(view.mask[..., GO_TO_BED], GO_TO_BED, WAIT))
        seen = view.agents[:, 0]
        # Who I am (2), the time left (1), the units left (2) and what is ready (2), then my station.
        corner = (seen[:, 2] == 1.0) & (seen[:, 7 + STATIONS.index("corner")] == 1.0)
        late = self.late & (~self.conditioned | (view.world[:, -conditioning.SIZE] < LATE_BELOW))
        ada = jnp.arange(2) == 0
        return jnp.where((corner & late)[:, None] & ada, WAIT, prompt).astype(jnp.int32)


def run_of(*, late, conditioned=False, **form):
    """Return a run of the team; nothing was trained."""
    config = replace(Config(scenario="treating"), dual=DualSettings(cap=1.0))
    dual = SimpleNamespace(multiplier=0.0)
    training = SimpleNamespace(parameters=None, dual=dual)
    return Run(config, Treating(late=late, conditioned=conditioned, **form), training, (), True, 0.0, None)
