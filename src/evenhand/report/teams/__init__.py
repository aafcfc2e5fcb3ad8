"""Report on trained teams, as a chapter or a page: their results, their training, and what fairness cost them."""

from __future__ import annotations

from evenhand.report.teams.certificate_page import certificate_page
from evenhand.report.teams.chapter import team_chapter
from evenhand.report.teams.records import TeamRecord
from evenhand.report.teams.run_page import team_page

__all__ = ["TeamRecord", "certificate_page", "team_chapter", "team_page"]
