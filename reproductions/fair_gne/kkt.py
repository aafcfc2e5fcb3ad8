"""The KKT conditions over windows of episodes, and certificates of equilibrium: who would gain by deviating."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reproductions.fair_gne import published
from reproductions.fair_gne.results import Over, claim, graded, over, record_at, section, untested
from reproductions.fair_gne.setting import CERTIFIED, LONE, SPECIALIST, TAU, budget, certified

if TYPE_CHECKING:
    from evenhand.sweeps import Trial
    from reproductions.fair_gne.results import Results

KEY = "kkt"
ALL = "all of them"
NOT_MEASURED = "not measured"
SAID = ("The KKT conditions are satisfied at a rate of at least 95 %", ">= 95 %")
EQUILIBRIUM = ("Fair-GNE finds a self-enforceable generalised Nash equilibrium", "argued from the shared constraint")
HALF = 0.5
"""Largest gain, as a part of a step's price, at which nobody is said to gain by deviating."""


def trials(quick: bool) -> list[Trial]:
    """Return the trials, which are this section's own."""
    return certified(quick)


def summary(results: Results, quick: bool) -> dict[str, Any]:
    """Return the section."""
    done = results.done(trials(quick))
    by_scenario = {
        scenario: [result for trial, result in done if trial.config["config"]["scenario"] == scenario]
        for scenario in budget(quick).seeds
    }
    tables = {scenario: [record_at(result, TAU)["kkt"] for result in some] for scenario, some in by_scenario.items()}
    rates = {scenario: _rates([one for one in some if one is not None]) for scenario, some in tables.items()}
    rates = {scenario: some for scenario, some in rates.items() if some}
    found = {scenario: _certificates(some) for scenario, some in by_scenario.items() if some}
    return section(
        KEY,
        "The KKT conditions, and who would deviate",
        "Is the constraint met and priced only where it binds, and could an agent gain by deviating while the others "
        "do not? (The paper's rates of KKT satisfaction; it calls the equilibrium self-enforceable.)",
        figure={"chart": "intervals", "caption": "Share of windows of 200 episodes; means over seeds."},
        rows=[
            {"measure": scenario, "method": name, **rate.long(), "published": published.KKT if name == ALL else None}
            for scenario, some in rates.items()
            for name, rate in some.items()
            if rate is not None
        ],
        tables=[*(_table(scenario, some) for scenario, some in rates.items()), _certificate_table(found)],
        claims=[_claim(rates), _enforced(found)],
        notes=[
            "Primal: the mean index of a window is at most 0.01 below the threshold. Distance to the cap: the "
            "multiplier is below 99 % of it. One multiplier serves stationarity and slackness: the slope between the "
            "two outcomes of the lottery, whatever multipliers were drawn to reach them. Stationarity: no agent gains "
            "more than a tenth of a step's price in return plus multiplier times index, by its best response over all "
            "starts. Slackness: multiplier times what a window's index is above the lottery's aim, up to the same "
            "tenth; the aim is above the threshold on purpose.",
            "Stationarity is computed, not sampled, and so is the same in all windows of a team: a team has it in all "
            "of them or in none.",
            "The multipliers are picked so that 99.5 % of such windows should meet the primal condition: the rate is "
            "aimed at, not found.",
            "Certificates are of the greedy team as its table was read, under the lottery that meets the threshold "
            "exactly. Gains: the largest of any agent, the others keeping their policies; under the constraint "
            "(epsilon) and, summed over agents, without it (NashConv). In units of a step's price, 0.03.",
            f"At {TAU:g} the constraint does not bind in the scenarios of the paper, whose quickest plans are fairer: "
            "a gain of 0 there says nothing about enforcement.",
        ],
        failed=results.failed(trials(quick)),
    )


def _certificates(some: list[Any]) -> dict[float, list[Any]]:
    """Return the certificates of all seeds by threshold."""
    return {tau: [result["certificates"][place] for result in some] for place, tau in enumerate(CERTIFIED)}


def _in_steps(some: list[Any], of: Any) -> Over:
    values = [of(one) for one in some]
    steps = [one["scale"]["step"] for one in some]
    return over([None if value is None else value / step for value, step in zip(values, steps, strict=True)])


def _epsilon(one: Any) -> float | None:
    return None if one["epsilon"] is None else float(one["epsilon"]["upper"])


