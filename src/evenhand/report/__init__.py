"""Reports: charts of results, and self-contained HTML pages that open offline and load nothing from elsewhere.

A page is made in three steps: ``chart_rows`` computes numbers from a result, the chart modules draw them and
``answer_sentences`` puts them into words, and the templates lay out the sections (``sections``, ``template``).
"""

from __future__ import annotations

from evenhand.report.answer_charts import loads_chart, price_chart, save_chart
from evenhand.report.answer_page import write_frontier_report, write_report, write_shards_report
from evenhand.report.dispersion_chart import dispersion_chart
from evenhand.report.map import map_chart
from evenhand.report.rules_page import write_rules_report
from evenhand.report.units import Units

__all__ = [
    "Units",
    "dispersion_chart",
    "loads_chart",
    "map_chart",
    "price_chart",
    "save_chart",
    "write_frontier_report",
    "write_report",
    "write_rules_report",
    "write_shards_report",
]
