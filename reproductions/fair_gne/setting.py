"""The trials that several sections use, and the number of seeds and steps in the quick and in the full plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evenhand.sweeps import Trial
from reproductions.fair_gne import published

if TYPE_CHECKING:
    from collections.abc import Mapping

TASK = "reproductions.fair_gne.trial:run"
TAU = published.TAU
SPECIALIST, RELEASED, LONE = "fair-gne/specialist", "fair-gne/as-released", "lone-expert/default"
"""The seed's experiment with random starts and with its own, and a team in which fairness costs time."""
LEARNERS = {SPECIALIST: "qmix", RELEASED: "qmix", LONE: "mappo"}
"""The paper's learner in its scenarios; the quicker one elsewhere."""
FAIR_GNE, NONE = "fair-gne", "none"
FIXED = {"fixed multiplier 0.2": 0.2, "fixed multiplier 1": 1.0, "fixed multiplier 30": 30.0}
"""The constraint under a multiplier that stands still. The released code has 10, 30 and 50 beside a goal worth 300,
where all progress and success are worth 2 here: 0.2 is what 30 is there, and 30 is the number itself."""
PENALTIES = ("workload-penalty", "workload-skill-penalty", "action-count-penalty")
"""Ours, in the place of the paper's WFL, WSR and ACT, which it does not define."""
METHODS = (FAIR_GNE, *FIXED, *PENALTIES, NONE)
TAUS = (TAU, 0.55, 0.65, 0.75, 0.95)
"""The first is that of all disturbances."""
NOISES, DELAYS = (0.05, 0.1, 0.2, 0.4), (1, 2)
DEFECTORS = ("idle", "leisure", "random")
ORDERS = ((0, 0.55), (1200, 0.85), (2400, 0.65), (3600, 0.95), (4800, None))
"""A supervisor's: from which episode on which threshold is in force. The quick plan has the first two."""
CERTIFIED = (TAU, 0.95)
"""Thresholds of certificates: the paper's, and one that binds everywhere."""
EXCHANGED = (0, 5)
"""From the start on, and from step 5 on."""


@dataclass(frozen=True)
class Budget:
    """The size of a plan.

    Attributes
    ----------
    seeds
        By scenario of the comparison.
    methods
        Of the comparison.
    steps
        Of training, by learner.
    probed
        Seeds of the comparison whose Fair-GNE teams are disturbed, too.
    few, alone
        Seeds and steps of the sections with trials of their own.
    taus
        Thresholds.
    episodes
        Fresh ones for each record.
    wards
        Seeds by ward.
    """

    seeds: Mapping[str, int]
    methods: tuple[str, ...]
    steps: Mapping[str, int]
    probed: int
    few: int
    alone: int
    taus: tuple[float, ...]
    episodes: int
    wards: Mapping[str, int] = field(default_factory=dict)


FULL = Budget(
    seeds={SPECIALIST: 10, RELEASED: 3, LONE: 5},
    methods=METHODS,
    steps={"qmix": 1_000_000, "mappo": 500_000},  # qmix has not settled after 500,000
    probed=5,
    few=3,
    alone=500_000,
    taus=TAUS,
    episodes=4000,
    wards={"ward/6": 3, "ward/12": 1, "ward/24": 1},
)
QUICK = Budget(
    seeds={SPECIALIST: 1, LONE: 1},
    methods=(FAIR_GNE, "fixed multiplier 0.2", "fixed multiplier 30", "workload-penalty", NONE),
    steps={"qmix": 80_000, "mappo": 250_000},
    probed=1,
    few=1,
    alone=200_000,
    taus=TAUS[:2],
    episodes=1000,
    wards={},
)


def budget(quick: bool) -> Budget:
    """Return what the plan may cost."""
    return QUICK if quick else FULL


def compared(scenario: str, method: str, seed: int, quick: bool) -> Trial:
    """Return the trial of a method in a scenario of the comparison, with all that any section asks of it."""
    allowed = budget(quick)
    learner = LEARNERS[scenario]
    config: dict[str, Any] = {"scenario": scenario, "learner": learner, "steps": allowed.steps[learner], "seed": seed}
    asked: dict[str, Any] = {"taus": [TAU], "episodes": allowed.episodes}
    if method == FAIR_GNE:
        asked["taus"] = list(allowed.taus)
        if scenario == LONE and seed < allowed.probed:
            asked |= _probes(quick)
    return Trial(TASK, asked | {"config": config | _changes(method)})


def compared_in(quick: bool, methods: tuple[str, ...] = ()) -> list[Trial]:
    """Return the trials of some methods, by default all, in all scenarios of the comparison, seed by seed."""
    seeds = budget(quick).seeds
    return [
        compared(scenario, method, seed, quick)
        for seed in range(max(seeds.values()))
        for scenario in seeds
        if seed < seeds[scenario]
        for method in methods or budget(quick).methods
    ]


def probed(quick: bool) -> list[Trial]:
    """Return the trials whose teams are disturbed."""
    return [compared(LONE, FAIR_GNE, seed, quick) for seed in range(budget(quick).probed)]


def alone(quick: bool, change: Mapping[str, Any], seed: int, **asked: Any) -> Trial:
    """Return a trial of a section's own in which the team knows one multiplier; `change` may override anything."""
    allowed = budget(quick)
    usual: dict[str, Any] = {"scenario": LONE, "tau": TAU, "conditioned": False, "steps": allowed.alone, "seed": seed}
    return Trial(TASK, {"config": usual | dict(change), "taus": [TAU], "episodes": allowed.episodes} | asked)


def certified(quick: bool) -> list[Trial]:
    """Return the trials whose Fair-GNE teams are certified: some seeds of every scenario of the comparison."""
    asked: dict[str, Any] = {"taus": [TAU], "episodes": budget(quick).episodes, "stationary": True}
    asked["certified"] = [[tau, None] for tau in CERTIFIED]
    return [
        Trial(TASK, asked | {"config": compared(scenario, FAIR_GNE, seed, quick).config["config"]})
        for seed in range(budget(quick).few)
        for scenario in budget(quick).seeds
    ]


def orders(quick: bool) -> tuple[tuple[int, float | None], ...]:
    """Return the supervisor's thresholds, by the first episode, and the end."""
    return (*ORDERS[:2], (ORDERS[2][0], None)) if quick else ORDERS


def _changes(method: str) -> dict[str, Any]:
    if method in FIXED:
        weight = FIXED[method]
        dual = {"controller": "fixed", "multiplier": weight, "cap": max(2.0, weight)}
        return {"conditioned": False, "dual": dual}
    return {} if method == FAIR_GNE else {"method": method}


def _probes(quick: bool) -> dict[str, Any]:
    return {
        "noises": list(NOISES[1:2] if quick else NOISES),
        "delays": list(DELAYS[:1] if quick else DELAYS),
        "defectors": list(DEFECTORS),
        "steered": 1000 if quick else 3000,
        "exchanged": list(EXCHANGED),
        "orders": [list(order) for order in orders(quick)],
    }
