"""One self-contained page with pictures, from any result; it opens offline and fetches nothing."""

from __future__ import annotations

from evenhand.report.page import write_frontier_report, write_report

__all__ = ["write_frontier_report", "write_report"]
