"""One self-contained page with pictures, from any result; it opens offline and fetches nothing."""

from __future__ import annotations

from evenhand.report.charts import loads_chart, price_chart, save_chart
from evenhand.report.dispersion import dispersion_chart
from evenhand.report.map import map_chart
from evenhand.report.page import write_frontier_report, write_report

__all__ = [
    "dispersion_chart",
    "loads_chart",
    "map_chart",
    "price_chart",
    "save_chart",
    "write_frontier_report",
    "write_report",
]
