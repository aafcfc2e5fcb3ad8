"""Redraw the pictures of the README: ``python -m docs.figures``, or ``make figures``.

All show the instance of ``evenhand demo``, so that anyone can hold them against a report of their own.
"""

from __future__ import annotations

from pathlib import Path

from evenhand.assignment.generated_instances import generate_nursing
from evenhand.cli import demo
from evenhand.cli.demo import SEED, TEAMS, VISITS
from evenhand.cli.inputs import Given
from evenhand.report.answer_charts import loads_chart, price_chart, save_chart
from evenhand.report.dispersion_chart import dispersion_chart
from evenhand.report.map import map_chart
from evenhand.tables.visit_times import times_of

IMAGES = Path(__file__).parent / "images"
PADDING = {"left": 28, "right": 28, "top": 6, "bottom": 6}
"""Room for labels in fonts wider than the one the pictures were measured with."""


def main() -> None:
    """Solve the demonstration's instance and save its pictures as SVG."""
    week = generate_nursing(TEAMS, VISITS, SEED, half_time=False)
    assert week.burdens is not None
    given = Given(week.costs, week.burdens, None, None, None)
    times = times_of(week.times, week.costs.tasks)
    base = None
    plans = []
    for asked in demo.asked():
        plans.append(demo.solve_plan(given, times, base, None, *asked))
        base = plans[0].answer.cost
    cheapest, fair = plans[0].shown, plans[demo.SHOWN].shown
    frontiers = demo.frontiers_by_the_clock(given, times, base)
    pictures = {
        "cheapest-loads": loads_chart(cheapest),
        "fair-loads": loads_chart(fair),
        "map": map_chart(fair, week.costs),
        "price": price_chart(frontiers),
        "dispersion": dispersion_chart(frontiers[1:], len(week.costs.agents)),
    }
    for name, chart in pictures.items():
        save_chart(chart.properties(width=560, background="white", padding=PADDING), IMAGES / f"{name}.svg")


if __name__ == "__main__":
    main()
