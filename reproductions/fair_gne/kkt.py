"""The fraction of windows of episodes in which each Karush-Kuhn-Tucker condition holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reproductions.fair_gne import published
from reproductions.fair_gne.results import Over, claim, over, record_at, section, untested
from reproductions.fair_gne.setting import FAIR_GNE, SPECIALIST, TAU, budget, compared_in

if TYPE_CHECKING:
    from evenhand.sweeps import Trial
    from reproductions.fair_gne.results import Results

KEY = "kkt"
ALL = "all that are measured"
NOT_MEASURED = "not measured"
SAID = ("The KKT conditions are satisfied at a rate of at least 95 %", ">= 95 %")


def trials(quick: bool) -> list[Trial]:
    """Return the trials: those of the comparison."""
    return compared_in(quick, (FAIR_GNE,))


def summary(results: Results, quick: bool) -> dict[str, Any]:
    """Return the section."""
    done = results.done(trials(quick))
    tables = {
        scenario: [
            record_at(result, TAU)["kkt"] for trial, result in done if trial.config["config"]["scenario"] == scenario
        ]
        for scenario in budget(quick).seeds
    }
    rates = {scenario: _rates([one for one in some if one is not None]) for scenario, some in tables.items()}
    rates = {scenario: some for scenario, some in rates.items() if some}
    return section(
        KEY,
        "How often the KKT conditions hold",
        "Is the constraint met, is its multiplier below the cap, and is it priced only where it binds? (The "
        "paper's rates "
        "of KKT satisfaction.)",
        figure={"chart": "intervals", "caption": "Share of windows of 200 episodes; means over seeds."},
        rows=[
            {"measure": scenario, "method": name, **rate.long(), "published": published.KKT if name == ALL else None}
            for scenario, some in rates.items()
            for name, rate in some.items()
            if rate is not None
        ],
        tables=[_table(scenario, some) for scenario, some in rates.items()],
        claims=[_claim(rates.get(SPECIALIST, {}))],
        notes=[
            "Primal: the mean index of a window is at most 0.01 below the threshold. Distance to the cap: the "
            "multiplier "
            "is below 99 % of it. Slackness: multiplier times violation is at most 5 % of the mean absolute reward.",
            "Stationarity asks for each agent's best response, which is not part of this experiment.",
            "The multipliers are picked so that 99.5 % of such windows should meet the primal condition: the rate is "
            "aimed at, not found.",
        ],
        failed=results.failed(trials(quick)),
    )


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


def _claim(rates: dict[str, Over | None]) -> dict[str, str]:
    overall = rates.get(ALL)
    if overall is None:
        return untested(*SAID)
    missing = [name for name, rate in rates.items() if rate is None]
    met = overall.mean >= published.KKT
    verdict = ("partly" if missing else "holds") if met else "differs"
    why = []
    if missing:
        why.append(f"Not measured: {', '.join(missing)}, so that nothing is said about it.")
    if not met:
        worst = min((rate.mean, name) for name, rate in rates.items() if rate is not None and name != ALL)
        why.append(f"What holds least often: {worst[1]}, in {100 * worst[0]:.0f} % of the windows.")
    return claim(*SAID, f"{overall.shown()} of the windows, conditions that are measured", verdict, " ".join(why))
