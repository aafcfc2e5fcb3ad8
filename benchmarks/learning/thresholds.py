"""Compare one run at every threshold with the exact planner: ``python -m benchmarks.learning.thresholds``.

Each scenario for three agents is trained once per seed; the final parameters are evaluated at every threshold.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np
from docs.trade_off import built_in, data_file

from benchmarks.learning.pages import IMAGES, interval, publish, table
from benchmarks.learning.trials import Trial, made, run_all
from evenhand.hospital.planner import TradeOff
from evenhand.learning.config import Config
from evenhand.statistics import stratified_bootstrap

NAME = "thresholds"
TAUS = (0.55, 0.65, 0.75, 0.85, 0.95)
SEEDS = 5
EPISODES = 10_000
"""For each threshold: 50 windows of 200."""
SHORTFALL, LONGER = 0.005, 1.1
"""Largest shortfall of the mean index below tau, and largest number of steps as a multiple of the planner's."""
DRAWN = ("lone-expert/default", "lone-expert/able-juniors")
"""Where fairness costs most."""
Row = dict[str, Any]


def trials(seeds: int, scenarios: list[str]) -> dict[str, Trial]:
    """Return the trials by name."""
    return {
        f"{scenario}, seed {seed}": Trial({"scenario": scenario, "seed": seed}, TAUS, episodes=EPISODES)
        for scenario in scenarios
        for seed in range(seeds)
    }


