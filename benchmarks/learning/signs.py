"""A dual step too large, provoked and shown: ``python -m benchmarks.learning.signs``.

What a threshold out of reach looks like, and one that asks nothing, stands with the paper's claims:
`reproductions.fair_gne.impossible`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.learning.pages import IMAGES, publish, table
from benchmarks.learning.trials import Trial, made, run_all

NAME = "signs"
SWINGS = ("jain_at_multiplier", "multiplier")
"""What may swing: standard deviation over the last two thirds of training."""
SCENARIO = "lone-expert/default"
ALONE = {"scenario": SCENARIO, "conditioned": False, "seed": 0}
DAMPED = {"controller": "pid", "ki": 0.03, "kp": 1.0, "smoothing": 0.95}
SIGNS: dict[str, dict[str, tuple[float, dict[str, Any]]]] = {
    "oscillation": {
        "ascent, step 1": (0.85, {"dual": {"step_size": 1.0}}),
        "PID, integral gain 0.03, proportional 1": (0.85, {"dual": DAMPED}),
    },
}
"""By figure and line: the threshold, and what differs from the usual run."""


def trials() -> dict[str, Trial]:
    """Return the trials by name: figure and line."""
    return {
        f"{sign}|{line}": Trial(ALONE | change | {"tau": tau}, (tau,))
        for sign, lines in SIGNS.items()
        for line, (tau, change) in lines.items()
    }


def summary(results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the curves of the figures and what came of each run."""
    rows = []
    for name, result in results.items():
        sign, line = name.split("|")
        record = result["records"][0]
        ended = {
            column: round(record[column]["mean"], 5) for column in ("success", "jain", "episode_steps", "multiplier")
        }
        ended["constraint_unmet"] = record["constraint_unmet"]
        late = result["reports"][len(result["reports"]) // 3 :]
        ended |= {f"swing {name}": round(float(np.std([report[name] for report in late])), 5) for name in SWINGS}
        kept = ("steps", "success", "jain_at_multiplier", "multiplier")
        curve = [[report[column] for column in kept] for report in result["reports"]]
        rows.append({"sign": sign, "line": line, "tau": record["tau"], **ended, "curve": curve})
    return {"machine": made(results), "rows": rows}


def text(result: dict[str, Any]) -> str:
    """Return the page's table."""
    lines = [
        [
            row["sign"],
            row["line"],
            *(
                f"{row[column]:.3f}"
                for column in ("success", "jain", "episode_steps", "multiplier", *(f"swing {name}" for name in SWINGS))
            ),
            "yes" if row["constraint_unmet"] else "no",
        ]
        for row in result["rows"]
    ]
    heads = ["sign", "run", "success", "Jain", "steps", "multiplier", "swing of the index", "swing of the multiplier"]
    about = "Swing: standard deviation over the last two thirds of training. One seed."
    return f"{about}\n\n{table([*heads, '`constraint_unmet`'], lines)}"


def draw(result: dict[str, Any]) -> None:
    """Save a figure for each sign: multiplier and index over the steps of training."""
    from evenhand.report import page_libraries, palette
    from evenhand.report.answer_charts import save_chart

    alt = page_libraries.altair()
    for sign in SIGNS:
        rows = [row for row in result["rows"] if row["sign"] == sign]
        values = [
            {"run": row["line"], "steps": steps / 1e6, "multiplier": multiplier, "jain": jain, "tau": row["tau"]}
            for row in rows
            for steps, _, jain, multiplier in row["curve"]
        ]
        base = alt.Chart(alt.InlineData(values=values)).encode(
            x=alt.X("steps", type="quantitative", title="million steps of training", axis=alt.Axis(tickCount=6)),
            color=alt.Color("run", type="nominal", sort=None, legend=alt.Legend(title=None, orient="bottom")),
        )
        lambdas = base.mark_line().encode(y=alt.Y("multiplier", type="quantitative", title="multiplier"))
        index = base.mark_line().encode(y=alt.Y("jain", type="quantitative", title="Jain's index"))
        taus = alt.Chart(alt.InlineData(values=[{"tau": tau} for tau in {row["tau"] for row in rows}]))
        rule = taus.mark_rule(strokeDash=[4, 4], color="#777777").encode(y=alt.Y("tau", type="quantitative"))
        panels = [part.properties(width=300, height=170) for part in (lambdas, index + rule)]
        words = f"Multiplier and Jain's index over training: {sign}."
        chart = alt.hconcat(*panels).properties(background="white", description=words)
        save_chart(chart.configure(**palette.light_theme()), IMAGES / f"sign-{sign}.svg")


def main() -> None:
    """Run what is missing, write the result, the figures and the page."""
    result = summary(run_all(trials()))
    draw(result)
    publish(NAME, result, text(result))


if __name__ == "__main__":
    main()
