"""Outcomes of the plan whose every number is chosen."""

from __future__ import annotations

from itertools import pairwise

from reproductions.fair_gne.plan import plan
from reproductions.fair_gne.setting import FAIR_GNE, FIXED

from evenhand.sweeps import Outcome

KKT = ("primal violation", "complementary slackness", "stationarity")


APART = ("kkt", "stationary", "epsilon", "nash_conv", "work", "unmet")
"""What is no mean of a record."""


def method_of(trial):
    """Return which method of the comparison a trial belongs to."""
    config = trial.config["config"]
    if config.get("dual", {}).get("controller") == "fixed":
        return next(name for name, weight in FIXED.items() if weight == config["dual"]["multiplier"])
    return str(config.get("method", FAIR_GNE))


def exactly(value):
    """Return an estimate without doubt."""
    return {"mean": value, "low": value, "high": value}


def record(tau, **changed):
    """Return the record of a team that meets tau at once; `changed` has other means."""
    means = {"jain": 0.9, "success": 1.0, "episode_steps": 10.0, "gini": 0.1, "cv": 0.3, "jain_given_success": 0.9}
    means |= {"reward": 1.5, "multiplier": 0.3, "misalignment": 0.2} | changed
    rates = [{"name": name, "rate": exactly(changed.get("kkt", 1.0))} for name in KKT[:2]]
    stationary = changed.get("stationary")
    rates.append({"name": KKT[2], "rate": "not measured" if stationary is None else exactly(stationary)})
    kkt = {"conditions": rates, "all_met": exactly(changed.get("kkt", 1.0))}
    work = [exactly(units) for units in changed.get("work", (8.0, 6.0, 6.0))]
    told = {name: exactly(mean) for name, mean in means.items() if name not in APART}
    return told | {"tau": tau, "workload": work, "kkt": kkt, "constraint_unmet": changed.get("unmet", False)}


def followed(orders):
    """Return a trace in which every threshold is met at once."""
    first = list(range(0, orders[-1][0], 10))
    taus = [next(tau for (_, tau), (end, _) in pairwise(orders) if k < end) for k in first]
    ones = [1.0] * len(first)
    return {"first": first, "tau": taus, "potential": taus, "success": ones, "multiplier": ones}


def certificate(tau, epsilon=0.003, nash_conv=0.3, unmet=False, **changed):
    """Return a certificate: an agent gains a tenth of a step under the constraint, and all of them ten without."""
    return {
        "tau": tau,
        "feasible": not unmet,
        "exact": True,
        "epsilon": None if unmet else {"upper": epsilon},
        "nash_conv": {"upper": nash_conv},
        "price_of_decentralisation": None if unmet else 0.006,
        "scale": {"step": 0.03},
    }


def result(trial, **changed):
    """Return the result of a trial that did everything that was asked of it."""
    asked = trial.config
    records = [record(tau, **changed) for tau in asked["taus"]]
    reports = [{"steps": 1000 * k, "multiplier": 0.3} for k in range(1, 7)]
    told = {"records": records, "reports": reports, "multiplier": changed.get("multiplier", 0.3)}
    told["noises"] = [{"noise": level} | record(0.85) for level in asked.get("noises", ())]
    told["delays"] = [{"delay": level} | record(0.85) for level in asked.get("delays", ())]
    told["exchanged"] = [{"from_step": step} | record(0.85) for step in asked.get("exchanged", ())]
    told["defections"] = [
        {"kind": kind, "agent": agent} | record(0.85) for kind in asked.get("defectors", ()) for agent in range(3)
    ]
    told["certificates"] = [certificate(tau, **changed) for tau, _ in asked.get("certified", ())]
    if asked.get("orders"):
        told["followed"] = {way: followed(asked["orders"]) for way in ("controller", "curve")}
    return told


def outcome(trial, told=None, trace=""):
    """Return the outcome of a trial: its result, or the trace of its failure."""
    status = "failed" if trace else "done"
    machine = {"date": "2026-01-01", "cores": 2}
    given = {} if trace else told
    return Outcome(trial, status, given, trace, 2.0, 1.0, machine, "0")


def outcomes(quick, change=lambda trial: {}, only=()):
    """Return the outcomes of a whole plan; `change` says what differs, by trial."""
    return [outcome(trial, result(trial, **change(trial))) for trial in plan(quick=quick, only=only)]
