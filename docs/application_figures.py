"""Redraw the pictures of the applications: ``python -m docs.application_figures``, or ``make figures``."""

from __future__ import annotations

import tempfile

from docs.figures import IMAGES, PADDING
from evenhand.applications import generalised_assignment, load_shedding, rosters, salesmen
from evenhand.fairness import CVAtMost, EpsilonFairness, JainAtLeast
from evenhand.report.answer_charts import save_chart
from evenhand.report.applications import capacity_chart, shedding_chart, tours_chart
from evenhand.report.roster_chart import roster_chart


def main() -> None:
    """Solve generated instances and save their pictures as SVG."""
    costs, sizes, capacities = generalised_assignment.generate(5, 40, seed=0, tightness=1.6)
    agents = [f"agent {i + 1}" for i in range(len(capacities))]
    plan = generalised_assignment.solve(costs, sizes, capacities, JainAtLeast(0.999), relative=True, agents=agents)
    network = load_shedding.generate_network(12, seed=3)
    shed = load_shedding.solve(network, EpsilonFairness(0.6), outages=[1, 2])
    tours = salesmen.solve(salesmen.generate_towns(14, seed=5), 3, EpsilonFairness(0.9))
    pictures = {
        "capacities": capacity_chart(plan),
        "shedding": shedding_chart(shed),
        "tours": tours_chart(tours),
    }
    for name, chart in pictures.items():
        save_chart(chart.properties(width=560, background="white", padding=PADDING), IMAGES / f"{name}.svg")
    save_chart(roster_chart(fair_ward()), IMAGES / "roster.svg")


def fair_ward() -> rosters.Roster:
    """Return the roster of the generated ward, with nights and weekends at a CV of 0.3."""
    with tempfile.TemporaryDirectory() as folder:
        problem = rosters.read_roster_tables(*rosters.write_ward(folder, rosters.generate_ward())).problem
    return rosters.solve(problem, {"nights": CVAtMost(0.3), "weekends": CVAtMost(0.3)})


if __name__ == "__main__":
    main()