def summary(results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a row for each scenario, seed and threshold, beside the least steps there are."""
    rows = []
    for name, result in results.items():
        scenario, _, seed = name.partition(", seed ")
        rows += [_row(scenario, int(seed), record, _planned(scenario)) for record in result["records"]]
    times = {key: [result["training"][key] for result in results.values()] for key in ("seconds", "processor_seconds")}
    default = Config()
    return {
        "machine": made(results),
        "learner": default.learner,
        "steps": default.steps,
        "episodes": EPISODES,
        "training": {key: {"median": float(np.median(some)), "most": max(some)} for key, some in times.items()},
        "rows": rows,
    }


def _planned(scenario: str) -> TradeOff:
    return TradeOff.from_dict(json.loads(data_file(scenario).read_text("utf-8"))["trade_off"])


def _row(scenario: str, seed: int, record: dict[str, Any], planned: TradeOff) -> Row:
    # At the lower of what is asked and what is reached: a team below tau is not compared with those at tau.
    least = planned.time_at(min(record["tau"], record["jain"]["mean"]))
    means = {
        name: round(record[name]["mean"], 5) for name in ("success", "jain", "jain_given_success", "episode_steps")
    }
    windows = {name: record[name]["mean"] for name in ("windows_satisfied", "windows_strictly_satisfied")}
    kkt = record["kkt"]["all_met"]["mean"]
    told = {"scenario": scenario, "seed": seed, "tau": record["tau"], **means, **windows, "kkt": kkt}
    return told | {"least_steps": None if least is None else round(least, 5), "costs": _costs(planned, record["tau"])}


def _costs(planned: TradeOff, tau: float) -> bool:
    """Return whether the planner, too, must take longer than at its quickest."""
    least = planned.time_at(tau)
    return least is not None and least > planned.hull[0][1] + 1e-9


def good(row: Row) -> bool:
    """Return whether a team does what is asked of it at a threshold."""
    return (
        row["success"] >= 0.99
        and row["jain"] >= row["tau"] - SHORTFALL
        and row["windows_satisfied"] >= 0.99
        and row["least_steps"] is not None
        and row["episode_steps"] <= LONGER * row["least_steps"]
    )


def text(result: dict[str, Any]) -> str:
    """Return the page's tables."""
    rows = result["rows"]
    scenarios = list(dict.fromkeys(row["scenario"] for row in rows))
    seeds = len({row["seed"] for row in rows})
    dear = [row for row in rows if row["costs"]]
    strictly = np.mean([row["windows_strictly_satisfied"] for row in rows])
    spent = result["training"]
    about = (
        f"`{result['learner']}`, {result['steps'] / 1e6:g} million steps, {seeds} seeds, last parameters, "
        f"{result['episodes']:,} greedy episodes for each threshold; {result['machine']['date'][:10]}, "
        f"{result['machine']['cores']} shared cores ({result['machine']['processor']}). A run takes "
        f"{spent['processor_seconds']['median']:.0f} s of processor on one core in the median, "
        f"{spent['processor_seconds']['most']:.0f} s at most, most without compiling."
    )
    missed = f"{sum(row['tau'] == 0.95 and not good(row) for row in rows)} of {sum(not good(row) for row in rows)}"
    worst = {
        "least success": min(row["success"] for row in rows),
        "least index less tau": min(row["jain"] - row["tau"] for row in rows),
        "least share of windows": min(row["windows_satisfied"] for row in rows),
        "most steps over the planner's": max(row["episode_steps"] / row["least_steps"] for row in rows),
    }
    told = ", ".join(f"{name} {value:.3f}" for name, value in worst.items())
    return "\n\n".join(
        [
            about,
            f"All four conditions hold in **{sum(map(good, rows))} of {len(rows)}** cases (scenario, seed, threshold); "
            f"of those in which fairness costs the planner time, too, in **{sum(map(good, dear))} of {len(dear)}**. In "
            f"{missed} cases that miss, tau is 0.95. Worst: {told}. Share of the windows that meet tau itself, not "
            f"only tau - 0.01: {100 * strictly:.1f} %.",
            table(
                [
                    "steps over the planner's least",
                    *(f"tau {tau:g}" for tau in TAUS),
                    "least success",
                    "windows",
                    "KKT",
                ],
                [_line(scenario, [row for row in rows if row["scenario"] == scenario]) for scenario in scenarios],
            ),
        ]
    )


def _line(scenario: str, rows: list[Row]) -> list[str]:
    cells = [_ratio([row for row in rows if row["tau"] == tau]) for tau in TAUS]
    shares = [np.mean([row[name] for row in rows]) for name in ("windows_satisfied", "kkt")]
    return [
        f"`{scenario}`",
        *cells,
        f"{min(row['success'] for row in rows):.4f}",
        *(f"{100 * s:.1f} %" for s in shares),
    ]


def _ratio(rows: list[Row]) -> str:
    """Return interquartile mean, interval, and in bold how many seeds miss a condition."""
    ratios = [row["episode_steps"] / row["least_steps"] for row in rows]
    missed = sum(not good(row) for row in rows)
    return interval(stratified_bootstrap(ratios).to_dict()) + (f" **{missed} miss**" if missed else "")


def draw(result: dict[str, Any]) -> None:
    """Save the picture of the scenarios in which fairness costs most: what teams reach, and the planner's hull."""
    from evenhand.report import page_libraries, palette
    from evenhand.report.answer_charts import save_chart

    alt = page_libraries.altair()
    hulls = [
        {"scenario": name, "jain": jain, "episode_steps": steps}
        for name in DRAWN
        for jain, steps in _planned(name).hull
    ]
    points = [row for row in result["rows"] if row["scenario"] in DRAWN]
    x = alt.X(
        "jain",
        type="quantitative",
        title="mean Jain index",
        scale=alt.Scale(domain=[0.35, 1], nice=False),
        axis=alt.Axis(tickCount=7),
    )
    y = alt.Y("episode_steps", type="quantitative", title="mean steps to success", scale=alt.Scale(zero=False))
    colour = alt.Color("scenario", type="nominal", sort=None, legend=alt.Legend(title=None, orient="bottom"))
    lines = alt.Chart(alt.InlineData(values=hulls)).mark_line(strokeDash=[5, 3]).encode(x=x, y=y, color=colour)
    kept = [{name: row[name] for name in ("scenario", "jain", "episode_steps", "tau", "seed")} for row in points]
    dots = alt.Chart(alt.InlineData(values=kept)).mark_point(filled=True, size=40, opacity=0.7)
    words = "Mean steps against mean Jain index: learned teams as dots, the exact planner's hull dashed."
    chart = (lines + dots.encode(x=x, y=y, color=colour)).properties(
        width=460, height=260, background="white", description=words
    )
    save_chart(chart.configure(**palette.light_theme()), IMAGES / "learned.svg")


def main() -> None:
    """Run what is missing, write the result and the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--scenarios", nargs="+", default=built_in())
    given = parser.parse_args()
    result = summary(run_all(trials(given.seeds, given.scenarios)))
    if given.scenarios == built_in():
        draw(result)
        publish(NAME, result, text(result))
    else:
        print(text(result))


if __name__ == "__main__":
    main()
