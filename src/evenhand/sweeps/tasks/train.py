"""The task ``train``: train a team and evaluate it in fresh episodes."""

from __future__ import annotations

from typing import Any

from evenhand.errors import InputError, prefixed
from evenhand.tables.shapes import refuse_unknown

EPISODES = 1000
JUDGING = ("taus", "episodes", "margin")
"""Keys in addition to those of :class:`evenhand.learning.config.Config`.

The thresholds at which the team is evaluated (default the one of its training), the number of fresh episodes for each,
and the distance above the threshold that its multipliers aim at.
"""
KEPT = ("success", "jain", "episode_steps", "cv", "gini", "reward", "windows_satisfied", "idle_episodes", "multiplier")
"""Estimates of an evaluation that are returned, each with the limits of its interval."""


def check(config: dict[str, Any], source: str) -> None:
    """Raise an InputError if the configuration is not valid."""
    from evenhand import hospital
    from evenhand.learning.config import Config

    training, judging = _parts(config, source)
    known = Config.from_dict(training, source)
    with prefixed(f"{source}: scenario"):
        hospital.load(known.scenario)
    _check_judging(judging, source)


def run(config: dict[str, Any]) -> dict[str, Any]:
    """Train and evaluate a team.

    Returns
    -------
    dict
        Mean and interval (``success``, ``success_low``, ``success_high``) of the success rate, of Jain's index, of the
        episodes' length and so on, and whether the constraint is unmet. If `taus` are given, there is a dictionary of
        these for each, under ``at_0.7`` and so on. In addition, the controller's multiplier at the end of training, and
        the seconds spent on training and evaluation.
    """
    import time

    from evenhand.learning.config import Config
    from evenhand.learning.record import Terms, record_of
    from evenhand.learning.training import train

    training, judging = _parts(config, "train")
    asked = Config.from_dict(training, "train")
    run = train(asked)
    begun = time.monotonic()
    episodes, margin = judging.get("episodes", EPISODES), judging.get("margin")

    def judged(tau: float) -> dict[str, Any]:
        return _figures(record_of(run, Terms(episodes=episodes, tau=tau, margin=margin)).to_dict())

    taus = judging.get("taus")
    figures = judged(asked.tau) if taus is None else {f"at_{tau:g}": judged(tau) for tau in taus}
    spent = {"training_seconds": run.seconds, "judging_seconds": time.monotonic() - begun}
    return {**figures, "controller_multiplier": run.multiplier, **spent}


def _parts(config: dict[str, Any], source: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parts of a configuration for training and for evaluation."""
    import dataclasses

    from evenhand.learning.config import Config

    known = [field.name for field in dataclasses.fields(Config)]
    refuse_unknown(config, [*known, *JUDGING], f"{source}: ")
    judging = {key: value for key, value in config.items() if key in JUDGING}
    return {key: value for key, value in config.items() if key not in JUDGING}, judging


def _check_judging(judging: dict[str, Any], source: str) -> None:
    from evenhand.learning.allowed_ranges import COUNT, MARGIN, POSITIVE_SHARE, check

    taus = judging.get("taus", [0.5])
    if not isinstance(taus, list) or not taus:
        raise InputError(f"{source}: taus is {taus!r}; it must be a list of thresholds")
    wanted = [("taus", tau, POSITIVE_SHARE) for tau in taus]
    wanted += [
        (key, judging[key], allowed) for key, allowed in (("episodes", COUNT), ("margin", MARGIN)) if key in judging
    ]
    with prefixed(source):
        for name, value, allowed in wanted:
            check(name, value, allowed)


def _figures(record: dict[str, Any]) -> dict[str, Any]:
    figures = {"judged_at": record["tau"], "constraint_unmet": record["constraint_unmet"]}
    for name in KEPT:
        estimate = record[name]
        figures |= {name: estimate["mean"], f"{name}_low": estimate["low"], f"{name}_high": estimate["high"]}
    return figures
