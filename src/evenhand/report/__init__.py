"""One self-contained page with pictures, from any result; it opens offline and fetches nothing."""

from __future__ import annotations

from evenhand.report.answer_charts import loads_chart, price_chart, save_chart
from evenhand.report.answer_page import write_frontier_report, write_report
from evenhand.report.dispersion_chart import dispersion_chart
from evenhand.report.map import map_chart

__all__ = [
    "dispersion_chart",
    "loads_chart",
    "map_chart",
    "price_chart",
    "save_chart",
    "write_frontier_report",
    "write_report",
]
