"""Redraw the pictures of the README: ``python -m docs.figures``, or ``make figures``.

All show the instance of ``evenhand demo``, so that anyone can hold them against a report of their own.
"""

from __future__ import annotations

from pathlib import Path

import evenhand
from evenhand.assignment.generated_instances import generate_nursing
from evenhand.report.answer_charts import loads_chart, price_chart, save_chart
from evenhand.report.dispersion_chart import dispersion_chart
from evenhand.report.map import map_chart

IMAGES = Path(__file__).parent / "images"
PADDING = {"left": 28, "right": 28, "top": 6, "bottom": 6}
"""Room for labels in fonts wider than the one the pictures were measured with."""

EPSILONS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99)


def main() -> None:
    """Solve the demonstration's instance and save its pictures as SVG."""
    day = generate_nursing(8, 160, 0, half_time=False)
    options = {"burdens": day.burdens}
    cheapest = evenhand.assign(day.costs, evenhand.EpsilonFairness(0.0), **options)
    fair = evenhand.assign(day.costs, evenhand.EpsilonFairness(0.99, p=2), **options)
    frontiers = [
        evenhand.price_of_fairness(day.costs, p, EPSILONS, gap=1e-3, time_limit=5, **options)
        for p in (2.0, float("inf"))
    ]
    pictures = {
        "cheapest-loads": loads_chart(cheapest),
        "fair-loads": loads_chart(fair),
        "map": map_chart(fair, day.costs),
        "price": price_chart(frontiers),
        "dispersion": dispersion_chart(frontiers[1:], len(day.costs.agents)),
    }
    for name, chart in pictures.items():
        save_chart(chart.properties(width=560, background="white", padding=PADDING), IMAGES / f"{name}.svg")


if __name__ == "__main__":
    main()
