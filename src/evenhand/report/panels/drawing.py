"""What a kind of figure is: from the rows of a long table to panels, each a chart of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evenhand.report.template import specification

Rows = Sequence[Mapping[str, Any]]
"""A long table: one mapping from column to value for each row; a column may be missing or null in some."""


@dataclass(frozen=True)
class Words:
    """What a document says of its axes, in place of what is known of the columns.

    Attributes
    ----------
    x, y
        Titles with their units; empty where the document says nothing.
    """

    x: str = ""
    y: str = ""


@dataclass(frozen=True)
class Panel:
    """One picture of a figure.

    Attributes
    ----------
    title
        What it shows that its neighbours do not; empty in a figure of one panel.
    chart
        Altair chart as wide as its container, with a description.
    aspect
        Height over width, where both axes have one unit.
    """

    title: str
    chart: Any
    aspect: float | None = None

    def specification(self) -> dict[str, Any]:
        """Return the specification for a page, without a theme; a saved picture says its title itself."""
        notes = {"title": self.title or None, "aspect": self.aspect}
        usermeta = {name: value for name, value in notes.items() if value is not None}
        return specification(self.chart.properties(usermeta=usermeta) if usermeta else self.chart)

    def on_paper(self, width: int) -> Any:
        """Return the chart with its title, of a width in pixels."""
        height = {} if self.aspect is None else {"height": round(width * self.aspect)}
        title = {"title": self.title} if self.title else {}
        return self.chart.properties(width=width, **height, **title)


def described(chart: Any, title: str, description: str, *, height: int, aspect: float | None = None) -> Panel:
    """Return a panel as wide as its container, with its alternative text."""
    whole = f"{title}: {description}" if title else description
    return Panel(title, chart.properties(width="container", height=height, description=whole), aspect)