def _nash_conv(one: Any) -> float | None:
    return float(one["nash_conv"]["upper"]) if one["feasible"] else None


def _certificate_table(found: dict[str, dict[float, list[Any]]]) -> dict[str, Any]:
    rows = [
        [
            scenario,
            f"{tau:g}",
            f"{sum(one['feasible'] for one in some)} of {len(some)}",
            f"{sum(one['exact'] for one in some)} of {len(some)}",
            _in_steps(some, _epsilon).shown(),
            _in_steps(some, _nash_conv).shown(),
            _in_steps(some, lambda one: one["price_of_decentralisation"]).shown(),
        ]
        for scenario, by_tau in found.items()
        for tau, some in by_tau.items()
    ]
    heads = ["scenario", "threshold", "meet it", "exact", "epsilon", "NashConv", "price of decentralisation"]
    return {"title": "Certificates, in units of a step's price", "columns": heads, "rows": rows}


def _enforced(found: dict[str, dict[float, list[Any]]]) -> dict[str, str]:
    """Grade the claim by whether gains vanish: under the constraint, and where it binds without it."""
    some = {
        scenario: [one for one in found.get(scenario, {}).get(TAU, []) if one["feasible"]]
        for scenario in (SPECIALIST, LONE)
    }
    if not some[LONE]:
        return untested(*EQUILIBRIUM)
    bound = {scenario: _in_steps(certificates, _epsilon) for scenario, certificates in some.items() if certificates}
    free = _in_steps(some[LONE], _nash_conv)
    met = [*(gain.mean <= HALF for gain in bound.values()), free.mean <= HALF]
    shown = ", ".join(f"{gain.shown()} of a step's price in {scenario}" for scenario, gain in bound.items())
    ours = f"under the constraint an agent gains {shown}; without it all together gain {free.shown()} in {LONE}"
    why = [
        f"In {scenario} some agent gains more than half a step's price by a deviation that keeps the constraint."
        for scenario, gain in bound.items()
        if gain.mean > HALF
    ]
    if free.mean > HALF:
        why.append(
            "Where the constraint binds, nothing in the game forbids what is infeasible: an agent that may violate it "
            "gains by leaving work to others."
        )
    return claim(*EQUILIBRIUM, ours, graded(met), " ".join(why))


def _rates(some: list[Any]) -> dict[str, Over | None]:
    """Return the rate of each condition over seeds, None for what is not measured."""
    if not some:
        return {}
    names = [condition["name"] for condition in some[0]["conditions"]]
    found: dict[str, Over | None] = {}
    for name in names:
        rates = [next(one for one in table["conditions"] if one["name"] == name)["rate"] for table in some]
        if NOT_MEASURED in rates:
            found[name] = None
        else:
            found[name] = over([rate["mean"] for rate in rates], mean=True)
    return found | {ALL: over([table["all_met"]["mean"] for table in some], mean=True)}


def _table(scenario: str, some: dict[str, Over | None]) -> dict[str, Any]:
    rows = [[name, NOT_MEASURED if rate is None else rate.shown()] for name, rate in some.items()]
    return {"title": f"{scenario}, threshold {TAU:g}", "columns": ["condition", "share of windows"], "rows": rows}


def _claim(rates: dict[str, dict[str, Over | None]]) -> dict[str, str]:
    """Grade the claim in the paper's scenario, and where the constraint binds."""
    known = {name: rates[name][ALL] for name in (SPECIALIST, LONE) if rates.get(name, {}).get(ALL) is not None}
    overall = {name: rate for name, rate in known.items() if rate is not None}
    if not overall:
        return untested(*SAID)
    missing = sorted({name for scenario in overall for name, rate in rates[scenario].items() if rate is None})
    met = [rate.mean >= published.KKT for rate in overall.values()]
    ours = "; ".join(f"{name}: {rate.shown()} of the windows" for name, rate in overall.items())
    why = [f"Not measured: {', '.join(missing)}, so that nothing is said about it."] if missing else []
    for scenario, rate in overall.items():
        if rate.mean < published.KKT:
            parts = {name: one for name, one in rates[scenario].items() if one is not None and name != ALL}
            worst = min(parts, key=lambda name: parts[name].mean)
            why.append(f"{scenario}: what holds least often is {worst}, in {100 * parts[worst].mean:.0f} %.")
    verdict = "partly" if missing and all(met) else graded(met)
    return claim(*SAID, ours, verdict, " ".join(why))
